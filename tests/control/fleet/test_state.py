from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.control.fleet.state import (
    AgentHealth,
    AgentState,
    Cause,
    Moment,
    Seen,
    Thresholds,
    Verdict,
    judge,
    look_again_ms,
)
from gwf.core.errors import InputError

USUAL = Thresholds()
SEEN = Seen(contact_ms=1_000_000, registered_ms=0)


def after(silence_s: float, seen: Seen = SEEN, *, listening_since_ms: int = 0) -> Verdict:
    now_ms = (seen.contact_ms or seen.registered_ms) + round(silence_s * 1000)
    return judge(seen, USUAL, Moment(now_ms, listening_since_ms))


@pytest.mark.parametrize(
    ("silence_s", "state"),
    [
        (0, AgentState.ONLINE),
        (60, AgentState.ONLINE),
        (61, AgentState.DEGRADED),
        (90, AgentState.DEGRADED),
        (91, AgentState.OFFLINE),
        (-3600, AgentState.ONLINE),
    ],
)
def test_silence_makes_late_then_offline(silence_s: float, state: AgentState) -> None:
    assert after(silence_s).state is state


def test_an_unwell_agent_is_degraded_and_says_why() -> None:
    assert after(1, replace(SEEN, health=AgentHealth.DEGRADED)) == Verdict(AgentState.DEGRADED, Cause.UNWELL)


def test_an_agent_that_flaps_stays_degraded_until_it_was_well_for_long_enough() -> None:
    flapping = replace(SEEN, state=AgentState.DEGRADED, well_since_ms=1_000_000)
    assert after(44, flapping) == Verdict(AgentState.DEGRADED, Cause.RECOVERING)
    assert after(46, flapping).state is AgentState.ONLINE


def test_draining_is_shown_before_unwell_but_not_before_offline() -> None:
    draining = replace(SEEN, drain=True, health=AgentHealth.FAILING)
    assert after(1, draining).state is AgentState.DRAINING
    assert after(91, draining).state is AgentState.OFFLINE


def test_a_revoked_agent_is_nothing_else() -> None:
    assert after(1000, replace(SEEN, revoked=True, drain=True)).state is AgentState.REVOKED


def test_a_restart_of_the_centre_gives_a_whole_term() -> None:
    restarted_ms = 1_000_000 + 300_000
    assert after(389, listening_since_ms=restarted_ms).state is not AgentState.OFFLINE
    assert after(391, listening_since_ms=restarted_ms).state is AgentState.OFFLINE


def test_an_offline_agent_does_not_come_back_by_a_restart() -> None:
    assert after(301, replace(SEEN, state=AgentState.OFFLINE), listening_since_ms=1_300_000).state is AgentState.OFFLINE


def test_who_was_told_to_wait_longer_is_given_longer() -> None:
    told = replace(SEEN, wait_s=120.0)
    assert after(300, told).state is not AgentState.OFFLINE
    assert after(361, told).state is AgentState.OFFLINE


def test_one_that_never_called_is_offline_after_its_term() -> None:
    new = Seen(contact_ms=None, registered_ms=5_000)
    assert after(60, new).state is AgentState.ONLINE
    assert after(91, new) == Verdict(AgentState.OFFLINE, Cause.NEVER_SEEN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"heartbeat_s": 0.5}, "heartbeat_s"),
        ({"offline_after_s": 40.0}, "offline_after_s"),
        ({"degraded_after_s": 31.0}, "degraded_after_s"),
        ({"recover_after_s": -1.0}, "recover_after_s"),
        ({"heartbeat_s": float("nan")}, "heartbeat_s"),
    ],
)
def test_thresholds_that_would_lie_are_refused(values: dict[str, float], field: str) -> None:
    with pytest.raises(InputError) as caught:
        Thresholds(**values)
    assert caught.value.context["field"] == field


seen = st.builds(
    Seen,
    contact_ms=st.integers(0, 10**9),
    registered_ms=st.just(0),
    health=st.sampled_from(AgentHealth),
    well_since_ms=st.none() | st.integers(0, 10**9),
    wait_s=st.floats(0, 1000),
    drain=st.booleans(),
    revoked=st.booleans(),
    state=st.sampled_from(AgentState),
)


@given(seen, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**7))
def test_more_silence_never_makes_an_agent_come_back(one: Seen, now_ms: int, since_ms: int, more_ms: int) -> None:
    if judge(one, USUAL, Moment(now_ms, since_ms)).state is AgentState.OFFLINE:
        later = judge(one, USUAL, Moment(now_ms + more_ms, since_ms))
        assert later.state is AgentState.OFFLINE


@given(seen, st.integers(0, 72_000))
def test_who_keeps_the_longest_wait_is_never_offline(one: Seen, silence_ms: int) -> None:
    heard = replace(one, state=AgentState.ONLINE, revoked=False)
    now_ms = (heard.contact_ms or 0) + silence_ms
    assert judge(heard, USUAL, Moment(now_ms, 0)).state is not AgentState.OFFLINE


@given(seen, st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_nothing_changes_by_itself_before_the_next_look(one: Seen, now_ms: int, since_ms: int, part: float) -> None:
    now = Moment(now_ms, since_ms)
    next_ms = look_again_ms(one, USUAL, now)
    before_ms = now_ms + 10**8 if next_ms is None else now_ms + int(part * (next_ms - 1 - now_ms))
    assert judge(one, USUAL, Moment(before_ms, since_ms)) == judge(one, USUAL, now)
