"""Moves rollouts: looks at the world every second, writes down what follows, and survives being stopped anywhere."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.control.rollout.advance import advance, most_offers
from gwf.control.rollout.board import Board
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.look import due_apart_from_waves, facts_in_turns, listed, members_in_turns, settled
from gwf.control.rollout.metrics import RolloutMetrics
from gwf.control.rollout.model import AttemptPhase, Step
from gwf.control.rollout.offers import new_attempt
from gwf.control.rollout.ports import AgentNow, ConfigChange, ConfigStore, Fleet, Leadership
from gwf.control.rollout.records import Attempt, OfferKind, PhaseChange, Rollout
from gwf.control.rollout.service import complete
from gwf.control.rollout.teller import Teller
from gwf.control.rollout.told import rollout_changes, rollout_event
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.turns import Turns, pieces

TURN_S = 1.0
#: of the time may go into turns, three quarters of which belong to others: a large fleet is looked at less often
TURN_SHARE = 0.8
LONGEST_WAIT_S = 5.0
MAX_AT_ONCE = 500  #: offers of one turn that no wave paces: what does harm is taken back as fast as can be
ACTOR = Actor(kind=ActorKind.SYSTEM, id="rollout")

log = logging.getLogger("gwf.control.rollout")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverParts:
    """What the driver works with."""

    store: ConfigStore
    boards: Boards
    fleet: Fleet
    lead: Leadership
    teller: Teller
    metrics: RolloutMetrics
    clock: Clock
    #: makes an id that no other server makes
    new_id: Callable[[], str]
    #: tells how late the event loop comes to what is due
    lag_s: Callable[[], float]


class RolloutDriver:
    """Moves the rollouts of all tenants. Only the server that has the lead does; all others keep their boards new."""

    def __init__(self, parts: DriverParts) -> None:
        """Begin with nothing under way: everything is read from the store."""
        self._parts = parts

    async def run(self, stopping: asyncio.Event) -> None:
        """Take turns until `stopping` is set. A turn that fails is told and tried again."""
        while not stopping.is_set():
            began_s = time.monotonic()
            try:
                await self.turn()
            except GwfError as exc:
                self._parts.metrics.turn_failed()
                log.warning("rollout_turn_failed", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a task: the next turn begins from what is stored
                self._parts.metrics.turn_failed()
                log.exception("rollout_turn_crashed")
            took_s = time.monotonic() - began_s
            try:
                async with asyncio.timeout(min(LONGEST_WAIT_S, max(TURN_S, took_s / TURN_SHARE - took_s))):
                    await stopping.wait()
            except TimeoutError:
                continue
        await self._parts.lead.release()

    async def turn(self) -> None:
        """Look once at every tenant and write down what follows.

        Raises:
            UnavailableError: The database did not answer; what was written is whole, the rest follows next time.
        """
        await self._parts.boards.refresh()
        if not await self._parts.lead.is_mine():
            return
        for tenant in self._parts.boards.tenants():
            agents = await listed(self._parts.fleet.all(tenant))
            board = self._parts.boards.of(tenant)
            for name in list(board.rollouts):
                rollout = board.rollouts.get(name)
                if rollout is not None:  # else it ended meanwhile
                    await self._move(board.snapshot(), rollout, agents)
            await self._follow(tenant, agents)
        await self._parts.teller.tell()

    # -- one rollout -----------------------------------------------------------------------------------

    async def _move(self, board: Board, rollout: Rollout, agents: Sequence[AgentNow]) -> None:
        members = await members_in_turns(board, rollout, agents)
        now_ms = self._parts.clock.now_ms()
        facts = await facts_in_turns(rollout, members, board.waves[rollout.id])
        most = most_offers(self._parts.lag_s())
        turns = Turns()
        step = advance(rollout.plan, rollout.state, facts, now_ms=now_ms, most=most)
        await turns.give()
        if step == Step(state=rollout.state):
            return
        by_name = {agent.agent: agent for agent in agents}
        offered = [by_name[name] for name in step.offer]
        moved = replace(rollout, state=step.state, revision=rollout.revision + 1)
        async with self._parts.store.change() as change:
            if (await change.rollout(rollout.tenant, rollout.id)).revision != rollout.revision:
                return  # a person was faster; the next turn looks anew
            await change.put_rollout(moved)
            await change.put_phases(_phases(board.waves[rollout.id], step, now_ms))
            await change.add_attempts(
                [
                    new_attempt(
                        self._parts.new_id(),
                        agent,
                        board.with_layer(agent, rollout.layer, rollout.version),
                        kind=OfferKind.WAVE,
                        rollout=rollout.id,
                        now_ms=now_ms,
                    )
                    for agent in offered
                ]
            )
            await complete(change, moved)
            self._record(change, rollout, moved, offered=len(offered))
        self._parts.metrics.moved(rollout, moved)
        self._parts.metrics.offered(OfferKind.WAVE, len(offered))
        if moved.state.status is not rollout.state.status:
            await self._parts.teller.tell([rollout_event(moved, now_ms)])
        log.info(
            "rollout_moved",
            extra={
                "rollout": rollout.id,
                "status": moved.state.status,
                "wave": moved.state.wave,
                "offered": len(offered),
                "timed_out": len(step.time_out),
                "most": most,
            },
        )
        await self._parts.boards.refresh()

    def _record(self, change: ConfigChange, before: Rollout, after: Rollout, *, offered: int) -> None:
        changes = rollout_changes(before, after)
        if not changes and not offered:
            return
        change.record(
            AuditEntry(
                tenant=after.tenant,
                actor=ACTOR,
                action="rollout.move",
                resource=Resource(kind="rollout", id=after.id),
                at_ms=self._parts.clock.now_ms(),
                changes=changes,
                detail={"offered": offered, "wave": after.state.wave},
            )
        )

    # -- everything else -------------------------------------------------------------------------------

    async def _follow(self, tenant: str, agents: Sequence[AgentNow]) -> None:
        board, now_ms = self._parts.boards.of(tenant), self._parts.clock.now_ms()
        offers: list[Attempt] = []
        changes: list[PhaseChange] = []
        async for some in pieces(agents):
            changes += settled(board, some, now_ms)
            found = itertools.islice(due_apart_from_waves(board, some, now_ms), MAX_AT_ONCE - len(offers))
            offers += [
                new_attempt(
                    self._parts.new_id(), due.agent, due.target, kind=due.kind, rollout=due.rollout, now_ms=now_ms
                )
                for due in found
            ]
        if not offers and not changes:
            return
        async with self._parts.store.change() as change:
            await change.put_phases(changes)
            await change.add_attempts(offers)
            if offers:
                change.record(
                    AuditEntry(
                        tenant=tenant,
                        actor=ACTOR,
                        action="config.offer",
                        resource=Resource(kind="fleet", id=tenant),
                        at_ms=now_ms,
                        detail={"offered": len(offers), "kinds": sorted({offer.kind.value for offer in offers})},
                    )
                )
        for offer in offers:
            self._parts.metrics.offered(offer.kind)
        await self._parts.boards.refresh()


def _phases(attempts: Mapping[str, Attempt], step: Step, now_ms: int) -> list[PhaseChange]:
    ended = [(name, AttemptPhase.TIMED_OUT) for name in step.time_out]
    ended += [(name, AttemptPhase.APPLIED) for name in step.applied]
    ended += [(name, AttemptPhase.SUPERSEDED) for name in step.withdrawn if name not in step.time_out]
    return [PhaseChange(id=attempts[name].id, phase=phase, at_ms=now_ms) for name, phase in ended]
