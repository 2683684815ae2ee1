from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.journal.turn import Effects
from gwf.agent.journal.writer import Journal
from gwf.agent.model import FileStatus, Outcome, Result, Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import SystemClock
from gwf.core.errors import CorruptDataError, ErrorClass
from gwf.core.settings.model import RetrySettings
from tests.agent.journal.rig import Hands, Rig, RigMaker
from tests.agent.trees import make_tree
from tests.agent.waiting import until

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
    rig.put("a", **{field: 77})
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


def test_everything_written_survives_a_crash(rig: Rig) -> None:
    rig.put("sent", "failed", "running")
    rig.end("sent")
    rig.end("failed", Result.FAILED)
    rig.crash()
    assert rig.states()["sent"] is FileStatus.DONE
    rig.step(advance_s=600)
    assert sorted(work.path.rpartition(b"/")[2] for work in rig.hands.held) == [b"failed", b"running"]


def test_work_in_flight_at_a_crash_is_marked_as_perhaps_already_there(rig: Rig) -> None:
    rig.put("a", "b")
    rig.end("b", Result.FAILED)
    rig.crash()
    assert rig.journal.facts.recovered == 1
    rig.step(advance_s=600)
    assert rig.work("a").recovered
    assert not rig.work("b").recovered


def test_an_overtaken_file_is_not_forgotten_by_a_crash(rig: Rig) -> None:
    rig.put("a")
    rig.put("a", version=2)
    rig.crash()
    rig.step()
    assert rig.work("a").gen == 2


def test_the_mark_of_a_crash_is_gone_after_the_next_attempt(rig: Rig) -> None:
    rig.put("a")
    rig.crash()
    rig.step()
    rig.end("a", Result.FAILED)
    rig.step(advance_s=600)
    assert not rig.work("a").recovered


def test_a_commit_that_fails_is_repeated_and_hands_nothing_out_before(rig: Rig) -> None:
    rig.fail_next_commit()
    rig.put("a")
    assert rig.states() == {}
    assert not rig.hands.held
    assert rig.journal.facts.fault
    rig.step()
    assert rig.states() == {"a": FileStatus.SENDING}
    assert rig.journal.facts.fault is None


def test_a_result_whose_commit_fails_is_not_lost(rig: Rig) -> None:
    rig.put("a", "b")
    rig.fail_next_commit()
    rig.end("a")
    assert rig.states()["a"] is FileStatus.SENDING
    rig.step()
    assert rig.states()["a"] is FileStatus.DONE
    assert rig.tallies()["done"] == 1
    assert rig.events() == [("file.done", 1)]


def test_a_failed_commit_leaves_no_trace_of_directories_that_were_not_written(rig: Rig, tmp_path: Path) -> None:
    rig.fail_next_commit()
    rig.put("new/a")
    rig.step()
    connection = rig.index()
    directory_id, _ = connection.fingerprint(rig.tree.root + b"/new")
    connection.close()
    assert rig.rows("dir_id") == [(directory_id,)]


def test_an_overtaken_file_survives_a_failed_commit(rig: Rig) -> None:
    rig.put("a")
    rig.fail_next_commit()
    rig.put("a", version=2)
    rig.end("a")
    rig.step()
    assert rig.work("a").gen == 2


def test_a_full_disk_stops_writing_and_nothing_is_lost_when_it_has_room_again(make_rig: RigMaker) -> None:
    rig = make_rig(max_pages=30)
    names = [f"{number:04d}-{'x' * 200}" for number in range(300)]
    for name in names:
        rig.put(name)
    assert rig.journal.facts.fault
    rig.journal._connection.execute("PRAGMA max_page_count=100000")
    for _ in range(500):
        for work in list(rig.hands.held):
            rig.report(work)
        rig.step()
    assert rig.states() == dict.fromkeys(names, FileStatus.DONE)
    assert len(rig.hands.ever) == len(names)


def test_a_full_disk_and_a_crash_lose_only_what_a_walk_finds_again(make_rig: RigMaker) -> None:
    rig = make_rig(max_pages=30)
    names = [f"{number:04d}-{'x' * 200}" for number in range(300)]
    for name in names:
        rig.put(name)
    before = set(rig.states())
    rig.crash()
    assert set(rig.states()) == before
    rig.put(*names)
    for _ in range(100):
        for work in list(rig.hands.held):
            rig.report(work)
        rig.step()
    assert rig.states() == dict.fromkeys(names, FileStatus.DONE)


@pytest.mark.parametrize("back_s", [1800.0, 30 * DAY_S])
def test_a_clock_set_back_does_not_strand_waiting_files(rig: Rig, back_s: float) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED)
    rig.clock.jump(-back_s)
    for _ in range(5):
        rig.step(advance_s=1.0)
    assert rig.states() == {"a": FileStatus.SENDING}


def test_a_clock_set_back_while_the_process_was_down_does_not_strand_waiting_files(rig: Rig) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED)
    rig.clock.jump(-30 * DAY_S)
    rig.crash()
    rig.step(advance_s=1.0)
    assert rig.states() == {"a": FileStatus.SENDING}


@pytest.mark.parametrize(
    "odd", [{"mtime_ns": 13_569_465_600 * 10**9}, {"ino": 2**64 - 3}, {"mtime_ns": -(10**18)}], ids=str
)
def test_a_file_with_numbers_beyond_a_signed_word_is_carried_like_any_other(rig: Rig, odd: dict[str, int]) -> None:
    rig.put("odd", **odd)
    rig.put("plain")
    assert rig.states()["plain"] is FileStatus.SENDING
    rig.end("odd")
    rig.put("odd", **odd)
    assert rig.states()["odd"] is FileStatus.DONE


def test_one_piece_that_can_never_be_written_does_not_stop_all_others(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.journal.enqueue([rig.candidate("poison", reason="\ud800")])
    rig.put("good")
    for _ in range(3):
        rig.step()
    assert rig.states()["good"] is FileStatus.SENDING
    assert any(record.levelno >= logging.ERROR for record in caplog.records)


def test_a_crash_in_whoever_listens_does_not_end_the_writer(tmp_path: Path) -> None:
    crashed: list[Effects] = []

    def listen(effects: Effects) -> None:
        if not crashed:
            crashed.append(effects)
            raise RuntimeError("listener")

    with running_journal(tmp_path, listen) as (journal, hands, rig_candidate):
        journal.enqueue([rig_candidate("a")])
        until(lambda: crashed)
        journal.enqueue([rig_candidate("b")])
        until(lambda: len(hands.ever) == 2)


def test_work_that_cannot_be_delivered_is_delivered_later(tmp_path: Path) -> None:
    class Clumsy(Hands):
        stumbled = False

        def deliver(self, store: str, works: list[Work]) -> None:
            if not self.stumbled:
                self.stumbled = True
                raise RuntimeError("can't start new thread")
            super().deliver(store, works)

    with running_journal(tmp_path, lambda _: None, Clumsy()) as (journal, hands, rig_candidate):
        journal.enqueue([rig_candidate("a")])
        until(lambda: len(hands.ever) == 1, within_s=5)


class running_journal:  # noqa: N801 — reads as a context manager
    """A journal with its own thread and the real clock."""

    def __init__(self, directory: Path, listen: Callable[[Effects], None], hands: Hands | None = None) -> None:
        self.hands = hands or Hands()
        retry = RetryPolicy(RetrySettings(base=0.05, cap=0.05))
        self.journal = Journal(directory / "journal.db", clock=SystemClock(), retry=retry, on_committed=listen)
        self.journal.attach(self.hands, ("default",))
        self._maker = Rig.__new__(Rig)
        self._maker.tree = make_tree(directory)

    def __enter__(self) -> tuple[Journal, Hands, Callable[..., Any]]:
        self.journal.start()
        return self.journal, self.hands, self._maker.candidate

    def __exit__(self, *_: object) -> None:
        self.journal.stop()


def test_many_threads_may_speak_at_once_and_all_is_written(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        hands.capacity["default"] = 10_000

        def speak(number: int) -> None:
            for step in range(50):
                journal.enqueue([candidate(f"{number}-{step}")])
                journal.vanished(b"/gone/%d-%d" % (number, step))

        threads = [threading.Thread(target=speak, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(hands.ever) == 400)
    assert len({work.path for work in hands.ever}) == 400


def test_what_was_said_before_stop_is_written(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        journal.enqueue([candidate("a")])
        until(lambda: hands.held)
        journal.finish(Outcome(hands.held[0], Result.RELEASED))
        hands.capacity["default"] = 0
    assert len(hands.ever) == 1


def test_an_upload_state_is_durable_when_the_call_returns(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        journal.enqueue([candidate("a")])
        work = until(lambda: hands.held)[0]
        journal.save_upload_state(work, '{"x": 1}')
        rig = Rig.__new__(Rig)
        rig.path = journal.path
        assert rig.rows("upload_state") == [('{"x": 1}',)]


def test_an_upload_state_survives_a_crash_and_ends_with_the_version(rig: Rig) -> None:
    rig.put("a")
    rig.journal._connection.execute("UPDATE files SET upload_state='kept'")
    rig.crash()
    rig.step()
    assert rig.work("a").upload_state == "kept"
    rig.end("a")
    assert rig.rows("upload_state") == [(None,)]


def test_a_garbage_file_is_refused_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(CorruptDataError, match="damaged"):
        Rig(tmp_path)


def test_a_file_gone_from_disk_is_vanished_while_it_waits_and_untouched_once_done(rig: Rig) -> None:
    rig.hands.capacity["default"] = 1
    rig.put("done")
    rig.end("done")
    rig.hands.capacity["default"] = 0
    rig.put("waits")
    rig.journal.gone([row[0] for row in rig.rows("id")])
    rig.step()
    assert rig.states() == {"done": FileStatus.DONE, "waits": FileStatus.VANISHED}


def test_the_row_of_a_finished_file_outlives_the_file_by_a_month_and_no_longer(rig: Rig) -> None:
    rig.put("a", "b")
    rig.end("a")
    rig.end("b")
    rig.journal.gone([1])
    rig.step()
    rig.step(advance_s=29 * DAY_S)
    assert len(rig.states()) == 2
    rig.step(advance_s=2 * DAY_S)
    assert rig.states() == {"b": FileStatus.DONE}


def test_a_finished_file_that_went_away_and_came_back_is_remembered_for_good(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    rig.journal.gone([1])
    rig.step()
    rig.put("a")
    rig.step(advance_s=40 * DAY_S)
    rig.put("a")
    assert len(rig.hands.ever) == 1


def test_a_waiting_file_of_a_store_that_was_renamed_is_sent_to_the_new_one(rig: Rig, tmp_path: Path) -> None:
    rig.hands.capacity["default"] = 0
    rig.put("a")
    rig.stores = ("renamed",)
    rig.hands.capacity = {"renamed": 10}
    rig.crash()
    rig.put("a", tree=make_tree(tmp_path, store="renamed"))
    assert rig.work("a").store == "renamed"
