from __future__ import annotations

import pytest

from gwf.core.errors import OverloadedError
from gwf.ingest.gate import Gate, GateLimits

LIMITS = GateLimits(max_bytes=1_000, max_events=100)


def test_a_full_house_turns_away_and_says_when_there_is_room() -> None:
    gate = Gate(LIMITS)
    gate.measured(100, 2.0)  # 50 a second
    gate.enter(600, 0)
    gate.count(100)
    with pytest.raises(OverloadedError) as caught:
        gate.enter(600, 1)
    assert caught.value.retry_after_s == pytest.approx(2.0)
    assert gate.refused_total == 1


def test_what_is_too_large_for_any_room_is_let_into_an_empty_house() -> None:
    Gate(LIMITS).enter(5_000, 5_000)


def test_room_comes_back_when_requests_leave() -> None:
    gate = Gate(LIMITS)
    gate.enter(900, 90)
    gate.leave(900, 90)
    gate.enter(900, 90)
    assert (gate.bytes_inside, gate.events_inside) == (900, 90)


def test_the_wait_follows_the_measured_speed_within_bounds() -> None:
    gate = Gate(LIMITS)
    gate.count(100_000)
    assert gate.wait_s() == 60.0
    for _ in range(60):
        gate.measured(20_000, 1.0)
    assert gate.wait_s() == pytest.approx(5.0, rel=0.01)
    gate.leave(0, 100_000)
    assert gate.wait_s() == 1.0
