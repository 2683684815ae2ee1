from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.destination import Destination, Limits
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import BreakerState, CircuitBreaker
from gwf.core.clock import SystemClock
from gwf.core.errors import (
    ConflictError,
    CorruptDataError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)
from gwf.core.limits import TokenBucket
from gwf.core.settings.model import BreakerSettings
from gwf.storage.model import StoreHealth
from tests.agent.transfer.far_end import FarEnd, work_for
from tests.agent.waiting import stays, until

QUICK = BreakerSettings(min_outcomes=3, window=10, open_for=0.05, open_cap=0.1)


class Side:
    """One destination with its far end, and what it reported."""

    def __init__(self, store: FarEnd, *, workers: int = 4, settings: BreakerSettings = QUICK, **more: Any) -> None:
        self.store = store
        self.outcomes: list[Outcome] = []
        self.breaker = CircuitBreaker(settings, SystemClock())
        sender = Sender(store, save=lambda work, state: setattr(work, "upload_state", state), follows=lambda _: None)
        self.orphans_gone: list[int] = []
        self.destination = Destination(
            "s", store, sender, workers=workers, breaker=self.breaker, finish=self.outcomes.append,
            orphan_gone=self.orphans_gone.append, **more,
        )  # fmt: skip
        self.destination.start()
        self.stopped = False

    def results(self) -> list[Result]:
        return [outcome.result for outcome in self.outcomes]

    def stop(self, within_s: float = 10.0) -> int:
        self.stopped = True
        return self.destination.stop(time.monotonic() + within_s)


@pytest.fixture
def make_side() -> Iterator[Callable[..., Side]]:
    made: list[Side] = []

    def make(store: FarEnd | None = None, **options: Any) -> Side:
        made.append(Side(store or FarEnd(), **options))
        return made[-1]

    yield make
    for side in made:
        if not side.stopped:
            side.store.before = lambda _: None
            side.stop()


@pytest.fixture
def works(tmp_path: Path) -> Callable[[int], list[Work]]:
    def make(count: int) -> list[Work]:
        made = []
        for number in range(count):
            path = tmp_path / f"f{number}"
            path.write_bytes(b"%d" % number)
            made.append(work_for(path, file_id=number + 1))
        return made

    return make


MakeSide = Callable[..., Side]
MakeWorks = Callable[[int], list[Work]]


def test_all_work_is_sent_and_reported_once(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side()
    side.destination.deliver(works(200))
    until(lambda: len(side.outcomes) == 200)
    assert {outcome.work.file_id for outcome in side.outcomes} == set(range(1, 201))
    assert set(side.results()) == {Result.DONE}
    assert len(side.store.keys()) == 200
    assert side.destination.sending == {}


def test_room_is_given_back_when_work_ends(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side()
    room = side.destination.room()
    gate = threading.Event()
    side.store.before = lambda _: (gate.wait(20), None)[1]
    side.destination.deliver(works(50))
    assert side.destination.room() == room - 50
    gate.set()
    until(lambda: len(side.outcomes) == 50)
    until(lambda: side.destination.room() == room)


def test_no_more_than_the_workers_allowed_send_at_a_time(make_side: MakeSide, works: MakeWorks) -> None:
    side, now, most, lock = make_side(workers=3), [0], [0], threading.Lock()

    def count(_: str) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.002)
        with lock:
            now[0] -= 1

    side.store.before = count
    side.destination.deliver(works(60))
    until(lambda: len(side.outcomes) == 60)
    assert 1 <= most[0] <= 3


def test_urgent_work_overtakes_what_waits(make_side: MakeSide, works: MakeWorks) -> None:
    side, gate = make_side(workers=1), threading.Event()
    side.store.before = lambda _: (gate.wait(20), None)[1]
    items = works(6)
    for item, priority in zip(items, (5, 5, 9, 0, 5, 0), strict=True):
        item.priority = priority
    side.destination.deliver(items[:1])
    until(lambda: side.destination.sending)
    side.destination.deliver(items[1:])
    gate.set()
    until(lambda: len(side.outcomes) == 6)
    assert [outcome.work.file_id for outcome in side.outcomes] == [1, 4, 6, 2, 5, 3]


BLAMED = [UnavailableError("down"), OverloadedError("slow"), UnavailableError("late", error_class=ErrorClass.TIMEOUT)]


@pytest.mark.parametrize("fault", BLAMED, ids=str)
def test_an_outage_opens_the_breaker_and_gives_the_rest_back_unsent(
    make_side: MakeSide, works: MakeWorks, fault: GwfError
) -> None:
    side = make_side(settings=BreakerSettings(min_outcomes=3, open_for=60))
    until(lambda: side.destination.health)
    side.store.fault = fault
    side.destination.deliver(works(100))
    until(lambda: len(side.outcomes) == 100)
    assert side.results().count(Result.FAILED) <= 3 + 4
    assert side.results().count(Result.RELEASED) >= 93
    assert side.breaker.state is BreakerState.OPEN
    assert side.destination.room() == 0


def test_after_an_outage_all_goes_on_by_itself(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side()
    side.store.fault = UnavailableError("down")
    side.destination.deliver(works(20))
    until(lambda: len(side.outcomes) == 20)
    side.store.fault = None
    until(lambda: side.breaker.state is not BreakerState.OPEN)
    left = {outcome.work.file_id: outcome.work for outcome in side.outcomes}
    while left:
        until(lambda: side.destination.room() > 0)
        _, work = left.popitem()
        before = len(side.outcomes)
        side.destination.deliver([work])
        until(lambda before=before: len(side.outcomes) > before)  # type: ignore[misc]  # bound now
        assert side.outcomes[-1].result is Result.DONE
    assert side.breaker.state is BreakerState.CLOSED


def test_a_breaker_closes_again_when_nothing_waits_to_be_sent(make_side: MakeSide) -> None:
    side = make_side()
    side.store.fault = UnavailableError("down")
    side.breaker.trip("down")
    side.destination._keeper_wake.set()
    until(lambda: side.destination.health)
    side.store.fault = None
    until(lambda: side.breaker.state is BreakerState.CLOSED)
    assert side.destination.present_health().state == "ok"  # type: ignore[union-attr]  # it was checked


@pytest.mark.parametrize(
    "fault",
    [DeniedError("wrong key", scope=FaultScope.DESTINATION), DeniedError("forbidden"), NotFoundError("no bucket")],
    ids=str,
)
def test_wrong_settings_of_a_store_kill_no_file(make_side: MakeSide, works: MakeWorks, fault: GwfError) -> None:
    side = make_side(settings=BreakerSettings(open_for=60))
    until(lambda: side.destination.health)
    side.store.fault = fault
    side.destination.deliver(works(30))
    until(lambda: len(side.outcomes) == 30)
    for outcome in side.outcomes:
        assert outcome.result is Result.RELEASED or (outcome.retryable and not outcome.charged)
    assert side.breaker.state is BreakerState.OPEN


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


def test_a_failing_store_does_not_slow_another(make_side: MakeSide, works: MakeWorks, tmp_path: Path) -> None:
    slow, quick, gate = make_side(workers=4), make_side(), threading.Event()
    slow.store.before = lambda _: (gate.wait(20), None)[1]
    items = works(100)
    slow.destination.deliver(items[:50])
    until(lambda: len(slow.destination.sending) == 4)
    quick.destination.deliver(items[50:])
    until(lambda: len(quick.outcomes) == 50)
    assert slow.outcomes == []
    gate.set()


def test_a_bug_in_sending_ends_neither_worker_nor_file(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(workers=2)

    def crash(key: str) -> None:
        if key in {"f0", "f1", "f2", "f3", "f4"}:
            raise ZeroDivisionError(key)

    side.store.before = crash
    side.destination.deliver(works(20))
    until(lambda: len(side.outcomes) == 20)
    assert side.results().count(Result.DONE) == 15
    failed = [outcome for outcome in side.outcomes if outcome.result is Result.FAILED]
    assert all(outcome.retryable and outcome.error_code == "internal" for outcome in failed)
    assert side.destination.sending == {}
    assert side.destination.room() > 0


def test_a_bug_in_a_trial_does_not_leave_the_breaker_half_open_for_ever(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side()
    side.breaker.trip("down")
    side.destination._keeper_wake.set()

    def crash(_: str) -> None:
        side.store.before = lambda _: None
        raise ZeroDivisionError

    side.store.before = crash
    until(lambda: side.destination.room() > 0)
    items = works(2)
    side.destination.deliver(items[:1])
    until(lambda: side.outcomes)
    until(lambda: side.destination.room() > 0)
    side.destination.deliver(items[1:])
    until(lambda: len(side.outcomes) == 2)
    assert side.results()[1] is Result.DONE


def test_a_health_check_that_crashes_does_not_end_the_checks(make_side: MakeSide) -> None:
    class Clumsy(FarEnd):
        crashes = 2

        def health(self) -> StoreHealth:
            if self.crashes:
                self.crashes -= 1
                raise ZeroDivisionError
            return super().health()

    side = make_side(Clumsy())
    side.breaker.trip("down")
    for _ in range(5):
        side.destination._keeper_wake.set()
    until(lambda: side.breaker.state is BreakerState.CLOSED, within_s=8)


def test_a_store_that_is_down_at_the_start_is_told_so_before_any_file_is_sent(make_side: MakeSide) -> None:
    store = FarEnd()
    store.fault = DeniedError("wrong key")
    side = make_side(store, settings=BreakerSettings(open_for=60))
    until(lambda: side.breaker.state is BreakerState.OPEN)
    assert "wrong key" in side.breaker.reason
    assert side.destination.room() == 0


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
    side = make_side(limits=Limits(files=TokenBucket(50, SystemClock(), burst=1)))
    began_s = time.monotonic()
    side.destination.deliver(works(26))
    until(lambda: len(side.outcomes) == 26)
    assert time.monotonic() - began_s >= 0.45


def test_a_limit_does_not_hold_up_the_stop(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(limits=Limits(bytes=TokenBucket(0.001, SystemClock(), burst=1)))
    side.destination.deliver(works(5))
    until(lambda: side.outcomes or side.destination.sending)
    assert side.stop(within_s=5) == 0
    assert len(side.outcomes) == 5


def test_an_abandoned_upload_is_aborted_even_after_an_outage(make_side: MakeSide) -> None:
    side = make_side()
    upload_id = side.store.create_upload("k")
    state = f'{{"key": "k", "upload_id": "{upload_id}", "size_bytes": 1, "part_size_bytes": 1, "parts": []}}'
    side.breaker.trip("down")
    side.destination.abandon(7, state)
    side.destination.abandon(8, "rubbish")
    until(lambda: side.orphans_gone == [7, 8])
    assert side.store.list_uploads("") == ()
