"""What a rollout does next: looks at the world and says the new state and whom to tell what. Pure."""

from __future__ import annotations

from dataclasses import replace

from gwf.control.rollout.gates import Tally, are_met, failed_gate, tally
from gwf.control.rollout.model import (
    OFFERING,
    OPEN,
    AttemptPhase,
    Cause,
    CauseCode,
    Facts,
    Member,
    OfferFact,
    OnFailure,
    Plan,
    RolloutState,
    RolloutStatus,
    Step,
)
from gwf.control.rollout.waves import due
from gwf.core.errors import ConflictError

#: of one look: an agent that takes a configuration costs a centre some ms (`make bench ARGS="fleet"`), and heartbeats
#: must not wait for a wave of 10,000
MAX_OFFERS = 150
MIN_OFFERS = 30  #: of one look, however busy the centre is: a wave has an end, 10,000 within the usual `wave_timeout_s`
CALM_S, BUSY_S = 0.02, 0.1  #: how late the centre's event loop comes when it may offer all, and only the least
#: not answered yet: a centre that is behind must not offer more, or answers that wait in line count as none
MAX_WAITING = 1_000
REVERT_TIMEOUT_S = 600  #: after this a rollout is told as taken back; agents that return later are still told


def most_offers(lag_s: float) -> int:
    """Return how many agents a centre may offer something in one look whose event loop comes `lag_s` late.

    Waves have time, heartbeats have not.
    """
    share = (BUSY_S - lag_s) / (BUSY_S - CALM_S)
    return max(MIN_OFFERS, min(MAX_OFFERS, round(MAX_OFFERS * share)))


def begin(now_ms: int) -> RolloutState:
    """Return the state of a rollout that begins now."""
    return RolloutState(status=RolloutStatus.RUNNING, wave=0, since_ms=now_ms)


def advance(plan: Plan, state: RolloutState, facts: Facts, *, now_ms: int, most: int = MAX_OFFERS) -> Step:
    """Return what follows from the facts; at most `most` agents are offered something.

    The same facts again change nothing but what time has made due.
    """
    if state.status not in OFFERING | {RolloutStatus.REVERTING}:
        return Step(state=state)
    timed_out, applied = _ran_out(plan, facts, now_ms), _run_unreported(facts)
    facts = _with(facts, timed_out=timed_out, applied=applied)
    now = tally(facts)
    match state.status:
        case RolloutStatus.RUNNING:
            step = _run(plan, state, facts, now=now, now_ms=now_ms, most=most)
        case RolloutStatus.PAUSED:
            step = Step(state=_judged(plan, state, now, now_ms=now_ms))
        case _:
            step = _take_back(state, facts, now_ms)
    return replace(step, time_out=timed_out, applied=applied)


# -- what people do ------------------------------------------------------------------------------------


def pause(state: RolloutState, cause: Cause, now_ms: int) -> RolloutState:
    """Return the state in which nobody else is offered the configuration; who runs it keeps it.

    Raises:
        ConflictError: It does not run.
    """
    _need(state, RolloutStatus.RUNNING)
    return replace(state, status=RolloutStatus.PAUSED, cause=cause, paused_ms=now_ms, met_since_ms=None)


def resume(state: RolloutState, now_ms: int) -> RolloutState:
    """Return the state in which the current wave goes on; it gets its whole time anew.

    Raises:
        ConflictError: It is not paused.
    """
    _need(state, RolloutStatus.PAUSED)
    return replace(state, status=RolloutStatus.RUNNING, since_ms=now_ms, cause=None, paused_ms=None)


def promote(plan: Plan, state: RolloutState, now_ms: int) -> RolloutState:
    """Return the state in which the next wave begins, whatever the gates say; after the last one it is completed.

    Raises:
        ConflictError: It neither runs nor is paused.
    """
    _need(state, *OFFERING)
    running = replace(state, status=RolloutStatus.RUNNING, cause=None, paused_ms=None)
    return _next_wave(plan, running, now_ms)


def abort(state: RolloutState, cause: Cause, now_ms: int) -> RolloutState:
    """Return the state in which the configuration is taken back from everybody.

    Raises:
        ConflictError: It neither runs nor is paused.
    """
    _need(state, *OFFERING)
    return _reverting(state, cause, now_ms)


def _need(state: RolloutState, *statuses: RolloutStatus) -> None:
    if state.status not in statuses:
        raise ConflictError(
            "the rollout is in a state that does not allow this",
            status=state.status,
            allowed=", ".join(sorted(statuses)),
        )


# -- one look ------------------------------------------------------------------------------------------


def _run(plan: Plan, state: RolloutState, facts: Facts, *, now: Tally, now_ms: int, most: int) -> Step:
    judged = _judged(plan, state, now, now_ms=now_ms)
    if judged.status is not RolloutStatus.RUNNING:
        return Step(state=judged)
    offers = due(plan.waves, state.wave, facts)
    if offers:
        room = max(0, min(most, MAX_WAITING - now.waiting))
        return Step(state=replace(judged, met_since_ms=None), offer=tuple(offers[:room]))
    return Step(state=_soaked(plan, judged, facts, now=now, now_ms=now_ms))


def _judged(plan: Plan, state: RolloutState, now: Tally, *, now_ms: int) -> RolloutState:
    """Return the state after a look at what must never be: too many failures, too many ill, a wave without end."""
    was_told = state.cause is not None and state.cause.code is not CauseCode.PERSON
    if state.status is RolloutStatus.PAUSED and was_told:
        return state
    cause = failed_gate(plan.gates, now)
    if cause is None and state.status is RolloutStatus.RUNNING and _is_late(plan, state, now_ms):
        numbers = {"offered": now.offered, "applied": now.applied, "failed": now.failed, "waiting": now.waiting}
        cause = Cause(code=CauseCode.WAVE_TIMEOUT, facts={**numbers, "timeout_s": plan.gates.wave_timeout_s})
    if cause is None:
        return state
    if plan.on_failure is OnFailure.PAUSE:
        return replace(state, status=RolloutStatus.PAUSED, cause=cause, paused_ms=now_ms, met_since_ms=None)
    return _reverting(state, cause, now_ms)


def _is_late(plan: Plan, state: RolloutState, now_ms: int) -> bool:
    return state.met_since_ms is None and now_ms - state.since_ms > plan.gates.wave_timeout_s * 1000


def _soaked(plan: Plan, state: RolloutState, facts: Facts, *, now: Tally, now_ms: int) -> RolloutState:
    if not are_met(plan.gates, now) or not (now.offered or all(member.runs_new for member in facts.members)):
        return replace(state, met_since_ms=None)
    since = now_ms if state.met_since_ms is None else state.met_since_ms
    if now.offered and now_ms - since < plan.gates.soak_s * 1000:
        return replace(state, met_since_ms=since)
    return _next_wave(plan, state, now_ms)


def _next_wave(plan: Plan, state: RolloutState, now_ms: int) -> RolloutState:
    if state.wave + 1 < len(plan.waves):
        return replace(state, wave=state.wave + 1, since_ms=now_ms, met_since_ms=None)
    return replace(state, status=RolloutStatus.COMPLETED, met_since_ms=None, ended_ms=now_ms)


def _reverting(state: RolloutState, cause: Cause, now_ms: int) -> RolloutState:
    return replace(
        state, status=RolloutStatus.REVERTING, since_ms=now_ms, cause=cause, paused_ms=None, met_since_ms=None
    )


def _take_back(state: RolloutState, facts: Facts, now_ms: int) -> Step:
    """Return what follows from who may still run, or still take, what is being taken back."""
    offered = [member for member in facts.members if member.agent in facts.offers]
    left = any(_may_run(member, facts.offers[member.agent], state.since_ms) for member in offered)
    if left and now_ms - state.since_ms <= REVERT_TIMEOUT_S * 1000:
        return Step(state=state)
    withdrawn = tuple(member.agent for member in offered if facts.offers[member.agent].phase is AttemptPhase.OFFERED)
    return Step(state=replace(state, status=RolloutStatus.REVERTED, ended_ms=now_ms), withdrawn=withdrawn)


def _may_run(member: Member, offer: OfferFact, since_ms: int) -> bool:
    """Tell whether an agent runs it or may be about to: one that was heard since is offered it no more."""
    if not member.reachable or member.runs_new:
        return member.reachable
    return offer.phase is AttemptPhase.STAGED or (offer.phase is AttemptPhase.OFFERED and member.heard_ms <= since_ms)


def _ran_out(plan: Plan, facts: Facts, now_ms: int) -> tuple[str, ...]:
    allowed_ms = plan.gates.attempt_timeout_s * 1000
    running = {member.agent for member in facts.members if member.runs_new}
    return tuple(
        agent
        for agent, offer in facts.offers.items()
        if offer.phase in OPEN and now_ms - offer.offered_ms > allowed_ms and agent not in running
    )


def _run_unreported(facts: Facts) -> tuple[str, ...]:
    """Return agents that say in their heartbeat that they run it, while their report is missing or came too late."""
    missing = OPEN | {AttemptPhase.TIMED_OUT}
    return tuple(
        member.agent
        for member in facts.members
        if member.runs_new and (offer := facts.offers.get(member.agent)) is not None and offer.phase in missing
    )


def _with(facts: Facts, *, timed_out: tuple[str, ...], applied: tuple[str, ...]) -> Facts:
    if not timed_out and not applied:
        return facts
    changed: dict[str, OfferFact] = dict(facts.offers)
    changed.update({agent: replace(changed[agent], phase=AttemptPhase.TIMED_OUT) for agent in timed_out})
    changed.update({agent: replace(changed[agent], phase=AttemptPhase.APPLIED) for agent in applied})
    return replace(facts, offers=changed)
