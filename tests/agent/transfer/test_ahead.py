from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.transfer.ahead import AHEAD_S, FIRST, MEASURE_S, MOST, FetchAhead


def run(ahead: FetchAhead, per_s: int, seconds: float) -> int:
    """Let work end at a pace while all that is fetched ahead stays in hand; return how much that is at the end."""
    in_hand, ended, now_s = FIRST, 0, 0.0
    while now_s < seconds:
        now_s += 0.05
        done = min(in_hand, round(per_s * 0.05))
        in_hand, ended = in_hand - done, ended + done
        in_hand += ahead.room(in_hand, ended, now_s)
    return in_hand


def test_a_quick_store_is_kept_busy() -> None:
    assert run(FetchAhead(64), 2000, 5.0) > MOST / 2


def test_a_slow_store_has_little_ahead_so_that_urgent_work_finds_room() -> None:
    assert run(FetchAhead(64), 40, 60.0) <= 40 * AHEAD_S + 1


def test_a_pause_changes_nothing() -> None:
    ahead = FetchAhead(64)
    before = ahead.room(0, 0, 100.0)
    for step in range(20):
        assert ahead.room(0, 0, 101.0 + step * MEASURE_S) == before


@given(st.integers(1, 1024), st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 10)), max_size=50))
def test_room_is_never_negative_and_never_beyond_the_bound(least: int, looks: list[tuple[int, float]]) -> None:
    ahead, now_s, ended = FetchAhead(least), 0.0, 0
    for in_hand, pause_s in looks:
        now_s += pause_s
        ended += in_hand
        assert 0 <= ahead.room(in_hand, ended, now_s) <= max(MOST, least)


def test_an_idle_destination_always_has_room() -> None:
    ahead = FetchAhead(4)
    run(ahead, 1, 30.0)
    assert ahead.room(0, 1000, 1000.0) >= 4
