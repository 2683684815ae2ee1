"""Words and values of tasks: work that the centre gives to agents, each attempt at it, and its story."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

from gwf.core.errors import ConflictError, NotFoundError

TaskId = NewType("TaskId", str)

LEASE_S = 30.0  #: from the hand-out until the agent has to say that it began
RUN_S = 600.0  #: of a running task without a word from its agent
MAX_LOST = 10  #: leases in one run that ended without a word, until the task is given up
MAX_RETRIES = 3  #: unless the task says otherwise
MAX_ID_CHARS = 200
MAX_TEXT_CHARS = 2000  #: of a type, a target, a message, a reason
MAX_PAYLOAD_BYTES = 256 << 10
MAX_PULL = 10


class TaskState(enum.StrEnum):
    """Where a task is. Later versions add states for retries with a wait, for cancelling and for undoing."""

    PENDING = "pending"
    LEASED = "leased"  #: handed to an agent that has not yet said that it began
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


#: the words of the Go version's interface, which its metrics keep
LEGACY_STATUS: Mapping[TaskState, str] = {
    TaskState.PENDING: "pending",
    TaskState.LEASED: "assigned",
    TaskState.RUNNING: "running",
    TaskState.SUCCEEDED: "success",
    TaskState.FAILED: "failed",
    TaskState.TIMED_OUT: "timeout",
    TaskState.CANCELLED: "canceled",
}
TERMINAL = frozenset({TaskState.SUCCEEDED, TaskState.FAILED, TaskState.TIMED_OUT, TaskState.CANCELLED})


class Priority(enum.IntEnum):
    """Which task goes first; the number is what is stored."""

    LOW = -10
    NORMAL = 0
    HIGH = 10

    @property
    def word(self) -> str:
        """The word for people and for JSON."""
        return self.name.lower()


class AttemptOutcome(enum.StrEnum):
    """How one attempt stands."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"  #: never begun within its lease
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


class TaskEventType(enum.StrEnum):
    """What may happen to a task; the words are those of the Go version's interface."""

    CREATED = "created"
    ASSIGNED = "assigned"
    STARTED = "started"
    PROGRESS = "progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    RETRIED = "retried"
    ASSIGN_TIMEOUT = "assign_timeout"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work. All times are milliseconds since 1970, UTC."""

    task_id: TaskId
    tenant: str
    #: what is to be done; only agents that accept the type get it
    type: str
    #: what it is to be done to, for people; it decides nothing
    target: str
    payload: Mapping[str, object] | None
    priority: Priority
    state: TaskState
    created_by: str
    created_at_ms: int
    updated_at_ms: int
    max_retries: int = MAX_RETRIES
    retry_count: int = 0
    #: grows when a person has it done again
    run_no: int = 1
    #: number of leases so far
    fence: int = 0
    failure_reason: str = ""
    #: who has it, or had it last; None = nobody since it was queued
    agent_id: str | None = None
    #: when it is taken away from its agent; None = it has none
    lease_until_ms: int | None = None
    finished_at_ms: int | None = None

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing more happens to it by itself."""
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """One line of a task's story."""

    task_id: TaskId
    type: TaskEventType
    at_ms: int
    agent_id: str = ""
    message: str = ""
    #: place among all events of the tenant; 0 = not stored yet
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task as somebody wants it."""

    type: str
    target: str
    payload: Mapping[str, object] | None = None
    priority: Priority = Priority.NORMAL
    created_by: str = "console"
    max_retries: int = MAX_RETRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks a list shows."""

    #: None = in any state
    states: frozenset[TaskState] | None = None
    #: None = of any type
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Finished tasks with one reason."""

    reason: str
    #: number of tasks by state
    states: Mapping[TaskState, int]
    #: the newest of them, at most three
    samples: tuple[TaskId, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.states.values())


class TaskNotFoundError(NotFoundError):
    """No task has this id."""

    code = "task_not_found"


class TaskStateError(ConflictError):
    """The task is in a state that forbids it."""

    code = "task_state"


class TaskOwnerError(ConflictError):
    """Another agent has the task."""

    code = "task_of_another_agent"


class RetriesUsedUpError(ConflictError):
    """The task was tried as often as it may be."""

    code = "retries_used_up"
