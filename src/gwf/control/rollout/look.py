"""Reads off the board what a rollout has to know, and whom else a configuration is due. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.config.model import Effective
from gwf.control.rollout.board import Board
from gwf.control.rollout.model import (
    OPEN,
    REFUSED,
    AttemptPhase,
    Facts,
    Member,
    OfferFact,
    RolloutId,
    RolloutStatus,
)
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Attempt, OfferKind, PhaseChange, Rollout
from gwf.control.rollout.waves import in_order
from gwf.core.turns import Turns, pieces

FOLLOW_TIMEOUT_MS = 180_000  #: an offer outside of waves that is not answered so long is given up
OFFER_AGAIN_MS = 60_000  #: wait after an offer that was not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An offer that is to be made."""

    agent: AgentNow
    target: Effective
    kind: OfferKind
    rollout: RolloutId | None


def affected(board: Board, rollout: Rollout, agents: Iterable[AgentNow]) -> Iterator[tuple[AgentNow, Effective]]:
    """Yield the agents that a rollout changes anything for, each with what it brings them."""
    for agent in agents:
        both = board.either(agent, rollout.layer, one=rollout.version, other=rollout.before)
        if both is not None and both[0].hash != both[1].hash:
            yield agent, both[0]


def members_of(board: Board, rollout: Rollout, agents: Iterable[AgentNow]) -> dict[str, Member]:
    """Return the members of a rollout's target among `agents`."""
    return {agent.agent: _member(board, rollout, agent, new=new) for agent, new in affected(board, rollout, agents)}


async def members_in_turns(board: Board, rollout: Rollout, agents: Iterable[AgentNow]) -> dict[str, Member]:
    """Return the same as `members_of`; others get the event loop meanwhile."""
    members: dict[str, Member] = {}
    async for some in pieces(agents):
        members.update(members_of(board, rollout, some))
    return members


async def listed(agents: Iterable[AgentNow]) -> Sequence[AgentNow]:
    """Return all of them; others get the event loop while they are made."""
    found: list[AgentNow] = []
    async for some in pieces(agents):
        found += some
    return found


async def facts_in_turns(rollout: Rollout, members: Mapping[str, Member], attempts: Mapping[str, Attempt]) -> Facts:
    """Return the world as a rollout sees it; `attempts` are the newest ones of its waves.

    Others get the event loop meanwhile. A thread would not give them more: whoever waits for the interpreter's lock
    after each system call is slower than whoever waits for a piece of this.
    """
    offers: dict[str, OfferFact] = {}
    async for some in pieces(list(attempts.values())):
        offers.update((attempt.agent, _offer(attempt)) for attempt in some)
    turns = Turns()
    order = in_order(rollout.version, members)
    await turns.give()
    return Facts(members=tuple(map(members.__getitem__, order)), offers=offers)


def _offer(attempt: Attempt) -> OfferFact:
    return OfferFact(phase=attempt.phase, offered_ms=attempt.offered_at_ms, health_before=attempt.health_before)


def _member(board: Board, rollout: Rollout, agent: AgentNow, *, new: Effective) -> Member:
    newest = board.newest.get(agent.agent)
    busy = newest is not None and newest.phase in OPEN and newest.rollout != rollout.id
    return Member(
        agent=agent.agent,
        groups=frozenset(agent.groups),
        reachable=agent.reachable,
        health=agent.health,
        runs_new=board.running(agent) == new.hash,
        free=not busy and new.hash not in board.refused.get(agent.agent, ()),
        heard_ms=agent.heard_at_ms,
    )


def due_apart_from_waves(board: Board, agents: Iterable[AgentNow], now_ms: int) -> Iterator[Due]:
    """Yield the offers that no wave makes: taking back, and following what changed in groups, labels and layers."""
    for agent in agents:
        target = board.target(agent)
        if not agent.reachable or not _differs(board, agent, target) or _waits(board, agent, target, now_ms=now_ms):
            continue
        rollout = _taken_back(board, agent)
        kind = OfferKind.FOLLOW if rollout is None else OfferKind.REVERT
        yield Due(agent=agent, target=target, kind=kind, rollout=rollout)


def _differs(board: Board, agent: AgentNow, target: Effective) -> bool:
    running = board.running(agent)
    return running != target.hash and not (running is None and not target.document)


def _waits(board: Board, agent: AgentNow, target: Effective, *, now_ms: int) -> bool:
    """Tell whether an agent has this offer already, did not answer it just now, or has refused it."""
    if target.hash in board.refused.get(agent.agent, ()):
        return True
    newest = board.newest.get(agent.agent)
    if newest is None:
        return False
    if newest.phase in REFUSED and newest.changed_at_ms > agent.heard_at_ms:
        return True  # what it fell back to is in its next heartbeat
    silent = newest.phase is AttemptPhase.TIMED_OUT and now_ms - newest.changed_at_ms < OFFER_AGAIN_MS
    return newest.hash == target.hash and (newest.phase in OPEN or silent)


def _taken_back(board: Board, agent: AgentNow) -> RolloutId | None:
    return next(
        (
            rollout.id
            for rollout in board.rollouts.values()
            if rollout.state.status is RolloutStatus.REVERTING and agent.agent in board.waves[rollout.id]
        ),
        None,
    )


def settled(board: Board, agents: Iterable[AgentNow], now_ms: int) -> Iterator[PhaseChange]:
    """Yield how open offers outside of running waves end: by what the heartbeat says, or because nothing was heard."""
    for agent in agents:
        attempt = board.newest.get(agent.agent)
        if attempt is None or attempt.phase not in OPEN:
            continue
        if attempt.kind is OfferKind.WAVE and attempt.rollout in board.rollouts:
            continue
        if agent.running == attempt.hash and not agent.local:
            yield PhaseChange(id=attempt.id, phase=AttemptPhase.APPLIED, at_ms=now_ms)
        elif now_ms - attempt.offered_at_ms > FOLLOW_TIMEOUT_MS:
            yield PhaseChange(id=attempt.id, phase=AttemptPhase.TIMED_OUT, at_ms=now_ms)
