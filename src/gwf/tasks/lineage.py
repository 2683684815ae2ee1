"""What the whole life of a file is made of: events, decisions, runs, tasks, attempts, its object, who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.core.clock import Clock
from gwf.events.files import FileEventStatus
from gwf.events.ports import EventReads, StoredFileEvent
from gwf.letters.model import Letter
from gwf.letters.ports import LetterStore
from gwf.rules.decider import DecisionDesk, Found
from gwf.rules.decision import RuleVersion
from gwf.rules.ports import RuleStore
from gwf.tasks.model import Attempt, Task, TaskId
from gwf.tasks.service import TaskService

FLOW = "FLOW"  #: the action of a rule that begins a run
NOTIFY = "NOTIFY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Somebody was told, or is to be told."""

    notification_id: str
    channel: str
    state: str
    title: str
    error: str
    created_at_ms: int
    sent_at_ms: int | None


class Notifications(Protocol):
    """Kept notifications."""

    async def of_events(self, tenant: str, row_ids: Sequence[int]) -> Sequence[Notification]:
        """Return notifications that events caused, the oldest first.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """A run of a flow that an event began."""

    run_id: str
    #: 1, 2, 3 … over all runs, for people
    number: int
    flow_id: str
    version: int
    name: str
    state: str
    #: why it is where it is
    reason: str
    created_at_ms: int
    finished_at_ms: int | None
    #: the event and the rule that began it; None = it was begun by hand, or does another one again
    event_row_id: int | None
    rule: RuleVersion | None
    #: which file the event told of, as the run keeps it longer than the event is kept; None = it is about none
    file: tuple[str, str, int | None] | None


class FlowRuns(Protocol):
    """Kept runs of flows."""

    async def ids_of(self, tenant: str, wishes: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Return the ids of the runs that flows, by id or name, have for keys; "" = there is no such flow any more.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...

    async def at(self, tenant: str, run_ids: Sequence[str], row_ids: Sequence[int]) -> Sequence[FlowRun]:
        """Return those of some runs that are kept, and those that file events began, the oldest first.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the path, as far as it is known."""

    gen: int
    first_at_ms: int
    last_at_ms: int
    status: FileEventStatus
    #: that are kept
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that is named and not kept any more, or not there yet."""

    #: event, rule, run or task; history: all that was told before the moment that is its id
    kind: str
    id: str
    #: removed: kept long enough; pending: it comes within moments
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the rules said about one event."""

    row_id: int
    found: Found
    #: names of the rules that matched, by version
    names: Mapping[RuleVersion, str]
    #: the tasks and runs that its drafts became, in the order of the drafts
    task_ids: Sequence[TaskId]
    run_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A task with its attempts, the oldest first."""

    task: Task
    attempts: Sequence[Attempt]
    letter: Letter | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The life of one version of a file."""

    #: "" and 0 where only what came of an event is kept, and that does not say which file it was
    agent_id: str
    path: str
    file_ref: int
    #: None = it is not known any more which
    gen: int | None
    #: newest first
    versions: Sequence[Version]
    #: of this version, oldest first
    events: Sequence[StoredFileEvent]
    #: older events of this version that are not shown
    left_out: int
    decisions: Sequence[Decided]
    runs: Sequence[FlowRun]
    tasks: Sequence[Work]
    #: the event by which the store confirmed it; None = not yet
    object: StoredFileEvent | None
    letter: Letter | None
    notifications: Sequence[Notification]
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageParts:
    """Where the parts of a life are kept."""

    events: EventReads
    decisions: DecisionDesk
    rules: RuleStore
    tasks: TaskService
    runs: FlowRuns
    letters: LetterStore
    notifications: Notifications
    clock: Clock
    #: how long events of files are kept
    kept_ms: int
