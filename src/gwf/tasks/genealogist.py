"""Tells the whole life of a file, from the event to the last attempt, and what of it is not kept any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from gwf.core.clock import utc_text
from gwf.core.errors import NotFoundError
from gwf.events.files import FileEventStatus, file_ref
from gwf.events.ports import FileEventFilter, PageWish, Span, StoredFileEvent
from gwf.letters.model import Letter, LetterFilter, LetterId, LetterKind, LetterState, letter_id
from gwf.rules.decision import ActionDraft, EventKind, EventRef
from gwf.tasks.creation import id_of_key
from gwf.tasks.lineage import FLOW, Decided, FlowRun, Lineage, LineageParts, Missing, Version, Work
from gwf.tasks.model import Task, TaskId

MOST_EVENTS = 200  #: of one version, the newest
LOOKED_AT = 1_000  #: of all versions of the path, the newest
FOR_EVER_MS = 2**53
_EVERY_LETTER = frozenset(LetterState)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """Which life is wanted."""

    tenant: str
    agent_id: str
    path: str
    #: None = the newest
    gen: int | None
    #: an event that told of it and is not kept any more
    lost: int | None = None

    @property
    def ref(self) -> int:
        return file_ref(self.agent_id, self.path) if self.agent_id else 0


class Genealogist:
    """Puts lives together."""

    def __init__(self, parts: LineageParts) -> None:
        """Look into `parts`."""
        self._parts = parts

    async def of_event(self, tenant: str, row_id: int, *, gen: int | None = None) -> Lineage:
        """Return the life of the version that an event tells of, or of another version of its path.

        Where the event is not kept any more, what came of it tells which file it was, as far as it can.

        Raises:
            NotFoundError: There is no such event and nothing came of it, or no such version is known.
        """
        try:
            told = (await self._parts.events.file_event(tenant, row_id)).event
        except NotFoundError:
            file = await self._file_of_lost(tenant, row_id)
            if file is None:
                raise
            return await self._of(file if gen is None else replace(file, gen=gen, lost=None))
        wanted = told.gen if gen is None else gen
        return await self._of(_File(tenant=tenant, agent_id=told.agent_id, path=told.path, gen=wanted))

    async def of_path(self, tenant: str, agent_id: str, path: str, *, gen: int | None = None) -> Lineage:
        """Return the life of the newest version of a path, or of another one.

        Raises:
            NotFoundError: Nothing is known of it.
        """
        return await self._of(_File(tenant=tenant, agent_id=agent_id, path=path, gen=gen))

    async def _file_of_lost(self, tenant: str, row_id: int) -> _File | None:
        """Return the file of an event that is not kept, by what came of it; None = nothing did."""
        tasks, _ = await self._parts.tasks.of_events(tenant, [row_id], [])
        runs = await self._parts.runs.at(tenant, _runs_of(tasks), [row_id])
        if not tasks and not runs:
            return None
        named = [run.file for run in runs if run.file is not None] + [file for file in map(_file_of, tasks) if file]
        agent_id, path, gen = named[0] if named else ("", "", None)
        return _File(tenant=tenant, agent_id=agent_id, path=path, gen=gen, lost=row_id)

    async def _of(self, file: _File) -> Lineage:
        found, has_more = await self._told(file, gen=None)
        letter = await self._letter(file)
        versions = _versions(found, letter)
        is_open = file.gen is None and file.lost is None
        wanted = versions[0].gen if is_open and versions else file.gen
        own: Sequence[StoredFileEvent] = [one for one in found if one.event.gen == wanted]
        if has_more and wanted is not None:
            own, has_more = await self._told(file, gen=wanted)
        if not own and file.lost is None and not any(one.gen == wanted for one in versions):
            raise _unknown(file, versions)
        if own and not any(one.gen == wanted for one in versions):
            versions = sorted([*versions, *_versions(own, None)], key=lambda one: -one.gen)
        lost = await self._lost(replace(file, gen=wanted), own, letter)
        return await self._put_together(replace(file, gen=wanted), own, letter, versions=versions, lost=lost)

    async def _put_together(
        self,
        file: _File,
        own: Sequence[StoredFileEvent],
        letter: Letter | None,
        *,
        versions: Sequence[Version],
        lost: Sequence[int],
    ) -> Lineage:
        events = sorted(own[:MOST_EVENTS], key=lambda one: (one.event.at_ms, one.row_id))
        row_ids = [*lost, *(one.row_id for one in events)]
        decisions, missing = await self._decided(file.tenant, events)
        work = await self._work(file.tenant, row_ids, decisions)
        tasks = [one.task for one in work]
        named = {name for one in decisions for name in one.run_ids if name} | set(_runs_of(tasks))
        runs = await self._parts.runs.at(file.tenant, sorted(named), row_ids)
        there: set[str] = {task.task_id for task in tasks} | {run.run_id for run in runs}
        decisions = [_settled(one, runs, there) for one in decisions]
        return Lineage(
            agent_id=file.agent_id,
            path=file.path,
            file_ref=file.ref,
            gen=file.gen,
            versions=versions,
            events=events,
            left_out=len(own) - len(events),
            decisions=[_without(one, there) for one in decisions],
            runs=runs,
            tasks=work,
            object=next((one for one in reversed(events) if one.event.status is FileEventStatus.DONE), None),
            letter=letter,
            notifications=await self._parts.notifications.of_events(file.tenant, row_ids),
            missing=[
                *self._history(events),
                *(Missing(kind="event", id=str(row_id), why="removed") for row_id in lost),
                *missing,
                *await self._lost_causes(file.tenant, tasks, row_ids),
                *_absent(decisions, tasks, there),
            ],
        )

    async def _told(self, file: _File, *, gen: int | None) -> tuple[Sequence[StoredFileEvent], bool]:
        """Return what was told of the path, or of one version of it, the newest first, and whether there is more."""
        if not file.agent_id:
            return (), False
        span = Span(since_ms=0, until_ms=FOR_EVER_MS)
        wanted = FileEventFilter(tenant=file.tenant, span=span, agents=(file.agent_id,), file_ref=file.ref, gen=gen)
        page = await self._parts.events.file_events(wanted, PageWish(limit=LOOKED_AT))
        return page.items, page.more

    def _history(self, events: Sequence[StoredFileEvent]) -> Sequence[Missing]:
        """Say that more happened than is kept: an attempt tells how long ago the file was found."""
        kept_since_ms = self._parts.clock.now_ms() - self._parts.kept_ms
        begun_ms = min((one.received_at_ms - (one.event.duration_ms or 0) for one in events), default=kept_since_ms)
        if begun_ms >= kept_since_ms:
            return ()
        return (Missing(kind="history", id=utc_text(kept_since_ms), why="removed"),)

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
                run_ids=await self._parts.runs.ids_of(tenant, _flows_of(one.explanation.decision.drafts)),
            )
            for row_id, one in found.items()
        ]
        return decided, missing

    async def _work(self, tenant: str, row_ids: Sequence[int], decisions: Sequence[Decided]) -> Sequence[Work]:
        named = {name for one in decisions for name in one.task_ids}
        tasks, attempts = await self._parts.tasks.of_events(tenant, row_ids, sorted(named))
        letters = await self._letters(tenant, [letter_id(tenant, LetterKind.TASK, task.task_id) for task in tasks])
        by_task = {one.subject: one for one in letters}
        return [
            Work(
                task=task,
                attempts=[one for one in attempts if one.task_id == task.task_id],
                letter=by_task.get(task.task_id),
            )
            for task in tasks
        ]

    async def _lost(self, file: _File, own: Sequence[StoredFileEvent], letter: Letter | None) -> Sequence[int]:
        """Return events that are named and not kept: that which was asked for, and that which the letter is about."""
        lost = set[int]() if file.lost is None else {file.lost}
        if letter is not None and letter.version == file.gen:
            row_id = int(str(letter.source["row_id"]))
            if all(one.row_id != row_id for one in own) and not await self._is_kept(file.tenant, row_id):
                lost.add(row_id)
        return sorted(lost)

    async def _is_kept(self, tenant: str, row_id: int) -> bool:
        try:
            await self._parts.events.file_event(tenant, row_id)
        except NotFoundError:
            return False
        return True

    async def _lost_causes(self, tenant: str, tasks: Sequence[Task], told: Collection[int]) -> Sequence[Missing]:
        """Return events that tasks name and that are not kept; one of another version of the path is."""
        named = {task.cause.file_event_id for task in tasks if task.cause.file_event_id} - {*told}
        gone = [row_id for row_id in sorted(named) if not await self._is_kept(tenant, row_id)]
        return [Missing(kind="event", id=str(row_id), why="removed") for row_id in gone]

    async def _letter(self, file: _File) -> Letter | None:
        if not file.agent_id:
            return None
        name = letter_id(file.tenant, LetterKind.UPLOAD, f"{file.agent_id}:{file.ref}")
        return next(iter(await self._letters(file.tenant, [name])), None)

    async def _letters(self, tenant: str, names: Sequence[LetterId]) -> Sequence[Letter]:
        if not names:
            return ()
        wanted = LetterFilter(states=_EVERY_LETTER, ids=frozenset(names))
        async with self._parts.letters.view() as view:
            return await view.page(tenant, wanted, limit=len(names), after=None)


def _versions(found: Sequence[StoredFileEvent], letter: Letter | None) -> list[Version]:
    """Return the versions that events and a dead letter tell of, newest first. Pure."""
    by_gen: dict[int, list[StoredFileEvent]] = {}
    for one in found:
        by_gen.setdefault(one.event.gen, []).append(one)
    versions = [
        Version(
            gen=gen,
            first_at_ms=min(one.event.at_ms for one in told),
            last_at_ms=max(one.event.at_ms for one in told),
            status=max(told, key=lambda one: (one.event.at_ms, one.row_id)).event.status,
            events=len(told),
        )
        for gen, told in by_gen.items()
    ]
    if letter is not None and letter.version not in by_gen:
        versions.append(
            Version(
                gen=letter.version,
                first_at_ms=letter.first_seen_ms,
                last_at_ms=letter.last_seen_ms,
                status=FileEventStatus.DEAD,
                events=0,
            )
        )
    return sorted(versions, key=lambda one: -one.gen)


def _unknown(file: _File, versions: Sequence[Version]) -> NotFoundError:
    if versions:
        return NotFoundError(
            "nothing is kept of this version: no event tells of it, or they were removed after their time",
            agent_id=file.agent_id, path=file.path, version=file.gen,
        )  # fmt: skip
    return NotFoundError(
        "nothing is kept of this file: no event tells of it, or they were removed after their time",
        agent_id=file.agent_id, path=file.path,
    )  # fmt: skip


def _runs_of(tasks: Iterable[Task]) -> Sequence[str]:
    return sorted({task.cause.flow_run_id for task in tasks if task.cause.flow_run_id})


def _file_of(task: Task) -> tuple[str, str, int | None] | None:
    """Return the file that a task of a host is about; None = it does not say."""
    path = (task.payload or {}).get("path")
    return (task.for_agent, path, None) if task.for_agent and isinstance(path, str) else None


def _flows_of(drafts: Sequence[ActionDraft]) -> Sequence[tuple[str, str]]:
    return [(str(draft.config.get("flow", "")), draft.idempotency_key) for draft in drafts if draft.kind == FLOW]


def _settled(decided: Decided, runs: Sequence[FlowRun], there: Collection[str]) -> Decided:
    """Say what each draft became: a task, or a run; a run that could not begin is a task that says so. Pure."""
    task_ids: list[TaskId] = []
    run_ids: list[str] = []
    named = iter(decided.run_ids)
    for draft, task_id in zip(decided.found.explanation.decision.drafts, decided.task_ids, strict=True):
        if draft.kind != FLOW:
            task_ids.append(task_id)
            continue
        run_id = next(named)
        begun = [one.run_id for one in runs if (one.event_row_id, one.rule) == (decided.row_id, draft.rule)]
        if run_id not in there and begun:
            run_ids += begun  # the flow has another name by now
        elif run_id not in there and task_id in there:
            task_ids.append(task_id)
        else:
            run_ids.append(run_id or f"{draft.rule.rule_id}/{draft.rule.version}")
    return replace(decided, task_ids=task_ids, run_ids=list(dict.fromkeys(run_ids)))


def _absent(decisions: Sequence[Decided], tasks: Sequence[Task], there: Collection[str]) -> Sequence[Missing]:
    """Return tasks and runs that are named and not there; what came of an event may still come."""
    found = {name: Missing(kind="run", id=name, why="removed") for name in _runs_of(tasks) if name not in there}
    for one in decisions:
        why = "removed" if one.found.handed else "pending"
        for kind, names in (("task", one.task_ids), ("run", one.run_ids)):
            found |= {name: Missing(kind=kind, id=name, why=why) for name in names if name not in there}
    return list(found.values())


def _without(decided: Decided, there: Collection[str]) -> Decided:
    """Return a decision that names only what is there: what is missing is told by itself."""
    return replace(
        decided,
        task_ids=[name for name in decided.task_ids if name in there],
        run_ids=[name for name in decided.run_ids if name in there],
    )
