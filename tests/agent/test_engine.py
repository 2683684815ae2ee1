from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gwf.agent.follow import follow
from gwf.agent.journal.admin import open_admin
from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import Order, Target
from gwf.agent.journal.reads import JournalReads
from gwf.agent.model import FileStatus
from gwf.core.clock import SystemClock
from gwf.core.errors import ConfigError, ConflictError, UnavailableError
from gwf.core.settings.model import Settings, StoreSettings, WatchSettings
from gwf.storage.local import LocalStore
from gwf.storage.model import FileSource, ObjectReceipt
from tests.agent.edges import LARGE_BYTES, EdgeProcess, Place, carry, running_edge
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.waiting import stays, until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class CountingStore(LocalStore):
    """A local store that counts uploads and can be made to wait."""

    def __init__(self, place: Place) -> None:
        super().__init__(str(place.objects), multipart_threshold_bytes=LARGE_BYTES, part_size_bytes=100 * 1024)
        self.puts: list[str] = []
        self.before: Callable[[str], object] = lambda _: None

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        self.puts.append(key)
        self.before(key)
        return super().put_object(key, source)


def states(place: Place) -> dict[FileStatus, int]:
    connection = sqlite3.connect(place.data / "journal.db")
    rows = connection.execute("SELECT state, count(*) FROM files GROUP BY state").fetchall()
    connection.close()
    return {FileStatus(state): count for state, count in rows}


def test_files_of_all_kinds_are_carried_byte_for_byte(place: Place) -> None:
    with running_edge(place.settings()):
        place.write("a", "d/e/f", "中文/文件.log", "empty", content=None)
        place.write("empty", content=b"")
        place.write("large", content=os.urandom(LARGE_BYTES))
        place.write(*(f"many/{number}" for number in range(300)))
        place.write("far-future")
        os.utime(place.tree / "far-future", (13_569_465_600, 13_569_465_600))
        until(place.is_carried)
        until(lambda: states(place) == {FileStatus.DONE: 306})


def test_files_written_while_the_edge_was_down_are_carried_at_the_next_start(place: Place) -> None:
    place.write("before")
    carry(place, place.settings())
    place.write("while-down", "new/deep/er", "before", content=b"changed")
    carry(place, place.settings())


def test_a_second_start_sends_nothing_again(place: Place) -> None:
    place.write(*(f"{number}" for number in range(50)))
    carry(place, place.settings())
    store = CountingStore(place)
    with running_edge(place.settings(), {"default": store}) as edge:
        until(edge.input.first_pass_handed_on)
    assert store.puts == []


@pytest.mark.parametrize("damage", ["garbage", "truncated", "deleted tail"])
def test_a_damaged_journal_is_rebuilt_without_sending_what_the_store_holds(place: Place, damage: str) -> None:
    place.write(*(f"d{number % 7}/{number}" for number in range(200)))
    carry(place, place.settings())
    path = place.data / "journal.db"
    size = path.stat().st_size
    if damage == "garbage":
        path.write_bytes(os.urandom(size))
    else:
        os.truncate(path, 5000 if damage == "truncated" else size // 2)
    place.write("new")
    store = CountingStore(place)
    with running_edge(place.settings(), {"default": store}) as edge:
        until(place.is_carried)
        until(edge.input.first_pass_handed_on)
        until(lambda: not any(item.sending for item in edge.destinations.values()))
        until(lambda: edge.journal.facts.fault is not None or states(place).get(FileStatus.DONE) == 201)
    if edge.journal.facts.fault is None:
        assert set(store.puts) == {"new"}
        assert list(place.data.glob("journal.db.damaged-*"))


def test_a_graceful_stop_ends_what_runs_and_leaves_the_rest_in_the_journal(place: Place) -> None:
    store, gate = CountingStore(place), threading.Event()
    store.before = lambda _: gate.wait(20)
    with running_edge(place.settings(), {"default": store}) as edge:
        place.write(*(str(number) for number in range(50)))
        until(lambda: len(store.puts) == 4)
        until(lambda: sum(states(place).values()) == 50)
        threading.Timer(0.3, gate.set).start()
        assert edge.stop() == 0
    assert states(place) == {FileStatus.DONE: 4, FileStatus.READY: 46}
    carry(place, place.settings())


def test_a_stop_that_takes_too_long_is_cut_and_loses_nothing(place: Place) -> None:
    store, gate = CountingStore(place), threading.Event()
    store.before = lambda _: gate.wait(20)
    with running_edge(place.settings(transfer={"drain_timeout": 0.2}), {"default": store}) as edge:
        place.write(*(str(number) for number in range(10)))
        until(lambda: len(store.puts) == 4)
        began_s = time.monotonic()
        assert edge.stop() == 4
        assert time.monotonic() - began_s < 5
    gate.set()
    carry(place, place.settings())


def test_a_hanging_store_does_not_take_the_time_to_drain_from_another(place: Place) -> None:
    gate, slow, quick = threading.Event(), FarEnd(), FarEnd()
    slow.before = lambda _: (gate.wait(30), None)[1]
    quick.before = lambda _: (threading.Event().wait(0.3), None)[1]
    settings = place.settings(transfer={"drain_timeout": 1.5, "workers": 2})
    both = two_stores(place, settings)
    with running_edge(both, {"slow": slow, "quick": quick}) as edge:
        place.write("slow/1", "quick/1", "quick/2")
        until(lambda: edge.destinations["slow"].sending and len(edge.destinations["quick"].sending) == 2)
        left = edge.stop()
    gate.set()
    assert left == 1


def two_stores(place: Place, settings: Settings) -> Settings:
    watch = settings.agent.watch[0]
    return settings.model_copy(
        update={
            "stores": {name: StoreSettings(url="memory://") for name in ("slow", "quick")},
            "agent": settings.agent.model_copy(
                update={
                    "watch": tuple(
                        watch.model_copy(update={"path": place.tree / name, "store": name})
                        for name in ("slow", "quick")
                    )
                }
            ),
        }
    )


def test_an_outage_of_one_store_does_not_hold_up_another(place: Place) -> None:
    down, up = FarEnd(), FarEnd()
    down.fault = UnavailableError("down")
    with running_edge(two_stores(place, place.settings()), {"slow": down, "quick": up}):
        place.write(*(f"slow/{number}" for number in range(50)), *(f"quick/{number}" for number in range(50)))
        until(lambda: len(up.keys()) == 50)
        assert down.keys() == []
        down.fault = None
        until(lambda: len(down.keys()) == 50)


def test_a_file_rewritten_while_it_is_sent_arrives_in_its_last_version(place: Place) -> None:
    store = CountingStore(place)
    rewritten = threading.Event()

    def rewrite(key: str) -> None:
        if not rewritten.is_set():
            rewritten.set()
            place.write(key, content=b"second version")

    store.before = rewrite
    with running_edge(place.settings(), {"default": store}):
        place.write("a")
        until(lambda: rewritten.is_set() and place.is_carried())
        until(lambda: states(place) == {FileStatus.DONE: 1})


def test_a_file_that_never_rests_is_not_sent_half(place: Place) -> None:
    with running_edge(place.settings(watch={"settle": 0.2, "silence": 0.5})):
        for number in range(40):
            with (place.tree / "log").open("ab") as file:
                file.write(b"%d\n" % number)
            threading.Event().wait(0.02)
        until(place.is_carried)


def test_an_object_that_cannot_be_read_back_is_no_second_object(place: Place) -> None:
    place.write("a")
    carry(place, place.settings())
    os.rename(place.tree / "a", place.tree / "b")
    with running_edge(place.settings()):
        until(lambda: "b" in place.stored())
    assert set(place.stored()) == {"a", "b"}


def test_the_data_directory_serves_one_process_at_a_time(place: Place) -> None:
    with running_edge(place.settings()), pytest.raises(ConflictError), running_edge(place.settings()):
        pass
    carry(place, place.settings())


@pytest.mark.parametrize("what", ["data", "objects"])
def test_watching_its_own_directories_is_refused(place: Place, what: str) -> None:
    with pytest.raises(ConfigError), running_edge(place.settings(watch={"path": str(place.base / what)})):
        pass


def test_a_tree_around_its_own_directories_is_watched_without_them(place: Place) -> None:
    with running_edge(place.settings(watch={"path": str(place.base)})):
        place.write("a", "b/c")
        until(lambda: {"tree/a", "tree/b/c"} <= set(place.stored()))
        stays(lambda: set(place.stored()) == {"tree/a", "tree/b/c"}, for_s=0.5)


def test_an_inbox_inside_the_data_directory_is_carried_with_all_below_it(place: Place) -> None:
    inbox = place.data / "inbox"
    inbox.mkdir()
    with running_edge(place.settings(watch={"path": str(inbox)})):
        (inbox / "a").write_bytes(b"x")
        (inbox / "deep" / "er").mkdir(parents=True)
        (inbox / "deep" / "er" / "b").write_bytes(b"x")
        until(lambda: set(place.stored()) == {"a", "deep/er/b"})


def test_a_data_directory_that_is_away_for_a_while_stops_nothing_for_good(place: Place) -> None:
    with running_edge(place.settings()) as edge:
        place.write("before")
        until(place.is_carried)
        os.rename(place.data, place.base / "away")
        place.write("meanwhile")
        until(lambda: edge.free_bytes == 0)
        os.rename(place.base / "away", place.data)
        place.write("after")
        until(place.is_carried)


def test_a_store_directory_that_is_away_for_a_while_kills_no_file(place: Place) -> None:
    mount = place.base / "mount"
    mount.mkdir()
    place.objects = mount / "objects"
    with running_edge(place.settings()) as edge:
        place.write("before")
        until(place.is_carried)
        os.rename(mount, place.base / "away")
        place.write(*(f"meanwhile/{number}" for number in range(20)))
        until(lambda: edge.destinations["default"].breaker.state != "closed")
        os.rename(place.base / "away", mount)
        until(place.is_carried)
        until(lambda: states(place) == {FileStatus.DONE: 21})


def test_an_admin_may_replay_dead_files_while_the_edge_runs(place: Place) -> None:
    store, healthy = CountingStore(place), threading.Event()

    def refuse(_: str) -> None:
        if not healthy.is_set():
            raise PermissionError(13, "refused")

    store.before = refuse
    with running_edge(place.settings(retry={"max_attempts": 1}), {"default": store}):
        place.write("a", "b", "c")
        until(lambda: states(place) == {FileStatus.DEAD: 3})
        healthy.set()
        admin = open_admin(place.data)
        assert admin.replay(Choice(), Target(), Order(author="ann"), stores=()).count == 3
        admin.close()
        until(place.is_carried)
        until(lambda: states(place) == {FileStatus.DONE: 3})


def test_restarts_at_any_moment_lose_and_double_nothing(place: Place) -> None:
    settings = place.settings()
    for number in range(6):
        with EdgeProcess(settings) as process:
            process.await_start()
            place.write(*(f"r{number}/{item}" for item in range(60)))
            place.write(f"r{number}/large", content=os.urandom(LARGE_BYTES))
            place.write("r0/0", content=b"version %d" % number)
            threading.Event().wait(0.05 * number)
    carry(place, settings)
    assert sum(states(place).values()) == len(place.manifest())


def test_a_process_told_to_stop_ends_well_and_leaves_no_lock(place: Place) -> None:
    place.write("a")
    with EdgeProcess(place.settings()) as process:
        process.await_start()
        until(place.is_carried)
        assert process.terminate() == 0
    carry(place, place.settings())


def test_the_journal_is_readable_beside_the_running_edge(place: Place) -> None:
    with running_edge(place.settings()) as edge:
        place.write("a")
        until(place.is_carried)
        reads = JournalReads(edge.journal.path, SystemClock())
        until(lambda: reads.page(("done",)).total == 1)
        reads.close()
    shutil.rmtree(place.data)


def test_after_an_outage_no_file_waits_for_its_own_time(place: Place) -> None:
    store = FarEnd()
    store.fault = UnavailableError("down")
    settings = place.settings(retry={"base": 3000, "cap": 3000}, breaker={"open_for": 0.05, "min_outcomes": 3})
    with running_edge(settings, {"default": store}) as edge:
        until(lambda: edge.destinations["default"].breaker.opened_total)
        store.fault = None
        until(lambda: edge.destinations["default"].breaker.state == "closed")
        store.before = refusing(UnavailableError("down"))
        place.write(*(str(number) for number in range(20)))
        until(lambda: states(place).get(FileStatus.WAITING, 0) >= 3)
        store.before = lambda _: None
        until(lambda: len(store.keys()) == 20)


def unlimited(watch: WatchSettings) -> WatchSettings:
    return watch.model_copy(update={"max_files_per_s": None})


def test_a_limit_of_one_tree_holds_up_no_other_and_may_be_lifted(place: Place, tmp_path: Path) -> None:
    slow, free = place.tree / "slow", place.tree / "free"
    watch = {"settle": 0.02, "silence": 0.3, "key": "{relpath}"}
    settings = place.settings()
    trees = [{"path": str(slow), "max_files_per_s": 2, **watch}, {"path": str(free), **watch}]
    settings = Settings.model_validate(
        {**settings.model_dump(), "agent": {**settings.agent.model_dump(), "watch": trees}}
    )
    for number in range(300):
        place.write(f"slow/s{number}", f"free/f{number}")
    with running_edge(settings) as edge:
        until(lambda: sum(key.startswith("f") for key in place.stored()) == 300, within_s=10)
        assert sum(key.startswith("s") for key in place.stored()) < 60
        until(lambda: states(place).get(FileStatus.WAITING, 0) > 200)
        agent = settings.agent.model_copy(update={"watch": tuple(map(unlimited, settings.agent.watch))})
        follow(edge, agent, settings.stores, open_store=lambda *_: FarEnd())
        until(lambda: len(place.stored()) == 600)
