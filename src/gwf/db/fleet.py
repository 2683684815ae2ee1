"""Agents and their groups in the database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.control.fleet.groups import AgentGroup, GroupId
from gwf.control.fleet.model import Admission, Agent, AgentId, Credentials, Status
from gwf.control.fleet.ports import AgentMark, AgentRow
from gwf.control.fleet.state import Thresholds
from gwf.control.selectors import parse
from gwf.core.errors import ConflictError
from gwf.db.bulk import put
from gwf.db.fleet_status import STATUS_COLUMNS, STATUSES, status_of, status_row, statuses_of
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.numbers import next_number
from gwf.db.tables.agents import agent_groups, agent_status, agents
from gwf.db.tables.identity import enrolment_tokens, tenants

MARKS_AT_ONCE = 250  #: rows that are read in one go: a fleet's would hold up the event loop

_AGENT = agents.c
_STATUS = agent_status.c
_ROWS = sa.select(agents, *STATUS_COLUMNS).select_from(
    agents.outerjoin(agent_status, _STATUS.agent_id == agents.c.agent_id)
)
_MARKS = sa.select(
    _AGENT.agent_id, _AGENT.revision, _AGENT.updated_at_ms, _AGENT.credential_hash, _AGENT.next_credential_hash,
    _STATUS.state, _STATUS.cause, _STATUS.state_since_ms, _STATUS.contact_at_ms, _STATUS.seq,
).select_from(agents.outerjoin(agent_status, _STATUS.agent_id == _AGENT.agent_id))  # fmt: skip


class FleetReader:
    """Reads of one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Take the connection."""
        self._connection = connection

    async def rows(self, agents: Sequence[AgentId] | None = None) -> Sequence[AgentRow]:
        """Return these agents, or those of all tenants."""
        wanted = _ROWS if agents is None else _ROWS.where(_AGENT.agent_id.in_(agents))
        return [_agent_row(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def marks(self, *, updated_since_ms: int) -> Sequence[AgentMark]:
        """Return the marks of agents of all tenants whose agent or status changed at or after a moment."""
        times = (_AGENT.updated_at_ms, _STATUS.contact_at_ms, _STATUS.state_since_ms)
        wanted = _MARKS.where(sa.or_(*(time >= updated_since_ms for time in times)))
        async with self._connection.stream(wanted, execution_options={"yield_per": MARKS_AT_ONCE}) as found:
            return [AgentMark._make(row) async for some in found.partitions() for row in some]

    async def row(self, agent_id: AgentId) -> AgentRow | None:
        """Return one agent, None if there is none."""
        return await self._one(agents.c.agent_id == agent_id)

    async def by_instance(self, tenant: str, instance_id: str) -> AgentRow | None:
        """Return the agent of this installation, None if it never registered."""
        return await self._one(sa.and_(agents.c.tenant_id == tenant, agents.c.instance_id == instance_id))

    async def by_credential(self, credential_hash: bytes) -> AgentRow | None:
        """Return the agent whose current or next credential this is, None if it is nobody's."""
        return await self._one(
            sa.or_(agents.c.credential_hash == credential_hash, agents.c.next_credential_hash == credential_hash)
        )

    async def groups(self) -> Sequence[AgentGroup]:
        """Return the groups of all tenants."""
        return [_group(row) for row in (await self._connection.execute(sa.select(agent_groups))).mappings()]

    async def statuses(self, agents: Sequence[AgentId]) -> Sequence[Status]:
        """Return how these agents are; one that was never written is left out."""
        return await self._statuses(statuses_of(agents))

    async def _statuses(self, wanted: sa.Select[Any]) -> Sequence[Status]:
        return [status_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def _one(self, condition: sa.ColumnElement[bool]) -> AgentRow | None:
        row = (await self._connection.execute(_ROWS.where(condition))).mappings().one_or_none()
        return None if row is None else _agent_row(row)


class FleetWriter(FleetReader):
    """One transaction over agents and groups."""

    def __init__(self, change: CoreChange) -> None:
        """Take the transaction."""
        super().__init__(change.connection)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    async def row(self, agent_id: AgentId) -> AgentRow | None:
        """Return one agent, which stays as it is until the transaction ends; None if there is none."""
        await self._connection.execute(
            sa.select(agents.c.agent_id).where(agents.c.agent_id == agent_id).with_for_update()
        )
        return await super().row(agent_id)

    async def find_enrolment_token(self, token_hash: bytes, *, now_ms: int) -> Admission | None:
        """Return what a token lets in with, None for one that is unknown, expired or revoked."""
        token = enrolment_tokens.c
        wanted = (
            sa.select(enrolment_tokens)
            .outerjoin(tenants, tenants.c.tenant_id == token.tenant_id)
            .where(token.token_hash == token_hash, token.revoked_at_ms.is_(None), tenants.c.disabled_at_ms.is_(None))
            .where(sa.or_(token.expires_at_ms.is_(None), token.expires_at_ms > now_ms))
        )
        row = (await self._connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            return None
        return Admission(
            token_id=row["token_id"],
            tenant=row["tenant_id"],
            labels=row["labels"],
            group_id=row["group_id"],
            created_at_ms=row["created_at_ms"],
        )

    async def by_instances(self, tenant: str, instances: Sequence[str]) -> Sequence[AgentRow]:
        """Return the agents of those of these installations that ever registered."""
        wanted = _ROWS.where(agents.c.tenant_id == tenant, agents.c.instance_id.in_(instances))
        return [_agent_row(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def count_enrolments(self, token_id: str, wanted: int) -> int:
        """Count up to `wanted` more uses of a token; return how many it had left of them."""
        token = enrolment_tokens.c
        one = token.token_id == token_id
        chosen = sa.select(token.uses, token.max_uses).where(one).with_for_update()
        found = (await self._connection.execute(chosen)).one_or_none()
        if found is None:
            return 0
        granted = wanted if found.max_uses is None else max(0, min(wanted, found.max_uses - found.uses))
        if granted:
            await self._connection.execute(sa.update(enrolment_tokens).where(one).values(uses=found.uses + granted))
        return granted

    async def next_number(self) -> int:
        """Return the next number for the id of an agent that has no credential."""
        return await next_number(self._connection, "agent")

    async def put_agent(self, agent: Agent, credentials: Credentials | None = None) -> None:
        """Write an agent; its credentials stay as they are when none are given.

        Raises:
            ConflictError: Somebody else changed it meanwhile: its revision is not the one before `agent.revision`.
        """
        values = _agent_values(agent) | ({} if credentials is None else _credential_values(credentials))
        await self._put(agents, values, key="agent_id", kind="agent")

    async def add_agents(self, fresh: Sequence[tuple[Agent, Credentials]]) -> None:
        """Write agents that are new, all at once.

        Raises:
            ConflictError: One of them is there already.
        """
        rows = [_agent_values(agent) | _credential_values(credentials) for agent, credentials in fresh]
        if rows:
            await self._connection.execute(sa.insert(agents), rows)

    async def put_credentials(self, agent_id: AgentId, credentials: Credentials) -> None:
        """Write the credentials of an agent, whatever else changed of it."""
        await self._connection.execute(
            sa.update(agents).where(agents.c.agent_id == agent_id).values(_credential_values(credentials))
        )

    async def put_group(self, group: AgentGroup) -> None:
        """Write a group.

        Raises:
            ConflictError: The name is taken, or its revision is not the one before `group.revision`.
        """
        taken = sa.select(agent_groups.c.group_id).where(
            agent_groups.c.tenant_id == group.tenant,
            agent_groups.c.name == group.name,
            agent_groups.c.group_id != group.group_id,
        )
        if (await self._connection.execute(taken)).one_or_none() is not None:
            raise ConflictError("a group has this name", field="name", name=group.name)
        await self._put(agent_groups, _group_values(group), key="group_id", kind="group")

    async def delete_group(self, group_id: GroupId, *, now_ms: int) -> int:
        """Remove a group; return how many agents had been put in by name."""
        known = sa.select(agent_groups.c.revision).where(agent_groups.c.group_id == group_id)
        check_revision(Resource(kind="group", id=group_id), await self._connection.scalar(known) or 0)
        freed = await self._connection.execute(
            sa.update(agents)
            .where(agents.c.group_id == group_id)
            .values(group_id=None, updated_at_ms=now_ms, revision=agents.c.revision + 1)
            .returning(agents.c.agent_id)
        )
        count = len(freed.all())
        await self._connection.execute(sa.delete(agent_groups).where(agent_groups.c.group_id == group_id))
        return count

    async def hold_statuses(self, agents: Sequence[AgentId]) -> Sequence[Status]:
        """Return how these agents are, as `statuses` does; nobody else writes it until the transaction ends."""
        return await self._statuses(statuses_of(agents).with_for_update())

    async def put_statuses(self, statuses: Sequence[Status]) -> None:
        """Write how agents are."""
        await put(self._change, STATUSES, [status_row(status) for status in statuses])

    async def _put(self, table: sa.Table, values: Mapping[str, Any], *, key: str, kind: str) -> None:
        revision = values["revision"]
        if revision == 1:
            await self._connection.execute(sa.insert(table).values(values))
            return
        check_revision(Resource(kind=kind, id=values[key]), revision - 1)
        changed = (
            sa.update(table)
            .where(table.c[key] == values[key], table.c.revision == revision - 1)
            .values(values)
            .returning(table.c.revision)
        )
        if (await self._connection.execute(changed)).one_or_none() is None:
            raise ConflictError("it was changed meanwhile", **{key: values[key]})


class SqlFleet:
    """Agents and groups over one half of the database."""

    def __init__(self, core: CoreHalf) -> None:
        """Take the half that keeps what people and agents decide."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[FleetReader]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield FleetReader(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[FleetWriter]:
        """Open a transaction, committed at the end of the block."""
        async with self._core.change() as change:
            yield FleetWriter(change)


def _agent_row(row: sa.RowMapping) -> AgentRow:
    agent = Agent(
        agent_id=row["agent_id"],
        tenant=row["tenant_id"],
        instance_id=row["instance_id"],
        hostname=row["hostname"],
        version=row["version"],
        os=row["os"],
        address=row["address"],
        ip=row["ip"],
        labels=row["labels"],
        set_labels=row["set_labels"],
        group_id=row["group_id"],
        group_name=row["group_name"],
        drain=row["drain"],
        registered_at_ms=row["registered_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        revoked_at_ms=row["revoked_at_ms"],
        revision=row["revision"],
    )
    credentials = Credentials(current=row["credential_hash"], next=row["next_credential_hash"])
    return AgentRow(agent=agent, credentials=credentials, status=status_of(row) if row["s_agent_id"] else None)


def _agent_values(agent: Agent) -> dict[str, Any]:
    return {
        "agent_id": agent.agent_id,
        "tenant_id": agent.tenant,
        "instance_id": agent.instance_id,
        "hostname": agent.hostname,
        "version": agent.version,
        "os": agent.os,
        "address": agent.address,
        "ip": agent.ip,
        "labels": dict(agent.labels),
        "set_labels": dict(agent.set_labels),
        "group_id": agent.group_id,
        "group_name": agent.group_name,
        "drain": agent.drain,
        "registered_at_ms": agent.registered_at_ms,
        "updated_at_ms": agent.updated_at_ms,
        "revoked_at_ms": agent.revoked_at_ms,
        "revision": agent.revision,
    }


def _credential_values(credentials: Credentials) -> dict[str, Any]:
    return {"credential_hash": credentials.current, "next_credential_hash": credentials.next}


def _group(row: sa.RowMapping) -> AgentGroup:
    selector, thresholds = row["selector"], row["thresholds"]
    return AgentGroup(
        group_id=row["group_id"],
        tenant=row["tenant_id"],
        name=row["name"],
        description=row["description"],
        selector=None if selector is None else parse(selector),
        priority=row["priority"],
        thresholds=None if thresholds is None else Thresholds(**thresholds),
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        revision=row["revision"],
    )


def _group_values(group: AgentGroup) -> dict[str, Any]:
    return {
        "group_id": group.group_id,
        "tenant_id": group.tenant,
        "name": group.name,
        "description": group.description,
        "selector": None if group.selector is None else str(group.selector),
        "priority": group.priority,
        "thresholds": None if group.thresholds is None else asdict(group.thresholds),
        "created_at_ms": group.created_at_ms,
        "updated_at_ms": group.updated_at_ms,
        "revision": group.revision,
    }
