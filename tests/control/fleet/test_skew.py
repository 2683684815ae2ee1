from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.control.fleet.skew import SAMPLES, ClockSkew


def heard(skew_ms: int, ways_ms: list[int], start: ClockSkew | None = None) -> ClockSkew:
    skew = start or ClockSkew()
    for number, way_ms in enumerate(ways_ms):
        sent_at_ms = 1_000_000 + 30_000 * number
        skew = skew.with_sample(sent_at_ms + skew_ms, sent_at_ms + way_ms)
    return skew


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 4_000), min_size=1, max_size=SAMPLES))
def test_the_fastest_message_tells_the_skew(skew_ms: int, ways_ms: list[int]) -> None:
    assert heard(skew_ms, ways_ms).value_ms == skew_ms - min(ways_ms)


def test_nothing_heard_is_nothing_known() -> None:
    assert ClockSkew().value_ms is None


def test_one_late_message_does_not_move_the_estimate() -> None:
    assert heard(200, [10, 10, 60_000]).value_ms == 190


def test_a_clock_set_back_is_seen_with_the_second_heartbeat() -> None:
    before = heard(60_000, [5, 5, 5])
    assert heard(0, [5], before).value_ms == 59_995
    assert heard(0, [5, 5], before).value_ms == -5


def test_a_clock_set_forward_is_seen_at_once() -> None:
    assert heard(60_000, [5], heard(0, [5, 5])).value_ms == 59_995
