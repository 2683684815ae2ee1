"""Agents that name themselves by a key and have no credential: those of the Go version's interface, in one fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from gwf.audit.changes import field_changes, storable
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.fleet.model import Agent, AgentId, Beat, Credentials
from gwf.control.fleet.ports import AgentRow, FleetChange, FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import AgentHealth, AgentState
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError

NO_GROUP = "default"  #: what a blank group is called
MAX_CHARS = 255  #: of each text


class AgentDrainingError(ConflictError):
    """The agent takes no new work."""

    code = "agent_draining"


class AgentHasCredentialError(ConflictError):
    """The agent proves who it is with a credential, so nobody may speak for it without."""

    code = "agent_has_credential"


class AgentRevokedError(ConflictError):
    """A person took the agent out of the fleet."""

    code = "agent_revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWord:
    """What such an agent says of itself; blank = nothing said."""

    hostname: str = ""
    version: str = ""
    ip: str = ""
    group_name: str = ""

    def storable(self) -> AgentWord:
        """Return the same as every database can hold it."""
        return AgentWord(**{name: storable(text) for name, text in asdict(self).items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAgent:
    """Any agent as it is shown there. Times are milliseconds since 1970, UTC."""

    agent_id: str
    key: str
    hostname: str
    version: str
    ip: str
    group_name: str
    state: AgentState
    last_seen_at_ms: int
    registered_at_ms: int
    updated_at_ms: int
    heartbeats: int


class KeyedAgents:
    """Used in one event loop."""

    def __init__(self, store: FleetStore, roster: Roster, clock: Clock) -> None:
        """Take the parts."""
        self._store = store
        self._roster = roster
        self._clock = clock

    def all(self, tenant: str) -> Sequence[KeyedAgent]:
        """Return the agents of a tenant, whoever was heard of last first."""
        agents = [self._shown(live) for live in self._roster.of_tenant(tenant)]
        return sorted(agents, key=lambda agent: (agent.last_seen_at_ms, agent.agent_id), reverse=True)

    async def get(self, tenant: str, agent_id: str) -> KeyedAgent:
        """Return an agent.

        Raises:
            NotFoundError: The tenant has none of this id.
        """
        return self._shown(await self._live(tenant, agent_id))

    async def register(self, tenant: str, key: str, word: AgentWord, *, by: Caller) -> tuple[KeyedAgent, bool]:
        """Enter an agent, or write what one that is known says now; return it, and whether it is new.

        Raises:
            InputError: A text is too long.
            AgentHasCredentialError: The key is the instance id of an agent with a credential.
            AgentRevokedError: A person took it out of the fleet.
        """
        _check(key, word)
        key, word = storable(key), word.storable()
        now_ms = self._clock.now_ms()
        async with self._store.change() as change:
            known = await change.by_instance(tenant, key)
            if known is not None:
                _may_speak(known.agent, known.credentials)
                agent = _registered(known.agent, word, now_ms=now_ms)
            else:
                agent = await _new(change, key, word, tenant=tenant, now_ms=now_ms)
            credentials = Credentials(current=None)
            await change.put_agent(agent, credentials)
            detail = {
                "hostname": agent.hostname,
                "version": agent.version,
                "ip": agent.ip,
                "group_name": agent.group_name,
                "created": known is None,
            }
            change.record(_entry(known, agent, action="agent.register", by=by, detail=detail))
        live = self._roster.take_row(AgentRow(agent=agent, credentials=credentials, status=None))
        self._roster.contacted(live)
        return self._shown(live), known is None

    async def heartbeat(
        self, tenant: str, agent_id: str, word: AgentWord, *, by: Caller, working: bool = False
    ) -> KeyedAgent:
        """Take note that an agent called; what it does not say stays as it is. `working` = it asks for work.

        Raises:
            NotFoundError: The tenant has none of this id.
            AgentHasCredentialError: It proves who it is otherwise.
            AgentRevokedError: A person took it out of the fleet.
            AgentDrainingError: It asks for work and gets none.
        """
        live = await self._live(tenant, agent_id)
        _may_speak(live.agent, live.credentials)
        if working and live.agent.drain:
            raise AgentDrainingError("agent is draining")
        _check("", word)
        word = word.storable()
        if _said(live.agent, word) != live.agent:
            live = await self._changed(
                tenant, agent_id, lambda agent: _said(agent, word), action="agent.update", by=by, detail={}
            )
        self._roster.hear(live, _beat(live, self._clock.now_ms()))
        return self._shown(live)

    async def drain(self, tenant: str, agent_id: str, *, by: Caller) -> KeyedAgent:
        """Have an agent take no new work.

        Raises:
            NotFoundError: The tenant has none of this id.
        """
        agent = (await self._live(tenant, agent_id)).agent
        detail = {"agent_key": agent.instance_id, "group_name": agent.group_name}
        live = await self._changed(
            tenant, agent_id, lambda one: replace(one, drain=True), action="agent.drain", by=by, detail=detail
        )
        return self._shown(live)

    async def _changed(
        self,
        tenant: str,
        agent_id: str,
        changed: Callable[[Agent], Agent],
        *,
        action: str,
        by: Caller,
        detail: Mapping[str, object],
    ) -> Live:
        async with self._store.change() as change:
            row = await change.row(AgentId(agent_id))
            if row is None or row.agent.tenant != tenant:
                raise NotFoundError("agent not found")
            after = replace(changed(row.agent), updated_at_ms=self._clock.now_ms(), revision=row.agent.revision + 1)
            await change.put_agent(after)
            change.record(_entry(row, after, action=action, by=by, detail=detail))
        live = self._roster.take_row(replace(row, agent=after))
        self._roster.touch(live)
        return live

    async def _live(self, tenant: str, agent_id: str) -> Live:
        """Return an agent; the database is asked for one that another process of the centre entered just now."""
        live = self._roster.find(AgentId(agent_id))
        if live is None:
            async with self._store.view() as view:
                row = await view.row(AgentId(storable(agent_id)))
            live = None if row is None else self._roster.take_row(row)
        if live is None or live.agent.tenant != tenant:
            raise NotFoundError("agent not found")
        return live

    def _shown(self, live: Live) -> KeyedAgent:
        agent = live.agent
        groups = live.membership.groups
        wall_ms = self._roster.steady.wall_ms
        seen_ms = agent.registered_at_ms if live.contact_ms is None else wall_ms(live.contact_ms)
        return KeyedAgent(
            agent_id=agent.agent_id,
            key=agent.instance_id,
            hostname=agent.hostname,
            version=agent.version,
            ip=agent.ip,
            group_name=agent.group_name or (groups[0].name if groups else NO_GROUP),
            state=live.verdict.state,
            last_seen_at_ms=seen_ms,
            registered_at_ms=agent.registered_at_ms,
            updated_at_ms=agent.updated_at_ms,
            heartbeats=live.heartbeats,
        )


def _may_speak(agent: Agent, credentials: Credentials) -> None:
    if credentials.current is not None:
        raise AgentHasCredentialError("agent has a credential: it speaks /api/v1", agent_id=agent.agent_id)
    if agent.revoked_at_ms is not None:
        raise AgentRevokedError("agent is revoked", agent_id=agent.agent_id)


def _check(key: str, word: AgentWord) -> None:
    texts = {
        "agentKey": key,
        "hostname": word.hostname,
        "version": word.version,
        "ip": word.ip,
        "groupName": word.group_name,
    }
    for name, text in texts.items():
        if len(text) > MAX_CHARS:
            raise InputError("the text is too long", field=name, chars=len(text), max_chars=MAX_CHARS)


async def _new(change: FleetChange, key: str, word: AgentWord, *, tenant: str, now_ms: int) -> Agent:
    number = await change.next_number()
    return Agent(
        agent_id=AgentId(f"agt-{number:06}"),
        tenant=tenant,
        instance_id=key,
        hostname=word.hostname,
        version=word.version,
        ip=word.ip,
        group_name=word.group_name or NO_GROUP,
        registered_at_ms=now_ms,
        updated_at_ms=now_ms,
    )


def _registered(agent: Agent, word: AgentWord, *, now_ms: int) -> Agent:
    """Return what registering again makes of an agent: all it says counts, also that it says nothing."""
    return replace(
        agent,
        hostname=word.hostname,
        version=word.version,
        ip=word.ip,
        group_name=word.group_name or NO_GROUP,
        updated_at_ms=now_ms,
        revision=agent.revision + 1,
    )


def _said(agent: Agent, word: AgentWord) -> Agent:
    """Return what a heartbeat makes of an agent: only what it says."""
    return replace(
        agent,
        hostname=word.hostname or agent.hostname,
        version=word.version or agent.version,
        ip=word.ip or agent.ip,
    )


def _beat(live: Live, now_ms: int) -> Beat:
    """Return the call as a heartbeat without numbers."""
    agent = live.agent
    return Beat(
        seq=1 if live.beat is None else live.beat.seq + 1,
        sent_at_ms=now_ms,
        started_at_ms=0,
        version=agent.version,
        hostname=agent.hostname,
        labels=agent.labels,
        health=AgentHealth.OK,
    )


def _entry(
    before: AgentRow | None, after: Agent, *, action: str, by: Caller, detail: Mapping[str, object]
) -> AuditEntry:
    return AuditEntry(
        tenant=after.tenant,
        actor=by.actor,
        action=action,
        resource=Resource(kind="agent", id=after.agent_id),
        at_ms=after.updated_at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(None if before is None else before.agent.facts(), after.facts()),
        detail=detail,
    )
