"""Several small files on their way by one thread; the far end answers when the test says so."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gwf.agent.model import Outcome, Result
from gwf.agent.transfer.concurrency import FEWEST
from gwf.agent.transfer.flights import Bell
from gwf.agent.transfer.send import MAX_BEGUN_BYTES
from gwf.core.errors import ErrorClass, UnavailableError
from gwf.storage.model import FileSource, ObjectReceipt
from tests.agent.transfer.far_end import FarEnd, work_for
from tests.agent.transfer.side import MakeSide, MakeWorks, Side
from tests.agent.waiting import until

PATIENT_S = 60.0


class LatePut:
    """One object on its way (BegunPut)."""

    def __init__(self, end: LateEnd, key: str, source: FileSource, overdue_s: float) -> None:
        self.overdue_s = overdue_s
        self._end, self._key, self._source = end, key, source
        self._here, self._there = socket.socketpair()

    def answer(self) -> None:
        self._there.send(b"x")

    def fileno(self) -> int:
        return self._here.fileno()

    def has_answer(self) -> bool:
        try:
            return bool(self._here.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False

    def finish(self, *, overdue: bool = False) -> ObjectReceipt:
        try:
            if overdue:
                raise UnavailableError("too late", error_class=ErrorClass.TIMEOUT)
            self._here.recv(1)
            return super(LateEnd, self._end).put_object(self._key, self._source)
        finally:
            self._here.close()
            self._there.close()


class LateEnd(FarEnd):
    """A far end to which objects are begun; it answers at once, except about those in `held`."""

    def __init__(self) -> None:
        super().__init__()
        self.held: set[str] = set()
        self.patience_s = PATIENT_S
        self.begun: dict[str, LatePut] = {}
        self.threads: set[int] = set()

    def begin_put(self, key: str, source: FileSource) -> LatePut | None:
        self.threads.add(threading.get_ident())
        patience_s = self.patience_s if key in self.held else PATIENT_S
        put = self.begun[key] = LatePut(self, key, source, time.monotonic() + patience_s)
        if key not in self.held:
            put.answer()
        return put

    def let_go(self, *keys: str) -> None:
        self.held.difference_update(keys)
        for key in keys:
            self.begun[key].answer()


@pytest.fixture
def end() -> LateEnd:
    return LateEnd()


@pytest.fixture
def side(end: LateEnd, make_side: MakeSide) -> Iterator[Side]:
    side = make_side(end, workers=16)
    yield side
    end.let_go(*end.held & {work.key for work in side.destination.sending.values()})


def _done(side: Side) -> set[str]:
    return {outcome.work.key for outcome in side.outcomes if outcome.result is Result.DONE}


def _of(side: Side, key: str) -> Callable[[], Outcome | None]:
    return lambda: next((outcome for outcome in side.outcomes if outcome.work.key == key), None)


def test_one_thread_begins_several_before_any_is_answered(end: LateEnd, side: Side, works: MakeWorks) -> None:
    end.held = {f"f{number}" for number in range(40)}
    side.destination.deliver(works(40))
    until(lambda: len(end.begun) >= FEWEST)  # more as time passes without an end
    assert len(end.begun) > len(end.threads)
    assert side.destination.sending.keys() >= {1, 2, 3}
    assert side.outcomes == []
    end.held.clear()
    for put in tuple(end.begun.values()):
        put.answer()
    until(lambda: len(side.outcomes) == 40)
    assert _done(side) == set(end.keys())
    assert sorted(end.keys()) == sorted(f"f{number}" for number in range(40))
    assert side.destination.sending == {}


def test_a_late_answer_holds_up_no_other_file(end: LateEnd, side: Side, works: MakeWorks) -> None:
    end.held = {"f0"}
    side.destination.deliver(works(30))
    until(lambda: len(_done(side)) == 29)
    assert _of(side, "f0")() is None
    end.let_go("f0")
    until(lambda: len(_done(side)) == 30)


def test_new_work_is_begun_while_all_answers_are_awaited(end: LateEnd, side: Side, works: MakeWorks) -> None:
    end.held = {"f0", "f1"}
    first, second = works(2)
    side.destination.deliver([first])
    until(lambda: "f0" in end.begun)
    side.destination.deliver([second])
    until(lambda: "f1" in end.begun)
    assert side.outcomes == []


def test_what_is_never_answered_fails_alone_by_its_time_limit(end: LateEnd, side: Side, works: MakeWorks) -> None:
    end.held, end.patience_s = {"f0"}, 0.05
    side.destination.deliver(works(10))
    until(lambda: len(side.outcomes) == 10)
    late = _of(side, "f0")()
    assert late is not None
    assert (late.result, late.error_class) == (Result.FAILED, ErrorClass.TIMEOUT)
    assert len(_done(side)) == 9


def test_a_large_file_does_not_hold_up_small_ones(end: LateEnd, side: Side, works: MakeWorks, tmp_path: Path) -> None:
    large, gate = tmp_path / "large", threading.Event()
    large.write_bytes(bytes(MAX_BEGUN_BYTES + 1))
    end.before = lambda key: (gate.wait(PATIENT_S), None)[1] if key == "large" else None
    side.destination.deliver([work_for(large, file_id=100)])
    until(lambda: end.puts == ["large"])
    side.destination.deliver(works(20))
    until(lambda: len(_done(side)) == 20)
    gate.set()
    until(lambda: "large" in _done(side))


def test_what_changed_on_its_way_is_told(end: LateEnd, side: Side, works: MakeWorks) -> None:
    end.held = {"f0"}
    (work,) = works(1)
    side.destination.deliver([work])
    until(lambda: "f0" in end.begun)
    with open(work.path, "ab") as file:
        file.write(b"more")
    end.let_go("f0")
    outcome = until(_of(side, "f0"))
    assert outcome is not None
    assert (outcome.result, outcome.message) == (Result.CHANGED, "changed_while_sending")


def test_at_a_stop_what_is_on_its_way_ends_and_the_rest_is_given_back(
    end: LateEnd, side: Side, works: MakeWorks
) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    end.held = {f"f{number}" for number in range(40)}
    side.destination.deliver(works(40))
    until(lambda: len(end.begun) >= FEWEST)
    side.destination.halt()
    until(lambda: len(side.outcomes) + len(end.begun) == 40)
    assert set(side.results()) == {Result.RELEASED}
    end.let_go(*end.begun)
    assert side.stop(PATIENT_S) == 0
    assert _done(side) == set(end.begun)
    assert len(os.listdir("/proc/self/fd")) <= descriptors


def test_a_bell_that_nobody_hears_never_blocks() -> None:
    bell = Bell()
    for _ in range(100_000):
        bell.ring()
    bell.silence()
    bell.close()
