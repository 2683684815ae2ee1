from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gwf.core.errors import InputError, NotFoundError, TooLargeError
from tests.agent.edges import Place
from tests.agent.shown import shown_edge
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.waiting import until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_overview_adds_up(place: Place) -> None:
    store = FarEnd()
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write(*(f"f{number}" for number in range(10)))
        until(lambda: len(store.keys()) == 10)
        until(lambda: shown.value("gwf_upload_success_total") == 10)
        overview = shown.view.overview()
    assert (overview.queue.done_total, overview.queue.ready, overview.queue.dead) == (10, 0, 0)
    assert overview.rates.points[-1].files + sum(point.files for point in overview.rates.points[:-1]) == 10
    assert [watch.path for watch in overview.watches] == [str(place.tree)]
    assert [store.name for store in overview.stores] == ["default"]
    assert overview.model_dump_json()


def test_files_that_settle_come_first_and_are_counted(place: Place) -> None:
    with shown_edge(place.settings(watch={"settle": 30})) as shown:
        place.write("a", "b")
        until(lambda: len(shown.edge.input.settling()) == 2)
        page = shown.view.files(states=(), text="", store=None, cursor=None, limit=10)
        assert [item.state for item in page.items] == ["settling", "settling"]
        assert page.total == 2
        assert shown.view.files(states=("settling",), text="/a", store=None, cursor=None, limit=10).total == 1
        assert shown.view.files(states=("settling",), text="", store="other", cursor=None, limit=10).items == []
        assert shown.view.files(states=("done",), text="", store=None, cursor=None, limit=10).items == []


def test_a_file_that_is_held_open_says_so(place: Place) -> None:
    with shown_edge(place.settings()) as shown, (place.tree / "held").open("wb"):
        until(lambda: any(entry.busy_checks for entry in shown.edge.input.settling()))
        (item,) = shown.view.files(states=("settling",), text="", store=None, cursor=None, limit=10).items
        assert item.reason is not None
        assert item.reason.code == "open_for_writing"


def test_pages_of_the_view_lead_through_all_files(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        place.write(*(f"f{number:02d}" for number in range(23)))
        until(lambda: shown.value("gwf_upload_success_total") == 23)
        seen, cursor = [], None
        for _ in range(5):
            page = shown.view.files(states=(), text="", store=None, cursor=cursor, limit=5)
            seen += [item.path for item in page.items]
            cursor = page.next_cursor
        assert cursor is None
        assert len(set(seen)) == 23
        assert shown.view.file(1).state == "done"
        with pytest.raises(NotFoundError):
            shown.view.file(999)
        with pytest.raises(InputError):
            shown.view.files(states=(), text="", store=None, cursor="x", limit=5)


def test_the_version_grows_with_every_change(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        before = shown.view.version()
        place.write("a")
        until(place.is_carried)
        until(lambda: shown.view.version() > before)


def test_failures_are_shown_by_class_with_the_last_message(place: Place) -> None:
    store = FarEnd()
    store.before = refusing(TooLargeError("larger than the store takes"))
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write("a", "b")
        until(lambda: shown.value("gwf_upload_failure_total") == 2)
        (failure,) = shown.view.overview().failures
        legacy = shown.view.legacy_health()
    assert (failure.error_class, failure.attempts_total, failure.files_now) == ("too_large", 2, 2)
    assert "larger" in failure.last_message
    assert legacy["failureReasons"] == [{"reason": "too_large", "count": 2}]
    assert legacy["uploadFailureTotal"] == 2


def test_the_legacy_body_counts_what_waits_and_runs(place: Place) -> None:
    store, gate = FarEnd(), threading.Event()
    store.before = lambda _: (gate.wait(20), None)[1]
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write(*(f"f{number}" for number in range(10)))
        until(lambda: shown.value("gwf_upload_inflight") + shown.value("gwf_upload_queue_length") == 10)
        legacy = shown.view.legacy_health()
        gate.set()
    assert int(str(legacy["queue"])) + int(str(legacy["inFlight"])) == 10
    assert legacy["queueFullTotal"] == legacy["queueShedTotal"] == 0


def test_a_store_is_shown_without_its_credentials(place: Place) -> None:
    settings = place.settings()
    store = settings.stores["default"].model_copy(update={"url": "s3://key:secret@bucket/prefix"})
    with shown_edge(settings.model_copy(update={"stores": {"default": store}}), {"default": FarEnd()}) as shown:
        assert "secret" not in shown.view.overview().model_dump_json()
