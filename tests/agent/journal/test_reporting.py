from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.journal.notes import event
from gwf.agent.journal.reporting import KEPT, Extent, Position, Reporting, heeding, keep_for_nobody
from gwf.agent.journal.statements import PURGE_EVENTS
from gwf.agent.journal.turn import Turn
from tests.agent.journal.rig import Rig


class Desk:
    """A journal whose writer turns by itself, and what is told of it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._epochs = (f"epoch-{number}" for number in itertools.count(1))
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._thread.start()
        self.reporting = self.open()

    def open(self) -> Reporting:
        return Reporting(self.rig.path, self.rig.journal, new_epoch=lambda: next(self._epochs))

    def tell(self, count: int, *, kind: str = "alert.raised") -> None:
        done = threading.Event()
        for number in range(count):
            self.rig.journal.submit(event(kind, {"n": number}))
        self.rig.journal.submit(lambda turn, _: turn.when_committed(done.set))
        assert done.wait(20)

    def purge(self, *, keep: int = 0) -> None:
        done = threading.Event()

        def write(turn: Turn, connection: sqlite3.Connection) -> None:
            connection.execute(PURGE_EVENTS, (keep, 10_000))
            turn.when_committed(done.set)

        self.rig.journal.submit(write)
        assert done.wait(20)

    def numbers(self) -> list[int]:
        return [told.number for told in self.reporting.events(1000)]

    def stop(self) -> None:
        self._halt.set()
        self._thread.join()
        self.reporting.close()

    def _turn(self) -> None:
        while not self._halt.wait(0.001):
            self.rig.journal._turn()


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk]:
    (tmp_path / "tree").mkdir(exist_ok=True)
    desk = Desk(Rig(tmp_path))
    yield desk
    desk.stop()


def test_events_are_numbered_from_one_within_their_epoch(desk: Desk) -> None:
    desk.tell(3)
    assert desk.numbers() == [1, 2, 3]
    assert desk.reporting.last_number() == 3
    assert desk.reporting.position.epoch == "epoch-1"


def test_what_the_centre_has_is_not_told_again(desk: Desk) -> None:
    desk.tell(3)
    desk.reporting.acknowledged(2)
    assert desk.numbers() == [3]
    assert desk.reporting.backlog().events == 1


def test_the_place_is_remembered(desk: Desk) -> None:
    desk.tell(3)
    desk.reporting.acknowledged(2)
    desk.tell(1)
    again = desk.open()
    assert again.position == desk.reporting.position
    again.close()


def test_events_that_the_centre_has_not_taken_are_not_cleared(desk: Desk) -> None:
    desk.tell(5)
    desk.reporting.acknowledged(2)
    desk.purge()
    assert desk.numbers() == [3, 4, 5]
    assert desk.reporting.extent() == Extent(first=3, last=5)


def test_without_a_centre_nothing_is_kept_for_it(desk: Desk) -> None:
    desk.tell(5)
    keep_for_nobody(desk.rig.journal)
    desk.purge(keep=1)
    assert desk.reporting.extent() == Extent(first=5, last=5)


def test_a_journal_with_a_past_begins_with_what_it_has(desk: Desk) -> None:
    desk.tell(5)
    keep_for_nobody(desk.rig.journal)
    desk.purge(keep=2)
    assert desk.reporting.heed(0)
    assert desk.reporting.position.epoch == "epoch-2"
    assert desk.numbers() == [1, 2]
    assert not desk.reporting.position.lost


def test_what_is_given_up_is_told_before_what_follows(desk: Desk) -> None:
    desk.tell(5)
    desk.reporting.give_up(3)
    told = desk.reporting.events(10)
    assert [item.number for item in told] == [4, 5, 6]
    assert (told[-1].kind, told[-1].body) == ("report.dropped", {"events": 3, "first_seq": 1, "last_seq": 3})
    assert desk.reporting.position.lost
    desk.reporting.acknowledged(6)
    assert not desk.reporting.position.lost


def test_the_backlog_is_measured(desk: Desk) -> None:
    assert desk.reporting.backlog().events == 0
    desk.tell(10)
    backlog = desk.reporting.backlog()
    assert backlog.events == 10
    assert 10 * 60 < backlog.size_bytes < 10 * 100
    assert backlog.oldest_at_ms == desk.rig.clock.now_ms()


def test_a_file_that_vanished_is_told_by_its_path(desk: Desk) -> None:
    desk.rig.journal.enqueue([desk.rig.candidate("a.log")])
    desk.tell(1)
    work = desk.rig.work("a.log")
    desk.rig.journal.submit(lambda turn, _: turn.event("file.vanished", work.file_id, work.gen, {}))
    desk.tell(1)
    (told,) = [item for item in desk.reporting.events(10) if item.kind == "file.vanished"]
    assert told.file == (work.file_id, work.gen)
    assert str(told.body["path"]).endswith("/a.log")


def test_the_purge_obeys_the_slowest_reader(desk: Desk) -> None:
    desk.tell(5)
    desk.reporting.acknowledged(5)
    desk.rig.journal.remember("actions_read", "1")
    desk.tell(1)
    desk.purge()
    assert desk.reporting.extent().first == 2
    assert desk.rig.journal._connection.execute("SELECT value FROM facts WHERE name=?", (KEPT,)).fetchone() == ("5",)


seqs = st.integers(min_value=0, max_value=30)


@given(base=seqs, ahead=seqs, first=seqs, length=seqs, stored=seqs, lost=st.booleans())
def test_whatever_the_centre_says_nothing_kept_is_skipped(
    base: int, ahead: int, first: int, length: int, stored: int, lost: bool
) -> None:
    extent = Extent(first=first + 1, last=first + length)
    before = Position(epoch="a", base=base, acked=base + ahead, lost=lost)
    now = heeding(before, extent, stored, new_epoch=lambda: "b")
    if base + stored > extent.last:
        assert now.epoch == "b"
        assert now.acked <= extent.last
    elif now.epoch == "b":  # numbered anew from what is kept
        assert now.base == now.acked == extent.first - 1 or not length
    elif now.acked == base + stored:  # goes on where the centre is
        assert extent.first <= now.acked + 1 or not length or now.lost
    else:
        assert now.acked > base + stored
        assert now.lost
