from __future__ import annotations

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gwf.core.breaker import BreakerEvent, BreakerState, CircuitBreaker, Transition
from gwf.core.clock import ManualClock
from gwf.core.settings.model import BreakerSettings

RULES = BreakerSettings(failure_ratio=0.5, min_outcomes=4, window=30, open_for=10, open_cap=100)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> CircuitBreaker:
    return CircuitBreaker(RULES, clock, uniform=random.Random(3))


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        assert breaker.enter()
        breaker.record(ok=False, reason="503")


def open_and_probe(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.trip("down")
    clock.advance(100)
    assert breaker.probe_due()
    breaker.probed(ok=True)


def test_few_failures_open_nothing(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)
    assert breaker.state is BreakerState.CLOSED


def test_enough_failures_open_it_and_say_why(breaker: CircuitBreaker) -> None:
    fail(breaker, 4)
    assert (breaker.state, breaker.reason, breaker.opened_total) == (BreakerState.OPEN, "503", 1)
    assert not breaker.enter()
    assert not breaker.admits()


def test_failures_below_the_ratio_open_nothing(breaker: CircuitBreaker) -> None:
    for number in range(100):
        breaker.record(ok=number % 3 != 2)
    assert breaker.state is BreakerState.CLOSED


def test_old_failures_no_longer_count(breaker: CircuitBreaker, clock: ManualClock) -> None:
    for _ in range(20):
        fail(breaker, 1)
        clock.advance(11)
    assert breaker.state is BreakerState.CLOSED


def test_a_fatal_error_opens_it_at_once(breaker: CircuitBreaker) -> None:
    breaker.trip("wrong credentials")
    assert breaker.state is BreakerState.OPEN
    breaker.trip("again")
    assert breaker.opened_total == 1


def test_a_probe_is_due_after_the_rest_and_not_before(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.trip("down")
    clock.advance(7.4)
    assert not breaker.probe_due()
    clock.advance(2.6)
    assert breaker.probe_due()
    assert breaker.probe_in_s() == 0


def test_each_failed_probe_makes_the_rest_longer_up_to_the_cap(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.trip("down")
    rests = []
    for _ in range(8):
        rests.append(breaker.probe_in_s() or 0.0)
        clock.advance(100)
        breaker.probed(ok=False)
    assert all(0.75 * 10 * 2**step <= rest <= 10 * 2**step for step, rest in enumerate(rests[:4]))
    assert 75 <= rests[-1] <= 100


def test_a_good_probe_lets_one_piece_of_work_in(breaker: CircuitBreaker, clock: ManualClock) -> None:
    open_and_probe(breaker, clock)
    assert breaker.enter()
    assert not breaker.enter()
    assert not breaker.admits()


def test_the_trial_decides(breaker: CircuitBreaker, clock: ManualClock) -> None:
    open_and_probe(breaker, clock)
    assert breaker.enter()
    breaker.record(ok=False, reason="still")
    assert (breaker.state, breaker.reason) == (BreakerState.OPEN, "still")
    clock.advance(100)
    breaker.probed(ok=True)
    assert breaker.enter()
    breaker.record(ok=True)
    assert (breaker.state, breaker.reason) == (BreakerState.CLOSED, "")


def test_a_trial_that_says_nothing_makes_room_for_another(breaker: CircuitBreaker, clock: ManualClock) -> None:
    open_and_probe(breaker, clock)
    assert breaker.enter()
    breaker.leave()
    assert breaker.enter()


def test_once_closed_the_past_is_forgotten(breaker: CircuitBreaker, clock: ManualClock) -> None:
    fail(breaker, 4)
    clock.advance(100)
    breaker.probed(ok=True)
    breaker.enter()
    breaker.record(ok=True)
    fail(breaker, 3)
    assert breaker.state is BreakerState.CLOSED
    breaker.trip("down")
    assert (breaker.probe_in_s() or 0) <= 10


def test_a_jump_of_the_wall_clock_neither_opens_nor_closes(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.trip("down")
    clock.jump(100_000)
    assert not breaker.probe_due()
    clock.jump(-500_000)
    clock.advance(10)
    assert breaker.probe_due()


def test_late_results_from_before_the_opening_do_not_close_it(breaker: CircuitBreaker) -> None:
    fail(breaker, 4)
    for _ in range(10):
        breaker.record(ok=True)
    assert breaker.state is BreakerState.OPEN


def test_a_probe_reported_when_nobody_asked_changes_nothing(breaker: CircuitBreaker) -> None:
    breaker.probed(ok=False)
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("successes", [200, 20_000])
def test_a_long_good_past_does_not_delay_the_opening(
    breaker: CircuitBreaker, clock: ManualClock, successes: int
) -> None:
    for _ in range(successes):
        clock.advance(20 / successes)
        breaker.record(ok=True)
    fail(breaker, 4)
    assert breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("share", [0.55, 0.7, 1.0])
def test_a_busy_store_that_begins_to_fail_is_noticed_within_two_seconds(
    breaker: CircuitBreaker, clock: ManualClock, share: float
) -> None:
    chance = random.Random(7)
    for _ in range(2000):
        clock.advance(0.01)
        breaker.record(ok=True)
    failing_since_s = clock.monotonic_s()
    while breaker.state is BreakerState.CLOSED:
        clock.advance(0.01)
        breaker.record(ok=chance.random() >= share)
    assert clock.monotonic_s() - failing_since_s <= 2.25


def test_a_fifth_of_failures_opens_nothing_in_an_hour() -> None:
    clock, chance = ManualClock(), random.Random(11)
    breaker = CircuitBreaker(BreakerSettings(), clock)
    for number in range(36_000):
        clock.advance(0.1)
        breaker.record(ok=chance.random() >= (0.2 if number > 300 else 0.0))
    assert breaker.state is BreakerState.CLOSED


def test_a_held_breaker_stays_open_whatever_happens(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.hold("opened by operator ann: drill")
    breaker.record(ok=True)
    breaker.trip("down")
    clock.advance(100_000)
    breaker.probed(ok=True)
    assert (breaker.state, breaker.manual, breaker.reason) == (
        BreakerState.OPEN, True, "opened by operator ann: drill",
    )  # fmt: skip
    assert not breaker.probe_due()
    assert breaker.probe_in_s() is None


def test_closing_by_hand_ends_a_drill_and_a_rest_alike(breaker: CircuitBreaker) -> None:
    for open_it in (breaker.hold, breaker.trip):
        open_it("x")
        breaker.close("closed by operator ann")
        assert (breaker.state, breaker.manual, breaker.reason) == (BreakerState.CLOSED, False, "")


def test_a_reset_probes_at_once_and_begins_with_short_rests_again(breaker: CircuitBreaker, clock: ManualClock) -> None:
    breaker.trip("down")
    for _ in range(5):
        clock.advance(100)
        breaker.probed(ok=False)
    breaker.reset("reset by operator ann")
    assert breaker.probe_due()
    breaker.probed(ok=False)
    assert (breaker.probe_in_s() or 99) <= 10


def test_every_change_is_told_in_order_with_its_reason(breaker: CircuitBreaker, clock: ManualClock) -> None:
    told: list[Transition] = []
    breaker.listener = told.append
    fail(breaker, 4)
    clock.advance(10)
    breaker.probed(ok=False, reason="still 503")
    clock.advance(20)
    breaker.probed(ok=True)
    breaker.enter()
    breaker.record(ok=True)
    assert [change.event for change in told] == [
        BreakerEvent.OPENED, BreakerEvent.PROBE_FAILED, BreakerEvent.HALF_OPENED, BreakerEvent.CLOSED,
    ]  # fmt: skip
    assert [change.reason for change in told[:2]] == ["503", "still 503"]
    assert 15 <= (told[1].probe_in_s or 0) <= 20


def test_a_listener_may_ask_the_breaker(breaker: CircuitBreaker) -> None:
    seen: list[BreakerState] = []

    def ask(_: Transition) -> None:
        breaker.leave()
        seen.append(breaker.state)

    breaker.listener = ask
    breaker.trip("down")
    assert seen == [BreakerState.OPEN]


def test_new_settings_count_from_the_next_outcome(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)
    breaker.reconfigure(RULES.model_copy(update={"min_outcomes": 6}))
    fail(breaker, 2)
    assert breaker.opened_total == 0
    fail(breaker, 1)
    assert breaker.opened_total == 1


class AnyOutcomes(RuleBasedStateMachine):
    """Any order of work, results, probes and time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.breaker = CircuitBreaker(RULES, self.clock, uniform=random.Random(3))
        self.inside = 0

    @rule()
    def enter(self) -> None:
        state = self.breaker.state
        allowed = self.breaker.enter()
        assert not (allowed and state is BreakerState.OPEN)
        assert allowed or state is not BreakerState.CLOSED
        self.inside += allowed

    @rule(ok=st.booleans())
    def record(self, ok: bool) -> None:
        if self.inside:
            self.inside -= 1
            before = self.breaker.state
            self.breaker.record(ok=ok)
            assert not (before is BreakerState.OPEN and self.breaker.state is not BreakerState.OPEN)

    @rule()
    def leave(self) -> None:
        if self.inside:
            self.inside -= 1
            before = self.breaker.state
            self.breaker.leave()
            assert self.breaker.state is before

    @rule()
    def trip(self) -> None:
        self.breaker.trip("fatal")
        assert self.breaker.state is BreakerState.OPEN

    @rule(seconds=st.sampled_from([0.1, 5.0, 31.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(ok=st.booleans())
    def probe(self, ok: bool) -> None:
        if self.breaker.probe_due():
            self.breaker.probed(ok=ok)

    @rule(action=st.sampled_from(["hold", "close", "reset"]))
    def by_hand(self, action: str) -> None:
        getattr(self.breaker, action)("by hand")
        assert self.breaker.manual is (action == "hold")

    @invariant()
    def it_says_when_it_will_be_probed_and_never_waits_for_ever(self) -> None:
        wait_s = self.breaker.probe_in_s()
        assert (wait_s is None) == (self.breaker.state is not BreakerState.OPEN or self.breaker.manual)
        assert wait_s is None or wait_s <= RULES.open_cap

    def teardown(self) -> None:
        while self.inside:
            self.leave()
        if self.breaker.manual:
            self.breaker.reset("end")
        for _ in range(3):
            self.clock.advance(200)
            if self.breaker.probe_due():
                self.breaker.probed(ok=True)
            assert self.breaker.enter(), "the breaker is stuck"
            self.breaker.record(ok=True)
        assert self.breaker.state is BreakerState.CLOSED


TestAnyOutcomes = AnyOutcomes.TestCase
TestAnyOutcomes.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
