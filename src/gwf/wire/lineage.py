"""The whole life of a file as the API shows it: events, decisions, tasks, attempts, object, notifications."""

from __future__ import annotations

from typing import Literal

from gwf.wire.dlq import LetterItem
from gwf.wire.edge import Wire
from gwf.wire.events import FileEventStatusName, FileEventView
from gwf.wire.flows import RunStateName
from gwf.wire.rules import EventDecision
from gwf.wire.tasks import TaskAttemptView, TaskSummary

MissingKind = Literal["event", "history", "rule", "run", "task"]


class TraceVersion(Wire):
    """One version of the path."""

    version: int
    first_at: str
    last_at: str
    #: of its last event; dead where only its dead letter is kept
    status: FileEventStatusName
    #: that are kept
    events: int


class TraceRule(Wire):
    """A rule version that matched."""

    rule_id: str
    version: int
    name: str


class TraceDecision(Wire):
    """What the rules decided about one event, and what became of it."""

    decision: EventDecision
    #: of the versions that matched, those that are kept
    rules: list[TraceRule]
    #: that its actions became, in their order
    task_ids: list[str]
    run_ids: list[str]


class TraceRun(Wire):
    """A run of a flow that came of it; its steps are tasks."""

    run_id: str
    #: 1, 2, 3 … over all runs, for people
    number: int
    flow_id: str
    version: int
    name: str
    state: RunStateName
    reason: str
    created_at: str
    finished_at: str | None


class TraceTask(Wire):
    """A task with each try at it."""

    task: TaskSummary
    file_event_id: str | None
    rule_id: str | None
    rule_version: int | None
    #: the run that it is a step of, and the step
    flow_run_id: str | None
    flow_step: str | None
    #: oldest first
    attempts: list[TaskAttemptView]
    #: it waits, or waited, at the dead letters' desk
    letter: LetterItem | None


class TraceObject(Wire):
    """What the store confirmed."""

    store: str
    key: str
    size_bytes: int | None
    etag: str | None
    sha256: str | None
    confirmed_at: str
    #: by which the agent told it
    row_id: str


class TraceNotification(Wire):
    """Somebody was told."""

    notification_id: str
    channel: str
    state: str
    title: str
    error: str
    created_at: str
    sent_at: str | None
    #: the NOTIFY task that it is; None = it is no task
    task_id: str | None


class TraceMissing(Wire):
    """Something that is named and is not there."""

    kind: MissingKind
    #: of a history: the moment before which nothing is kept
    id: str
    #: removed: it was kept long enough · pending: it comes within moments
    why: Literal["removed", "pending"]


class FileTrace(Wire):
    """The life of one version of a file."""

    #: "", as the host and the path, where the event is not kept and what came of it does not say which file it was
    agent_id: str
    hostname: str
    path: str
    #: null = it is not known any more which
    version: int | None
    #: newest first
    versions: list[TraceVersion]
    #: of this version, oldest first
    events: list[FileEventView]
    #: older events of this version that are not shown
    events_left_out: int
    decisions: list[TraceDecision]
    runs: list[TraceRun]
    tasks: list[TraceTask]
    object: TraceObject | None
    #: the file waits, or waited, at the dead letters' desk
    letter: LetterItem | None
    notifications: list[TraceNotification]
    missing: list[TraceMissing]
    #: nothing is missing
    complete: bool
