from __future__ import annotations

import pytest

from gwf.control.rollout import advance as steps
from gwf.control.rollout.model import (
    AttemptPhase,
    Cause,
    CauseCode,
    Gates,
    HealthLevel,
    OnFailure,
    Plan,
    RolloutStatus,
    Wave,
    WaveKind,
)
from gwf.core.errors import ConflictError
from tests.control.rollout.world import World, hosts

PERSON = Cause(code=CauseCode.PERSON, by="ann", reason="lunch")
GATES = Gates(soak_s=10)


def percent(*sizes: float) -> tuple[Wave, ...]:
    return tuple(Wave(kind=WaveKind.PERCENT, size=size) for size in sizes)


def a_world(count: int = 200, *waves: Wave, on_failure: OnFailure = OnFailure.REVERT) -> World:
    plan = Plan(waves=waves or percent(1, 10, 50, 100), gates=GATES, on_failure=on_failure)
    return World(plan=plan, hosts=hosts(count))


def obey_all(world: World) -> None:
    for name in world.hosts:
        world.obey(name)


def test_a_good_configuration_reaches_everybody_wave_by_wave() -> None:
    world = a_world()
    reached = []
    for _ in range(4):
        world.look()
        reached.append(len(world.offers))
        obey_all(world)
        world.look()
        world.wait(10)
        world.look()
    assert reached == [2, 20, 100, 200]
    assert world.is_in(RolloutStatus.COMPLETED)


def test_a_wave_waits_out_its_soak_time() -> None:
    world = a_world()
    world.look()
    obey_all(world)
    world.look()
    world.wait(9.9)
    assert world.look().offer == ()
    assert world.state.wave == 0


def test_a_break_of_health_begins_the_soak_time_anew() -> None:
    world = a_world(200, *percent(50, 100))
    world.look()
    obey_all(world)
    world.look()
    world.wait(8)
    ill = list(world.offers)[:3]
    for name in ill:
        world.hosts[name].reachable = False
    world.look()
    assert world.state.met_since_ms == 0  # three of a hundred may be away
    world.hosts[list(world.offers)[50]].health = HealthLevel.DEGRADED
    world.hosts[list(world.offers)[51]].health = HealthLevel.DEGRADED
    world.look()
    assert world.is_in(RolloutStatus.RUNNING)
    world.hosts[list(world.offers)[52]].health = HealthLevel.DEGRADED
    world.look()
    assert world.is_in(RolloutStatus.REVERTING)


def test_too_many_failures_take_it_back_at_once() -> None:
    world = a_world()
    world.look()
    world.refuse(next(iter(world.offers)), AttemptPhase.FAILED)
    world.look()
    assert world.is_in(RolloutStatus.REVERTING)
    assert world.state.cause is not None
    assert world.state.cause.code is CauseCode.FAILURE_SHARE
    assert world.state.cause.facts["failed"] == 1


def test_agents_that_are_worse_than_before_take_it_back() -> None:
    world = a_world()
    world.look()
    obey_all(world)
    for name in world.offers:
        world.hosts[name].health = HealthLevel.FAILING
    world.look()
    assert world.state.cause is not None
    assert world.state.cause.code is CauseCode.UNHEALTHY_SHARE


def test_an_agent_that_was_ill_before_is_not_held_against_it() -> None:
    world = a_world()
    for host in world.hosts.values():
        host.health = HealthLevel.DEGRADED
    world.look()
    obey_all(world)
    world.look()
    assert world.state.met_since_ms is not None


def test_silence_counts_as_failure() -> None:
    world = a_world()
    world.look()
    for name in world.offers:
        world.hosts[name].reachable = False
    world.wait(181)
    step = world.look()
    assert set(step.time_out) == set(world.offers)
    assert world.is_in(RolloutStatus.REVERTING)


def test_a_wave_without_end_is_taken_back() -> None:
    world = a_world()
    for host in world.hosts.values():
        host.reachable = False
    world.look()
    world.wait(1801)
    world.look()
    assert world.state.cause is not None
    assert world.state.cause.code is CauseCode.WAVE_TIMEOUT


def test_a_failed_gate_only_pauses_if_that_is_wanted() -> None:
    world = a_world(on_failure=OnFailure.PAUSE)
    world.look()
    world.refuse(next(iter(world.offers)), AttemptPhase.FAILED)
    world.look()
    world.look()
    assert world.is_in(RolloutStatus.PAUSED)
    assert world.state.cause is not None
    assert world.state.cause.code is CauseCode.FAILURE_SHARE


def test_a_rollout_paused_by_a_person_is_still_taken_back_when_it_fails() -> None:
    world = a_world()
    world.look()
    world.state = steps.pause(world.state, PERSON, world.now_ms)
    world.refuse(next(iter(world.offers)), AttemptPhase.REVERTED)
    world.look()
    assert world.is_in(RolloutStatus.REVERTING)


def test_taking_back_ends_when_nobody_runs_it_or_may_still_take_it() -> None:
    world = a_world()
    world.look()
    first, second = world.offers
    world.obey(first)
    world.state = steps.abort(world.state, PERSON, world.now_ms)
    world.look()
    assert world.is_in(RolloutStatus.REVERTING)
    world.obey(first)
    world.look()
    assert world.is_in(RolloutStatus.REVERTING)  # the second one may be at it
    world.refuse(second, AttemptPhase.FAILED)
    world.look()
    assert world.is_in(RolloutStatus.REVERTED)
    assert world.state.cause == PERSON


def test_taking_back_does_not_wait_for_ever() -> None:
    world = a_world()
    world.look()
    world.obey(next(iter(world.offers)))
    world.state = steps.abort(world.state, PERSON, world.now_ms)
    world.wait(601)
    world.look()
    assert world.is_in(RolloutStatus.REVERTED)


def test_a_report_that_was_lost_is_made_good_by_the_heartbeat() -> None:
    world = a_world()
    world.look()
    for name in world.offers:
        world.hosts[name].runs_new = True
    step = world.look()
    assert set(step.applied) == set(world.offers)
    assert world.state.met_since_ms is not None


def test_promoting_begins_the_next_wave_and_completes_after_the_last() -> None:
    world = a_world(200, *percent(50, 100))
    world.look()
    world.state = steps.pause(world.state, PERSON, world.now_ms)
    world.state = steps.promote(world.plan, world.state, world.now_ms)
    assert (world.state.wave, world.state.status) == (1, RolloutStatus.RUNNING)
    world.state = steps.promote(world.plan, world.state, world.now_ms)
    assert world.is_in(RolloutStatus.COMPLETED)


def test_what_does_not_fit_the_state_is_refused() -> None:
    world = a_world()
    with pytest.raises(ConflictError):
        steps.resume(world.state, 0)
    world.state = steps.abort(world.state, PERSON, 0)
    with pytest.raises(ConflictError):
        steps.pause(world.state, PERSON, 0)
    with pytest.raises(ConflictError):
        steps.promote(world.plan, world.state, 0)
    with pytest.raises(ConflictError):
        steps.abort(world.state, PERSON, 0)


def test_a_target_without_agents_is_completed_at_once() -> None:
    world = a_world(0)
    for _ in range(4):
        world.look()
    assert world.is_in(RolloutStatus.COMPLETED)


def test_agents_out_of_contact_do_not_hold_up_the_last_wave() -> None:
    world = a_world(10, *percent(100))
    world.hosts["a3"].reachable = False
    world.look()
    obey_all(world)
    world.look()
    world.wait(10)
    world.look()
    assert world.is_in(RolloutStatus.COMPLETED)
    assert world.wants_new("a3")


def test_a_large_wave_is_offered_in_portions_and_no_faster_than_it_is_answered() -> None:
    world = a_world(3000, *percent(100))
    looks = [len(world.look().offer) for _ in range(12)]
    whole, rest = divmod(steps.MAX_WAITING, steps.MAX_OFFERS)
    expected = [*[steps.MAX_OFFERS] * whole, rest]
    assert looks == expected + [0] * (12 - len(expected))  # nobody answers: what waits is bounded
    for name in list(world.offers)[:20]:
        world.obey(name)
    assert len(world.look().offer) == 20


def test_the_later_the_loop_the_fewer_are_offered_something_at_once() -> None:
    lags_s = (0.0, steps.CALM_S, 0.06, 0.09, steps.BUSY_S, 10.0)
    assert [steps.most_offers(lag_s) for lag_s in lags_s] == [150, 150, 75, 30, 30, 30]


def test_groups_are_reached_by_name_and_counts_by_number() -> None:
    waves = (Wave(kind=WaveKind.GROUPS, groups=("canary",)), Wave(kind=WaveKind.COUNT, size=5), *percent(100))
    world = a_world(20, *waves)
    for name in ("a1", "a2", "a3"):
        world.hosts[name].groups = frozenset({"canary"})
    world.look()
    assert set(world.offers) == {"a1", "a2", "a3"}
    world.state = steps.promote(world.plan, world.state, 0)
    world.look()
    assert len(world.offers) == 5
