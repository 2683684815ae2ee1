"""Says of every agent of a rollout which wave it belongs to and how it does there. Pure but for the board."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.config.model import Fault
from gwf.control.rollout.board import Board
from gwf.control.rollout.gates import is_worse
from gwf.control.rollout.model import AttemptPhase, Member, OfferFact, RolloutStatus, Wave
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Attempt, Rollout
from gwf.control.rollout.waves import groups_of, in_order, limit

MAX_SEATS = 20_000  #: agents of one rollout that are shown one by one
_BACK = frozenset({RolloutStatus.REVERTING, RolloutStatus.REVERTED})


class SeatState(enum.StrEnum):
    """How it stands at one agent."""

    #: its turn has not come
    PENDING = "pending"
    #: out of contact: it is offered it when it returns, if the rollout still runs then
    ABSENT = "absent"
    #: it refused exactly this before, so it is left out
    REFUSED = "refused"
    #: something else is under way there
    BUSY = "busy"
    #: it was offered it and has not said what became of it
    OFFERED = "offered"
    APPLIED = "applied"
    #: it runs it and is worse than before, or out of contact
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    #: it ran it and went back by itself
    WENT_BACK = "went_back"
    TIMED_OUT = "timed_out"
    #: something else was offered before it answered
    SUPERSEDED = "superseded"
    #: it still runs what is being taken back
    TAKING_BACK = "taking_back"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One agent of a rollout."""

    agent: str
    hostname: str
    #: index of the wave that offered it, or that will as the fleet is now
    wave: int
    state: SeatState
    #: of its offer; None before
    offered_ms: int | None = None
    changed_ms: int | None = None
    reason: tuple[Fault, ...] = ()


def seats_of(
    board: Board,
    rollout: Rollout,
    agents: Iterable[AgentNow],
    *,
    members: Mapping[str, Member],
    attempts: Mapping[str, Attempt],
    began: Sequence[int] = (),
) -> Iterator[Seat]:
    """Yield the agents of a rollout in the order in which it reaches them.

    Args:
        board: What should run where.
        rollout: It need not be stored.
        agents: The fleet.
        members: Those of its target. None once it has ended: then its offers are all that is known.
        attempts: The newest offer of its waves to each agent.
        began: When each of its waves began that did, in ms.
    """
    by_name = {agent.agent: agent for agent in agents}
    planned = _planned(rollout, members, attempts)
    for name in in_order(rollout.version, members.keys() | attempts.keys()):
        attempt, member = attempts.get(name), members.get(name)
        hostname = by_name[name].hostname if name in by_name else ""
        if attempt is None:
            if member is not None:
                state = _before(board, rollout, by_name[name], member=member)
                yield Seat(agent=name, hostname=hostname, wave=planned[name], state=state)
            continue
        yield Seat(
            agent=name,
            hostname=hostname,
            wave=max(0, bisect_right(began, attempt.offered_at_ms) - 1),
            state=_after(rollout, attempt, member),
            offered_ms=attempt.offered_at_ms,
            changed_ms=attempt.changed_at_ms,
            reason=attempt.reason,
        )


def _before(board: Board, rollout: Rollout, agent: AgentNow, *, member: Member) -> SeatState:
    if member.runs_new:
        return SeatState.APPLIED
    if not member.free:
        new = board.with_layer(agent, rollout.layer, rollout.version)
        return SeatState.REFUSED if new.hash in board.refused.get(agent.agent, ()) else SeatState.BUSY
    return SeatState.PENDING if member.reachable else SeatState.ABSENT


_PLAIN = {
    AttemptPhase.OFFERED: SeatState.OFFERED,
    AttemptPhase.STAGED: SeatState.OFFERED,
    AttemptPhase.FAILED: SeatState.FAILED,
    AttemptPhase.REVERTED: SeatState.WENT_BACK,
    AttemptPhase.TIMED_OUT: SeatState.TIMED_OUT,
    AttemptPhase.SUPERSEDED: SeatState.SUPERSEDED,
}


def _after(rollout: Rollout, attempt: Attempt, member: Member | None) -> SeatState:
    if attempt.phase is not AttemptPhase.APPLIED:
        return _PLAIN[attempt.phase]
    if rollout.state.status in _BACK:
        return SeatState.TAKING_BACK if member is not None and member.runs_new else SeatState.TAKEN_BACK
    if member is None:
        return SeatState.APPLIED
    offer = OfferFact(phase=attempt.phase, offered_ms=attempt.offered_at_ms, health_before=attempt.health_before)
    return SeatState.UNHEALTHY if is_worse(member, offer) else SeatState.APPLIED


def _planned(rollout: Rollout, members: Mapping[str, Member], attempts: Mapping[str, Attempt]) -> dict[str, int]:
    """Return the wave of each member that was not offered it yet; those that cannot be told come last."""
    waves: tuple[Wave, ...] = rollout.plan.waves
    last = len(waves) - 1
    free = [name for name in in_order(rollout.version, members.keys() - attempts.keys()) if _may(members[name])]
    found = dict.fromkeys(members, last)
    taken = sum(name in attempts for name in members)
    for index in range(rollout.state.wave, len(waves)):
        named = groups_of(waves, index)
        room = limit(waves, index, len(members)) - taken
        mine = [name for name in free if members[name].groups & named]
        rest = [name for name in free if not members[name].groups & named]
        mine += rest[: max(0, room - len(mine))]
        found |= dict.fromkeys(mine, index)
        taken += len(mine)
        seated = set(mine)
        free = [name for name in free if name not in seated]
    return found


def _may(member: Member) -> bool:
    return member.reachable and member.free and not member.runs_new
