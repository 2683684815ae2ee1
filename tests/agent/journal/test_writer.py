from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwf.agent.journal.upkeep import HOUSEKEEPING_S
from gwf.agent.model import FileStatus, Result
from gwf.core.errors import ErrorClass
from gwf.core.settings.model import RetrySettings
from tests.agent.journal.rig import Rig, RigMaker
from tests.agent.trees import make_tree

DAY_S = 86_400.0


def test_a_new_file_is_written_and_handed_out_in_one_transaction(rig: Rig) -> None:
    rig.put("a")
    assert rig.states() == {"a": FileStatus.SENDING}
    assert rig.work("a").path == rig.tree.root + b"/a"
    assert rig.journal.facts.commits_total == 1


def test_a_confirmed_file_is_done_and_its_event_is_in_the_same_commit(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    assert rig.states() == {"a": FileStatus.DONE}
    assert rig.events() == [("file.done", 1)]
    assert rig.rows("key, etag, sha256, attempts") == [("a", "e", bytes.fromhex("ab" * 32), 1)]
    assert rig.tallies() == {"done": 1, "done_bytes": 10}


def test_nothing_is_written_while_nothing_happens(rig: Rig) -> None:
    rig.put("a", "b")
    rig.end("a")
    rig.step(advance_s=HOUSEKEEPING_S + 1)
    before = rig.journal.facts.commits_total
    for _ in range(50):
        rig.step(advance_s=0.5)
    assert rig.journal.facts.commits_total == before


def test_waiting_files_are_looked_at_only_as_their_time_comes(rig: Rig) -> None:
    rig.put("a", "b")
    rig.end("a", Result.FAILED, retry_after_s=600.0)
    rig.end("b", Result.FAILED, retry_after_s=20.0)
    rig.step(advance_s=20.0 + RetrySettings().cap)
    assert rig.states() == {"a": FileStatus.WAITING, "b": FileStatus.SENDING}


def test_a_known_version_is_not_sent_again(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    rig.put("a")
    assert len(rig.hands.ever) == 1
    assert rig.states() == {"a": FileStatus.DONE}


@pytest.mark.parametrize("field", ["ino", "size_bytes", "mtime_ns"])
def test_a_change_of_inode_size_or_time_is_a_new_version(rig: Rig, field: str) -> None:
    rig.put("a")
    rig.end("a")
    changed: dict[str, Any] = {field: 77}
    rig.put("a", **changed)
    assert rig.work("a").gen == 2


def test_a_file_that_fails_waits_and_is_tried_again_when_its_time_has_come(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED)
    assert rig.states() == {"a": FileStatus.WAITING}
    assert not rig.hands.held
    rig.step(advance_s=2.0)
    assert rig.work("a").attempts == 1


def test_a_file_does_not_come_back_before_its_time(make_rig: RigMaker) -> None:
    rig = make_rig()
    rig.put("a")
    rig.end("a", Result.FAILED, retry_after_s=100.0)
    rig.step(advance_s=99.0)
    assert rig.states() == {"a": FileStatus.WAITING}
    rig.step(advance_s=3.0)
    assert rig.states() == {"a": FileStatus.SENDING}


def test_a_file_that_cannot_be_retried_is_dead_and_stays_so(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED, retryable=False, error_class=ErrorClass.TOO_LARGE, message="too large")
    rig.step(advance_s=DAY_S)
    assert rig.rows("state, error_class, error, attempts") == [(FileStatus.DEAD, "too_large", "too large", 1)]
    assert rig.events() == [("file.dead", 1)]
    assert rig.tallies()["dead"] == 1


def test_attempts_are_limited(make_rig: RigMaker) -> None:
    rig = make_rig(retry=RetrySettings(max_attempts=3))
    rig.put("a")
    for _ in range(3):
        rig.end("a", Result.FAILED)
        rig.step(advance_s=600.0)
    assert rig.states() == {"a": FileStatus.DEAD}
    assert len(rig.hands.ever) == 3


def test_failures_of_the_destination_are_not_charged_to_the_file(make_rig: RigMaker) -> None:
    rig = make_rig(retry=RetrySettings(max_attempts=2))
    rig.put("a")
    for _ in range(5):
        rig.end("a", Result.FAILED, charged=False)
        rig.step(advance_s=600.0)
    assert rig.work("a").attempts == 0


def test_a_new_version_revives_a_dead_file(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED, retryable=False)
    rig.put("a", version=2)
    assert rig.work("a").attempts == 0
    assert rig.rows("error_class, error") == [(None, None)]


def test_a_newer_version_waits_until_the_one_being_sent_has_ended(rig: Rig) -> None:
    rig.put("a")
    rig.put("a", version=2)
    assert rig.states() == {"a": FileStatus.DIRTY}
    assert len(rig.hands.held) == 1
    rig.end("a")
    assert rig.work("a").gen == 2
    rig.end("a")
    assert rig.states() == {"a": FileStatus.DONE}
    assert rig.events() == [("file.superseded", 1), ("file.done", 2)]


@pytest.mark.parametrize("result", list(Result))
def test_whatever_became_of_the_old_version_the_newer_one_goes_on(rig: Rig, result: Result) -> None:
    rig.put("a")
    rig.put("a", version=2)
    rig.end("a", result)
    assert rig.work("a").gen == 2


def test_three_versions_during_one_transfer_leave_only_the_last_to_send(rig: Rig) -> None:
    rig.put("a")
    for version in (2, 3, 4):
        rig.put("a", version=version)
    rig.end("a")
    assert rig.work("a").mtime_ns == 4 * 10**9
    assert len(rig.hands.ever) == 2


def test_a_file_freed_and_overtaken_again_in_one_transaction_is_not_stuck(rig: Rig) -> None:
    rig.put("a")
    rig.put("a", version=2)
    rig.report(rig.work("a"))
    rig.journal.enqueue([rig.candidate("a", version=3), rig.candidate("a", version=4)])
    rig.step()
    for _ in range(2):
        if rig.hands.held:
            rig.end("a")
    assert rig.rows("state, mtime_ns") == [(FileStatus.DONE, 4 * 10**9)]


def test_two_versions_of_one_file_in_one_batch_leave_only_the_later_to_send(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    rig.journal.enqueue([rig.candidate("a", version=2), rig.candidate("a", version=3)])
    rig.step()
    assert len(rig.hands.held) == 1
    while rig.hands.held:
        rig.end("a")
    assert rig.rows("state, mtime_ns") == [(FileStatus.DONE, 3 * 10**9)]


def test_a_version_that_a_rule_skips_is_not_sent_when_it_overtakes_another(rig: Rig) -> None:
    rig.put("a")
    rig.put("a", version=2, status=FileStatus.SKIPPED, reason="larger_than_max_size")
    rig.end("a")
    assert not rig.hands.held
    assert rig.states() == {"a": FileStatus.SKIPPED}


def test_a_skipped_file_is_recorded_with_its_reason(rig: Rig) -> None:
    rig.put("a", status=FileStatus.SKIPPED, reason="smaller_than_min_size")
    assert rig.rows("state, reason") == [(FileStatus.SKIPPED, "smaller_than_min_size")]
    assert not rig.hands.ever
    assert rig.tallies() == {"skipped": 1}


def test_a_vanished_file_that_comes_back_unchanged_is_sent(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.VANISHED)
    assert rig.states() == {"a": FileStatus.VANISHED}
    rig.put("a")
    assert rig.states() == {"a": FileStatus.SENDING}


def test_a_superseded_file_whose_content_settled_on_the_same_version_is_sent(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.CHANGED)
    assert rig.states() == {"a": FileStatus.SUPERSEDED}
    rig.put("a")
    assert rig.states() == {"a": FileStatus.SENDING}


def test_released_work_goes_back_into_the_queue_uncharged(rig: Rig) -> None:
    rig.put("a")
    rig.hands.capacity["default"] = 0
    rig.end("a", Result.RELEASED)
    assert rig.rows("state, attempts") == [(FileStatus.READY, 0)]
    rig.hands.capacity["default"] = 1
    rig.step()
    assert rig.work("a").attempts == 0


def test_no_more_is_handed_out_than_there_is_room_for(rig: Rig) -> None:
    rig.hands.capacity["default"] = 3
    rig.put(*(f"f{number}" for number in range(10)))
    assert len(rig.hands.held) == 3
    for _ in range(10):
        rig.report(rig.hands.held[0])
        rig.step()
        assert len(rig.hands.held) <= 3
    assert set(rig.states().values()) == {FileStatus.DONE}


def test_work_is_found_again_when_room_comes_back_without_any_other_news(rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    rig.put("a")
    rig.hands.capacity["default"] = 5
    rig.step()
    assert rig.work("a")


def test_urgent_files_go_first_and_equals_in_the_order_they_came(rig: Rig, tmp_path: Path) -> None:
    urgent = make_tree(tmp_path, priority=0)
    rig.hands.capacity["default"] = 0
    for name in ("b", "a"):
        rig.clock.advance(1)
        rig.put(name)
    rig.put("u", tree=urgent)
    rig.hands.capacity["default"] = 10
    rig.step()
    assert [work.path.rpartition(b"/")[2] for work in rig.hands.held] == [b"u", b"b", b"a"]


def test_a_full_store_does_not_hold_up_another(rig: Rig, tmp_path: Path) -> None:
    rig.hands.capacity.update(default=0, other=5)
    rig.journal.attach(rig.hands, ("default", "other"))
    rig.put("a")
    rig.put("b", tree=make_tree(tmp_path, store="other"))
    assert [work.path.rpartition(b"/")[2] for work in rig.hands.held] == [b"b"]


def test_a_file_gone_from_disk_is_vanished_while_it_waits_and_untouched_once_done(rig: Rig) -> None:
    rig.hands.capacity["default"] = 1
    rig.put("done")
    rig.end("done")
    rig.hands.capacity["default"] = 0
    rig.put("waits")
    rig.journal.gone([row[0] for row in rig.rows("id")])
    rig.step()
    assert rig.states() == {"done": FileStatus.DONE, "waits": FileStatus.VANISHED}
