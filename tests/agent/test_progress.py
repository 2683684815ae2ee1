from __future__ import annotations

import logging
from typing import Any

import pytest

from gwf.agent.journal.effects import Effects
from gwf.agent.model import FileStatus, Outcome, Result, Work
from gwf.agent.progress import LINES_PER_S, POINTS, STEP_S, Progress
from gwf.agent.transfer.retry import Decision
from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass


def effects(count: int = 1, result: Result = Result.DONE, decision: Decision | None = None) -> Effects:
    made = Effects()
    for number in range(count):
        work = Work(number, 1, b"/w/%d" % number, 1, 10, 1, "s", "k", by_content=False, attempts=0, queued_at_ms=0)
        made.finished.append((result, Outcome(work, result, error_class=ErrorClass.NETWORK), decision))
    return made


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def progress(clock: ManualClock) -> Progress:
    return Progress(clock)


def test_work_is_counted_in_the_step_it_ended_in(progress: Progress, clock: ManualClock) -> None:
    progress.committed(effects(3))
    clock.advance(STEP_S)
    progress.committed(effects(2))
    progress.committed(effects(1, Result.FAILED, Decision(FileStatus.WAITING, 1, 1)))
    assert [(point.files, point.bytes, point.failed_attempts) for point in progress.points()] == [
        (3, 30, 0),
        (2, 20, 1),
    ]


def test_only_the_last_hour_is_kept(progress: Progress, clock: ManualClock) -> None:
    for _ in range(POINTS + 50):
        progress.committed(effects())
        clock.advance(STEP_S)
    assert len(progress.points()) == POINTS


def test_a_clock_set_back_breaks_nothing(progress: Progress, clock: ManualClock) -> None:
    progress.committed(effects())
    clock.jump(-100_000)
    progress.committed(effects())
    assert sum(point.files for point in progress.points()) == 2


def test_commits_that_change_nothing_do_not_raise_the_version(progress: Progress) -> None:
    progress.committed(Effects())
    assert progress.version == 0
    progress.committed(effects())
    assert progress.version == 1


def test_a_flood_of_finished_files_becomes_few_lines(
    progress: Progress, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        progress.committed(effects(1000))
        clock.advance(1)
        progress.committed(effects(1))
    lines: list[Any] = [record for record in caplog.records if record.getMessage() == "uploads_finished"]
    assert len(caplog.records) == LINES_PER_S + 2
    assert [(line.files, line.bytes) for line in lines] == [(1000 - LINES_PER_S, (1000 - LINES_PER_S) * 10)]


def test_every_dead_file_has_its_own_line_even_in_a_flood(progress: Progress, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        progress.committed(effects(200, Result.FAILED, Decision(FileStatus.DEAD, 0, 1)))
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 200
