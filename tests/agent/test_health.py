from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gwf.core.errors import TooLargeError, UnavailableError
from tests.agent.edges import Place
from tests.agent.shown import shown_edge
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.waiting import until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_edge_that_has_all_it_needs_is_ok(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        until(lambda: shown.verdict().state == "ok")
        assert shown.verdict().reasons == []


def test_an_edge_that_watches_nothing_says_so(place: Place) -> None:
    with shown_edge(place.settings(watch={})) as shown:
        until(lambda: shown.codes() == {"nothing_watched"})


def test_a_missing_directory_degrades_and_its_return_mends(place: Place) -> None:
    place.tree.rmdir()
    with shown_edge(place.settings()) as shown:
        until(lambda: "watch_missing" in shown.codes())
        assert shown.verdict().state == "degraded"
        assert str(place.tree) in shown.verdict().reasons[0].message
        place.tree.mkdir()
        until(lambda: shown.verdict().state == "ok")
        shutil.rmtree(place.tree)
        until(lambda: "watch_missing" in shown.codes())


def test_the_only_store_being_down_is_failing_and_its_return_is_ok_even_without_traffic(place: Place) -> None:
    store = FarEnd()
    store.fault = UnavailableError("no route")
    with shown_edge(place.settings(), {"default": store}) as shown:
        until(lambda: shown.verdict().state == "failing")
        assert "no route" in shown.verdict().reasons[0].message
        store.fault = None
        until(lambda: shown.verdict().state == "ok")


def test_dead_letters_degrade_until_somebody_decides(place: Place) -> None:
    store = FarEnd()
    store.before = refusing(TooLargeError("too large"))
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write("a")
        until(lambda: shown.codes() == {"dead_letters"})
        assert shown.verdict().state == "degraded"


def test_high_water_marks_degrade(place: Place) -> None:
    store = FarEnd()
    store.fault = UnavailableError("down")
    marks = {"files": 3, "oldest": 0.2}
    with shown_edge(place.settings(high_water=marks), {"default": store}) as shown:
        place.write(*(f"f{number}" for number in range(6)))
        until(lambda: {"high_water_files", "high_water_oldest"} <= shown.codes())


def test_a_disk_that_is_nearly_full_is_failing_and_pauses_reading(place: Place) -> None:
    with shown_edge(place.settings(high_water={"min_free_bytes": 1 << 60})) as shown:
        place.write("a")
        until(lambda: "disk_low" in shown.codes())
        assert shown.verdict().state == "failing"
        assert place.stored() == {}


def test_a_journal_that_cannot_be_written_is_failing(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        until(lambda: shown.verdict().state == "ok")
        shown.edge.journal._connection.execute("PRAGMA query_only=1")
        place.write("a")
        until(lambda: "journal_unavailable" in shown.codes())
        shown.edge.journal._connection.execute("PRAGMA query_only=0")
        until(place.is_carried)
        until(lambda: shown.verdict().state == "ok")


def test_every_reason_has_a_code_values_and_words(place: Place) -> None:
    place.tree.rmdir()
    store = FarEnd()
    store.fault = UnavailableError("down")
    with shown_edge(place.settings(), {"default": store}) as shown:
        until(lambda: len(shown.codes()) >= 2)
        for reason in shown.verdict().reasons:
            assert reason.code.isidentifier()
            assert reason.message
            assert all(isinstance(value, str) for value in reason.params.values())


def test_an_edit_of_the_file_that_is_ignored_degrades(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        until(lambda: shown.verdict().state == "ok")
        shown.snapshots.config.overlaid = ("agent.watch", "token")
        (reason,) = shown.verdict().reasons
        assert (reason.code, reason.params) == ("config_overlaid", {"keys": "agent.watch, token"})
        assert "gwf config apply" in reason.message
        shown.snapshots.config.overlaid = ()
        assert shown.verdict().state == "ok"
