"""Reads tasks in SQL: single ones, lists, counts by column, attempts, stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.changes import storable
from gwf.db.tables.work import task_attempts, task_events, tasks
from gwf.db.tasks_rows import attempt_of, event_of, task_of
from gwf.tasks.model import Attempt, FailureGroup, Priority, Task, TaskEvent, TaskFilter, TaskId, TaskPage, TaskState

SAMPLES = 3  #: ids that a group of failures names
MAX_REASONS = 10_000  #: rows that one look at failures groups; reasons are words of programs, so there are few
MAX_VALUES = 100  #: values that a facet names

_TASK = tasks.c
_FACETS: Mapping[str, sa.ColumnElement[Any]] = {
    "state": _TASK.status,
    "type": _TASK.type,
    "executor": _TASK.executor,
    "priority": _TASK.priority,
    "error_class": _TASK.error_class,
}


class SqlTaskReads:
    """Reads of the tasks of one tenant, or of all, over one connection."""

    _locks = False

    def __init__(self, connection: AsyncConnection, tenant: str | None) -> None:
        """Read through `connection`."""
        self._connection = connection
        self._tenant = tenant

    async def find(self, task_id: TaskId) -> Task | None:
        """Return a task; inside a change it is locked until the change is over."""
        query = self._all().where(_TASK.task_id == storable(task_id))
        if self._locks:
            query = query.with_for_update()
        found = (await self._connection.execute(query)).one_or_none()
        return None if found is None else task_of(found)

    async def newest(self, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        return await self.page(wanted, TaskPage(limit=limit)), await self.count(wanted)

    async def count(self, wanted: TaskFilter) -> int:
        """Return how many tasks fit."""
        counted = sa.select(sa.func.count()).select_from(tasks).where(*self._conditions(wanted))
        return (await self._connection.execute(counted)).scalar_one()

    async def page(self, wanted: TaskFilter, page: TaskPage) -> Sequence[Task]:
        """Return a part of the tasks that fit, newest first."""
        query = sa.select(tasks).where(*self._conditions(wanted))
        if page.after is not None:
            at_ms, task_id = page.after
            behind = sa.and_(_TASK.created_at_ms == at_ms, _TASK.task_id < storable(task_id))
            query = query.where(_TASK.created_at_ms <= at_ms, sa.or_(_TASK.created_at_ms < at_ms, behind))
        query = query.order_by(_TASK.created_at_ms.desc(), _TASK.task_id.desc()).limit(page.limit)
        return [task_of(row) for row in (await self._connection.execute(query)).all()]

    async def facets(self, wanted: TaskFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many tasks that fit have each value of the columns that lists are narrowed by."""
        found: dict[str, dict[str, int]] = {}
        for name, column in _FACETS.items():
            query = (
                sa.select(column.label("value"), sa.func.count().label("amount"))
                .where(*self._conditions(wanted), column.is_not(None))
                .group_by(column)
                .order_by(sa.func.count().desc())
                .limit(MAX_VALUES)
            )
            found[name] = {_word(name, row.value): row.amount for row in await self._connection.execute(query)}
        return found

    async def attempts(self, task_id: TaskId, *, limit: int) -> Sequence[Attempt]:
        """Return the newest attempts at a task."""
        row = task_attempts.c
        query = sa.select(task_attempts).where(row.task_id == storable(task_id), row.node == "")
        if self._tenant is not None:
            query = query.where(row.tenant_id == self._tenant)
        query = query.order_by(row.run_no.desc(), row.attempt_no.desc()).limit(limit)
        return [attempt_of(item) for item in (await self._connection.execute(query)).all()]

    async def events(self, task_id: TaskId, *, limit: int) -> Sequence[TaskEvent]:
        """Return the newest events of a task."""
        row = task_events.c
        query = sa.select(task_events).where(row.tenant_id == self._tenant, row.task_id == storable(task_id))
        found = (await self._connection.execute(query.order_by(row.event_no.desc()).limit(limit))).all()
        return [event_of(item) for item in found]

    async def of_events(self, row_ids: Sequence[int], task_ids: Sequence[TaskId]) -> Sequence[Task]:
        """Return tasks that file events caused, and those of these ids, the oldest first."""
        found: dict[TaskId, Task] = {}
        for condition in (
            _TASK.file_event_id.in_(list(row_ids)),
            _TASK.task_id.in_([storable(name) for name in task_ids]),
        ):
            query = sa.select(tasks).where(condition)
            if self._tenant is not None:  # written so that no planner takes an index by tenant and reads all tasks
                query = query.where(_TASK.tenant_id.op("||")("") == self._tenant)
            found |= {one.task_id: one for one in map(task_of, await self._connection.execute(query))}
        return sorted(found.values(), key=lambda one: (one.created_at_ms, one.task_id))

    async def attempts_at(self, task_ids: Sequence[TaskId]) -> Sequence[Attempt]:
        """Return all attempts at some tasks, the oldest of each first."""
        row = task_attempts.c
        query = sa.select(task_attempts).where(row.task_id.in_([storable(name) for name in task_ids]), row.node == "")
        if self._tenant is not None:
            query = query.where(row.tenant_id == self._tenant)
        query = query.order_by(row.task_id, row.run_no, row.attempt_no)
        return [attempt_of(item) for item in await self._connection.execute(query)]

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
        query = sa.select(tasks)
        return query if self._tenant is None else query.where(_TASK.tenant_id == self._tenant)

    def _conditions(self, wanted: TaskFilter) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = [] if self._tenant is None else [_TASK.tenant_id == self._tenant]
        if wanted.states is not None:
            conditions.append(_TASK.status.in_(sorted(state.value for state in wanted.states)))
        if wanted.type is not None:
            conditions.append(_TASK.type == storable(wanted.type))
        for column, values in (
            (_TASK.type, wanted.types),
            (_TASK.executor, wanted.executors),
            (_TASK.priority, wanted.priorities),
            (_TASK.error_class, wanted.error_classes),
        ):
            if values:
                conditions.append(column.in_([_plain(value) for value in sorted(values)]))
        return [*conditions, *_narrowed(wanted)]


def _narrowed(wanted: TaskFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.agent_id:
        name = storable(wanted.agent_id)
        conditions.append(sa.or_(_TASK.agent_id == name, _TASK.for_agent_id == name))
    if wanted.rule_id:
        conditions.append(_TASK.rule_id == storable(wanted.rule_id))
    if wanted.flow_run_id:
        conditions.append(_TASK.flow_run_id == storable(wanted.flow_run_id))
    if wanted.since_ms is not None:
        conditions.append(_TASK.created_at_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        conditions.append(_TASK.created_at_ms < wanted.until_ms)
    if wanted.text:
        part = storable(wanted.text)
        columns = (_TASK.task_id, _TASK.type, _TASK.target, _TASK.failure_reason)
        conditions.append(sa.or_(*(column.icontains(part, autoescape=True) for column in columns)))
    return conditions


def _word(facet: str, value: str | int) -> str:
    """Return a value of a facet as lists name it."""
    return Priority(int(value)).word if facet == "priority" else str(value)


def _plain(value: object) -> object:
    """Return a word or number as the column has it: enums are theirs, words of others are made fit."""
    return storable(value) if isinstance(value, str) else value
