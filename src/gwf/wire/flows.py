"""Flows, their versions and runs, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.configforms import DocumentFault
from gwf.wire.edge import ErrorClassName, Wire
from gwf.wire.rollouts import ValueChange
from gwf.wire.rules import EventKindName, Reason
from gwf.wire.tasks import PriorityName

FlowStateName = Literal["draft", "published", "retired"]
RunStateName = Literal[
    "running", "paused", "succeeded", "failed", "cancelling", "compensating", "stuck", "cancelled", "compensated"
]
StepStateName = Literal[
    "pending", "running", "succeeded", "skipped", "failed", "cancelled", "compensating", "compensated", "undo_failed"
]
RunOrderName = Literal["pause", "resume", "cancel", "compensate", "replay"]
StepName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class FlowWish(Wire):
    """A flow to be written as a draft."""

    #: the document; see docs/reference/flows.md
    flow: dict[str, JsonValue]
    #: why, for the record
    reason: Reason = ""


class FlowCheckWish(Wire):
    """A flow as it is being written: exactly one of `flow` and `text`."""

    flow: dict[str, JsonValue] | None = None
    #: YAML, JSON included
    text: str | None = Field(default=None, max_length=512 * 1024)


class FlowOrder(Wire):
    """Why something is done to a flow or a run."""

    reason: Reason = ""


class FlowRollbackWish(FlowOrder):
    """Which version is to be published again."""

    version: int = Field(ge=1, le=2**31 - 1)


class PlannedStepView(Wire):
    """One step of a version, as a graph shows it."""

    id: str
    title: str
    #: kind of its task
    action: str
    #: ids of the steps that must have ended first
    needs: list[str]
    #: it begins only if its condition holds
    conditional: bool
    allow_failure: bool
    #: none: what it did stays · own: its action undoes it · other: another action does
    compensation: Literal["none", "own", "other"]
    max_attempts: int
    #: of one attempt
    timeout_s: float
    #: from its begin until no attempt begins any more; None = for ever
    deadline_s: float | None
    #: an approval: whoever began the run may not give it
    four_eyes: bool


class FlowItem(Wire):
    """A flow in a list."""

    flow_id: str
    #: of its newest version
    name: str
    description: str
    owner: str
    #: published: runs begin by it, perhaps with a draft beside it · draft: never was · retired: not any more
    state: FlowStateName
    #: the version that is shown: the draft, else the published one, else the last one
    version: int
    published_version: int | None
    draft_version: int | None
    #: kinds of tasks of its steps, in their order
    actions: list[str]
    author: str
    created_at: str
    updated_at: str
    #: a change names it as If-Match
    revision: int
    #: how many of its runs are in each state; those that there are
    runs: dict[str, int]


class FlowPage(Wire):
    """All flows, by name."""

    items: list[FlowItem]
    total: int
    as_of: str


class FlowInput(Wire):
    """A value that a run is begun with."""

    name: str
    description: str
    required: bool
    default: JsonValue


class FlowView(FlowItem):
    """One flow with its documents."""

    #: of the version that is shown
    flow: dict[str, JsonValue]
    #: None = no version is published
    published: dict[str, JsonValue] | None
    #: how the draft differs from what is published
    changes: list[ValueChange]
    #: graph of the version that is shown
    steps: list[PlannedStepView]
    inputs: list[FlowInput]


class FlowVersionView(Wire):
    """One version of a flow."""

    flow_id: str
    version: int
    state: FlowStateName
    author: str
    reason: str
    created_at: str
    published_at: str | None
    retired_at: str | None
    flow: dict[str, JsonValue]


class FlowVersionPage(Wire):
    """Versions of a flow, newest first."""

    items: list[FlowVersionView]
    #: `before` of the next page; None = there is none
    next_before: int | None


class FlowStepStat(Wire):
    """What one step takes, over the newest runs of its flow."""

    step: str
    #: how often it ended well, and how often it failed for good
    good: int
    bad: int
    #: from its begin to its end, waits and retries included, where it ended well; None = it never did
    p50_ms: int | None
    p95_ms: int | None


class FlowStepStats(Wire):
    """What the steps of a flow take, in their order."""

    items: list[FlowStepStat]
    #: at most so many of the newest runs are looked at
    most_runs: int


class FlowCheck(Wire):
    """What is wrong with a flow, without anything being kept."""

    #: None when the text is no YAML
    flow: dict[str, JsonValue] | None
    #: the document as YAML; for text that was sent, the same text
    text: str
    #: empty = it can be written
    faults: list[DocumentFault]
    #: its graph; empty while something is wrong
    steps: list[PlannedStepView]


class RunWishBody(FlowOrder):
    """A run to be begun; it may be about one event: made up, of a file, or a stored one."""

    #: made up: fields as rules name them
    event: dict[str, JsonValue] | None = None
    #: of a file that an agent has sent
    path: str | None = Field(default=None, min_length=1, max_length=4_096)
    #: with `path`: the agent that has the file
    agent_id: str | None = Field(default=None, min_length=1, max_length=100)
    #: of a stored event
    row_id: str | None = Field(default=None, pattern=r"^[0-9]{1,19}$")
    kind: EventKindName = "file"
    input: dict[str, JsonValue] = Field(default_factory=dict, max_length=50)
    #: the same cause begins the same run; "" = each wish begins one
    key: Annotated[str, Field(max_length=500)] = ""


class RunCancelWish(FlowOrder):
    """How a run is ended."""

    #: what was done is undone, the last first
    undo: bool = True


class RunReplayWish(FlowOrder):
    """How a run is done again."""

    #: with the results of the steps before it; None = all of it
    from_step: StepName | None = None
    #: same: the version that it went by · published: the one by which runs begin now
    version: Literal["same", "published"] = "same"
    #: all that it is begun with; None = what the other run was begun with
    input: dict[str, JsonValue] | None = Field(default=None, max_length=50)


class FlowRunItem(Wire):
    """A run in a list."""

    run_id: str
    #: 1, 2, 3 … over all runs
    number: int
    flow_id: str
    version: int
    #: of the flow when it was begun
    name: str
    #: what it is about: the path of the file, say
    target: str
    state: RunStateName
    #: why it is where it is
    reason: str
    started_by: str
    rule_id: str | None
    rule_version: int | None
    replay_of: str | None
    #: how many of its steps are in each state; those that there are
    steps_by_state: dict[str, int]
    steps_total: int
    #: steps that wait for somebody's approval now
    approvals: list[str]
    created_at: str
    updated_at: str
    #: None = it has not come to rest
    finished_at: str | None
    duration_ms: int
    revision: int


class FlowRunPage(Wire):
    """Runs, newest first."""

    items: list[FlowRunItem]
    next_cursor: str | None
    #: how many fit, on the first page; null behind it
    total: int | None
    #: of those: how many are in each state, and of each flow by its id; null behind the first page
    states: dict[str, int] | None
    flows: dict[str, int] | None
    #: of those: how many wait for somebody's approval; null behind the first page
    waiting: int | None
    as_of: str


class FlowRunStepView(PlannedStepView):
    """One step of a run."""

    state: StepStateName
    #: how often a task was made for it
    tries: int
    #: the task that does it; None = none was made
    task_id: str | None
    #: the task that undoes it, where another action does that
    undo_task_id: str | None
    result: dict[str, JsonValue] | None
    #: what it did can be undone
    reversible: bool
    error: str
    error_class: ErrorClassName | None
    #: place in the order in which steps ended; undone is the highest first. 0 = it has not ended
    ended_no: int
    #: taken over from the run that this one replays
    reused: bool
    begun_at: str | None
    ended_at: str | None
    duration_ms: int | None


class FlowRunView(FlowRunItem):
    """A run with its steps."""

    steps: list[FlowRunStepView]
    priority: PriorityName
    on_failure: Literal["stop", "compensate"]
    #: the event that it is about; None = there is none
    event: dict[str, JsonValue] | None
    #: row of the stored event; None = it was made up, or there is none
    event_row_id: str | None
    event_kind: EventKindName | None
    input: dict[str, JsonValue]
    #: what its version may be begun with
    inputs: list[FlowInput]
    replay_from: str | None
    #: what may be done to it now
    orders: list[RunOrderName]


class FlowRunOutcome(Wire):
    """A run that was begun, or that was there."""

    run: FlowRunView
    #: False = its key was used before, and this is that run
    created: bool


class RunLine(Wire):
    """One moment of a run's life."""

    number: int
    at: str
    #: begun, step_begun, step_failed, paused …
    what: str
    #: "" = the run as a whole
    step: str
    #: "" = nobody: it came of itself
    who: str
    message: str


class FlowRunTimeline(Wire):
    """The life of a run, oldest first."""

    items: list[RunLine]
    #: earlier lines that are left out
    left_out: int
