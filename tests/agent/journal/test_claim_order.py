from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.agent.journal.reads import JournalReads
from gwf.agent.model import AGED_EVERY, FileStatus, Result
from tests.agent.journal.rig import Rig
from tests.agent.trees import make_tree


@settings(max_examples=25, deadline=None)
@given(
    older=st.integers(0, 4),
    priority=st.integers(0, 9),
    room=st.integers(1, 20),
    urgent=st.integers(0, 4),
    surplus=st.integers(0, 3),
)
def test_nothing_in_the_journal_starves_however_much_urgent_work_keeps_coming(
    older: int, priority: int, room: int, urgent: int, surplus: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        rig = Rig(Path(directory))
        rig.hands.capacity["default"] = 0
        low, high = (make_tree(Path(directory), priority=number) for number in (priority, urgent))
        for name in [*(f"old{number}" for number in range(older)), "ours"]:
            rig.put(name, tree=low)
            rig.clock.advance(0.001)
        rig.hands.capacity["default"] = room
        handed, number = 0, 0
        while not any(work.path.endswith(b"/ours") for work in rig.hands.held):
            handed += len(rig.hands.held)
            assert handed <= AGED_EVERY * (older + 1) + 2 * room, "it starves"
            for work in list(rig.hands.held):
                rig.report(work)
            news = [f"n{number + more}" for more in range(room + surplus)]
            number += len(news)
            rig.journal.enqueue([rig.candidate(name, tree=high) for name in news])
            rig.step(advance_s=0.01)
        rig.close()


def test_work_of_many_lanes_is_claimed_most_urgent_first_with_a_share_for_the_oldest(rig: Rig, tmp_path: Path) -> None:
    rig.hands.capacity["default"] = 0
    for priority in (9, 5, 0):
        rig.put(*(f"p{priority}.{number}" for number in range(20)), tree=make_tree(tmp_path, priority=priority))
        rig.clock.advance(1)
    rig.hands.capacity["default"] = 2 * AGED_EVERY
    rig.step()
    priorities = [work.priority for work in rig.hands.held]
    assert priorities == [0] * (2 * AGED_EVERY - 2) + [9] * 2


def test_deferred_work_waits_its_time_uncharged_and_says_why(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.DEFERRED, retry_after_s=5.0)
    assert rig.rows("state, attempts, reason") == [(FileStatus.WAITING, 0, "rate_limited")]
    reads = JournalReads(rig.path, rig.clock)
    (file,) = reads.page(("waiting",)).items
    reads.close()
    assert file.reason is not None
    assert file.reason.code == "rate_limited"
    rig.step(advance_s=4.0)
    assert not rig.hands.held
    rig.step(advance_s=1.5)
    assert rig.work("a").attempts == 0
    assert rig.events() == []


@pytest.mark.parametrize("result", [Result.DONE, Result.FAILED])
def test_a_file_that_was_deferred_ends_as_any_other(rig: Rig, result: Result) -> None:
    rig.put("a")
    rig.end("a", Result.DEFERRED, retry_after_s=1.0)
    rig.step(advance_s=1.5)
    rig.end("a", result, message="no route")
    assert rig.states()["a"] is (FileStatus.DONE if result is Result.DONE else FileStatus.WAITING)
