"""The shapes that a task takes between steps: free again, queued anew, ended. Pure."""

from __future__ import annotations

from dataclasses import replace

from gwf.audit.changes import storable
from gwf.tasks.model import MAX_TEXT_CHARS, Task, TaskEventType, TaskState
from gwf.tasks.signals import Amended
from gwf.tasks.step import Command, Step, event_of


def freed(task: Task, *, now_ms: int, next_run_at_ms: int | None = None) -> Task:
    """Return a task that nobody has any more; what is to be done stays what it was."""
    if task.undoing:
        state = TaskState.COMPENSATING
    else:
        state = TaskState.PENDING if next_run_at_ms is None else TaskState.WAITING
    return replace(
        task, state=state, agent_id=None, lease_until_ms=None, next_run_at_ms=next_run_at_ms, updated_at_ms=now_ms
    )


def queued(task: Task, *, now_ms: int) -> Task:
    """Return a task that may be taken now, whatever happened before."""
    return replace(
        task,
        state=TaskState.PENDING,
        agent_id=None,
        failure_reason="",
        error_class=None,
        updated_at_ms=now_ms,
        lease_until_ms=None,
        next_run_at_ms=None,
        finished_at_ms=None,
    )


def amended(task: Task, wish: Amended | None) -> Task:
    """Return a task that is to do something else from now on; None = what it was to do."""
    if wish is None:
        return task
    return replace(
        task,
        payload=wish.payload,
        target=storable(wish.target),
        executor=wish.executor,
        for_agent=None if wish.for_agent is None else storable(wish.for_agent),
    )


def ended(task: Task, state: TaskState, reason: str, *, now_ms: int) -> Task:
    """Return a task to which nothing more happens by itself."""
    return replace(
        task,
        state=state,
        failure_reason=storable(reason)[:MAX_TEXT_CHARS],
        updated_at_ms=now_ms,
        lease_until_ms=None,
        next_run_at_ms=None,
        finished_at_ms=now_ms,
    )


def given_up(task: Task, reason: str, *, now_ms: int) -> Step:
    """Let a task be dead: a person decides what becomes of it."""
    over = ended(task, TaskState.DEAD, reason, now_ms=now_ms)
    event = event_of(over, TaskEventType.DEAD, over.failure_reason)
    return Step(task=over, event=event, commands=frozenset({Command.SETTLED}))
