from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.model import FileStatus, Result
from gwf.core.errors import CorruptDataError
from gwf.core.quickio import stored_int
from tests.agent.journal.rig import Rig, RigMaker
from tests.agent.trees import make_tree

DAY_S = 86_400.0


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
    "odd",
    [{"mtime_ns": stored_int(13_569_465_600 * 10**9)}, {"ino": stored_int(2**64 - 3)}, {"mtime_ns": -(10**18)}],
    ids=str,
)
def test_a_file_with_numbers_beyond_a_signed_word_is_carried_like_any_other(rig: Rig, odd: dict[str, Any]) -> None:
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
