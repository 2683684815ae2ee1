"""What people do with agents: look at them, drain, revoke, label, put in a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.fleet.groups import AgentGroup, named
from gwf.control.fleet.heat import FleetHeat, heat
from gwf.control.fleet.listing import AgentFilter, Facets, Findings, Listed, Order, Sieve, Spot, facets, page, place
from gwf.control.fleet.model import Agent, AgentId
from gwf.control.fleet.ports import Configs, FleetStore, NoConfigs
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.steady import Steady
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.core.reuse import Reuse

MAX_LABELS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWish:
    """What is to be changed of an agent; None = nothing of that kind."""

    #: labels set at the centre; a value of None takes one away
    labels: Mapping[str, str | None] | None = None
    #: id or name of the group it is put in by name; "" = none
    group: str | None = None
    #: the agent as the person saw it; None = whatever it is
    revision: int | None = None


DRAIN, UNDRAIN, REVOKE, UPDATE = "agent.drain", "agent.undrain", "agent.revoke", "agent.update"


class FleetService:
    """Used in one event loop."""

    def __init__(self, store: FleetStore, roster: Roster, clock: Clock) -> None:
        """Take the parts."""
        self._store = store
        self._roster = roster
        self._clock = clock
        #: what the fleet's configuration says of agents; set by whoever puts the areas together
        self.configs: Configs = NoConfigs()
        #: what the verdict finds at agents; set by the same
        self.findings: Findings | None = None
        self._order: dict[str, tuple[int, Sequence[Live]]] = {}
        self._facets: Reuse[tuple[str, AgentFilter], Facets] = Reuse()
        self._heats: Reuse[tuple[str, AgentFilter, int, bool], FleetHeat] = Reuse()

    # -- looking ---------------------------------------------------------------------------------------

    async def agents(
        self, tenant: str, wanted: AgentFilter, order: Order | None = None, *, after: Spot | None, limit: int
    ) -> Listed:
        """Return one page of the agents of a tenant, by hostname and id if nothing else is said."""
        return await page(self._ordered(tenant), self._sieve(wanted), order, after=after, limit=limit)

    async def facets(self, tenant: str, wanted: AgentFilter) -> Facets:
        """Return how many agents there are of each kind; of a large fleet the count may be a second old."""
        lives = self._roster.of_tenant
        return await self._facets.get((tenant, wanted), lambda: facets(lives(tenant), self._sieve(wanted)))

    async def heat(self, tenant: str, wanted: AgentFilter, *, cells: int, every: bool = False) -> FleetHeat:
        """Return the agents of a tenant by group, at most so many cells of each."""
        return await self._heats.get(
            (tenant, wanted, cells, every),
            lambda: heat(self._ordered(tenant), self._sieve(wanted), cells=cells, every=every),
        )

    def _sieve(self, wanted: AgentFilter) -> Sieve:
        return Sieve(wanted, self.configs, findings=self.findings)

    def agent(self, tenant: str, agent_id: AgentId) -> Live:
        """Return an agent.

        Raises:
            NotFoundError: The tenant has none of this id.
        """
        live = self._roster.find(agent_id)
        if live is None or live.agent.tenant != tenant:
            raise NotFoundError("no such agent", agent_id=agent_id)
        return live

    def groups(self, tenant: str) -> Sequence[AgentGroup]:
        """Return the groups of a tenant, by name."""
        return self._roster.groups_of(tenant)

    @property
    def steady(self) -> Steady:
        """The clock of the roster's moments."""
        return self._roster.steady

    def _ordered(self, tenant: str) -> Sequence[Live]:
        version, order = self._order.get(tenant, (-1, ()))
        if version != self._roster.version:
            order = sorted(self._roster.of_tenant(tenant), key=place)
            self._order[tenant] = (self._roster.version, order)
        return order

    # -- agents ----------------------------------------------------------------------------------------

    async def drain(self, tenant: str, agent_id: AgentId, *, by: Caller) -> Live:
        """Have an agent take no new work of the centre; what it began goes on, and so does its own duty.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: It is revoked.
            UnavailableError: The database did not answer.
        """
        return await self._change_agent(tenant, agent_id, lambda one: replace(one, drain=True), action=DRAIN, by=by)

    async def undrain(self, tenant: str, agent_id: AgentId, *, by: Caller) -> Live:
        """Give an agent work again; raises as `drain` does."""
        return await self._change_agent(tenant, agent_id, lambda one: replace(one, drain=False), action=UNDRAIN, by=by)

    async def revoke(self, tenant: str, agent_id: AgentId, *, by: Caller) -> Live:
        """Make the credential of an agent worth nothing. It comes back only with an enrolment token made later.

        Raises:
            NotFoundError: The tenant has none of this id.
            UnavailableError: The database did not answer.
        """
        now_ms = self._clock.now_ms()

        def revoked(agent: Agent) -> Agent:
            return agent if agent.revoked_at_ms is not None else replace(agent, revoked_at_ms=now_ms)

        return await self._change_agent(tenant, agent_id, revoked, action=REVOKE, by=by)

    async def change_agent(self, tenant: str, agent_id: AgentId, wish: AgentWish, *, by: Caller) -> Live:
        """Set labels of an agent or put it in a group; which groups it belongs to follows at once.

        Raises:
            NotFoundError: The tenant has no such agent or group.
            InputError: It would have too many labels.
            ConflictError: Somebody changed it since `wish.revision`, or it is revoked.
            UnavailableError: The database did not answer.
        """
        group_id = None if not wish.group else named(self._roster.groups_of(tenant), wish.group).group_id

        def changed(agent: Agent) -> Agent:
            if wish.revision is not None and wish.revision != agent.revision:
                raise ConflictError("the agent was changed meanwhile", revision=agent.revision)
            labels = _merged(agent.set_labels, wish.labels or {})
            return replace(agent, set_labels=labels, group_id=agent.group_id if wish.group is None else group_id)

        return await self._change_agent(tenant, agent_id, changed, action=UPDATE, by=by)

    async def _change_agent(
        self, tenant: str, agent_id: AgentId, changed: Callable[[Agent], Agent], *, action: str, by: Caller
    ) -> Live:
        async with self._store.change() as change:
            row = await change.row(agent_id)
            if row is None or row.agent.tenant != tenant:
                raise NotFoundError("no such agent", agent_id=agent_id)
            before = row.agent
            if before.revoked_at_ms is not None and action != REVOKE:
                raise ConflictError("the agent is revoked", agent_id=agent_id)
            after = changed(before)
            if after != before:
                after = replace(after, updated_at_ms=self._clock.now_ms(), revision=before.revision + 1)
                await change.put_agent(after)
                change.record(_entry(before, after, action=action, by=by))
        live = self._roster.take_row(replace(row, agent=after))
        self._roster.touch(live)
        return live


def _merged(labels: Mapping[str, str], wish: Mapping[str, str | None]) -> dict[str, str]:
    merged: dict[str, str | None] = {**labels, **wish}
    left = {name: value for name, value in merged.items() if value is not None}
    if len(left) > MAX_LABELS:
        raise InputError("too many labels are set at the centre", field="labels", limit=MAX_LABELS)
    return left


def _entry(before: Agent, after: Agent, *, action: str, by: Caller) -> AuditEntry:
    return AuditEntry(
        tenant=after.tenant,
        actor=by.actor,
        action=action,
        resource=Resource(kind="agent", id=after.agent_id),
        at_ms=after.updated_at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(before.facts(), after.facts()),
    )
