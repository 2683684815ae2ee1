"""Flows and their runs in SQL, in transactions of their own or in those of tasks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.core.errors import ConflictError
from gwf.db.flow_reads import ASKS, MANY, SqlFlowReads
from gwf.db.flow_rows import head_values, line_values, made_values, moved_values, step_values, version_values
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.moved import Moved
from gwf.db.numbers import next_number
from gwf.db.tables.agents import agents
from gwf.db.tables.flows import flow_run_lines, flow_run_steps, flow_runs, flow_versions, flows
from gwf.db.tables.work import tasks
from gwf.db.tasks_store import SqlTaskChange
from gwf.flows.metrics import Beginning, Passage
from gwf.flows.record import FlowHead, StoredFlow
from gwf.flows.run import Line, Run, RunId, RunState
from gwf.rules.versioned import VersionState
from gwf.tasks.ports import TaskChange

_HEAD, _VERSION, _RUN, _STEP = flows.c, flow_versions.c, flow_runs.c, flow_run_steps.c
_PUT_RUN = sa.update(flow_runs).where(_RUN.run_id == sa.bindparam("of_run"))
_PUT_STEP = sa.update(flow_run_steps).where(
    _STEP.run_id == sa.bindparam("of_run"), _STEP.position == sa.bindparam("of_position")
)


class SqlFlowStore:
    """Speaks the port `FlowStore`."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlFlowReads]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield SqlFlowReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlFlowChange]:
        """Open a transaction."""
        async with self._core.change() as change:
            yield SqlFlowChange(change)

    def within(self, change: TaskChange) -> SqlFlowChange:
        """Return the same transaction as one over flows."""
        if not isinstance(change, SqlTaskChange):
            raise TypeError("tasks and flows are kept in one database")
        return SqlFlowChange(change.change)

    async def rest(self) -> tuple[int, int]:
        """Return when a flow was changed last, and how often all were; (0, 0) = there is none."""
        wanted = sa.select(sa.func.max(_HEAD.updated_at_ms), sa.func.sum(_HEAD.revision))
        async with self._core.view() as connection:
            found = (await connection.execute(wanted)).one()
        return found[0] or 0, int(found[1] or 0)

    async def changed_since(self, since_ms: int, *, limit: int) -> Sequence[Moved]:
        """Return the runs that changed at or after a moment, the newest first."""
        wanted = (
            sa.select(_RUN.tenant_id, _RUN.run_id, _RUN.revision, _RUN.updated_at_ms)
            .where(_RUN.updated_at_ms >= since_ms)
            .order_by(_RUN.updated_at_ms.desc())
            .limit(limit)
        )
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted)).all()
        return [Moved(row.tenant_id, row.run_id, row.updated_at_ms, row.revision) for row in rows]

    async def counts(self) -> Mapping[RunState, int]:
        """Return how many runs of all tenants are in each state."""
        wanted = sa.select(_RUN.state, sa.func.count().label("amount")).group_by(_RUN.state)
        async with self._core.view() as connection:
            return {RunState(row.state): row.amount for row in await connection.execute(wanted)}

    async def approvals_waiting(self) -> int:
        """Return how many steps of all tenants wait for somebody's approval."""
        wanted = sa.select(sa.func.count()).select_from(tasks).where(*ASKS, tasks.c.flow_run_id.is_not(None))
        async with self._core.view() as connection:
            return (await connection.execute(wanted)).scalar_one()

    async def passages_since(self, since_ms: int, *, limit: int) -> Sequence[Passage]:
        """Return how the runs of all tenants stand that changed at or after a moment, the oldest change first."""
        columns = (_RUN.run_id, _RUN.revision, _RUN.state, _RUN.created_at_ms, _RUN.updated_at_ms, _RUN.finished_at_ms)
        wanted = sa.select(*columns, _RUN.rule_id, _RUN.replay_of).where(_RUN.updated_at_ms >= since_ms)
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted.order_by(_RUN.updated_at_ms).limit(limit))).all()
        return [
            Passage(
                run_id=RunId(row.run_id),
                revision=row.revision,
                state=RunState(row.state),
                begun_by=Beginning.REPLAY if row.replay_of else Beginning.RULE if row.rule_id else Beginning.PERSON,
                begun_at_ms=row.created_at_ms,
                changed_at_ms=row.updated_at_ms,
                ended_at_ms=row.finished_at_ms,
            )
            for row in rows
        ]


class SqlFlowChange(SqlFlowReads):
    """Speaks the port `FlowChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    # -- flows -------------------------------------------------------------------------------------------

    async def head(self, tenant: str, flow_id: str) -> FlowHead:
        """Return a flow that nobody else changes before this transaction ends, or raise NotFoundError."""
        return await self._head(tenant, flow_id, locked=True)

    async def add_head(self, head: FlowHead) -> None:
        """Store a new flow, or raise ConflictError."""
        await self._check_name(head)
        await self._connection.execute(sa.insert(flows).values(head_values(head)))

    async def put_head(self, head: FlowHead) -> None:
        """Store what changed of a flow."""
        check_revision(Resource(kind="flow", id=head.flow_id), head.revision - 1)
        await self._check_name(head)
        mine = sa.and_(_HEAD.tenant_id == head.tenant, _HEAD.flow_id == head.flow_id)
        changed = sa.update(flows).where(mine, _HEAD.revision == head.revision - 1).values(head_values(head))
        if (await self._connection.execute(changed.returning(_HEAD.revision))).first() is None:
            raise ConflictError("the flow was changed meanwhile: look at it again", flow_id=head.flow_id)

    async def put_version(self, stored: StoredFlow) -> None:
        """Store a version; one that is there is written over."""
        values = version_values(stored)
        statement = self._insert(flow_versions).values(values)
        changed = {name: statement.excluded[name] for name in values if name not in {"flow_id", "version"}}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[_VERSION.flow_id, _VERSION.version], set_=changed)
        )

    async def drop_version(self, stored: StoredFlow) -> None:
        """Remove a draft."""
        mine = sa.and_(
            _VERSION.tenant_id == stored.tenant,
            _VERSION.flow_id == stored.ref.flow_id,
            _VERSION.version == stored.ref.version,
            _VERSION.state == VersionState.DRAFT.value,
        )
        await self._connection.execute(sa.delete(flow_versions).where(mine))

    async def _check_name(self, head: FlowHead) -> None:
        other = sa.select(_HEAD.flow_id).where(
            _HEAD.tenant_id == head.tenant, _HEAD.name == head.name, _HEAD.flow_id != head.flow_id
        )
        known = await self._connection.scalar(other)
        if known is not None:
            raise ConflictError("another flow has this name", field="flow/name", flow_id=known)

    # -- runs --------------------------------------------------------------------------------------------

    async def locked(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Run]:
        """Return those of some runs that there are, in the order of their ids so that two changes never cross."""
        found: dict[RunId, Run] = {}
        names = sorted(set(run_ids))
        for at in range(0, len(names), MANY):
            wanted = sa.select(flow_runs).where(_RUN.run_id.in_(names[at : at + MANY])).order_by(_RUN.run_id)
            found |= {run.run_id: run for run in await self._runs(wanted.with_for_update())}
        return found

    async def number(self) -> int:
        """Return the next number of a run."""
        return await next_number(self._connection, "flow_run")

    async def add_run(self, run: Run) -> bool:
        """Store a new run; False when there is one with its id."""
        insert = self._insert(flow_runs).values({**made_values(run), **moved_values(run)})
        made = await self._connection.scalar(insert.on_conflict_do_nothing().returning(_RUN.run_id))
        if made is None:
            return False
        rows = [
            {"run_id": run.run_id, "position": at, "tenant_id": run.tenant, "step_id": step.id, **step_values(step)}
            for at, step in enumerate(run.steps.values())
        ]
        await self._connection.execute(sa.insert(flow_run_steps), rows)
        return True

    async def put_runs(self, moved: Sequence[tuple[Run, Run, Sequence[Line]]]) -> None:
        """Store what became of runs."""
        runs = [{"of_run": after.run_id, **moved_values(after)} for before, after, _ in moved if after != before]
        if runs:
            await self._connection.execute(_PUT_RUN, runs)
        steps = [
            {"of_run": after.run_id, "of_position": at, **step_values(step)}
            for before, after, _ in moved
            for at, step in enumerate(after.steps.values())
            if step != before.steps[step.id]
        ]
        if steps:
            await self._connection.execute(_PUT_STEP, steps)
        lines = [line_values(after, line) for _, after, told in moved for line in told]
        if lines:
            await self._connection.execute(sa.insert(flow_run_lines), lines)

    async def known_agents(self, tenant: str, agent_ids: Sequence[str]) -> frozenset[str]:
        """Return those of some agents that the tenant has and that were not revoked."""
        agent = agents.c
        wanted = sa.select(agent.agent_id).where(
            agent.tenant_id == tenant, agent.agent_id.in_(list(agent_ids)), agent.revoked_at_ms.is_(None)
        )
        return frozenset((await self._connection.scalars(wanted)).all())

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self._connection.dialect.name == "sqlite" else postgresql.insert(table)
