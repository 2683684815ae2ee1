"""Tasks, their attempts and their story in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.changes import storable
from gwf.audit.model import AuditEntry
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.numbers import next_number
from gwf.db.tables.work import task_attempts, task_events, tasks
from gwf.tasks.model import (
    AttemptOutcome,
    FailureGroup,
    Priority,
    Task,
    TaskEvent,
    TaskEventType,
    TaskFilter,
    TaskId,
    TaskState,
)
from gwf.tasks.ports import LEASED_STATES

SAMPLES = 3  #: ids that a group of failures names
MAX_REASONS = 10_000  #: rows that one look at failures groups; reasons are words of programs, so there are few

_TASK = tasks.c
_LEASED = [state.value for state in LEASED_STATES]


class SqlTaskStore:
    """Keeps tasks in the half that holds what people and agents decide."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep them there."""
        self._core = core

    @asynccontextmanager
    async def view(self, tenant: str) -> AsyncGenerator[SqlTaskReads]:
        """Read one state of a tenant's tasks."""
        async with self._core.view() as connection:
            yield SqlTaskReads(connection, tenant)

    @asynccontextmanager
    async def change(self, tenant: str) -> AsyncGenerator[SqlTaskChange]:
        """Begin a transaction."""
        async with self._core.change() as change:
            yield SqlTaskChange(change, tenant)

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        query = sa.select(_TASK.status, _TASK.type, sa.func.count().label("amount")).group_by(_TASK.status, _TASK.type)
        async with self._core.view() as connection:
            found = (await connection.execute(query)).all()
        return {(TaskState(item.status), item.type): item.amount for item in found}

    async def tenants_with_expired(self, *, now_ms: int) -> Sequence[str]:
        """Return the tenants that have a task whose lease is over."""
        query = sa.select(_TASK.tenant_id).where(_is_expired(now_ms)).distinct()
        async with self._core.view() as connection:
            return (await connection.execute(query)).scalars().all()


class SqlTaskReads:
    """Reads of one tenant's tasks over one connection."""

    _locks = False

    def __init__(self, connection: AsyncConnection, tenant: str) -> None:
        """Read through `connection`."""
        self._connection = connection
        self._tenant = tenant

    async def find(self, task_id: TaskId) -> Task | None:
        """Return a task; inside a change it is locked until the change is over."""
        query = self._all().where(_TASK.task_id == storable(task_id))
        if self._locks:
            query = query.with_for_update()
        found = (await self._connection.execute(query)).one_or_none()
        return None if found is None else _task(found)

    async def newest(self, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        conditions = self._conditions(wanted)
        query = sa.select(tasks).where(*conditions).order_by(_TASK.created_at_ms.desc(), _TASK.task_id.desc())
        found = (await self._connection.execute(query.limit(limit))).all()
        counted = sa.select(sa.func.count()).select_from(tasks).where(*conditions)
        return [_task(item) for item in found], (await self._connection.execute(counted)).scalar_one()

    async def events(self, task_id: TaskId, *, limit: int) -> Sequence[TaskEvent]:
        """Return the newest events of a task."""
        row = task_events.c
        query = sa.select(task_events).where(row.tenant_id == self._tenant, row.task_id == storable(task_id))
        found = (await self._connection.execute(query.order_by(row.event_no.desc()).limit(limit))).all()
        return [_event(item) for item in found]

    async def failures(self, wanted: TaskFilter) -> Sequence[FailureGroup]:
        """Return tasks by reason, the most frequent first."""
        reason = sa.func.lower(sa.func.trim(_TASK.failure_reason)).label("reason")
        query = (
            sa.select(reason, _TASK.status, sa.func.count().label("amount"), sa.func.max(_TASK.task_id).label("sample"))
            .where(*self._conditions(wanted))
            .group_by(reason, _TASK.status)
            .limit(MAX_REASONS)
        )
        groups: dict[str, dict[TaskState, int]] = {}
        samples: dict[str, list[TaskId]] = {}
        for item in (await self._connection.execute(query)).all():
            groups.setdefault(item.reason, {})[TaskState(item.status)] = item.amount
            samples.setdefault(item.reason, []).append(TaskId(item.sample))
        made = [
            FailureGroup(reason=name, states=states, samples=tuple(samples[name][:SAMPLES]))
            for name, states in groups.items()
        ]
        return sorted(made, key=lambda group: (-group.count, group.reason))

    def _all(self) -> sa.Select[Any]:
        return sa.select(tasks).where(_TASK.tenant_id == self._tenant)

    def _conditions(self, wanted: TaskFilter) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = [_TASK.tenant_id == self._tenant]
        if wanted.states is not None:
            conditions.append(_TASK.status.in_(sorted(state.value for state in wanted.states)))
        if wanted.type is not None:
            conditions.append(_TASK.type == storable(wanted.type))
        return conditions


class SqlTaskChange(SqlTaskReads):
    """One transaction on one tenant's tasks."""

    _locks = True

    def __init__(self, change: CoreChange, tenant: str) -> None:
        """Write through the connection of `change`."""
        super().__init__(change.connection, tenant)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        self._change.record(entry)

    async def number(self) -> int:
        """Return the next number for the id of a task."""
        return await next_number(self._connection, "task")

    async def claimable(self, types: frozenset[str], *, limit: int) -> Sequence[Task]:
        """Return pending tasks, most urgent first, then oldest; those that another change holds are left out."""
        query = self._all().where(_TASK.status == TaskState.PENDING.value)
        if types:
            query = query.where(_TASK.type.in_(sorted(map(storable, types))))
        query = query.order_by(_TASK.priority.desc(), _TASK.created_at_ms, _TASK.task_id).limit(limit)
        found = (await self._connection.execute(query.with_for_update(skip_locked=True))).all()
        return [_task(item) for item in found]

    async def expired(self, *, now_ms: int, limit: int) -> Sequence[Task]:
        """Return tasks whose lease is over."""
        query = self._all().where(_is_expired(now_ms)).order_by(_TASK.lease_until_ms).limit(limit)
        found = (await self._connection.execute(query.with_for_update(skip_locked=True))).all()
        return [_task(item) for item in found]

    async def lost(self, task: Task) -> int:
        """Return how many attempts of the task's run were never begun."""
        row = task_attempts.c
        query = sa.select(sa.func.count()).where(
            row.task_id == task.task_id, row.run_no == task.run_no, row.outcome == AttemptOutcome.LOST.value
        )
        return (await self._connection.execute(query)).scalar_one()

    async def add(self, task: Task) -> None:
        """Enter a new task."""
        await self._connection.execute(sa.insert(tasks).values(idempotency_key=task.task_id, **_values(task)))

    async def add_many(self, new: Sequence[Task]) -> None:
        """Enter tasks that came from elsewhere."""
        if new:
            rows = [{"idempotency_key": task.task_id, **_values(task)} for task in new]
            await self._connection.execute(sa.insert(tasks), rows)

    async def add_story(self, events: Sequence[TaskEvent], *, first: int) -> None:
        """Enter lines of stories under numbers from `first` on, which were taken before."""
        rows = [_event_values(event, self._tenant, number) for number, event in enumerate(events, start=first)]
        if rows:
            await self._connection.execute(sa.insert(task_events), rows)

    async def put(self, task: Task) -> None:
        """Write what a step changed."""
        values = _values(task)
        del values["task_id"], values["tenant_id"], values["payload"]
        chosen = (_TASK.tenant_id == self._tenant, _TASK.task_id == task.task_id)
        await self._connection.execute(sa.update(tasks).where(*chosen).values(values))

    async def open_attempt(self, task: Task) -> None:
        """Enter the attempt of a task that was just leased."""
        await self._connection.execute(
            sa.insert(task_attempts).values(
                task_id=task.task_id,
                run_no=task.run_no,
                node="",
                attempt_no=task.fence,
                tenant_id=task.tenant,
                executor=task.agent_id or "",
                outcome=AttemptOutcome.OPEN.value,
                started_at_ms=task.updated_at_ms,
            )
        )

    async def end_attempt(self, task: Task, outcome: AttemptOutcome, *, error: str, now_ms: int) -> None:
        """Write how the attempt ended that `fence` of the task names."""
        row = task_attempts.c
        await self._connection.execute(
            sa.update(task_attempts)
            .where(
                row.task_id == task.task_id,
                row.run_no == task.run_no,
                row.node == "",
                row.attempt_no == task.fence,
                row.outcome == AttemptOutcome.OPEN.value,
            )
            .values(outcome=outcome.value, error=error or None, ended_at_ms=now_ms)
        )

    async def add_event(self, event: TaskEvent) -> None:
        """Enter a line of a task's story."""
        number = await next_number(self._connection, "task_event")
        await self._connection.execute(sa.insert(task_events).values(_event_values(event, self._tenant, number)))


def _is_expired(now_ms: int) -> sa.ColumnElement[bool]:
    return sa.and_(_TASK.status.in_(_LEASED), _TASK.lease_until_ms < now_ms)


def _values(task: Task) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "tenant_id": task.tenant,
        "type": task.type,
        "target": task.target,
        "payload": task.payload,
        "priority": task.priority.value,
        "status": task.state.value,
        "failure_reason": task.failure_reason,
        "agent_id": task.agent_id,
        "created_by": task.created_by,
        "retry_count": task.retry_count,
        "max_retries": task.max_retries,
        "run_no": task.run_no,
        "fence": task.fence,
        "lease_until_ms": task.lease_until_ms,
        "created_at_ms": task.created_at_ms,
        "updated_at_ms": task.updated_at_ms,
        "finished_at_ms": task.finished_at_ms,
    }


def _event_values(event: TaskEvent, tenant: str, number: int) -> dict[str, Any]:
    return {
        "event_no": number,
        "tenant_id": tenant,
        "task_id": event.task_id,
        "agent_id": event.agent_id,
        "event_type": event.type.value,
        "message": event.message,
        "at_ms": event.at_ms,
    }


def _task(item: sa.Row[Any]) -> Task:
    return Task(
        task_id=TaskId(item.task_id),
        tenant=item.tenant_id,
        type=item.type,
        target=item.target,
        payload=item.payload,
        priority=Priority(item.priority),
        state=TaskState(item.status),
        failure_reason=item.failure_reason,
        agent_id=item.agent_id,
        created_by=item.created_by,
        retry_count=item.retry_count,
        max_retries=item.max_retries,
        run_no=item.run_no,
        fence=item.fence,
        lease_until_ms=item.lease_until_ms,
        created_at_ms=item.created_at_ms,
        updated_at_ms=item.updated_at_ms,
        finished_at_ms=item.finished_at_ms,
    )


def _event(item: sa.Row[Any]) -> TaskEvent:
    return TaskEvent(
        task_id=TaskId(item.task_id),
        type=TaskEventType(item.event_type),
        at_ms=item.at_ms,
        agent_id=item.agent_id,
        message=item.message,
        number=item.event_no,
    )
