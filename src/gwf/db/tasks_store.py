"""Tasks, their attempts and their story in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.audit.changes import storable
from gwf.audit.model import AuditEntry
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.numbers import next_number, take_numbers
from gwf.db.tables.work import task_attempts, task_events, tasks
from gwf.db.task_letters import keep_letters
from gwf.db.tasks_reads import SqlTaskReads
from gwf.db.tasks_rows import (
    amended_values,
    ended_values,
    event_values,
    made_values,
    opened_values,
    step_values,
    task_of,
)
from gwf.tasks.model import AttemptOutcome, Executor, Task, TaskEvent, TaskId, TaskState
from gwf.tasks.ports import Done

LONGEST_LEASE_MS = 600_000  #: no lease is longer (tasks.model.RUN_S, and the highest server.work.lease)
SETBACK_NOISE_MS = 2_000  #: what was written so little ahead of now was not written before the clock was set back

_TASK = tasks.c
_HELD = sa.and_(
    _TASK.lease_until_ms.is_not(None),
    _TASK.status.in_(
        [state.value for state in (TaskState.LEASED, TaskState.RUNNING, TaskState.CANCELLING, TaskState.COMPENSATING)]
    ),
)
_UNDOABLE = sa.and_(_TASK.status == TaskState.COMPENSATING.value, _TASK.lease_until_ms.is_(None))
_PUT = sa.update(tasks).where(_TASK.task_id == sa.bindparam("of_task"))
_END = sa.update(task_attempts).where(
    task_attempts.c.task_id == sa.bindparam("of_task"),
    task_attempts.c.run_no == sa.bindparam("of_run"),
    task_attempts.c.node == "",
    task_attempts.c.attempt_no == sa.bindparam("of_attempt"),
    task_attempts.c.outcome == AttemptOutcome.OPEN.value,
)


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
    async def change(self, tenant: str | None) -> AsyncGenerator[SqlTaskChange]:
        """Begin a transaction."""
        async with self._core.change() as change:
            yield SqlTaskChange(change, tenant)

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        query = sa.select(_TASK.status, _TASK.type, sa.func.count().label("amount")).group_by(_TASK.status, _TASK.type)
        async with self._core.view() as connection:
            found = (await connection.execute(query)).all()
        return {(TaskState(item.status), item.type): item.amount for item in found}

    async def free_since_ms(self) -> Mapping[Executor, int]:
        """Return of each executor since when the task has been free that nobody took for the longest."""
        query = (
            sa.select(_TASK.executor, sa.func.min(_TASK.updated_at_ms).label("since_ms"))
            .where(_TASK.status == TaskState.PENDING.value)
            .group_by(_TASK.executor)
        )
        async with self._core.view() as connection:
            return {Executor(row.executor): row.since_ms for row in await connection.execute(query)}

    async def waiting_for_agents(self) -> Mapping[str, int]:
        """Return how many tasks agents may take now."""
        free = sa.or_(_TASK.status == TaskState.PENDING.value, _UNDOABLE)
        query = (
            sa.select(_TASK.for_agent_id, sa.func.count().label("amount"))
            .where(_TASK.executor == Executor.AGENT.value, free)
            .group_by(_TASK.for_agent_id)
        )
        async with self._core.view() as connection:
            return {row.for_agent_id: row.amount for row in await connection.execute(query)}

    async def heed_setback(self, *, now_ms: int) -> None:
        """Shorten what the clock, set back, would make too long: leases beyond any that there is, waits for attempts.

        May be repeated, by many processes.
        """
        latest_ms = now_ms + LONGEST_LEASE_MS
        waits = sa.and_(_TASK.status == TaskState.WAITING.value, _TASK.updated_at_ms > now_ms + SETBACK_NOISE_MS)
        async with self._core.change() as change:
            await change.connection.execute(
                sa.update(tasks)
                .where(_TASK.lease_until_ms > latest_ms)
                .values(lease_until_ms=latest_ms, due_at_ms=latest_ms)
            )
            await change.connection.execute(
                sa.update(tasks).where(waits).values(next_run_at_ms=now_ms, due_at_ms=now_ms, updated_at_ms=now_ms)
            )

    async def next_due_ms(self) -> int | None:
        """Return when the clock makes its next step of any task."""
        async with self._core.view() as connection:
            due_ms: int | None = await connection.scalar(sa.select(sa.func.min(_TASK.due_at_ms)))
            return due_ms

    async def is_free_for_workers(self) -> bool:
        """Tell whether a worker may find something to take."""
        mine = _TASK.executor == Executor.WORKER.value
        async with self._core.view() as connection:
            for free in (_TASK.status == TaskState.PENDING.value, _UNDOABLE):
                if await connection.scalar(sa.select(_TASK.task_id).where(mine, free).limit(1)) is not None:
                    return True
        return False


class SqlTaskChange(SqlTaskReads):
    """One transaction on the tasks of one tenant, or of all."""

    _locks = True

    def __init__(self, change: CoreChange, tenant: str | None) -> None:
        """Write through the connection of `change`."""
        super().__init__(change.connection, tenant)
        #: of the database, for what goes on with tasks in the same transaction
        self.change = change

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        self.change.record(entry)

    async def number(self) -> int:
        """Return the next number for the id of a task."""
        return await next_number(self._connection, "task")

    async def many(self, task_ids: Sequence[TaskId]) -> Sequence[Task]:
        """Return those of some tasks that there are, in the order of their ids so that two changes never cross."""
        if not task_ids:
            return []
        wanted = self._all().where(_TASK.task_id.in_([storable(task_id) for task_id in task_ids]))
        return await self._locked(wanted.order_by(_TASK.task_id))

    async def claimable(self, types: frozenset[str], *, limit: int) -> Sequence[Task]:
        """Return pending tasks, most urgent first, then oldest; those that another change holds are left out."""
        query = self._all().where(_TASK.executor == Executor.ANY.value, _TASK.status == TaskState.PENDING.value)
        if types:
            query = query.where(_TASK.type.in_(sorted(map(storable, types))))
        query = query.order_by(_TASK.priority.desc(), _TASK.created_at_ms, _TASK.task_id).limit(limit)
        return await self._locked(query, skip=True)

    async def free_for_workers(self, types: Sequence[str], *, limit: int, now_ms: int) -> Sequence[Task]:
        """Return tasks that a worker may take now."""
        mine = (_TASK.executor == Executor.WORKER.value, _TASK.type.in_(list(types)))
        return await self._free(mine, limit=limit, now_ms=now_ms)

    async def free_for_agent(self, agent_id: str, *, limit: int, now_ms: int) -> Sequence[Task]:
        """Return tasks that an agent may take now."""
        mine = (_TASK.for_agent_id == storable(agent_id), _TASK.executor == Executor.AGENT.value)
        return await self._free(mine, limit=limit, now_ms=now_ms)

    async def _free(self, mine: tuple[sa.ColumnElement[bool], ...], *, limit: int, now_ms: int) -> Sequence[Task]:
        pending = self._all().where(*mine, _TASK.status == TaskState.PENDING.value)
        found = list(await self._locked(pending.order_by(_TASK.place_ms, _TASK.task_id).limit(limit), skip=True))
        if len(found) < limit:
            is_time = sa.or_(_TASK.next_run_at_ms.is_(None), _TASK.next_run_at_ms <= now_ms)
            undone = self._all().where(*mine, _UNDOABLE, is_time).order_by(_TASK.place_ms, _TASK.task_id)
            found += await self._locked(undone.limit(limit - len(found)), skip=True)
        return found

    async def due(self, *, now_ms: int, limit: int) -> Sequence[Task]:
        """Return tasks of which the clock makes a step."""
        query = self._all().where(_TASK.due_at_ms < now_ms).order_by(_TASK.due_at_ms).limit(limit)
        return await self._locked(query, skip=True)

    async def renew(self, owner: str, *, until_ms: int) -> Mapping[TaskId, tuple[int, TaskState]]:
        """Let everything that an executor has be its own for longer."""
        mine = _TASK.agent_id == storable(owner)
        renewed = (
            sa.update(tasks)
            .where(mine, _HELD)
            .values(lease_until_ms=until_ms, due_at_ms=until_ms)
            .returning(_TASK.task_id, _TASK.fence, _TASK.status)
        )
        found = (await self._connection.execute(renewed)).all()
        return {TaskId(row.task_id): (row.fence, TaskState(row.status)) for row in found}

    async def let_go(self, task_id: TaskId, owner: str, *, fence: int) -> None:
        """Let nobody have a task under a lease any more, which ends as it would have."""
        mine = (_TASK.task_id == storable(task_id), _TASK.agent_id == storable(owner), _TASK.fence == fence, _HELD)
        await self._connection.execute(sa.update(tasks).where(*mine).values(agent_id=None))

    async def put_off(self, task_id: TaskId, *, until_ms: int) -> None:
        """Let the clock make no step of a task before a moment."""
        await self._connection.execute(sa.update(tasks).where(_TASK.task_id == task_id).values(due_at_ms=until_ms))

    @asynccontextmanager
    async def sheltered(self) -> AsyncGenerator[None]:
        """Open a part of this change that is undone by itself."""
        async with self.change.sheltered():
            yield

    async def enter(self, new: Sequence[Task]) -> frozenset[TaskId]:
        """Enter new tasks; those that are there already stay as they are."""
        if not new:
            return frozenset()
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        rows = [{**made_values(task), **step_values(task)} for task in new]
        entered = insert(tasks).on_conflict_do_nothing().returning(_TASK.task_id)
        return frozenset(map(TaskId, (await self._connection.scalars(entered, rows)).all()))

    async def keep(self, done: Sequence[Done]) -> None:
        """Write what steps made of tasks, in their order."""
        last: dict[TaskId, Task] = {step.task.task_id: step.task for before, step in done if before is not None}
        if last:
            rows = [{"of_task": task.task_id, **step_values(task)} for task in last.values()]
            await self._connection.execute(_PUT, rows)
        others = [
            {"of_task": step.task.task_id, **amended_values(step.task)}
            for before, step in done
            if before is not None and amended_values(before) != amended_values(step.task)
        ]
        if others:
            await self._connection.execute(_PUT, others)
        ended = [
            ended_values(before, step.ended, now_ms=step.task.updated_at_ms)
            for before, step in done
            if before is not None and step.ended is not None
        ]
        if ended:
            await self._connection.execute(_END, ended)
        opened = [opened_values(step.task) for _, step in done if step.opens]
        if opened:
            await self._connection.execute(sa.insert(task_attempts), opened)
        told = [(step.event, step.task.tenant) for _, step in done if step.event is not None]
        if told:
            first = await take_numbers(self._connection, "task_event", len(told))
            lines = [event_values(event, tenant, number) for number, (event, tenant) in enumerate(told, start=first)]
            await self._connection.execute(sa.insert(task_events), lines)
        await keep_letters(self._connection, done)

    async def add_story(self, events: Sequence[TaskEvent], *, tenant: str, first: int) -> None:
        """Enter lines of stories that came from elsewhere, under numbers from `first` on, which were taken before."""
        rows = [event_values(event, tenant, number) for number, event in enumerate(events, start=first)]
        if rows:
            await self._connection.execute(sa.insert(task_events), rows)

    async def _locked(self, query: sa.Select[Any], *, skip: bool = False) -> Sequence[Task]:
        found = (await self._connection.execute(query.with_for_update(skip_locked=skip))).all()
        return [task_of(row) for row in found]
