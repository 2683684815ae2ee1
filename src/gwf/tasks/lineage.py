"""Tells the whole life of a file: events, what the rules decided, tasks, attempts, its object, who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.core.clock import Clock
from gwf.core.errors import NotFoundError
from gwf.events.files import FileEventStatus, file_ref
from gwf.events.ports import EventReads, FileEventFilter, PageWish, Span, StoredFileEvent
from gwf.letters.model import Letter, LetterFilter, LetterKind, LetterState, letter_id
from gwf.letters.ports import LetterStore
from gwf.rules.decider import DecisionDesk, DecisionState, Found
from gwf.rules.decision import EventKind, EventRef, RuleVersion
from gwf.rules.ports import RuleStore
from gwf.tasks.creation import id_of_key
from gwf.tasks.model import Attempt, Task, TaskId
from gwf.tasks.service import TaskService

MOST_EVENTS = 200  #: of one version, the newest
LOOKED_AT = 1_000  #: of all versions of the path, the newest
FOR_EVER_MS = 2**53
NOTIFY = "NOTIFY"
_OBJECTS = frozenset({FileEventStatus.DONE})


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
class Version:
    """One version of the path, as far as events tell of it."""

    gen: int
    first_at_ms: int
    last_at_ms: int
    status: FileEventStatus
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that is named and not kept any more, or not there yet."""

    #: event, rule or task
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
    #: the tasks that its drafts became, in the order of the drafts
    task_ids: Sequence[TaskId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A task with its attempts, the oldest first."""

    task: Task
    attempts: Sequence[Attempt]
    letter: Letter | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The life of one version of a file."""

    agent_id: str
    path: str
    file_ref: int
    gen: int
    #: newest first
    versions: Sequence[Version]
    #: of this version, oldest first
    events: Sequence[StoredFileEvent]
    #: older events of this version that are not shown
    left_out: int
    decisions: Sequence[Decided]
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
    letters: LetterStore
    notifications: Notifications
    clock: Clock


class Genealogist:
    """Puts lives together."""

    def __init__(self, parts: LineageParts) -> None:
        """Look into `parts`."""
        self._parts = parts

    async def of_event(self, tenant: str, row_id: int, *, gen: int | None = None) -> Lineage:
        """Return the life of the version that an event tells of, or of another version of its path.

        Raises:
            NotFoundError: There is no such event, or no such version is known.
        """
        told = await self._parts.events.file_event(tenant, row_id)
        return await self._of(tenant, told.event.agent_id, told.event.path, gen=told.event.gen if gen is None else gen)

    async def of_path(self, tenant: str, agent_id: str, path: str, *, gen: int | None = None) -> Lineage:
        """Return the life of the newest version of a path, or of another one.

        Raises:
            NotFoundError: Nothing is known of it.
        """
        return await self._of(tenant, agent_id, path, gen=gen)

    async def _of(self, tenant: str, agent_id: str, path: str, *, gen: int | None) -> Lineage:
        ref = file_ref(agent_id, path)
        found = await self._told(tenant, agent_id, ref)
        if not found:
            raise NotFoundError("nothing is known of this file", agent_id=agent_id, path=path)
        versions = _versions(found)
        wanted = versions[0].gen if gen is None else gen
        own = [one for one in found if one.event.gen == wanted]
        if not own:
            raise NotFoundError("nothing is known of this version", agent_id=agent_id, path=path, version=wanted)
        events = sorted(own[:MOST_EVENTS], key=lambda one: (one.event.at_ms, one.row_id))
        decisions, missing = await self._decided(tenant, events)
        tasks = await self._work(tenant, [one.row_id for one in events], decisions)
        there = {one.task.task_id for one in tasks}
        missing += [
            Missing(kind="task", id=name, why=_why(one))
            for one in decisions
            for name in one.task_ids
            if name not in there
        ]
        return Lineage(
            agent_id=agent_id,
            path=path,
            file_ref=ref,
            gen=wanted,
            versions=versions,
            events=events,
            left_out=len(own) - len(events),
            decisions=[_without(one, there) for one in decisions],
            tasks=tasks,
            object=next((one for one in reversed(events) if one.event.status in _OBJECTS), None),
            letter=await self._letter(tenant, f"{agent_id}:{ref}"),
            notifications=await self._parts.notifications.of_events(tenant, [one.row_id for one in events]),
            missing=missing,
        )

    async def _told(self, tenant: str, agent_id: str, ref: int) -> Sequence[StoredFileEvent]:
        """Return what was told of the path, the newest first."""
        span = Span(since_ms=0, until_ms=FOR_EVER_MS)
        wanted = FileEventFilter(tenant=tenant, span=span, agents=(agent_id,), file_ref=ref)
        return (await self._parts.events.file_events(wanted, PageWish(limit=LOOKED_AT))).items

    async def _decided(self, tenant: str, events: Sequence[StoredFileEvent]) -> tuple[Sequence[Decided], list[Missing]]:
        found = {
            one.row_id: await self._parts.decisions.find(EventRef(tenant, EventKind.FILE, one.row_id)) for one in events
        }
        named = sorted({ref for one in found.values() for ref in one.explanation.decision.matched})
        async with self._parts.rules.view() as reads:
            stored = await reads.versions_of(tenant, named) if named else ()
        names = {one.ref: one.name for one in stored}
        missing = [
            Missing(kind="rule", id=f"{ref.rule_id}/{ref.version}", why="removed") for ref in named if ref not in names
        ]
        decided = [
            Decided(
                row_id=row_id,
                found=one,
                names={ref: names[ref] for ref in one.explanation.decision.matched if ref in names},
                task_ids=[id_of_key(tenant, draft.idempotency_key) for draft in one.explanation.decision.drafts],
            )
            for row_id, one in found.items()
        ]
        return decided, missing

    async def _work(self, tenant: str, row_ids: Sequence[int], decisions: Sequence[Decided]) -> Sequence[Work]:
        named = {name for one in decisions for name in one.task_ids}
        tasks, attempts = await self._parts.tasks.of_events(tenant, row_ids, sorted(named))
        ids = {letter_id(tenant, LetterKind.TASK, task.task_id) for task in tasks}
        letters = {}
        if ids:
            wanted = LetterFilter(states=frozenset(LetterState), ids=frozenset(ids))
            async with self._parts.letters.view() as view:
                found = await view.page(tenant, wanted, limit=len(ids), after=None)
            letters = {one.subject: one for one in found}
        return [
            Work(
                task=task,
                attempts=[one for one in attempts if one.task_id == task.task_id],
                letter=letters.get(task.task_id),
            )
            for task in tasks
        ]

    async def _letter(self, tenant: str, subject: str) -> Letter | None:
        name = letter_id(tenant, LetterKind.UPLOAD, subject)
        wanted = LetterFilter(states=frozenset(LetterState), ids=frozenset({name}))
        async with self._parts.letters.view() as view:
            return next(iter(await view.page(tenant, wanted, limit=1, after=None)), None)


def _versions(found: Sequence[StoredFileEvent]) -> Sequence[Version]:
    """Return the versions that events tell of, newest first. Pure."""
    by_gen: dict[int, list[StoredFileEvent]] = {}
    for one in found:
        by_gen.setdefault(one.event.gen, []).append(one)
    return [
        Version(
            gen=gen,
            first_at_ms=min(one.event.at_ms for one in told),
            last_at_ms=max(one.event.at_ms for one in told),
            status=max(told, key=lambda one: (one.event.at_ms, one.row_id)).event.status,
            events=len(told),
        )
        for gen, told in sorted(by_gen.items(), reverse=True)
    ]


def _why(decided: Decided) -> str:
    return "pending" if decided.found.state is DecisionState.PENDING else "removed"


def _without(decided: Decided, there: set[TaskId]) -> Decided:
    """Return a decision that names only tasks that are there: what is missing is told by itself."""
    return Decided(
        row_id=decided.row_id,
        found=decided.found,
        names=decided.names,
        task_ids=[name for name in decided.task_ids if name in there],
    )
