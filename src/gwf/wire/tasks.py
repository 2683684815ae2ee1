"""Tasks as the API shows and takes them: the work of the centre, its attempts, its story."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import ErrorClassName, Wire

TaskStateName = Literal[
    "pending", "leased", "running", "waiting", "succeeded", "failed", "timed_out", "dead",
    "cancelling", "cancelled", "compensating", "compensated",
]  # fmt: skip
ExecutorName = Literal["any", "agent", "worker", "person"]
PriorityName = Literal["low", "normal", "high"]
AttemptOutcomeName = Literal["open", "succeeded", "failed", "lost", "timed_out", "cancelled", "returned"]
StoryKindName = Literal["event", "attempt"]
KindText = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class RetryPolicy(Wire):
    """How often a task is tried and how long each try may take; times in seconds."""

    #: attempts until it is dead
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    #: of one attempt
    timeout_s: Annotated[float, Field(ge=0.1, le=86_400)] = 60.0
    #: ceiling of the first wait; doubled after each further failure, each wait is a part of it at random
    first_wait_s: Seconds = 2.0
    longest_wait_s: Seconds = 300.0
    #: executors that may vanish with it until it is dead
    max_lost: Annotated[int, Field(ge=1, le=100)] = 3
    #: classes of failures after which no other attempt is made
    never_after: list[ErrorClassName] = Field(default_factory=list, max_length=20)


class TaskWish(Wire):
    """A task as somebody wants it."""

    #: UPLOAD, ARCHIVE, SCRIPT, WEBHOOK, NOTIFY, or a plug-in's kind
    type: KindText
    #: what it is about, for people; "" = as its configuration says
    target: Annotated[str, Field(max_length=2_000)] = ""
    config: dict[str, JsonValue]
    #: the agent that does it; needed for what agents do
    agent_id: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    priority: PriorityName = "normal"
    #: the same cause makes the same task; "" = each wish makes one
    key: Annotated[str, Field(max_length=500)] = ""
    retry: RetryPolicy = RetryPolicy()
    #: seconds until it may begin
    delay_s: Annotated[float, Field(ge=0, le=31 * 86_400)] = 0.0
    #: seconds until no attempt begins any more; None = for ever
    deadline_s: Annotated[float, Field(gt=0, le=366 * 86_400)] | None = None
    reason: Annotated[str, Field(max_length=1_000)] = ""


class TaskOrder(Wire):
    """Why somebody steers a task."""

    reason: Annotated[str, Field(max_length=1_000)] = ""


class TaskBulkOrder(TaskOrder):
    """One order to many tasks."""

    #: these; none = those that the filters of the query find
    task_ids: list[KindText] = Field(default_factory=list[KindText], max_length=500)


class TaskSummary(Wire):
    """A task in a list."""

    task_id: str
    type: str
    target: str
    state: TaskStateName
    executor: ExecutorName
    #: the agent that is to do it; None = none in particular
    for_agent_id: str | None
    #: the agent or worker that has it, or had it last
    held_by: str | None
    priority: PriorityName
    #: of this run, those that count
    attempts: int
    max_attempts: int
    #: grows when a person has it done again
    run_no: int
    #: why the last attempt failed
    error_class: ErrorClassName | None
    failure_reason: str
    #: when the next attempt is due; None = now, or never
    next_run_at: str | None
    created_by: str
    created_at: str
    updated_at: str
    finished_at: str | None


class TaskView(TaskSummary):
    """A task with all that is known of it."""

    #: what its executor is told
    config: dict[str, JsonValue] | None
    #: what it would do, in one line
    description: str
    retry: RetryPolicy
    #: the cause that makes it the one that it is; "" = none
    key: str
    #: of this run: executors that vanished with it
    lost: int
    lease_until: str | None
    deadline_at: str | None
    #: what the action says of what it did
    result: dict[str, JsonValue] | None
    #: what it did can be undone
    reversible: bool
    rule_id: str | None
    rule_version: int | None
    #: row of the file event that caused it
    file_event_id: int | None
    #: the run and step of a flow that it belongs to
    flow_run_id: str | None
    flow_step: str | None


class TaskOutcome(Wire):
    """A task that was made, that was there, or with `dry_run` would be."""

    task: TaskView
    #: False = its key was used before, and this is that task
    created: bool
    dry_run: bool


class TaskBulkOutcome(Wire):
    """What one order did to a part of the tasks that it is for, or with `dry_run` would do."""

    #: how many it is for in all, as it was before
    matched: int
    #: of this part
    changed: int
    #: the first of them, at most 20
    samples: list[TaskSummary]
    #: of this part, by code: their state refuses it
    refused: dict[str, int]
    #: named, but not there
    missing: int
    #: send it as `cursor` for the next part; None = nothing is left
    next_cursor: str | None
    dry_run: bool


class TaskFacets(Wire):
    """How many tasks have each value."""

    state: dict[str, int]
    type: dict[str, int]
    executor: dict[str, int]
    priority: dict[PriorityName, int]
    error_class: dict[str, int]


class TaskPage(Wire):
    """Tasks, newest first."""

    items: list[TaskSummary]
    next_cursor: str | None
    #: how many fit, on the first page
    total: int | None
    facets: TaskFacets | None
    as_of: str


class TaskAttemptView(Wire):
    """One try at a task."""

    run_no: int
    #: counts all leases of the task
    attempt_no: int
    executor: str
    outcome: AttemptOutcomeName
    error_class: ErrorClassName | None
    error: str
    started_at: str
    ended_at: str | None
    duration_ms: int | None
    result: dict[str, JsonValue] | None


class TaskAttemptPage(Wire):
    """The newest attempts at a task, newest first."""

    items: list[TaskAttemptView]


class StoryLine(Wire):
    """One moment of a task's life."""

    at: str
    #: created, begun, ended, or the word of an event such as cancel_asked
    what: str
    kind: StoryKindName
    #: agent or worker; "" = nobody in particular
    who: str
    message: str
    run_no: int | None
    attempt_no: int | None


class TaskTimeline(Wire):
    """The life of a task, oldest first."""

    items: list[StoryLine]


class TaskKind(Wire):
    """A kind of task that this centre knows."""

    type: str
    #: None = no task is made of it: it begins the run of a flow, which makes its own
    executor: ExecutorName | None
    #: where it may stand: by itself as a task, as the step of a flow, as the action of a rule
    serves: list[Literal["task", "step", "rule"]]
    #: JSON Schema of its configuration, for forms; None = the kind tells none. What it may be is said by making a task
    config_schema: dict[str, JsonValue] | None


class TaskKinds(Wire):
    """What there is to do."""

    items: list[TaskKind]
