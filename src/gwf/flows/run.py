"""A run of a flow as it is kept: where it is, where each step is, and the lines of its story. Pure values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from gwf.core.errors import ConflictError, ErrorClass, NotFoundError
from gwf.events.model import JsonValue
from gwf.flows.model import FlowVersion
from gwf.tasks.model import TaskId

RunId = NewType("RunId", str)
MAX_WHY_CHARS = 2_000


class RunState(enum.StrEnum):
    """Where a run is."""

    RUNNING = "running"
    #: what runs ends, nothing further begins
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    #: a step failed for good; a person resumes it from there, or cancels it
    FAILED = "failed"
    #: what runs is told to stop; what was done is undone afterwards
    CANCELLING = "cancelling"
    #: what was done is being undone, the last first
    COMPENSATING = "compensating"
    #: something cannot be undone; a person decides
    STUCK = "stuck"
    CANCELLED = "cancelled"
    COMPENSATED = "compensated"


#: nothing more happens by itself
RESTING = frozenset(
    {RunState.SUCCEEDED, RunState.FAILED, RunState.STUCK, RunState.CANCELLED, RunState.COMPENSATED}
)  # fmt: skip
#: nobody needs to do anything about it any more
OVER = frozenset({RunState.SUCCEEDED, RunState.CANCELLED, RunState.COMPENSATED})


class StepState(enum.StrEnum):
    """Where a step of a run is."""

    #: those before it have not ended
    PENDING = "pending"
    #: its task is under way; a step that asks for approval waits for somebody
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    #: its condition did not hold, or everything before it was skipped
    SKIPPED = "skipped"
    FAILED = "failed"
    #: the run was cancelled before it was done
    CANCELLED = "cancelled"
    #: what it did is being undone
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"
    #: it cannot be undone
    UNDO_FAILED = "undo_failed"


ACTIVE = frozenset({StepState.RUNNING, StepState.COMPENSATING})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """One step of a run. Times are milliseconds since 1970, UTC."""

    id: str
    state: StepState = StepState.PENDING
    #: how often a task was made for it
    tries: int = 0
    #: the task that does it; None = none was made
    task_id: TaskId | None = None
    #: the task that undoes it, where another action does that
    undo_task_id: TaskId | None = None
    result: Mapping[str, JsonValue] | None = None
    #: its task left behind what undoes it
    reversible: bool = False
    #: why it failed
    error: str = ""
    error_class: ErrorClass | None = None
    #: place in the order in which steps ended; undone is the highest first. 0 = it has not ended
    ended_no: int = 0
    #: taken over from the run that this one replays
    reused: bool = False
    begun_at_ms: int | None = None
    ended_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a run was begun by."""

    #: who asked for it: a person, or `rules`
    by: str
    #: id of that person, for approvals that want another one; "" = nobody in particular
    actor_id: str = ""
    rule_id: str | None = None
    rule_version: int | None = None
    #: row of the list of events or file events, and which list; None = it was made up, or there is none
    event_row_id: int | None = None
    event_kind: str | None = None
    #: the run that this one does again, and from which step; None = all of it
    replay_of: RunId | None = None
    replay_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of one version of a flow."""

    run_id: RunId
    tenant: str
    #: 1, 2, 3 … over all runs, for people
    number: int
    flow: FlowVersion
    #: name of the flow when it was begun
    name: str
    #: what it is about, for people: the path of the file, say
    target: str
    state: RunState
    steps: Mapping[str, RunStep]
    origin: Origin
    #: the event that began it, as `gwf.flows.facts` keeps it; None = none did
    event: Mapping[str, JsonValue] | None = None
    input: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    #: why it is where it is
    reason: str = ""
    #: what it will be once everything is undone
    goal: RunState | None = None
    #: it is cancelled and what it did stays
    keeps_effects: bool = False
    #: steps that have ended so far
    ended: int = 0
    #: lines of its story so far
    lines: int = 0
    #: grows with each change
    revision: int = 1
    created_at_ms: int
    updated_at_ms: int
    finished_at_ms: int | None = None

    @property
    def is_resting(self) -> bool:
        """Tell whether nothing more happens by itself."""
        return self.state in RESTING


class What(enum.StrEnum):
    """What may happen to a run."""

    BEGUN = "begun"
    STEP_BEGUN = "step_begun"
    STEP_WAITS = "step_waits"
    STEP_SUCCEEDED = "step_succeeded"
    STEP_SKIPPED = "step_skipped"
    STEP_FAILED = "step_failed"
    STEP_CANCELLED = "step_cancelled"
    STEP_AGAIN = "step_again"
    UNDO_BEGUN = "undo_begun"
    UNDONE = "undone"
    UNDO_FAILED = "undo_failed"
    APPROVED = "approved"
    REFUSED = "refused"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCEL_ASKED = "cancel_asked"
    COMPENSATE_ASKED = "compensate_asked"
    COMPENSATING = "compensating"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STUCK = "stuck"
    CANCELLED = "cancelled"
    COMPENSATED = "compensated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a run's story."""

    #: 1, 2, 3 … within the run
    number: int
    at_ms: int
    what: What
    #: "" = the run as a whole
    step: str = ""
    #: "" = nobody: it came of itself
    who: str = ""
    message: str = ""


class RunNotFoundError(NotFoundError):
    """No run of a flow has this id."""

    code = "flow_run_not_found"


class RunStateError(ConflictError):
    """The run is in a state that forbids it."""

    code = "flow_run_state"


class ApprovalError(ConflictError):
    """The step does not wait for an approval, or somebody else has to give it."""

    code = "flow_approval"
