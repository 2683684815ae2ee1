"""One step of a task: what becomes of it, what is kept of the step, what others are to do."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.audit.changes import storable
from gwf.core.errors import ErrorClass
from gwf.tasks.model import MAX_TEXT_CHARS, AttemptOutcome, Task, TaskEvent, TaskEventType


class TaskAction(enum.StrEnum):
    """What the audit calls a step; a step without one is not a change that anybody made."""

    CREATE = "task.create"
    ASSIGN = "task.assign"
    START = "task.start"
    FINISH = "task.finish"
    CANCEL = "task.cancel"
    RETRY = "task.retry"
    COMPENSATE = "task.compensate"
    TIME_OUT = "task.time_out"


class Command(enum.StrEnum):
    """What a step asks of others, once it is durable."""

    #: there is work now: wake who executes it
    WAKE = "wake"
    #: tell whoever has it to stop
    STOP = "stop"
    #: it has come to an end: who waits for it may go on
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the attempt that was open ends."""

    outcome: AttemptOutcome
    error: str = ""
    error_class: ErrorClass | None = None
    result: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step makes of a task, and what is to be kept of it."""

    task: Task
    #: a line of the story; None = the attempts tell it
    event: TaskEvent | None = None
    #: None = not audited
    action: TaskAction | None = None
    detail: Mapping[str, object] = field(default_factory=dict[str, object])
    #: None = the open attempt goes on, or there is none
    ended: Ended | None = None
    #: an attempt begins with this step
    opens: bool = False
    commands: frozenset[Command] = frozenset()


def event_of(task: Task, kind: TaskEventType, message: str, *, agent_id: str | None = None) -> TaskEvent:
    """Return a line of the story of a task as it is after a step; who it is about is who has it, unless named."""
    who = (task.agent_id or "") if agent_id is None else agent_id
    text = storable(message)[:MAX_TEXT_CHARS]
    return TaskEvent(task_id=task.task_id, type=kind, at_ms=task.updated_at_ms, agent_id=who, message=text)
