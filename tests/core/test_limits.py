from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.clock import ManualClock
from gwf.core.limits import TokenBucket


def test_a_burst_goes_through_at_once_and_the_rest_waits_its_turn() -> None:
    bucket = TokenBucket(10, ManualClock())
    assert [bucket.reserve_s(1) for _ in range(10)] == [0.0] * 10
    assert bucket.reserve_s(1) == pytest.approx(0.1)
    assert bucket.reserve_s(1) == pytest.approx(0.2)


def test_a_pause_fills_the_bucket_but_not_beyond_the_burst() -> None:
    clock = ManualClock()
    bucket = TokenBucket(10, clock, burst=3)
    for _ in range(3):
        bucket.reserve_s(1)
    clock.advance(1000)
    assert [bucket.reserve_s(1) for _ in range(3)] == [0.0] * 3
    assert bucket.reserve_s(1) > 0


def test_more_than_the_burst_may_be_taken_and_is_paid_for_later() -> None:
    clock = ManualClock()
    bucket = TokenBucket(100, clock)
    assert bucket.reserve_s(1100) == pytest.approx(10)
    clock.advance(10)
    assert bucket.reserve_s(1) == pytest.approx(0.01)


def test_slow_rates_let_the_first_token_through() -> None:
    bucket = TokenBucket(0.1, ManualClock())
    assert bucket.reserve_s(1) == 0
    assert bucket.reserve_s(1) == pytest.approx(10)


def test_a_jump_of_the_wall_clock_changes_nothing() -> None:
    clock = ManualClock()
    bucket = TokenBucket(1, clock)
    bucket.reserve_s(1)
    clock.jump(10_000)
    assert bucket.reserve_s(1) == pytest.approx(1)


@given(
    st.floats(0.5, 1000),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 50)), min_size=1, max_size=60),
)
def test_whoever_waits_as_told_never_exceeds_the_rate(rate: float, asks: list[tuple[float, float]]) -> None:
    clock = ManualClock()
    bucket = TokenBucket(rate, clock)
    began_s, taken = clock.monotonic_s(), 0.0
    for pause_s, tokens in asks:
        clock.advance(pause_s)
        clock.advance(bucket.reserve_s(tokens))
        taken += tokens
        assert taken <= max(1.0, rate) + rate * (clock.monotonic_s() - began_s) + 1e-3


def test_many_threads_share_one_rate() -> None:
    bucket = TokenBucket(100, ManualClock())
    waits: list[float] = []

    def ask() -> None:
        waits.extend(bucket.reserve_s(1) for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(waits) == pytest.approx(3.0)
    assert waits.count(0.0) == 100
