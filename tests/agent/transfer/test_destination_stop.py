from __future__ import annotations

import threading
import time

import pytest

from gwf.agent.model import Result
from gwf.core.breaker import BreakerState
from gwf.core.errors import (
    ConflictError,
    CorruptDataError,
    DeniedError,
    FaultScope,
    GwfError,
    InputError,
    UnavailableError,
)
from gwf.storage.model import MultipartState
from tests.agent.transfer.far_end import FarEnd
from tests.agent.transfer.side import MakeSide, MakeWorks, limits_of
from tests.agent.waiting import stays, until


@pytest.mark.parametrize(
    "fault",
    [
        DeniedError("this object is locked", scope=FaultScope.OBJECT),
        ConflictError("a directory stands in the way", scope=FaultScope.OBJECT),
        CorruptDataError("checksum"),
        DeniedError("this prefix only"),
    ],
    ids=str,
)
def test_the_fault_of_one_object_does_not_stop_the_others(
    make_side: MakeSide, works: MakeWorks, fault: GwfError
) -> None:
    side = make_side()

    def meet(key: str) -> None:
        if key == "f3":
            raise fault

    side.store.before = meet
    side.destination.deliver(works(40))
    until(lambda: len(side.outcomes) == 40)
    assert side.results().count(Result.DONE) == 39
    (failed,) = [outcome for outcome in side.outcomes if outcome.result is Result.FAILED]
    assert failed.charged
    assert failed.retryable is fault.retryable
    assert side.breaker.state is BreakerState.CLOSED


def test_stop_lets_running_transfers_end_and_gives_the_rest_back(make_side: MakeSide, works: MakeWorks) -> None:
    side, gate = make_side(workers=2), threading.Event()
    side.store.before = lambda _: (gate.wait(20), None)[1]
    side.destination.deliver(works(30))
    until(lambda: len(side.destination.sending) == 2)
    threading.Timer(0.2, gate.set).start()
    assert side.stop() == 0
    assert side.results().count(Result.DONE) == 2
    assert side.results().count(Result.RELEASED) == 28


def test_stop_does_not_wait_longer_than_it_may(make_side: MakeSide, works: MakeWorks) -> None:
    side, gate = make_side(workers=2), threading.Event()
    side.store.before = lambda _: (gate.wait(20), None)[1]
    side.destination.deliver(works(5))
    until(lambda: len(side.destination.sending) == 2)
    began_s = time.monotonic()
    assert side.stop(within_s=0.1) == 2
    assert time.monotonic() - began_s < 3
    gate.set()


def test_stop_is_quick_whatever_the_threads_are_doing(make_side: MakeSide, works: MakeWorks) -> None:
    for _ in range(30):
        side = make_side(workers=8)
        side.destination._limit.value = 3
        side.destination.deliver(works(20))
        began_s = time.monotonic()
        assert side.stop() == 0
        assert time.monotonic() - began_s < 5


def test_work_delivered_to_a_stopped_destination_is_not_lost_silently(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side()
    assert side.stop() == 0
    assert side.destination.room() == 0


def test_threads_that_cannot_be_started_double_nothing(
    make_side: MakeSide, works: MakeWorks, monkeypatch: pytest.MonkeyPatch
) -> None:
    side, start, failures = make_side(workers=4), threading.Thread.start, [3]

    def stingy(thread: threading.Thread) -> None:
        if thread.name.startswith("gwf-send") and failures[0]:
            failures[0] -= 1
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", stingy)
    try:
        side.destination.deliver(works(20))
    except RuntimeError:
        pytest.fail("the journal would release work that is already queued")
    until(lambda: len(side.outcomes) == 20)
    stays(lambda: len(side.outcomes) == 20, for_s=0.1)
    assert side.stop() == 0


def test_a_limit_of_files_per_second_is_kept(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(limits=limits_of(edge={"max_files_per_s": 50}))
    began_s = time.monotonic()
    side.destination.deliver(works(76))
    until(lambda: len(side.outcomes) == 76)
    assert time.monotonic() - began_s >= 0.45


def test_a_limit_does_not_hold_up_the_stop(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(limits=limits_of(store={"max_bytes_per_s": 1}))
    side.destination.deliver(works(5))
    until(lambda: side.outcomes or side.destination.sending)
    assert side.stop(within_s=5) == 0
    assert len(side.outcomes) == 5


def test_an_abandoned_upload_is_aborted_even_after_an_outage(make_side: MakeSide) -> None:
    side = make_side()
    upload_id = side.store.create_upload("k")
    state = f'{{"key": "k", "upload_id": "{upload_id}", "size_bytes": 1, "part_size_bytes": 1, "parts": []}}'
    side.breaker.trip("down")
    side.destination.care.abandon(7, state)
    side.destination.care.abandon(8, "rubbish")
    until(lambda: side.orphans_gone == [7, 8])
    assert side.store.list_uploads("") == ()


@pytest.mark.parametrize("fault", [InputError("not implemented"), UnavailableError("always")], ids=str)
def test_a_store_that_cannot_list_uploads_gets_its_work_all_the_same(
    make_side: MakeSide, works: MakeWorks, fault: GwfError
) -> None:
    class NoLists(FarEnd):
        def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
            raise fault

    side = make_side(NoLists(multipart_threshold_bytes=1))
    side.destination.care.suspect(1, "f0")
    side.destination.care.suspect(2, "f1")
    until(lambda: side.destination.room() > 0)
    until(lambda: side.breaker.state is BreakerState.CLOSED)


def test_what_is_delivered_after_the_halt_comes_back_at_once(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(workers=2)
    side.destination.halt()
    side.destination.deliver(works(5))
    assert side.results() == [Result.RELEASED] * 5
    assert side.stop() == 0


@pytest.mark.parametrize("delay_s", [0.0, 0.0005, 0.002])
def test_a_halt_at_any_moment_of_a_delivery_strands_nothing(
    make_side: MakeSide, works: MakeWorks, delay_s: float
) -> None:
    side = make_side(workers=4)
    timer = threading.Timer(delay_s, side.destination.halt)
    timer.start()
    for work in works(200):
        side.destination.deliver([work])
    timer.join()
    assert side.stop() == 0
    assert len(side.outcomes) == 200


def test_the_number_of_workers_may_change_while_files_are_sent(make_side: MakeSide, works: MakeWorks) -> None:
    side, gate = make_side(workers=1), threading.Event()
    side.store.before = lambda _: (gate.wait(20), None)[1]
    side.destination.deliver(works(30))
    until(lambda: len(side.destination.sending) == 1)
    side.destination.resize(5)
    until(lambda: len(side.destination.sending) == 5)
    side.destination.resize(2)
    gate.set()
    until(lambda: side.results() == [Result.DONE] * 30)
