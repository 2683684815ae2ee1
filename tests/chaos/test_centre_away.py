"""The centre is away, or answers and loses its answers, while the edge is killed again and again under load."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import closing
from typing import Any

import pytest

from gwf.core.faults import CENTRE_POINTS
from gwf.testing.fake_centre import TOKEN, CentreFaults, FakeCentre, fake_centre
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.load import Background
from tests.chaos.scale import sized

STEP_FILES = 8
AWAY = (
    CentreFaults(status=500),
    CentreFaults(status=503, retry_after_s=1),
    CentreFaults(lose_answers=True),
    CentreFaults(lose_answers=True, only="outbox"),
    CentreFaults(status=429, retry_after_s=1, only="outbox"),
)


@pytest.fixture
def centre(lab: Lab) -> Generator[FakeCentre]:
    with fake_centre() as centre:
        lab.program.settings["agent"]["centre"] = {"url": centre.url, "enrolment_token": TOKEN, "read_timeout": "2s"}
        yield centre


def in_journal(lab: Lab) -> list[tuple[int, str, Any]]:
    with closing(sqlite3.connect(lab.home / "program" / "data" / "journal.db")) as journal:
        rows = journal.execute("SELECT seq, kind, body FROM outbox ORDER BY seq").fetchall()
    return [(seq, kind, json.loads(body)) for seq, kind, body in rows]


def at_centre(centre: FakeCentre) -> list[tuple[int, str, Any]]:
    with centre.lock:
        return [(event.seq, event.kind, event.body) for event in centre.agent.all_events()]


def has_all(lab: Lab, centre: FakeCentre) -> bool:
    events = at_centre(centre)
    return bool(events) and events[-1][0] == in_journal(lab)[-1][0]


def check(lab: Lab, centre: FakeCentre, *, within_s: float = 60.0) -> None:
    """Fail unless every file arrived, and every event of the journal exactly once and in order."""
    lab.check(within_s=300)
    until(lambda: has_all(lab, centre), within_s=within_s, every_s=0.2)
    lab.program.kill()  # nothing more is written
    journal = in_journal(lab)
    arrived = at_centre(centre)[: len(journal)]
    assert len(centre.agent.events) == 1
    assert [row[:2] for row in arrived] == [row[:2] for row in journal[: len(arrived)]]
    assert len(journal) - len(arrived) <= 2  # alarms of the very last moment
    wrong = [row for row, sent in zip(journal, arrived, strict=False) if not row[2].items() <= sent[2].items()]
    assert not wrong
    lab.tally.notes.append(f"{len(arrived)} events")


@sized("kills, files, away_s", short=(5, 240, 5.0), long=(120, 30_000, 600.0))
def test_every_event_arrives_once_though_the_centre_is_away(
    lab: Lab, centre: FakeCentre, kills: int, files: int, away_s: float
) -> None:
    loads = [lab.load(lab.watch("a", store="s3")), lab.load(lab.watch("b", store="file"))]
    lab.program.start()
    until(lambda: len(centre.agent.heartbeats) > 1, within_s=60)

    def write() -> None:
        for load in loads:
            load.small(STEP_FILES // 2)

    steps = files // STEP_FILES
    with Background(write, steps=steps, pause_s=away_s / steps) as writer:
        for _ in range(kills):
            centre.faults = lab.random.choice(AWAY)
            lab.pause(lab.random.uniform(0.1, 2 * away_s / kills))
            lab.program.kill()
            lab.program.spawn()
        writer.finish()
    centre.faults = CentreFaults()
    until(lambda: lab.program.url() != "", within_s=60)
    check(lab, centre)


@pytest.mark.parametrize("point", [point for point in CENTRE_POINTS if point.startswith("batch")])
def test_a_kill_between_answer_and_note_doubles_nothing(lab: Lab, centre: FakeCentre, point: str) -> None:
    load = lab.load(lab.watch("a", store="file"))
    for nth in (1, 2):
        load.small(20)
        lab.program.spawn(kill_at=f"{point}:{nth}")
        lab.feed_until(lab.program.was_killed, lambda: load.small(1))
    lab.program.start()
    check(lab, centre)
