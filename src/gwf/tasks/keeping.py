"""Writes steps of tasks with their audit, inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gwf.audit.changes import field_changes
from gwf.audit.model import SYSTEM, Actor, AuditEntry, Resource
from gwf.tasks.following import followed
from gwf.tasks.machine import advance
from gwf.tasks.model import Executor, Task
from gwf.tasks.ports import Done, Follows, TaskChange
from gwf.tasks.signals import Signal
from gwf.tasks.step import Step, TaskAction


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """On whose behalf something is done."""

    tenant: str
    actor: Actor
    reason: str = ""
    request_id: str = ""
    #: what people call the actor; "" = its id
    name: str = ""


@dataclass(slots=True)
class Ledger:
    """The steps of one transaction: taken one by one, written at once."""

    done: list[Done] = field(default_factory=list[Done])
    #: who goes on with what ended
    follows: Follows | None = None

    @property
    def steps(self) -> Sequence[Step]:
        """Return the steps in their order."""
        return [step for _, step in self.done]

    def take(self, task: Task, signal: Signal, *, now_ms: int) -> Task:
        """Let a signal happen to a task and return what becomes of it.

        Raises:
            ConflictError: As the state machine says; nothing was taken.
        """
        for step in advance(task, signal, now_ms=now_ms):
            self.done.append((task, step))
            task = step.task
        return task

    async def write(self, change: TaskChange, by: By) -> None:
        """Write everything, on behalf of `by`; a task of another tenant is on its own tenant's record.

        What comes of it elsewhere, the next tasks of a flow, is written too and counts as steps of this ledger.
        """
        await change.keep(self.done)
        for before, step in self.done:
            if is_on_record(step, by):
                change.record(_entry(before, step, by))
        if self.follows is not None:
            self.done += await followed(self.follows, change, self.steps)


def is_on_record(step: Step, by: By) -> bool:
    """Tell whether the audit has a step: acts of people, and every step over the Go version's interface.

    What rules create and executors do is told by the tasks and their attempts themselves.
    """
    if step.action is None:
        return False
    return step.task.executor is Executor.ANY or by.actor != SYSTEM or step.action is not TaskAction.CREATE


def _entry(before: Task | None, step: Step, by: By) -> AuditEntry:
    return AuditEntry(
        tenant=step.task.tenant,
        actor=by.actor,
        action=TaskAction(step.action or "").value,
        resource=Resource(kind="task", id=step.task.task_id),
        at_ms=step.task.updated_at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(None if before is None else _shown(before), _shown(step.task)),
        detail=step.detail,
    )


def _shown(task: Task) -> dict[str, object]:
    """Return what the audit compares: what a step may change, and not the payload, which belongs to others."""
    return {
        "state": task.state.value,
        "agent_id": task.agent_id,
        "retry_count": task.retry_count,
        "failure_reason": task.failure_reason,
    }
