"""Use cases of rollouts: look ahead, begin, pause, resume, promote, abort, and give one agent its own configuration."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.config.check import FaultyDocumentError, checked
from gwf.control.config.model import Document, Layer, LayerKind
from gwf.control.rollout import advance as steps
from gwf.control.rollout.board import Board
from gwf.control.rollout.gates import Tally, check_gates, tally
from gwf.control.rollout.impact import reach_of
from gwf.control.rollout.look import affected, facts_in_turns, listed, members_in_turns
from gwf.control.rollout.model import (
    Cause,
    CauseCode,
    Plan,
    RolloutId,
    RolloutStatus,
)
from gwf.control.rollout.offers import new_attempt
from gwf.control.rollout.ports import AgentNow, AttemptFilter, ConfigChange, ConfigReads, Page, RolloutFilter
from gwf.control.rollout.records import Attempt, OfferKind, Rollout
from gwf.control.rollout.seats import MAX_SEATS, seats_of
from gwf.control.rollout.standing import ConfigStanding, standing_of
from gwf.control.rollout.told import of_layer, rollout_changes, rollout_event
from gwf.control.rollout.waves import check_waves
from gwf.control.rollout.wish import (
    ONE_AGENT,
    AgentChange,
    Progress,
    Prospect,
    RolloutUnderWayError,
    ServiceParts,
    Step,
    Wish,
)
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.core.reuse import Reuse
from gwf.core.turns import pieces


class RolloutService:
    """Rollouts of a tenant. What they do over time is the driver's."""

    def __init__(self, parts: ServiceParts) -> None:
        """Keep the parts."""
        self._parts = parts
        self._tallies: Reuse[tuple[str, RolloutId], Tally] = Reuse()

    # -- reading ---------------------------------------------------------------------------------------

    async def page(self, tenant: str, wanted: RolloutFilter, page: Page) -> Sequence[Rollout]:
        """Return rollouts, newest first."""
        async with self._parts.store.view() as reads:
            return await reads.list_rollouts(tenant, wanted, page)

    async def count(self, tenant: str, wanted: RolloutFilter) -> int:
        """Return how many rollouts a filter lets through."""
        async with self._parts.store.view() as reads:
            return await reads.count_rollouts(tenant, wanted)

    async def get(self, tenant: str, rollout: RolloutId) -> Rollout:
        """Return a rollout.

        Raises:
            NotFoundError: There is none.
        """
        async with self._parts.store.view() as reads:
            return await reads.rollout(tenant, rollout)

    async def progress(self, tenant: str, rollout: RolloutId) -> Progress:
        """Return a rollout with what became of its offers.

        Raises:
            NotFoundError: There is none.
        """
        async with self._parts.store.view() as reads:
            found = await reads.rollout(tenant, rollout)
            counts = await reads.count_attempts(tenant, rollout)
        board = self._parts.boards.of(tenant)
        numbers = None
        if rollout in board.rollouts:
            numbers = await self._tallies.get((tenant, rollout), lambda: self._tally(tenant, found))
        return Progress(rollout=found, numbers=numbers, attempts=counts)

    async def _tally(self, tenant: str, rollout: Rollout) -> Tally:
        board, fleet = self._parts.boards.of(tenant).snapshot(), self._parts.fleet
        members = await members_in_turns(board, rollout, fleet.all(tenant))
        return tally(await facts_in_turns(rollout, members, board.waves[rollout.id]))

    async def attempts(self, tenant: str, wanted: AttemptFilter, page: Page) -> Sequence[Attempt]:
        """Return attempts, newest first."""
        async with self._parts.store.view() as reads:
            return await reads.list_attempts(tenant, wanted, page)

    async def attempts_at(self, tenant: str, agent: str, page: Page) -> Sequence[Attempt]:
        """Return attempts at one agent, newest first.

        Raises:
            NotFoundError: The tenant never had this agent.
        """
        if not self._parts.fleet.knows(tenant, agent):
            raise NotFoundError("no such agent", agent_id=agent)
        return await self.attempts(tenant, AttemptFilter(agent=agent), page)

    # -- beginning -------------------------------------------------------------------------------------

    async def preview(self, tenant: str, wish: Wish, *, caller: Caller) -> Prospect:
        """Return the rollout that `create` would begin, and what it would do.

        Raises:
            NotFoundError: No such version.
            InputError: The waves or gates cannot be, or the version is in force.
            RolloutUnderWayError: Some of the agents are in the middle of another rollout.
        """
        check_plan(wish.plan)
        await self._parts.boards.refresh()
        async with self._parts.store.view() as reads:
            prospect = await self._prospect(reads, tenant, wish, caller=caller)
            version = await reads.version(tenant, wish.version)
            layer = await reads.layer(tenant, version.layer)
        board = self._parts.boards.of(tenant).including(layer, version)
        agents = await listed(self._parts.fleet.all(tenant))
        members = await members_in_turns(board, prospect.rollout, agents)
        seats = seats_of(board, prospect.rollout, agents, members=members, attempts={})
        return replace(prospect, seats=tuple(itertools.islice(seats, MAX_SEATS)))

    async def create(self, tenant: str, wish: Wish, *, caller: Caller) -> Prospect:
        """Begin a rollout.

        Raises:
            NotFoundError: No such version.
            InputError: The waves or gates cannot be, or the version is in force.
            RolloutUnderWayError: Some of the agents are in the middle of another rollout.
            RevisionError: The request was made from another revision of the layer.
        """
        check_plan(wish.plan)
        await self._parts.boards.refresh()
        async with self._parts.store.change() as change:
            prospect = await self._prospect(change, tenant, wish, caller=caller)
            layer = await change.layer(tenant, prospect.rollout.layer)
            check_revision(of_layer(layer), layer.revision)
            for agent, config_hash in prospect.refusals if wish.retry_refused else ():
                await change.forgive(tenant, agent, config_hash)
            await self._begin(change, prospect.rollout, caller)
        self._parts.metrics.begun()
        await self._after(prospect.rollout)
        return prospect

    async def set_agent(
        self, tenant: str, agent: str, document: Document, *, caller: Caller, dry_run: bool
    ) -> AgentChange:
        """Write a version for one agent and roll it out there at once.

        Raises:
            NotFoundError: No such agent.
            FaultyDocumentError: The document is wrong, by itself or on top of what the agent has from its groups.
            RolloutUnderWayError: The agent is in the middle of another rollout.
        """
        now = self._agent(tenant, agent)
        checked(document)
        await self._parts.boards.refresh()
        try:
            async with self._parts.store.change() as change:
                layer = await self._layer_of(change, now, caller)
                draft = await self._parts.versions.write(change, layer, document, caller=caller)
                prospect = await self._prospect(
                    change, tenant, Wish(version=draft.version.id, plan=ONE_AGENT), caller=caller, strict=True
                )
                await self._begin(change, prospect.rollout, caller)
                result = AgentChange(draft=draft, prospect=prospect)
                if dry_run:
                    raise _NothingKeptError(result)
        except _NothingKeptError as exc:
            return exc.result
        self._parts.metrics.begun()
        await self._after(prospect.rollout)
        return result

    async def offer_again(self, tenant: str, agent: str, *, caller: Caller) -> str:
        """Offer an agent once more what it refused, or what was changed on its host; return the hash.

        Raises:
            NotFoundError: No such agent.
            ConflictError: It runs what it should, or it is offered it already.
        """
        now = self._agent(tenant, agent)
        board = self._parts.boards.of(tenant)
        wanted, standing = board.target(now), standing_of(board, now).word
        if standing not in {ConfigStanding.HELD, ConfigStanding.LOCAL} or board.offer(now) is not None:
            raise ConflictError("there is nothing to offer again", agent_id=agent, standing=standing)
        async with self._parts.store.change() as change:
            await change.forgive(tenant, agent, wanted.hash)
            if standing is ConfigStanding.LOCAL:
                again = new_attempt(
                    self._parts.new_id(),
                    now,
                    wanted,
                    kind=OfferKind.FOLLOW,
                    rollout=None,
                    now_ms=self._parts.clock.now_ms(),
                )
                await change.add_attempts([again])
            entry = self._entry(tenant, caller, "config.offer_again", resource=Resource(kind="agent", id=agent))
            change.record(replace(entry, detail={"hash": wanted.hash}))
        await self._parts.boards.refresh()
        return wanted.hash

    # -- steering --------------------------------------------------------------------------------------

    async def pause(self, tenant: str, rollout: RolloutId, *, caller: Caller) -> Rollout:
        """Offer it to nobody else for now.

        Raises:
            NotFoundError: No such rollout.
            ConflictError: It does not run.
        """
        cause = _person(caller)
        return await self._steer(
            tenant, rollout, caller, verb="pause", step=lambda it, now: steps.pause(it.state, cause, now)
        )

    async def resume(self, tenant: str, rollout: RolloutId, *, caller: Caller) -> Rollout:
        """Go on.

        Raises:
            NotFoundError: No such rollout.
            ConflictError: It is not paused.
        """
        return await self._steer(
            tenant, rollout, caller, verb="resume", step=lambda it, now: steps.resume(it.state, now)
        )

    async def promote(self, tenant: str, rollout: RolloutId, *, caller: Caller) -> Rollout:
        """Begin the next wave whatever the gates say; after the last one, complete it.

        Raises:
            NotFoundError: No such rollout.
            ConflictError: It neither runs nor is paused.
        """
        return await self._steer(
            tenant, rollout, caller, verb="promote", step=lambda it, now: steps.promote(it.plan, it.state, now)
        )

    async def abort(self, tenant: str, rollout: RolloutId, *, caller: Caller) -> Rollout:
        """Take it back from everybody.

        Raises:
            NotFoundError: No such rollout.
            ConflictError: It neither runs nor is paused.
        """
        cause = _person(caller)
        return await self._steer(
            tenant, rollout, caller, verb="abort", step=lambda it, now: steps.abort(it.state, cause, now)
        )

    async def _steer(self, tenant: str, rollout_id: RolloutId, caller: Caller, *, verb: str, step: Step) -> Rollout:
        async with self._parts.store.change() as change:
            rollout = await change.rollout(tenant, rollout_id)
            state = step(rollout, self._parts.clock.now_ms())
            moved = replace(rollout, state=state, revision=rollout.revision + 1)
            await change.put_rollout(moved)
            await complete(change, moved)
            entry = self._entry(tenant, caller, f"rollout.{verb}", resource=Resource(kind="rollout", id=rollout_id))
            change.record(replace(entry, changes=rollout_changes(rollout, moved)))
        self._parts.metrics.moved(rollout, moved)
        await self._after(moved, told=moved.state.status is not rollout.state.status)
        return moved

    # -- parts -----------------------------------------------------------------------------------------

    def _agent(self, tenant: str, agent: str) -> AgentNow:
        now = self._parts.fleet.find(tenant, agent)
        if now is None:
            raise NotFoundError("no such agent", agent_id=agent)
        return now

    async def _layer_of(self, change: ConfigChange, agent: AgentNow, caller: Caller) -> Layer:
        layers = await change.layers(agent.tenant)
        own = (layer for layer in layers if (layer.kind, layer.subject) == (LayerKind.AGENT, agent.agent))
        found = next(own, None)
        if found is not None:
            return found
        return await self._parts.versions.make_layer(
            change, agent.tenant, LayerKind.AGENT, subject=agent.agent, caller=caller
        )

    async def _prospect(
        self, reads: ConfigReads, tenant: str, wish: Wish, *, caller: Caller, strict: bool = False
    ) -> Prospect:
        """Return the rollout and its impact; `strict` refuses what is wrong for any agent."""
        version = await reads.version(tenant, wish.version)
        layer = await reads.layer(tenant, version.layer)
        if layer.current == version.id:
            raise InputError("this version is in force already", field="version_id", version=version.id)
        now_ms = self._parts.clock.now_ms()
        rollout = Rollout(
            id=RolloutId(self._parts.new_id()),
            tenant=tenant,
            layer=layer.id,
            before=layer.current,
            version=version.id,
            plan=wish.plan,
            state=steps.begin(now_ms),
            author=caller.name,
            reason=caller.reason,
            created_at_ms=now_ms,
        )
        agents = await listed(self._parts.fleet.all(tenant))
        board = self._parts.boards.of(tenant).including(layer, version)
        reach = await reach_of(board, rollout, agents)
        await _refuse_overlap(board, rollout, agents, mine=reach.affected.keys())
        impact = reach.impact()
        if strict and impact.faults:
            raise FaultyDocumentError(
                "the document is not usable on top of the other layers",
                faults=tuple(item.fault for item in impact.faults),
            )
        return Prospect(rollout=rollout, impact=impact, refusals=tuple(reach.refusals))

    async def _begin(self, change: ConfigChange, rollout: Rollout, caller: Caller) -> None:
        await change.add_rollout(rollout)
        entry = self._entry(rollout.tenant, caller, "rollout.create", resource=Resource(kind="rollout", id=rollout.id))
        change.record(replace(entry, changes=rollout_changes(None, rollout)))

    async def _after(self, rollout: Rollout, *, told: bool = True) -> None:
        await self._parts.boards.refresh()
        if told:
            await self._parts.teller.tell([rollout_event(rollout, self._parts.clock.now_ms())])

    def _entry(self, tenant: str, caller: Caller, action: str, *, resource: Resource) -> AuditEntry:
        return AuditEntry(
            tenant=tenant,
            actor=caller.actor,
            action=action,
            resource=resource,
            at_ms=self._parts.clock.now_ms(),
            reason=caller.reason,
            request_id=caller.request_id,
        )


async def complete(change: ConfigChange, rollout: Rollout) -> None:
    """Put the version of a completed rollout into force in its layer; do nothing for any other."""
    if rollout.state.status is RolloutStatus.COMPLETED:
        layer = await change.layer(rollout.tenant, rollout.layer)
        await change.put_layer(replace(layer, current=rollout.version))


def check_plan(plan: Plan) -> None:
    """Refuse waves and gates that cannot be.

    Raises:
        InputError: They cannot; the context says where and why.
    """
    check_waves(plan.waves)
    wrong = check_gates(plan.gates)
    if wrong:
        raise InputError("a gate is out of its bounds", field="gates", gates="; ".join(wrong))


class _NothingKeptError(Exception):
    """Leaves a transaction so that it is undone, with what it would have done."""

    def __init__(self, result: AgentChange) -> None:
        super().__init__()
        self.result = result


async def _refuse_overlap(board: Board, rollout: Rollout, agents: Sequence[AgentNow], *, mine: Collection[str]) -> None:
    for other in list(board.rollouts.values()):
        theirs = set(board.waves[other.id])
        async for some in pieces(agents):
            theirs.update(agent.agent for agent, _ in affected(board, other, some))
        shared = theirs.intersection(mine)
        if other.layer == rollout.layer or shared:
            raise RolloutUnderWayError(
                "another rollout is under way there: let it end, or abort it",
                rollout=other.id,
                agents=len(shared),
            )


def _person(caller: Caller) -> Cause:
    return Cause(code=CauseCode.PERSON, by=caller.name, reason=caller.reason)
