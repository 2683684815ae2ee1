"""What may happen to a run, and what a step of it asks of others: the words of its state machine."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from gwf.core.errors import ErrorClass
from gwf.events.model import JsonValue
from gwf.tasks.model import TaskId, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """It was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A task of it has come to an end."""

    step: str
    task_id: TaskId
    state: TaskState
    result: Mapping[str, JsonValue] | None = None
    #: it left behind what undoes it
    reversible: bool = False
    reason: str = ""
    error_class: ErrorClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmade:
    """A task that it asked for cannot be: there is no such agent, its configuration cannot work."""

    step: str
    task_id: TaskId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody wants nothing further to begin."""

    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Somebody wants it to go on: what failed is done again, what could not be undone is tried again."""

    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Somebody wants it to end; what was done is undone unless they say otherwise."""

    who: str = ""
    why: str = ""
    undo: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Somebody wants undone what a run did that has ended."""

    who: str = ""
    why: str = ""


Signal = Begin | Ended | Unmade | Pause | Resume | Cancel | Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """Make a task for a step."""

    step: str
    #: it is made under this id, whoever makes it and however often
    task_id: TaskId
    kind: str
    config: Mapping[str, JsonValue]
    #: the agent that does it; None = no agent does
    agent_id: str | None
    #: it undoes the step
    undoes: bool = False


class Order(enum.StrEnum):
    """What a task that there is is told."""

    CANCEL = "cancel"
    RETRY = "retry"
    COMPENSATE = "compensate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Give a task of a step an order."""

    step: str
    task_id: TaskId
    order: Order


Command = Make | Tell
