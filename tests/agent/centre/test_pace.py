from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.centre.pace import AWAY_CAP_S, MAX_WISH_S, REFUSED_CAP_S, Pace


def pace(*, own_s: float | None = None, seed: int = 3) -> Pace:
    return Pace(own_heartbeat_s=own_s, uniform=random.Random(seed).uniform)


def test_heartbeats_come_as_the_centre_says_and_never_all_at_once() -> None:
    waits = [pace(seed=seed).heard(30.0) for seed in range(1000)]
    assert 24 <= min(waits) < 24.5
    assert 35.5 < max(waits) <= 36


def test_the_host_may_set_its_own_time() -> None:
    assert 8 <= pace(own_s=10.0).heard(30.0) <= 12


def test_a_wish_for_a_rest_is_obeyed() -> None:
    assert 300 <= pace().heard(30.0, backoff_s=300) <= 360


@given(seed=st.integers(0, 1000), asked=st.one_of(st.none(), st.floats(0, 1e6)), failures=st.integers(1, 50))
def test_a_centre_that_does_not_answer_is_asked_within_a_minute_of_its_wish(
    seed: int, asked: float | None, failures: int
) -> None:
    subject = pace(seed=seed)
    for _ in range(failures):
        wait_s = subject.away(retry_after_s=asked)
        wish_s = min(asked or 0.0, MAX_WISH_S)
        assert wish_s <= wait_s <= wish_s + max(AWAY_CAP_S, 0.2 * wish_s)


def test_many_edges_come_back_spread_over_time() -> None:
    waits = []
    for seed in range(1000):
        subject = pace(seed=seed)
        waits.append([subject.away() for _ in range(10)][-1])
    assert max(waits) <= 30.0
    assert 200 < sum(wait < 7.5 for wait in waits) < 300


def test_a_refusal_is_repeated_in_growing_pauses() -> None:
    subject = pace()
    waits = [subject.refused() for _ in range(20)]
    assert waits[0] <= 30
    assert REFUSED_CAP_S / 2 <= waits[-1] <= REFUSED_CAP_S
    subject.heard(30.0)
    assert subject.refused() <= 30


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_of_a_centre_stops_the_heartbeats(heartbeat_s: float) -> None:
    assert 0 < pace().heard(heartbeat_s) <= 2 * MAX_WISH_S
