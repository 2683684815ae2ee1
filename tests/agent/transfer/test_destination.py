from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from gwf.agent.model import Result
from gwf.agent.transfer import care
from gwf.core.breaker import BreakerState
from gwf.core.errors import (
    CorruptDataError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)
from gwf.core.settings.model import BreakerSettings
from gwf.storage.model import StoreHealth, StoreState
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.transfer.side import MakeSide, MakeWorks
from tests.agent.waiting import until


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
    until(lambda: side.destination.care.health)
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
    side.destination.care.wake()
    until(lambda: side.destination.care.health)
    side.store.fault = None
    until(lambda: side.breaker.state is BreakerState.CLOSED)
    assert side.destination.care.present_health().state == "ok"  # type: ignore[union-attr]  # it was checked


@pytest.mark.parametrize(
    "fault",
    [DeniedError("wrong key", scope=FaultScope.DESTINATION), DeniedError("forbidden"), NotFoundError("no bucket")],
    ids=str,
)
def test_wrong_settings_of_a_store_kill_no_file(make_side: MakeSide, works: MakeWorks, fault: GwfError) -> None:
    side = make_side(settings=BreakerSettings(open_for=60))
    until(lambda: side.destination.care.health)
    side.store.fault = fault
    side.destination.deliver(works(30))
    until(lambda: len(side.outcomes) == 30)
    for outcome in side.outcomes:
        assert outcome.result is Result.RELEASED or (outcome.retryable and not outcome.charged)
    assert side.breaker.state is BreakerState.OPEN


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
    side.destination.care.wake()

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
        side.destination.care.wake()
    until(lambda: side.breaker.state is BreakerState.CLOSED, within_s=8)


def test_a_store_that_is_down_at_the_start_is_told_so_before_any_file_is_sent(make_side: MakeSide) -> None:
    store = FarEnd()
    store.fault = DeniedError("wrong key")
    side = make_side(store, settings=BreakerSettings(open_for=60))
    until(lambda: side.breaker.state is BreakerState.OPEN)
    assert "wrong key" in side.breaker.reason
    assert side.destination.room() == 0


def test_wrong_checksums_of_many_files_give_the_store_a_rest(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(settings=BreakerSettings(min_outcomes=3, open_for=60))
    side.store.before = refusing(CorruptDataError("the checksum differs"))
    side.destination.deliver(works(40))
    until(lambda: len(side.outcomes) == 40)
    assert side.breaker.state is BreakerState.OPEN
    assert "checksum" in side.breaker.reason


def test_one_file_that_never_arrives_whole_does_not_stop_the_store(make_side: MakeSide, works: MakeWorks) -> None:
    side = make_side(settings=BreakerSettings(min_outcomes=3, open_for=60))
    side.store.before = refusing(CorruptDataError("the checksum differs"))
    (work,) = works(1)
    for attempt in range(1, 10):
        side.destination.deliver([work])
        until(lambda attempt=attempt: len(side.outcomes) == attempt)  # type: ignore[misc]  # bound now
    assert side.breaker.state is BreakerState.CLOSED


def test_every_failed_probe_is_logged_with_reason_and_time(
    make_side: MakeSide, caplog: pytest.LogCaptureFixture
) -> None:
    side = make_side()
    side.store.fault = UnavailableError("no route")
    with caplog.at_level("INFO", logger="gwf.agent.transfer"):
        side.breaker.trip("down")
        until(lambda: any(record.message == "breaker_probe_failed" for record in caplog.records))
    (record, *_) = [record for record in caplog.records if record.message == "breaker_probe_failed"]
    assert "no route" in record.__dict__["reason"]
    assert record.__dict__["probe_in_s"] <= 0.1


def test_a_trial_does_not_wait_for_transfers_that_hang_from_before(make_side: MakeSide, works: MakeWorks) -> None:
    side, gate, items = make_side(workers=4), threading.Event(), works(2)
    side.store.before = lambda key: (gate.wait(20), None)[1] if key == "f0" else None
    side.destination.deliver(items[:1])
    until(lambda: side.destination.sending)
    side.breaker.trip("down")
    until(lambda: side.breaker.state is BreakerState.HALF_OPEN)
    assert side.destination.room() == 1
    side.destination.deliver(items[1:])
    until(lambda: side.breaker.state is BreakerState.CLOSED)
    gate.set()


def test_one_failed_health_check_does_not_stop_a_store_that_takes_files(make_side: MakeSide, works: MakeWorks) -> None:
    class Moody(FarEnd):
        asked = 0

        def health(self) -> StoreHealth:
            self.asked += 1
            return StoreHealth(state=StoreState.FAILING, latency_ms=0.1, error_class="server", message="503")

    store = Moody()
    side = make_side(store, settings=BreakerSettings(open_for=60))
    until(lambda: side.breaker.state is BreakerState.OPEN)  # at the start nothing speaks for it
    side.breaker.close("begin")
    care = side.destination.care

    def files_are_sent_and_some_fail() -> bool:
        care.succeeded(time.monotonic())
        care.doubt()
        return store.asked >= 3

    until(files_are_sent_and_some_fail)
    assert side.breaker.state is not BreakerState.OPEN
    side.destination.deliver(works(1))
    until(lambda: side.results() == [Result.DONE])


class Hanging(FarEnd):
    """Takes files and answers nothing; of the health checks after the first, `failures` in a row fail."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.before = lambda _: (self.gate.wait(20), None)[1]
        self.failures = failures
        self.asked = 0

    def health(self) -> StoreHealth:
        self.asked += 1
        if not 1 < self.asked <= 1 + self.failures:
            return StoreHealth(state=StoreState.OK, latency_ms=0.1)
        return StoreHealth(state=StoreState.FAILING, latency_ms=0.1, error_class="timeout", message="no answer")


def test_a_store_that_hangs_gets_a_rest_before_its_transfers_are_given_up(
    make_side: MakeSide, works: MakeWorks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "QUIET_S", 0.2)
    store = Hanging(failures=1_000_000)
    side = make_side(store, settings=BreakerSettings(open_for=60))
    side.destination.deliver(works(1))
    until(lambda: side.breaker.state is BreakerState.OPEN)
    assert not side.outcomes
    store.gate.set()


def test_one_failed_health_check_does_not_stop_a_store_that_takes_a_large_file(
    make_side: MakeSide, works: MakeWorks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "QUIET_S", 0.2)
    store = Hanging(failures=1)
    side = make_side(store, settings=BreakerSettings(open_for=60))
    side.destination.deliver(works(1))
    until(lambda: store.asked >= 4)
    assert side.breaker.opened_total == 0
    store.gate.set()


def test_a_long_trial_does_not_hold_up_all_other_files(
    make_side: MakeSide, works: MakeWorks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "TRIAL_S", 0.2)
    side, gate, items = make_side(settings=BreakerSettings(open_for=60)), threading.Event(), works(2)
    side.store.before = lambda key: (gate.wait(20), None)[1] if key == items[0].key else None
    side.breaker.trip("away")
    side.breaker.probed(ok=True)
    side.destination.deliver(items[:1])
    until(lambda: side.destination.sending)
    assert side.destination.room() == 0
    until(lambda: side.destination.room() > 0)
    side.destination.deliver(items[1:])
    until(lambda: [outcome.work.file_id for outcome in side.outcomes] == [2])
    gate.set()
