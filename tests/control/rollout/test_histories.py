from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.control.rollout import advance as steps
from gwf.control.rollout.model import (
    ENDED,
    REFUSED,
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
from gwf.control.rollout.waves import groups_of, limit
from gwf.core.errors import ConflictError
from tests.control.rollout.world import Host, World, hosts

PERSON = Cause(code=CauseCode.PERSON, by="ann")
GATES = Gates(soak_s=5, attempt_timeout_s=20, wave_timeout_s=60, max_failure_share=0.3, min_healthy_share=0.6)

AGENT = st.integers(0, 11)
ACTS = st.one_of(
    st.tuples(st.just("look"), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 21, 61, 601])),
    st.tuples(st.sampled_from(["obey", "fail", "go_back", "contact", "ill", "well", "leave", "join", "named"]), AGENT),
    st.tuples(st.sampled_from(["pause", "resume", "promote", "abort"]), st.just(0)),
)
MIDDLE = st.sampled_from(
    [
        (),
        (Wave(kind=WaveKind.PERCENT, size=10), Wave(kind=WaveKind.PERCENT, size=50)),
        (Wave(kind=WaveKind.GROUPS, groups=("canary",)), Wave(kind=WaveKind.COUNT, size=3)),
    ]
)


def everybody() -> Wave:
    return Wave(kind=WaveKind.PERCENT, size=100)


def act(world: World, what: str, number: int) -> None:
    name = f"a{number}"
    host = world.hosts.get(name)
    if what == "look":
        look(world)
    elif what == "wait":
        world.wait(number)
    elif what in {"pause", "resume", "promote", "abort"}:
        decide(world, what)
    elif what == "join":
        world.hosts.setdefault(name, Host(name=name))
    elif host is not None:
        live(world, host, what)


def live(world: World, host: Host, what: str) -> None:
    phases = {"fail": AttemptPhase.FAILED, "go_back": AttemptPhase.REVERTED}
    if what in phases:
        world.refuse(host.name, phases[what])
        return
    match what:
        case "obey":
            world.obey(host.name)
        case "contact":
            host.reachable = not host.reachable
        case "ill":
            host.health = HealthLevel.FAILING
        case "well":
            host.health = HealthLevel.OK
        case "leave":
            del world.hosts[host.name]
        case "named":
            host.groups = host.groups ^ {"canary"}
        case _:
            raise ValueError(what)


def decide(world: World, what: str) -> None:
    try:
        match what:
            case "pause":
                world.state = steps.pause(world.state, PERSON, world.now_ms)
            case "resume":
                world.state = steps.resume(world.state, world.now_ms)
            case "promote":
                world.state = steps.promote(world.plan, world.state, world.now_ms)
            case _:
                world.state = steps.abort(world.state, PERSON, world.now_ms)
    except ConflictError:
        return


def look(world: World) -> None:
    """Look once, and hold what follows against what must always be true."""
    before = set(world.offers)
    was, wave = world.state.status, world.state.wave
    room = limit(world.plan.waves, wave, len(world.hosts))
    named = groups_of(world.plan.waves, wave)
    in_named = {host.name for host in world.hosts.values() if host.groups & named}
    refused = {name for name, offer in world.offers.items() if offer.phase in REFUSED}
    step = world.look()
    if step.offer:
        assert was is RolloutStatus.RUNNING
        assert set(step.offer) <= in_named or len(before | set(step.offer) - in_named) <= max(room, len(before))
        assert len(set(step.offer) - in_named) <= max(0, room - len(before))
    assert not set(step.offer) & (before | refused)
    assert all(world.hosts[name].reachable for name in step.offer)
    if was in ENDED:
        assert step.state.status is was


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, max_size=60), MIDDLE, st.sampled_from(list(OnFailure)))
def test_a_rollout_keeps_its_promises_whatever_happens(
    history: list[tuple[str, int]], middle: tuple[Wave, ...], on_failure: OnFailure
) -> None:
    plan = Plan(waves=(*middle, everybody()), gates=GATES, on_failure=on_failure)
    world = World(plan=plan, hosts=hosts(8))
    for what, number in history:
        act(world, what, number)
    _end(world)
    assert world.ended
    refused = {name for name, offer in world.offers.items() if offer.phase in REFUSED}
    must_not = set(world.hosts) if world.is_in(RolloutStatus.REVERTED) else refused
    assert not [name for name, host in world.hosts.items() if host.runs_new and name in must_not]


def _end(world: World) -> None:
    """Let people stop meddling and agents do as they are told; then it has to end."""
    for host in world.hosts.values():
        host.reachable = True
        host.health = HealthLevel.OK
    for _ in range(200):
        if world.state.status is RolloutStatus.PAUSED:
            world.state = steps.abort(world.state, PERSON, world.now_ms)
        for name in world.hosts:
            world.obey(name)
        if world.ended:
            return
        look(world)
        world.wait(6)
