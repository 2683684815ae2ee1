"""Reads flows and their runs in SQL: versions, lists, counts, stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.changes import storable
from gwf.core.errors import NotFoundError
from gwf.db.flow_rows import head_of, line_of, run_of, step_of, stored_of
from gwf.db.tables.flows import flow_run_lines, flow_run_steps, flow_runs, flow_versions, flows
from gwf.db.tables.work import tasks
from gwf.flows.model import FlowVersion
from gwf.flows.ports import RunFilter, RunPage
from gwf.flows.record import FlowHead, StoredFlow
from gwf.flows.run import Line, Run, RunId, RunNotFoundError, RunState, RunStep, StepState
from gwf.flows.times import TIMED, StepTime
from gwf.tasks.model import Executor, TaskState

MANY = 400  #: values of one statement
_HEAD, _VERSION, _RUN, _STEP, _LINE = flows.c, flow_versions.c, flow_runs.c, flow_run_steps.c, flow_run_lines.c
#: tasks that wait for somebody's word
ASKS = (tasks.c.status == TaskState.PENDING.value, tasks.c.executor == Executor.PERSON.value)


class SqlFlowReads:
    """Speaks the port `FlowReads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def heads(self, tenant: str) -> Sequence[FlowHead]:
        """Return all flows, by name."""
        wanted = sa.select(flows).where(_HEAD.tenant_id == tenant).order_by(_HEAD.name, _HEAD.flow_id)
        return [head_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def head(self, tenant: str, flow_id: str) -> FlowHead:
        """Return a flow, or raise NotFoundError."""
        return await self._head(tenant, flow_id)

    async def _head(self, tenant: str, flow_id: str, *, locked: bool = False) -> FlowHead:
        wanted = sa.select(flows).where(_HEAD.tenant_id == tenant, _HEAD.flow_id == storable(flow_id))
        row = (await self._connection.execute(wanted.with_for_update() if locked else wanted)).mappings().first()
        if row is None:
            raise NotFoundError("no such flow", flow_id=flow_id)
        return head_of(row)

    async def find_head(self, tenant: str, name: str) -> FlowHead | None:
        """Return a flow by its id or name, or None."""
        word = storable(name)
        wanted = sa.select(flows).where(_HEAD.tenant_id == tenant, sa.or_(_HEAD.flow_id == word, _HEAD.name == word))
        row = (await self._connection.execute(wanted.order_by(_HEAD.flow_id != word).limit(1))).mappings().first()
        return None if row is None else head_of(row)

    async def versions_of(self, tenant: str, refs: Sequence[FlowVersion]) -> Sequence[StoredFlow]:
        """Return those versions that there are."""
        found: list[StoredFlow] = []
        pair = sa.tuple_(_VERSION.flow_id, _VERSION.version)
        for at in range(0, len(refs), MANY):
            some = [tuple(ref) for ref in refs[at : at + MANY]]
            wanted = sa.select(flow_versions).where(_VERSION.tenant_id == tenant, pair.in_(some))
            found += [stored_of(row) for row in (await self._connection.execute(wanted)).mappings()]
        return found

    async def history(self, tenant: str, flow_id: str, *, before: int | None, limit: int) -> Sequence[StoredFlow]:
        """Return versions, newest first."""
        wanted = sa.select(flow_versions).where(_VERSION.tenant_id == tenant, _VERSION.flow_id == storable(flow_id))
        if before is not None:
            wanted = wanted.where(_VERSION.version < before)
        wanted = wanted.order_by(_VERSION.version.desc()).limit(limit)
        return [stored_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def runs(self, tenant: str, wanted: RunFilter, page: RunPage) -> Sequence[Run]:
        """Return a part of the runs that fit, newest first."""
        query = sa.select(flow_runs).where(*_conditions(tenant, wanted))
        if page.after is not None:
            at_ms, run_id = page.after
            behind = sa.and_(_RUN.created_at_ms == at_ms, _RUN.run_id < storable(run_id))
            query = query.where(_RUN.created_at_ms <= at_ms, sa.or_(_RUN.created_at_ms < at_ms, behind))
        return await self._runs(query.order_by(_RUN.created_at_ms.desc(), _RUN.run_id.desc()).limit(page.limit))

    async def count_runs(self, tenant: str, wanted: RunFilter) -> Mapping[str, Mapping[RunState, int]]:
        """Return how many runs fit, by flow and state."""
        query = (
            sa.select(_RUN.flow_id, _RUN.state, sa.func.count().label("amount"))
            .where(*_conditions(tenant, wanted))
            .group_by(_RUN.flow_id, _RUN.state)
        )
        found: dict[str, dict[RunState, int]] = {}
        for row in await self._connection.execute(query):
            found.setdefault(row.flow_id, {})[RunState(row.state)] = row.amount
        return found

    async def approvals(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Sequence[str]]:
        """Return the steps of some runs that wait for somebody's approval."""
        found: dict[RunId, list[str]] = {}
        for at in range(0, len(run_ids), MANY):
            some = run_ids[at : at + MANY]
            wanted = sa.select(tasks.c.flow_run_id, tasks.c.flow_step).where(*ASKS, tasks.c.flow_run_id.in_(some))
            for row in await self._connection.execute(wanted.order_by(tasks.c.flow_run_id, tasks.c.flow_step)):
                found.setdefault(RunId(row.flow_run_id), []).append(row.flow_step)
        return found

    async def step_times(self, tenant: str, flow_id: str, *, runs: int) -> Sequence[StepTime]:
        """Return how the steps of the newest runs of a flow ended."""
        newest = (
            sa.select(_RUN.run_id)
            .where(_RUN.tenant_id == tenant, _RUN.flow_id == storable(flow_id))
            .order_by(_RUN.created_at_ms.desc())
            .limit(runs)
        ).subquery()
        wanted = (
            sa.select(_STEP.step_id, _STEP.state, (_STEP.ended_at_ms - _STEP.begun_at_ms).label("took_ms"))
            .join(newest, newest.c.run_id == _STEP.run_id)
            .where(_STEP.begun_at_ms.is_not(None), _STEP.ended_at_ms.is_not(None), _STEP.reused.is_(False))
            .where(_STEP.state.in_(sorted(state.value for state in TIMED)))
        )
        rows = await self._connection.execute(wanted)
        return [StepTime(step=row.step_id, state=StepState(row.state), took_ms=max(0, row.took_ms)) for row in rows]

    async def run(self, tenant: str, run_id: str) -> Run:
        """Return a run, or raise RunNotFoundError."""
        wanted = sa.select(flow_runs).where(_RUN.tenant_id == tenant, _RUN.run_id == storable(run_id))
        found = await self._runs(wanted)
        if not found:
            raise RunNotFoundError("no such run of a flow", run_id=run_id)
        return found[0]

    async def runs_at(self, tenant: str, run_ids: Sequence[str], row_ids: Sequence[int]) -> Sequence[Run]:
        """Return those of some runs that there are, and those that file events began, the oldest first."""
        found: dict[RunId, Run] = {}
        own = [storable(name) for name in run_ids]
        for wanted, values in ((_RUN.run_id, own), (_RUN.event_row_id, list(row_ids))):
            for at in range(0, len(values), MANY):
                query = sa.select(flow_runs).where(wanted.in_(values[at : at + MANY]))
                # written so that no planner takes an index by tenant and reads all runs
                query = query.where(_RUN.tenant_id.op("||")("") == tenant)
                if values is not own:
                    query = query.where(_RUN.event_kind == "file")
                found |= {run.run_id: run for run in await self._runs(query)}
        return sorted(found.values(), key=lambda run: (run.created_at_ms, run.run_id))

    async def lines(self, run_id: RunId, *, limit: int) -> Sequence[Line]:
        """Return the newest lines of a run's story, oldest first."""
        wanted = sa.select(flow_run_lines).where(_LINE.run_id == run_id).order_by(_LINE.line_no.desc()).limit(limit)
        return [line_of(row) for row in (await self._connection.execute(wanted)).mappings()][::-1]

    async def _runs(self, query: sa.Select[Any]) -> list[Run]:
        rows = (await self._connection.execute(query)).mappings().all()
        steps: dict[str, list[RunStep]] = {}
        names = [row["run_id"] for row in rows]
        for at in range(0, len(names), MANY):
            wanted = sa.select(flow_run_steps).where(_STEP.run_id.in_(names[at : at + MANY]))
            for row in (await self._connection.execute(wanted.order_by(_STEP.run_id, _STEP.position))).mappings():
                steps.setdefault(row["run_id"], []).append(step_of(row))
        return [run_of(row, steps.get(row["run_id"], ())) for row in rows]


def _conditions(tenant: str, wanted: RunFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [_RUN.tenant_id == tenant]
    if wanted.states:
        conditions.append(_RUN.state.in_(sorted(state.value for state in wanted.states)))
    if wanted.flow_id:
        conditions.append(_RUN.flow_id == storable(wanted.flow_id))
    if wanted.rule_id:
        conditions.append(_RUN.rule_id == storable(wanted.rule_id))
    if wanted.waits:
        asking = sa.select(tasks.c.flow_run_id).where(*ASKS, tasks.c.flow_run_id.is_not(None))
        conditions.append(_RUN.run_id.in_(asking))
    if wanted.since_ms is not None:
        conditions.append(_RUN.created_at_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        conditions.append(_RUN.created_at_ms < wanted.until_ms)
    if wanted.text:
        part = storable(wanted.text)
        columns = (_RUN.run_id, _RUN.name, _RUN.target, _RUN.reason)
        conditions.append(sa.or_(*(column.icontains(part, autoescape=True) for column in columns)))
    return conditions
