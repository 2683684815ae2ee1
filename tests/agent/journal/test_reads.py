from __future__ import annotations

from collections.abc import Iterator

import pytest

from gwf.agent.journal.reads import JournalReads
from gwf.agent.model import FileStatus, Result
from gwf.core.errors import ErrorClass, InputError, NotFoundError
from gwf.core.quickio import stored_int
from gwf.wire.edge import FileView
from tests.agent.journal.rig import Rig


@pytest.fixture
def reads(rig: Rig) -> Iterator[JournalReads]:
    opened = JournalReads(rig.path, rig.clock)
    yield opened
    opened.close()


def put_one_by_one(rig: Rig, count: int) -> None:
    for number in range(count):
        rig.clock.advance(1)
        rig.put(f"f{number:03d}")


def name_of(file: FileView) -> str:
    return file.path.rpartition("/")[2]


def test_counts_follow_what_is_written(rig: Rig, reads: JournalReads) -> None:
    rig.put("a", "b")
    assert (reads.counts().files, reads.tallies()) == ({FileStatus.SENDING: 2}, {})
    rig.end("a")
    assert reads.counts().files == {FileStatus.SENDING: 1}
    assert reads.tallies()["done"].value == 1


def test_nothing_is_counted_again_while_nobody_writes(rig: Rig, reads: JournalReads) -> None:
    rig.put("a")
    assert reads.counts() is reads.counts()
    assert reads.tallies() is reads.tallies()


def test_pages_follow_each_other_without_gap_or_repeat(rig: Rig, reads: JournalReads) -> None:
    put_one_by_one(rig, 25)
    seen, cursor = [], None
    while True:
        page = reads.page((), cursor=cursor, limit=7)
        assert page.total == 25
        seen += [name_of(file) for file in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"f{number:03d}" for number in reversed(range(25))]


def test_files_written_at_the_same_moment_are_not_lost_between_pages(rig: Rig, reads: JournalReads) -> None:
    rig.put(*(f"f{number:03d}" for number in range(20)))
    seen, cursor = [], None
    for _ in range(10):
        page = reads.page((), cursor=cursor, limit=2)
        seen += [file.id for file in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == list(range(1, 21))


def test_changes_between_two_pages_show_no_file_twice_and_hide_none_that_stayed(rig: Rig, reads: JournalReads) -> None:
    put_one_by_one(rig, 20)
    first = reads.page((), limit=10)
    rig.clock.advance(1)
    rig.end("f005")
    put_one_by_one_more = [f"n{number}" for number in range(5)]
    rig.put(*put_one_by_one_more)
    second = reads.page((), cursor=first.next_cursor, limit=100)
    shown = [name_of(file) for file in (*first.items, *second.items)]
    assert len(shown) == len(set(shown))
    assert {f"f{number:03d}" for number in range(20) if number != 5} <= set(shown)


def test_filters_by_state_text_store_and_class_hold_together(rig: Rig, reads: JournalReads) -> None:
    rig.put("a.log", "b.log", "c.txt")
    rig.end("a.log", Result.FAILED, error_class=ErrorClass.AUTH)
    rig.end("c.txt", Result.FAILED, error_class=ErrorClass.AUTH)
    assert [name_of(file) for file in reads.page(("waiting",), text=".log").items] == ["a.log"]
    assert [name_of(file) for file in reads.page(("sending", "waiting"), text="/b").items] == ["b.log"]
    assert reads.page((), store="other").items == []
    assert reads.page((), error_class="auth", store="default").total == 2
    assert reads.page(("settling",)).items == []


def test_text_is_searched_in_the_whole_path_and_taken_literally(rig: Rig, reads: JournalReads) -> None:
    rig.put("100%_a", "100xya")
    assert [name_of(file) for file in reads.page((), text="%_").items] == ["100%_a"]
    assert reads.page((), text="/100").total == 2
    assert reads.page((), text="' OR 1=1 --").total == 0


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", ".1", "-1.2", "1.2.3", "².1", "9" * 30 + ".1", "1 .2"])
def test_a_cursor_that_is_not_ours_is_refused_in_words(reads: JournalReads, cursor: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        reads.page((), cursor=cursor)


def test_counts_tell_states_bytes_age_and_retries(rig: Rig, reads: JournalReads) -> None:
    rig.put("old")
    rig.clock.advance(100)
    rig.put("a", "b", "dead", "done")
    rig.end("a", Result.FAILED)
    rig.end("dead", Result.FAILED, retryable=False, error_class=ErrorClass.TOO_LARGE)
    rig.end("done")
    counts = reads.counts()
    assert counts.files == {FileStatus.SENDING: 2, FileStatus.WAITING: 1, FileStatus.DEAD: 1}
    assert counts.pending_bytes == 30
    assert counts.oldest_queued_at_ms == rig.clock.now_ms() - 100_000
    assert counts.by_class == {"network": 1, "too_large": 1}
    assert counts.retries == [(1, 1)]


def test_a_journal_at_rest_counts_nothing(rig: Rig, reads: JournalReads) -> None:
    rig.put("a")
    rig.end("a")
    counts = reads.counts()
    assert (counts.files, counts.pending_bytes, counts.oldest_queued_at_ms) == ({}, 0, None)


def test_a_file_tells_its_whole_story(rig: Rig, reads: JournalReads) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED, message="cut", error_class=ErrorClass.NETWORK)
    rig.step(advance_s=600)
    rig.end("a")
    file = reads.file(1)
    assert (file.state, file.attempts, file.sha256, file.duration_ms) == ("done", 2, "ab" * 32, 600_000)
    assert [(entry["kind"], entry["version"]) for entry in reads.history(1)] == [("file.failed", 1), ("file.done", 1)]


def test_a_waiting_file_says_why_and_when(rig: Rig, reads: JournalReads) -> None:
    rig.put("a")
    rig.end("a", Result.FAILED, message="cut", error_class=ErrorClass.NETWORK, retry_after_s=50.0)
    file = reads.file(1)
    assert file.reason is not None
    assert (file.reason.code, file.reason.message) == ("failed_network", "cut")
    assert file.next_at is not None
    assert file.next_at > file.updated_at


def test_an_unknown_file_is_not_found(reads: JournalReads) -> None:
    with pytest.raises(NotFoundError):
        reads.file(99)


@pytest.mark.parametrize("mtime_ns", [0, -(10**18), 9 * 10**18, stored_int(13_569_465_600 * 10**9)])
def test_any_file_time_can_be_shown(rig: Rig, reads: JournalReads, mtime_ns: int) -> None:
    rig.put("a", mtime_ns=mtime_ns)
    assert reads.file(1).modified_at.endswith("Z")


def test_names_that_are_no_text_can_be_shown_as_json(rig: Rig, reads: JournalReads) -> None:
    candidate = rig.candidate("x")
    candidate.name = b"\xff\n\x00".replace(b"\x00", b"\x1b")
    rig.journal.enqueue([candidate])
    rig.step()
    assert reads.page(()).items[0].model_dump_json()
    assert reads.file(1).path.endswith("\\xff\\n\\x1b")
