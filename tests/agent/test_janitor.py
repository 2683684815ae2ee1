from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.agent.engine import Edge
from gwf.agent.exposition import EdgeCollector
from gwf.agent.janitor import UploadJanitor
from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.upload_state import state_to_json
from gwf.agent.snapshot import SnapshotSource
from gwf.core.clock import SystemClock
from gwf.core.errors import DeniedError, UnavailableError
from gwf.storage.memory import MemorySpace, MemoryStore
from gwf.storage.model import MultipartState
from tests.agent.edges import Place, running_edge
from tests.agent.waiting import until

OLD_S = 1e-6  #: a grace time that is over at once
HOUR_S = 3600.0


class ListingStore(MemoryStore):
    """A store whose listing may be refused."""

    def __init__(self) -> None:
        super().__init__(MemorySpace(), part_size_bytes=100, part_concurrency=1)
        self.refusal: Exception | None = None

    def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
        if self.refusal:
            raise self.refusal
        return super().list_uploads(prefix)

    def left(self) -> list[str]:
        return [upload.key for upload in super().list_uploads("")]


@pytest.fixture
def store() -> ListingStore:
    return ListingStore()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def edge(place: Place, store: ListingStore) -> Iterator[Edge]:
    settings = place.settings(watch={"key": "{hostname}/{path}"})
    with running_edge(settings, {"default": store}) as edge:
        until(edge.input.first_pass_done.is_set)
        yield edge


def _sweep(edge: Edge, grace_s: float = OLD_S) -> int:
    until(lambda: edge.clock.now_ms() % 2 == 0)  # a millisecond later than what was begun
    return UploadJanitor(edge).sweep(edge.destinations["default"], grace_s)


def _own_key(place: Place, name: str = "a") -> str:
    return f"host{place.tree}/{name}"


def test_a_forgotten_upload_of_this_host_is_aborted_when_its_grace_time_is_over(
    edge: Edge, place: Place, store: ListingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store.create_upload(_own_key(place))
    assert _sweep(edge, HOUR_S) == 0
    until(lambda: _sweep(edge) == 1)
    assert store.left() == []
    assert any(record.getMessage() == "orphan_upload_aborted" for record in caplog.records)


@pytest.mark.parametrize("key", ["other/data/a", "host/elsewhere/a", "a", "host"])
def test_uploads_that_another_host_may_have_begun_are_left_alone(edge: Edge, store: ListingStore, key: str) -> None:
    store.create_upload(key)
    assert [_sweep(edge) for _ in range(20)] == [0] * 20
    assert store.left() == [key]


def test_a_host_whose_name_begins_as_ours_keeps_its_uploads(place: Place, store: ListingStore) -> None:
    with running_edge(place.settings(watch={"key": "{hostname}-{name}"}), {"default": store}) as edge:
        until(edge.input.first_pass_done.is_set)
        store.create_upload("host-2-a.log")  # of the host `host-2`
        assert [_sweep(edge) for _ in range(20)] == [0] * 20


def test_an_upload_under_the_key_of_a_file_in_the_journal_is_ours(
    edge: Edge, place: Place, store: ListingStore
) -> None:
    place.write("a")
    until(lambda: edge.metrics.results["done"])  # before that, the journal still writes the key of the file
    connection = sqlite3.connect(place.data / "journal.db")
    connection.execute("UPDATE files SET key='as/once/named'")
    connection.commit()
    connection.close()
    store.create_upload("as/once/named")
    until(lambda: _sweep(edge) == 1)


@pytest.mark.parametrize("table", ["files", "orphans"])
def test_an_upload_that_the_journal_knows_is_left_alone(
    edge: Edge, place: Place, store: ListingStore, table: str
) -> None:
    key = _own_key(place)
    upload_id = store.create_upload(key)
    text = state_to_json(MultipartState(key=key, upload_id=upload_id, size_bytes=1, part_size_bytes=1))
    connection = sqlite3.connect(place.data / "journal.db")
    if table == "orphans":
        connection.execute("INSERT INTO orphans (store, upload_state) VALUES ('default', ?)", (text,))
    else:
        connection.execute(
            "INSERT INTO files (dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, key, next_at_ms,"
            " queued_at_ms, updated_at_ms, upload_state) VALUES (1, 'b', 1, 1, 1, 5, 'default', 5, 'k', 0, 0, 0, ?)",
            (text,),
        )
    connection.commit()
    connection.close()
    assert [_sweep(edge) for _ in range(20)] == [0] * 20


def test_what_was_found_and_done_is_counted(edge: Edge, place: Place, store: ListingStore) -> None:
    store.create_upload("other/a")
    store.create_upload(_own_key(place))
    until(lambda: _sweep(edge) == 1)
    reads = JournalReads(place.data / "journal.db", SystemClock())
    families = EdgeCollector(edge.metrics, SnapshotSource(edge, reads, SystemClock())).collect()
    values = {sample.name: sample.value for family in families for sample in family.samples}
    reads.close()
    assert values["gwf_edge_unfinished_uploads"] == 1
    assert values["gwf_edge_orphan_uploads_aborted_total"] == 1


@pytest.mark.parametrize(
    ("refusal", "event"),
    [(DeniedError("no"), "uploads_not_listed"), (UnavailableError("away"), "orphan_sweep_failed")],
    ids=["denied", "away"],
)
def test_a_store_that_does_not_list_is_told_and_left(
    edge: Edge, store: ListingStore, caplog: pytest.LogCaptureFixture, refusal: Exception, event: str
) -> None:
    caplog.set_level(logging.INFO)
    store.refusal = refusal
    assert _sweep(edge) == 0
    assert event in [record.getMessage() for record in caplog.records]


def test_the_thread_looks_by_itself_and_not_where_the_grace_time_is_0(place: Place, store: ListingStore) -> None:
    never = ListingStore()
    one = place.settings(watch={"key": "{hostname}/{path}"})
    default = one.stores["default"]
    settings = one.model_copy(
        update={
            "stores": {
                "default": default.model_copy(update={"orphan_grace": 0.1}),
                "never": default.model_copy(update={"orphan_grace": 0.0}),
            }
        }
    )
    for each in (store, never):
        each.create_upload(_own_key(place))
    with running_edge(settings, {"default": store, "never": never}) as edge:
        janitor = UploadJanitor(edge)
        janitor.start()
        until(lambda: not store.left())
        janitor.stop()
    assert never.left()
