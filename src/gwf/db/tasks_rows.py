"""Tasks, attempts and lines of stories as rows, and back."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from gwf.audit.changes import storable
from gwf.core.errors import ErrorClass
from gwf.tasks.model import (
    MAX_TEXT_CHARS,
    Attempt,
    AttemptOutcome,
    Cause,
    Executor,
    Priority,
    Task,
    TaskEvent,
    TaskEventType,
    TaskId,
    TaskState,
)
from gwf.tasks.policy import Policy
from gwf.tasks.step import Ended

_USUAL = asdict(Policy())


def made_values(task: Task) -> dict[str, Any]:
    """Return the columns that stay as they were when a task was made."""
    return {
        "task_id": task.task_id,
        "tenant_id": task.tenant,
        "idempotency_key": task.key or task.task_id,
        "type": task.type,
        "target": task.target,
        "payload": task.payload,
        "priority": task.priority.value,
        "created_by": task.created_by,
        "max_retries": task.max_retries,
        "created_at_ms": task.created_at_ms,
        "executor": task.executor.value,
        "for_agent_id": task.for_agent,
        "policy": {name: value for name, value in asdict(task.policy).items() if value != _USUAL[name]},
        "place_ms": task.place_ms,
        "file_event_id": task.cause.file_event_id,
        "rule_id": task.cause.rule_id,
        "rule_version": task.cause.rule_version,
        "flow_run_id": task.cause.flow_run_id,
        "flow_step": task.cause.flow_step,
    }


def step_values(task: Task) -> dict[str, Any]:
    """Return the columns that steps change."""
    return {
        "status": task.state.value,
        "failure_reason": task.failure_reason,
        "agent_id": task.agent_id,
        "retry_count": task.retry_count,
        "run_no": task.run_no,
        "fence": task.fence,
        "lease_until_ms": task.lease_until_ms,
        "updated_at_ms": task.updated_at_ms,
        "finished_at_ms": task.finished_at_ms,
        "attempts": task.attempts,
        "lost": task.lost,
        "next_run_at_ms": task.next_run_at_ms,
        "deadline_at_ms": task.deadline_at_ms,
        "error_class": None if task.error_class is None else task.error_class.value,
        "result": task.result,
        "undo": task.undo,
        "undoing": task.undoing,
        "due_at_ms": task.due_at_ms,
    }


def amended_values(task: Task) -> dict[str, Any]:
    """Return the columns that change when a task is to do something else."""
    return {
        "payload": task.payload,
        "target": task.target,
        "executor": task.executor.value,
        "for_agent_id": task.for_agent,
    }


def task_of(row: sa.Row[Any]) -> Task:
    """Return the task of a row."""
    keyed = row.idempotency_key != row.task_id
    return Task(
        task_id=TaskId(row.task_id),
        tenant=row.tenant_id,
        type=row.type,
        target=row.target,
        payload=row.payload,
        priority=Priority(row.priority),
        state=TaskState(row.status),
        failure_reason=row.failure_reason,
        agent_id=row.agent_id,
        created_by=row.created_by,
        retry_count=row.retry_count,
        max_retries=row.max_retries,
        run_no=row.run_no,
        fence=row.fence,
        lease_until_ms=row.lease_until_ms,
        created_at_ms=row.created_at_ms,
        updated_at_ms=row.updated_at_ms,
        finished_at_ms=row.finished_at_ms,
        executor=Executor(row.executor),
        for_agent=row.for_agent_id,
        key=row.idempotency_key if keyed else "",
        policy=_policy(row.policy),
        attempts=row.attempts,
        lost=row.lost,
        next_run_at_ms=row.next_run_at_ms,
        deadline_at_ms=row.deadline_at_ms,
        error_class=None if row.error_class is None else ErrorClass(row.error_class),
        result=row.result,
        undo=row.undo,
        undoing=row.undoing,
        cause=Cause(
            file_event_id=row.file_event_id,
            rule_id=row.rule_id,
            rule_version=row.rule_version,
            flow_run_id=row.flow_run_id,
            flow_step=row.flow_step,
        ),
    )


def _policy(value: dict[str, Any]) -> Policy:
    classes = tuple(ErrorClass(word) for word in value.get("never_after", ()))
    return replace(Policy(**{name: one for name, one in value.items() if name != "never_after"}), never_after=classes)


def opened_values(task: Task) -> dict[str, Any]:
    """Return the row of the attempt that a lease begins."""
    return {
        "task_id": task.task_id,
        "run_no": task.run_no,
        "node": "",
        "attempt_no": task.fence,
        "tenant_id": task.tenant,
        "executor": task.agent_id or "",
        "outcome": AttemptOutcome.OPEN.value,
        "started_at_ms": task.updated_at_ms,
    }


def ended_values(task: Task, ended: Ended, *, now_ms: int) -> dict[str, Any]:
    """Return what the end of the attempt writes that `fence` names; of a task as it was before."""
    return {
        "of_task": task.task_id,
        "of_run": task.run_no,
        "of_attempt": task.fence,
        "outcome": ended.outcome.value,
        "error": storable(ended.error)[:MAX_TEXT_CHARS] or None,
        "error_class": None if ended.error_class is None else ended.error_class.value,
        "result": ended.result,
        "ended_at_ms": now_ms,
    }


def attempt_of(row: sa.Row[Any]) -> Attempt:
    """Return the attempt of a row."""
    return Attempt(
        task_id=TaskId(row.task_id),
        run_no=row.run_no,
        attempt_no=row.attempt_no,
        executor=row.executor,
        outcome=AttemptOutcome(row.outcome),
        error_class=None if row.error_class is None else ErrorClass(row.error_class),
        error=row.error or "",
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        result=row.result,
    )


def event_values(event: TaskEvent, tenant: str, number: int) -> dict[str, Any]:
    """Return the row of a line of a story."""
    return {
        "event_no": number,
        "tenant_id": tenant,
        "task_id": event.task_id,
        "agent_id": event.agent_id,
        "event_type": event.type.value,
        "message": event.message,
        "at_ms": event.at_ms,
    }


def event_of(row: sa.Row[Any]) -> TaskEvent:
    """Return the line of a row."""
    return TaskEvent(
        task_id=TaskId(row.task_id),
        type=TaskEventType(row.event_type),
        at_ms=row.at_ms,
        agent_id=row.agent_id,
        message=row.message,
        number=row.event_no,
    )
