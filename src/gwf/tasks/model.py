"""Words and values of tasks: work that the centre gives to agents, each attempt at it, and its story."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from gwf.core.errors import ConflictError, ErrorClass, NotFoundError
from gwf.tasks.policy import Policy

TaskId = NewType("TaskId", str)

LEASE_S = 30.0  #: from the hand-out until the agent has to say that it began
RUN_S = 600.0  #: of a running task without a word from its agent
MAX_LOST = 10  #: leases in one run that ended without a word, until the task is given up
MAX_RETRIES = 3  #: unless the task says otherwise
MAX_ID_CHARS = 200
MAX_TEXT_CHARS = 2000  #: of a type, a target, a message, a reason
MAX_PAYLOAD_BYTES = 256 << 10
MAX_PULL = 10
HEAD_START_MS = 360_000  #: of each point of priority: what is high goes before what is normal and up to an hour older


class TaskState(enum.StrEnum):
    """Where a task is."""

    #: whoever executes it may take it now
    PENDING = "pending"
    #: handed out; whoever has it has not yet said that it began
    LEASED = "leased"
    RUNNING = "running"
    #: an attempt failed; the next one is due at `next_run_at_ms`
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    #: ended badly without further attempts of its own: tasks of the Go version's interface only
    FAILED = "failed"
    #: as FAILED, because nothing was heard
    TIMED_OUT = "timed_out"
    #: no attempt is left, or none would help; a person decides
    DEAD = "dead"
    #: whoever executes it is told to stop
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    #: what it did is being undone, or waits to be
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"


#: the words of the Go version's interface, which its metrics keep
LEGACY_STATUS: Mapping[TaskState, str] = {
    TaskState.PENDING: "pending",
    TaskState.LEASED: "assigned",
    TaskState.RUNNING: "running",
    TaskState.WAITING: "pending",
    TaskState.SUCCEEDED: "success",
    TaskState.FAILED: "failed",
    TaskState.TIMED_OUT: "timeout",
    TaskState.DEAD: "failed",
    TaskState.CANCELLING: "running",
    TaskState.CANCELLED: "canceled",
    TaskState.COMPENSATING: "running",
    TaskState.COMPENSATED: "canceled",
}
TERMINAL = frozenset(
    {
        TaskState.SUCCEEDED,
        TaskState.FAILED,
        TaskState.TIMED_OUT,
        TaskState.DEAD,
        TaskState.CANCELLED,
        TaskState.COMPENSATED,
    }
)
#: ended badly: what a person may have done again
BAD_STATES = frozenset({TaskState.FAILED, TaskState.TIMED_OUT, TaskState.DEAD, TaskState.CANCELLED})


class Executor(enum.StrEnum):
    """Who does a task; the word is stored."""

    #: any agent that pulls over the Go version's interface and accepts the type
    ANY = "any"
    #: the one agent that the task names
    AGENT = "agent"
    #: any worker of the centre
    WORKER = "worker"
    #: somebody with the right to, who says yes or no
    PERSON = "person"


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
    #: given back unbegun or unfinished by whoever had it, at its own stop
    RETURNED = "returned"


class ReasonCode(enum.StrEnum):
    """Why a task failed where no executor said so: a whole reason, or its beginning before `: `."""

    #: the lease ended without a word: nobody knows whether the attempt did what it was to do
    EXECUTOR_LOST = "executor_lost"
    #: the time in which it had to be done is over
    DEADLINE = "deadline"
    #: an attempt ended, and the centre could not take how: a fault of ours
    END_NOT_TAKEN = "end_not_taken"
    #: a person or its run cancelled it
    MANUAL_CANCEL = "manual_cancel"
    #: its executor said that it failed, and not why
    TASK_FAILED = "task_failed"
    #: handed out again and again, and never begun: tasks of the Go version's interface only
    ASSIGN_TIMEOUT = "assign_timeout"
    #: begun and then not heard of: tasks of the Go version's interface only
    RUN_TIMEOUT = "run_timeout"


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
    #: the other words are ours
    CANCEL_ASKED = "cancel_asked"
    COMPENSATE_ASKED = "compensate_asked"
    COMPENSATED = "compensated"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What led to a task."""

    #: row of `file_events`
    file_event_id: int | None = None
    rule_id: str | None = None
    rule_version: int | None = None
    #: the run of a flow, and its step
    flow_run_id: str | None = None
    flow_step: str | None = None


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
    #: who has it, or had it last: an agent or a worker; None = nobody since it was queued
    agent_id: str | None = None
    #: when it is taken away from its agent; None = it has none
    lease_until_ms: int | None = None
    finished_at_ms: int | None = None
    executor: Executor = Executor.ANY
    #: the agent that is to do it; None = its executor is no single agent
    for_agent: str | None = None
    #: the cause that makes it the one task that it is; "" = it has none
    key: str = ""
    policy: Policy = field(default_factory=Policy)
    #: attempts of this run that count: begun and not given back
    attempts: int = 0
    #: attempts of this run whose executor was never heard of again
    lost: int = 0
    #: earliest begin of the next attempt; None = now
    next_run_at_ms: int | None = None
    #: no attempt begins after it; None = there is no such moment
    deadline_at_ms: int | None = None
    #: why the last attempt failed; None = none failed
    error_class: ErrorClass | None = None
    #: what the action says of what it did
    result: Mapping[str, object] | None = None
    #: what undoes it; None = nothing needs to be undone, or nothing can be
    undo: Mapping[str, object] | None = None
    #: what is to be done is to undo it
    undoing: bool = False
    cause: Cause = field(default_factory=Cause)

    @property
    def place_ms(self) -> int:
        """Order among pending tasks: the age, with a head start for what is urgent, so that nothing starves."""
        return self.created_at_ms - self.priority.value * HEAD_START_MS

    @property
    def due_at_ms(self) -> int | None:
        """When the clock makes the next step by itself; None = it makes none."""
        if self.lease_until_ms is not None:
            return self.lease_until_ms
        if self.state not in {TaskState.PENDING, TaskState.WAITING}:
            return None
        return min((at for at in (self.next_run_at_ms, self.deadline_at_ms) if at is not None), default=None)

    @property
    def is_held(self) -> bool:
        """Tell whether somebody has it now."""
        return self.lease_until_ms is not None

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
class Attempt:
    """One try at a task: from a lease to its end."""

    task_id: TaskId
    run_no: int
    #: the fence of its lease
    attempt_no: int
    #: agent or worker
    executor: str
    outcome: AttemptOutcome
    error_class: ErrorClass | None
    error: str
    started_at_ms: int
    #: None = it is under way, as far as is known
    ended_at_ms: int | None
    #: what the action says of it
    result: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task as somebody wants it."""

    type: str
    target: str
    payload: Mapping[str, object] | None = None
    priority: Priority = Priority.NORMAL
    created_by: str = "console"
    max_retries: int = MAX_RETRIES
    executor: Executor = Executor.ANY
    for_agent: str | None = None
    #: the same cause makes the same task; "" = each draft makes one
    key: str = ""
    policy: Policy = field(default_factory=Policy)
    #: not before this moment; None = at once
    not_before_ms: int | None = None
    deadline_ms: int | None = None
    cause: Cause = field(default_factory=Cause)
    #: why it cannot be done: the task is dead from the start, so that people see it; "" = it can
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks a list shows."""

    #: None = in any state
    states: frozenset[TaskState] | None = None
    #: None = of any type
    type: str | None = None
    types: frozenset[str] = frozenset()
    executors: frozenset[Executor] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    error_classes: frozenset[ErrorClass] = frozenset()
    #: the agent that has it, had it last, or is to do it; "" = any
    agent_id: str = ""
    rule_id: str = ""
    #: the run of a flow that it is a step of; "" = any, or none
    flow_run_id: str = ""
    #: created from this moment on, and before that one
    since_ms: int | None = None
    until_ms: int | None = None
    #: part of id, type, target or failure reason
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """Which part of a list, newest first."""

    limit: int
    #: behind this task: when it was made, and its id
    after: tuple[int, str] | None = None


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


class StaleTokenError(ConflictError):
    """The lease that the token belongs to is over: somebody else may have the task."""

    code = "stale_token"


class NotReversibleError(ConflictError):
    """What the task did cannot be undone."""

    code = "not_reversible"


class RetriesUsedUpError(ConflictError):
    """The task was tried as often as it may be."""

    code = "retries_used_up"
