from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.control.fleet.pace import MAX_RETRY_S, Advice, advise, first_wait_s, next_wait_s, retry_wait_s

chances = st.floats(0, 1, exclude_max=True)


@given(st.floats(1, 3600), st.none() | st.floats(0, 7200), chances)
def test_a_wait_keeps_to_what_was_told(heartbeat_s: float, backoff_s: float | None, chance: float) -> None:
    advice = Advice(heartbeat_s=heartbeat_s, backoff_s=backoff_s)
    wait_s = next_wait_s(advice, chance)
    assert 0.8 * heartbeat_s <= wait_s <= advice.longest_s
    if backoff_s is not None and backoff_s > heartbeat_s:
        assert wait_s >= backoff_s


def test_first_heartbeats_of_many_agents_are_spread_evenly() -> None:
    waits = sorted(first_wait_s(30, n / 10_000) for n in range(10_000))
    per_second = [sum(second <= wait < second + 1 for wait in waits) for second in range(30)]
    assert max(per_second) - min(per_second) <= 1


@given(st.floats(1, 3600), st.integers(1, 10_000), chances)
def test_a_retry_is_neither_at_once_nor_later_than_a_heartbeat(
    heartbeat_s: float, failures: int, chance: float
) -> None:
    assert 0.1 <= retry_wait_s(heartbeat_s, failures, chance) <= min(heartbeat_s, MAX_RETRY_S)


def test_a_centre_that_is_late_asks_for_longer_waits() -> None:
    assert advise(30, lag_s=0.1).backoff_s is None
    assert advise(30, lag_s=0.5).backoff_s == pytest.approx(60)
    assert advise(30, lag_s=1_000).backoff_s == pytest.approx(300)
