from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gwf.agent.alarms import FACT, GROWING_S, Alarms, Levels
from gwf.agent.journal.reads import JournalReads
from gwf.core.clock import ManualClock
from gwf.core.errors import UnavailableError
from gwf.core.settings.model import HighWaterSettings
from tests.agent.edges import Place
from tests.agent.shown import shown_edge
from tests.agent.transfer.far_end import FarEnd
from tests.agent.waiting import until

CALM = Levels(
    pending_files=0, oldest_wait_s=0, free_bytes=10_000, dead_files=0, resting={},
    marks=HighWaterSettings(files=100, oldest=60, min_free_bytes=1000),
)  # fmt: skip


class Desk:
    """Alarms and what they told."""

    def __init__(self, remembered: str | None = None) -> None:
        self.told: list[tuple[str, Mapping[str, object]]] = []
        self.facts: dict[str, str] = {}
        self.clock = ManualClock()
        self.alarms = Alarms(
            self.clock,
            tell=lambda kind, body: self.told.append((kind, body)),
            remember=self.facts.__setitem__,
            remembered=remembered,
        )

    def look(self, **levels: object) -> frozenset[str]:
        return self.alarms.look(replace(CALM, **levels))  # type: ignore[arg-type]  # names and values of the test

    def kinds(self) -> list[tuple[str, object]]:
        return [(kind.removeprefix("alert."), body["code"]) for kind, body in self.told]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("name", "code", "above", "between", "below"),
    [
        ("pending_files", "high_water_files", 101, 81, 80),
        ("oldest_wait_s", "high_water_oldest", 61.0, 49.0, 48.0),
        ("free_bytes", "disk_low", 999, 1249, 1250),
    ],
)
def test_an_alarm_is_raised_past_its_mark_and_cleared_well_below(
    desk: Desk, name: str, code: str, above: float, between: float, below: float
) -> None:
    assert desk.look(**{name: between}) == frozenset()
    assert desk.look(**{name: above}) == {code}
    for _ in range(5):
        assert desk.look(**{name: between}) == {code}
        assert desk.look(**{name: above}) == {code}
    assert desk.look(**{name: below}) == frozenset()
    assert desk.kinds() == [("raised", code), ("cleared", code)]


def test_dead_letters_that_grow_are_told_of_until_they_stay(desk: Desk) -> None:
    assert desk.look(dead_files=7) == frozenset()
    assert desk.look(dead_files=9) == {"dead_letters_growing"}
    assert desk.told[0][1] == {"code": "dead_letters_growing", "files": 9, "grown": 2}
    desk.clock.advance(GROWING_S)
    assert desk.look(dead_files=9) == frozenset()
    desk.look(dead_files=10)
    assert desk.look(dead_files=0) == frozenset()


def test_each_store_that_rests_is_an_alarm_of_its_own(desk: Desk) -> None:
    desk.alarms.breaker("a", resting=True, why="503")
    desk.look(resting={"a": "503", "b": "403"})
    desk.alarms.breaker("a", resting=True, why="503")
    desk.clock.advance(5)
    desk.alarms.breaker("a", resting=False, why="a file was sent")
    assert desk.look(resting={"b": "403"}) == {"breaker_open"}
    assert [(kind, body["store"]) for kind, body in desk.told] == [
        ("alert.raised", "a"), ("alert.raised", "b"), ("alert.cleared", "a"),
    ]  # fmt: skip
    assert desk.told[2][1]["lasted_s"] == 5.0


def test_an_alarm_outlives_a_restart_and_is_cleared_once(desk: Desk) -> None:
    desk.look(pending_files=500, resting={"a": "503"})
    after = Desk(desk.facts[FACT])
    assert after.alarms.raised() == {"high_water_files", "breaker_open"}
    after.look(pending_files=90, resting={})
    after.look()
    assert after.kinds() == [("cleared", "breaker_open"), ("cleared", "high_water_files")]


@pytest.mark.parametrize("text", ["", "rubbish", "[1]", '[["a"]]', "{}"])
def test_an_unreadable_memory_is_none(text: str) -> None:
    assert Desk(text).alarms.raised() == frozenset()


def test_an_edge_tells_of_its_alarms_in_the_outbox_and_the_metrics(place: Place) -> None:
    store = FarEnd()
    store.fault = UnavailableError("down")
    with shown_edge(place.settings(high_water={"files": 3}), {"default": store}) as shown:
        place.write(*(f"f{number}" for number in range(6)))
        until(lambda: {"breaker_open", "high_water_files"} <= shown.codes())
        assert shown.value('gwf_edge_alert{code="high_water_files"}') == 1
        store.fault = None
        until(lambda: shown.verdict().state == "ok")
        assert shown.value('gwf_edge_alert{code="breaker_open"}') == 0
        until(lambda: cleared(shown.edge.journal.path) >= {"breaker_open", "high_water_files"})
        assert shown.value('gwf_edge_breaker_closed_total{store="default"}') >= 1


def cleared(path: Path) -> set[str]:
    reads = JournalReads(path, ManualClock())
    try:
        rows = reads.rows("SELECT body FROM outbox WHERE kind='alert.cleared'", ())
        return {json.loads(row[0])["code"] for row in rows}
    finally:
        reads.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
