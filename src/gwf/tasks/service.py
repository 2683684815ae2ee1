"""The use cases of tasks: each one transaction with its story and its audit."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gwf.audit.changes import field_changes
from gwf.audit.model import SYSTEM, Actor, AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import InputError, TooLargeError
from gwf.tasks import state
from gwf.tasks.model import (
    MAX_ID_CHARS,
    MAX_PAYLOAD_BYTES,
    MAX_PULL,
    MAX_TEXT_CHARS,
    FailureGroup,
    Task,
    TaskDraft,
    TaskEvent,
    TaskFilter,
    TaskId,
    TaskNotFoundError,
    TaskState,
)
from gwf.tasks.ports import TaskChange, TaskStore

SWEEP_BATCH = 200  #: tasks that one sweep takes at most in one transaction

log = logging.getLogger("gwf.tasks")


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """On whose behalf something is done."""

    tenant: str
    actor: Actor
    reason: str = ""
    request_id: str = ""


def _unheard(_: state.Step) -> None:
    """Listen to nothing."""


class TaskService:
    """What may be done with tasks."""

    def __init__(self, store: TaskStore, clock: Clock, told: Callable[[state.Step], None] = _unheard) -> None:
        """Keep tasks in `store`; `told` hears of each step that became durable."""
        self._store = store
        self._clock = clock
        self._told = told

    async def create(self, draft: TaskDraft, by: By) -> Task:
        """Queue a new task.

        Raises:
            InputError: Type or target is missing or too long.
            TooLargeError: The payload is too large.
        """
        _check(draft)
        async with self._store.change(by.tenant) as change:
            number = await change.number()
            task_id = TaskId(f"tsk-{number:06}")
            step = state.created(draft, task_id, tenant=by.tenant, now_ms=self._clock.now_ms())
            await change.add(step.task)
            await self._kept(change, step, before=None, by=by)
        return step.task

    async def get(self, tenant: str, task_id: str) -> Task:
        """Return a task.

        Raises:
            TaskNotFoundError: There is none with this id.
        """
        async with self._store.view(tenant) as view:
            return _found(await view.find(TaskId(task_id)))

    async def newest(self, tenant: str, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        async with self._store.view(tenant) as view:
            return await view.newest(wanted, limit=limit)

    async def events(self, tenant: str, task_id: str, *, limit: int) -> Sequence[TaskEvent]:
        """Return the story of a task, newest first; nothing when there is no such task."""
        async with self._store.view(tenant) as view:
            return await view.events(TaskId(task_id), limit=limit)

    async def failures(self, tenant: str, wanted: TaskFilter) -> Sequence[FailureGroup]:
        """Return why tasks ended badly, the most frequent reason first."""
        async with self._store.view(tenant) as view:
            return await view.failures(wanted)

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        return await self._store.counts()

    async def pull(self, agent_id: str, types: frozenset[str], by: By, *, most: int) -> Sequence[Task]:
        """Hand out at most `most` pending tasks, most urgent first, then oldest."""
        handed: list[Task] = []
        async with self._store.change(by.tenant) as change:
            swept = await self._swept(change, by.tenant)
            for task in await change.claimable(types, limit=max(1, min(most, MAX_PULL))):
                step = state.assigned(task, agent_id, now_ms=self._clock.now_ms())
                await change.put(step.task)
                await change.open_attempt(step.task)
                await self._kept(change, step, before=task, by=by)
                handed.append(step.task)
        self._tell(swept)
        return handed

    async def start(self, task_id: str, agent_id: str, message: str, *, by: By) -> Task:
        """Take an agent's word that it began.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        return await self._stepped(
            task_id, by, lambda task, now_ms: state.started(task, agent_id, message, now_ms=now_ms)
        )

    async def progress(self, task_id: str, agent_id: str, message: str, *, by: By) -> Task:
        """Take an agent's word about how far it is.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        return await self._stepped(
            task_id, by, lambda task, now_ms: state.progressed(task, agent_id, message, now_ms=now_ms)
        )

    async def finish(self, task_id: str, agent_id: str, report: state.Report, *, by: By) -> Task:
        """Take an agent's word about how it ended.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        return await self._stepped(
            task_id, by, lambda task, now_ms: state.finished(task, agent_id, report, now_ms=now_ms)
        )

    async def cancel(self, task_id: str, by: By) -> Task:
        """Let a task never be done.

        Raises:
            TaskNotFoundError, TaskStateError: As the state machine says.
        """
        return await self._stepped(task_id, by, lambda task, now_ms: state.cancelled(task, now_ms=now_ms))

    async def retry(self, task_id: str, by: By) -> Task:
        """Queue a task that ended badly again.

        Raises:
            TaskNotFoundError, TaskStateError, RetriesUsedUpError: As the state machine says.
        """
        return await self._stepped(task_id, by, lambda task, now_ms: state.retried(task, now_ms=now_ms))

    async def sweep(self) -> int:
        """Take tasks from agents that have been silent about them for too long; return how many.

        Called every few seconds by the centre, so nothing waits for an agent to ask.
        """
        taken = 0
        for tenant in await self._store.tenants_with_expired(now_ms=self._clock.now_ms()):
            async with self._store.change(tenant) as change:
                swept = await self._swept(change, tenant)
            self._tell(swept)
            taken += len({step.task.task_id for step in swept})
        return taken

    async def _stepped(self, task_id: str, by: By, decide: Callable[[Task, int], state.Step]) -> Task:
        """Let `decide` make the step of a task at this moment."""
        async with self._store.change(by.tenant) as change:
            task = _found(await change.find(TaskId(task_id)))
            step = decide(task, self._clock.now_ms())
            await self._taken(change, step, before=task, by=by)
        self._tell([step])
        return step.task

    def _tell(self, steps: Sequence[state.Step]) -> None:
        for step in steps:
            self._told(step)

    async def _swept(self, change: TaskChange, tenant: str) -> Sequence[state.Step]:
        by = By(tenant=tenant, actor=SYSTEM)
        now_ms = self._clock.now_ms()
        over = await change.expired(now_ms=now_ms, limit=SWEEP_BATCH)
        taken: list[state.Step] = []
        for task in over:
            before = task
            for step in state.expired(task, lost=await change.lost(task), now_ms=now_ms):
                await self._taken(change, step, before=before, by=by)
                before = step.task
                taken.append(step)
        if over:
            log.warning("task_leases_expired", extra={"count": len(over)})
        return taken

    async def _taken(self, change: TaskChange, step: state.Step, *, before: Task, by: By) -> None:
        await change.put(step.task)
        if step.ended is not None:
            error = step.task.failure_reason or step.event.message
            await change.end_attempt(before, step.ended, error=error, now_ms=step.event.at_ms)
        await self._kept(change, step, before=before, by=by)

    async def _kept(self, change: TaskChange, step: state.Step, *, before: Task | None, by: By) -> None:
        await change.add_event(step.event)
        if step.action is None:
            return
        entry = AuditEntry(
            tenant=by.tenant,
            actor=by.actor,
            action=step.action.value,
            resource=Resource(kind="task", id=step.task.task_id),
            at_ms=step.event.at_ms,
            reason=by.reason,
            request_id=by.request_id,
            changes=field_changes(None if before is None else _shown(before), _shown(step.task)),
            detail=step.detail,
        )
        change.record(entry)


def _found(task: Task | None) -> Task:
    if task is None:
        raise TaskNotFoundError("task not found")
    return task


def _shown(task: Task) -> dict[str, object]:
    """Return what the audit compares: what a step may change, and not the payload, which belongs to others."""
    return {
        "state": task.state.value,
        "agent_id": task.agent_id,
        "retry_count": task.retry_count,
        "failure_reason": task.failure_reason,
    }


def _check(draft: TaskDraft) -> None:
    if not draft.type or not draft.target:
        raise InputError("type and target are required")
    for name, text, most in (
        ("type", draft.type, MAX_ID_CHARS),
        ("target", draft.target, MAX_TEXT_CHARS),
        ("created_by", draft.created_by, MAX_ID_CHARS),
    ):
        if len(text) > most:
            raise InputError("the text is too long", field=name, chars=len(text), max_chars=most)
    if draft.payload is not None and len(json.dumps(draft.payload)) > MAX_PAYLOAD_BYTES:
        raise TooLargeError("the payload is too large", max_bytes=MAX_PAYLOAD_BYTES)


#: states of tasks that ended badly
BAD_STATES = frozenset({TaskState.FAILED, TaskState.TIMED_OUT, TaskState.CANCELLED})
