"""The use cases of tasks: each one transaction with its story and its audit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gwf.audit.model import SYSTEM
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError
from gwf.tasks.creation import check, created, id_of_key
from gwf.tasks.following import OUTAGES
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import (
    LEASE_S,
    MAX_PULL,
    Attempt,
    Executor,
    FailureGroup,
    Task,
    TaskDraft,
    TaskEvent,
    TaskFilter,
    TaskId,
    TaskNotFoundError,
    TaskPage,
    TaskState,
)
from gwf.tasks.ports import Follows, TaskChange, TaskStore
from gwf.tasks.signals import Amended, Begin, Cancel, Compensate, Lease, Outcome, Renew, Report, Retry, Signal, Tick
from gwf.tasks.state import Report as Word
from gwf.tasks.step import Step

SWEEP_BATCH = 200  #: tasks that one sweep takes at most in one transaction
PUT_OFF_MS = 60_000  #: until the clock's step of a task is tried again that crashed
MAX_STORY = 500  #: attempts and events of a story
MOST_CREATED = 1000  #: tasks of one call

log = logging.getLogger("gwf.tasks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A task as it stands, and whether this call made it."""

    task: Task
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A part of a list with its counts."""

    items: Sequence[Task]
    #: None = not counted: only the first part is
    total: int | None
    #: by column and value; None = not asked for
    facets: Mapping[str, Mapping[str, int]] | None


def _unheard(_: Step) -> None:
    """Listen to nothing."""


class TaskService:
    """What may be done with tasks."""

    def __init__(
        self,
        store: TaskStore,
        clock: Clock,
        told: Callable[[Step], None] = _unheard,
        *,
        follows: Follows | None = None,
    ) -> None:
        """Keep tasks in `store`; `told` hears of each step that became durable, `follows` goes on with what ended."""
        self._follows = follows
        self._store = store
        self._clock = clock
        self._told = told

    # -- creating --------------------------------------------------------------------------------------

    async def create(self, draft: TaskDraft, by: By) -> Task:
        """Queue a task; the one that is there when its key was used before.

        Raises:
            InputError: Something is missing, too long or out of range.
            TooLargeError: The payload is too large.
        """
        (made,) = await self.create_many([draft], by)
        return made.task

    async def create_many(self, drafts: Sequence[TaskDraft], by: By) -> Sequence[Created]:
        """Queue tasks, all or none. Raises as `create`."""
        async with self._store.change(by.tenant) as change:
            made, ledger = await self.enter(change, drafts, by)
        self._tell(ledger.steps)
        return made

    async def enter(self, change: TaskChange, drafts: Sequence[TaskDraft], by: By) -> tuple[Sequence[Created], Ledger]:
        """Queue tasks inside a transaction of somebody else, who calls `heard` afterwards. Raises as `create`."""
        for draft in drafts:
            check(draft)
        steps = [await self._made(change, draft, by.tenant) for draft in drafts]
        first = {step.task.task_id: step for step in reversed(steps)}
        new = await change.enter([step.task for step in first.values()])
        ledger = Ledger([(None, first[task_id]) for task_id in first if task_id in new], follows=self._follows)
        await ledger.write(change, by)
        there = {task.task_id: task for task in await change.many([name for name in first if name not in new])}
        made: list[Created] = []
        for step in steps:
            known = there.get(step.task.task_id)
            is_new = known is None and first[step.task.task_id] is step
            made.append(Created(task=known or first[step.task.task_id].task, is_new=is_new))
        return made, ledger

    def heard(self, ledger: Ledger) -> None:
        """Tell whoever listens of steps that became durable in a transaction of somebody else."""
        self._tell(ledger.steps)

    async def _made(self, change: TaskChange, draft: TaskDraft, tenant: str) -> Step:
        task_id = id_of_key(tenant, draft.key) if draft.key else TaskId(f"tsk-{await change.number():06}")
        return created(draft, task_id, tenant=tenant, now_ms=self._clock.now_ms())

    # -- looking ---------------------------------------------------------------------------------------

    async def get(self, tenant: str, task_id: str) -> Task:
        """Return a task.

        Raises:
            TaskNotFoundError: There is none with this id.
        """
        async with self._store.view(tenant) as view:
            return _found(await view.find(TaskId(task_id)))

    async def newest(self, tenant: str, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        async with self._store.view(tenant) as view:
            return await view.newest(wanted, limit=limit)

    async def look(self, tenant: str, wanted: TaskFilter, page: TaskPage, *, facets: bool) -> Look:
        """Return a part of the tasks that fit, newest first; the first part with how many there are."""
        async with self._store.view(tenant) as view:
            return Look(
                items=await view.page(wanted, page),
                total=await view.count(wanted) if page.after is None else None,
                facets=await view.facets(wanted) if facets else None,
            )

    async def attempts(self, tenant: str, task_id: str, *, limit: int) -> Sequence[Attempt]:
        """Return the attempts at a task, newest first.

        Raises:
            TaskNotFoundError: There is none with this id.
        """
        async with self._store.view(tenant) as view:
            task = _found(await view.find(TaskId(task_id)))
            return await view.attempts(task.task_id, limit=limit)

    async def story(self, tenant: str, task_id: str) -> tuple[Task, Sequence[Attempt], Sequence[TaskEvent]]:
        """Return a task with its newest attempts and events at one moment.

        Raises:
            TaskNotFoundError: There is none with this id.
        """
        async with self._store.view(tenant) as view:
            task = _found(await view.find(TaskId(task_id)))
            attempts = await view.attempts(task.task_id, limit=MAX_STORY)
            return task, attempts, await view.events(task.task_id, limit=MAX_STORY)

    async def of_events(
        self, tenant: str, row_ids: Sequence[int], task_ids: Sequence[TaskId]
    ) -> tuple[Sequence[Task], Sequence[Attempt]]:
        """Return tasks that file events caused and those of these ids, with all attempts at them, at one moment."""
        async with self._store.view(tenant) as view:
            tasks = await view.of_events(row_ids, task_ids)
            return tasks, await view.attempts_at([task.task_id for task in tasks]) if tasks else ()

    async def events(self, tenant: str, task_id: str, *, limit: int) -> Sequence[TaskEvent]:
        """Return the story of a task, newest first; nothing when there is no such task."""
        async with self._store.view(tenant) as view:
            return await view.events(TaskId(task_id), limit=limit)

    async def failures(self, tenant: str, wanted: TaskFilter) -> Sequence[FailureGroup]:
        """Return why tasks ended badly, the most frequent reason first."""
        async with self._store.view(tenant) as view:
            return await view.failures(wanted)

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        return await self._store.counts()

    async def free_since_ms(self) -> Mapping[Executor, int]:
        """Return of each executor since when the task has been free that nobody took for the longest."""
        return await self._store.free_since_ms()

    # -- orders of people ------------------------------------------------------------------------------

    async def cancel(self, task_id: str, by: By) -> Task:
        """Let a task not be done; whoever has it is told to stop.

        Raises:
            TaskNotFoundError, TaskStateError: As the state machine says.
        """
        return await self._stepped(task_id, by, Cancel())

    async def retry(self, task_id: str, by: By) -> Task:
        """Queue a task that ended badly again, or bring its next attempt forward.

        Raises:
            TaskNotFoundError, TaskStateError, RetriesUsedUpError: As the state machine says.
        """
        return await self._stepped(task_id, by, Retry())

    async def retry_many(self, wishes: Mapping[TaskId, Amended | None], by: By) -> Mapping[TaskId, str]:
        """Queue tasks that ended badly again, at most MOST_CREATED of them, in one transaction.

        Returns the code of what refused each one; "" = it was queued. A task that is not there is not in it.
        """
        ledger, found = Ledger(follows=self._follows), dict[TaskId, str]()
        async with self._store.change(by.tenant) as change:
            now_ms = self._clock.now_ms()
            for task in await change.many(list(wishes)[:MOST_CREATED]):
                try:
                    ledger.take(task, Retry(amended=wishes[task.task_id]), now_ms=now_ms)
                    found[task.task_id] = ""
                except ConflictError as exc:  # told to whoever asked, and the others go on
                    found[task.task_id] = exc.code
            await ledger.write(change, by)
        self._tell(ledger.steps)
        return found

    async def compensate(self, task_id: str, by: By) -> Task:
        """Have undone what a task did.

        Raises:
            TaskNotFoundError, TaskStateError, NotReversibleError: As the state machine says.
        """
        return await self._stepped(task_id, by, Compensate())

    # -- the Go version's interface ----------------------------------------------------------------------

    async def pull(self, agent_id: str, types: frozenset[str], by: By, *, most: int) -> Sequence[Task]:
        """Hand out at most `most` pending tasks, most urgent first, then oldest."""
        ledger = Ledger(follows=self._follows)
        async with self._store.change(by.tenant) as change:
            swept = await self._swept(change)
            for task in await change.claimable(types, limit=max(1, min(most, MAX_PULL))):
                ledger.take(task, Lease(owner=agent_id, lease_s=LEASE_S), now_ms=self._clock.now_ms())
            await ledger.write(change, by)
        self._tell([*swept.steps, *ledger.steps])
        return [step.task for step in ledger.steps]

    async def start(self, task_id: str, agent_id: str, message: str, *, by: By) -> Task:
        """Take an agent's word that it began.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        return await self._stepped(task_id, by, Begin(owner=agent_id, token=None, message=message))

    async def progress(self, task_id: str, agent_id: str, message: str, *, by: By) -> Task:
        """Take an agent's word about how far it is.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        return await self._stepped(task_id, by, Renew(owner=agent_id, token=None, message=message))

    async def finish(self, task_id: str, agent_id: str, word: Word, *, by: By) -> Task:
        """Take an agent's word about how it ended.

        Raises:
            TaskNotFoundError, TaskStateError, TaskOwnerError: As the state machine says.
        """
        outcome = Outcome.SUCCEEDED if word.succeeded else Outcome.FAILED
        said = Report(owner=agent_id, token=None, outcome=outcome, message=word.message, error=word.error)
        return await self._stepped(task_id, by, said)

    # -- the clock -------------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Take the steps that time makes: leases that are over, attempts that are due; return how many tasks.

        Called every moment by whoever works, so nothing waits for an executor to ask.
        """
        moved = 0
        while (due_ms := await self._store.next_due_ms()) is not None and due_ms < self._clock.now_ms():
            try:
                steps = await self._swept_now()
            except OUTAGES:
                raise
            except Exception:
                log.exception("task_sweep_crashed")
                steps = await self._swept_one_by_one()
            if not steps:  # another process has them
                break
            moved += len({step.task.task_id for step in steps})
        return moved

    async def _swept_now(self, only: TaskId | None = None) -> Sequence[Step]:
        async with self._store.change(None) as change:
            ledger = await self._swept(change, only)
        self._tell(ledger.steps)
        return ledger.steps

    async def _swept_one_by_one(self) -> Sequence[Step]:
        """Make the steps that are due each by itself; what crashes holds up no other and is tried again later."""
        async with self._store.change(None) as change:
            due = [task.task_id for task in await change.due(now_ms=self._clock.now_ms(), limit=SWEEP_BATCH)]
        made: list[Step] = []
        for task_id in due:
            try:
                made += await self._swept_now(task_id)
            except OUTAGES:
                raise
            except Exception:  # the edge of a task
                log.exception("task_not_swept", extra={"task_id": task_id})
                async with self._store.change(None) as change:
                    await change.put_off(task_id, until_ms=self._clock.now_ms() + PUT_OFF_MS)
        return made

    async def _stepped(self, task_id: str, by: By, signal: Signal) -> Task:
        """Let a signal happen to a task at this moment."""
        ledger = Ledger(follows=self._follows)
        async with self._store.change(by.tenant) as change:
            task = ledger.take(_found(await change.find(TaskId(task_id))), signal, now_ms=self._clock.now_ms())
            await ledger.write(change, by)
        self._tell(ledger.steps)
        return task

    async def _swept(self, change: TaskChange, only: TaskId | None = None) -> Ledger:
        now_ms = self._clock.now_ms()
        ledger = Ledger(follows=self._follows)
        due = await change.due(now_ms=now_ms, limit=SWEEP_BATCH) if only is None else await change.many([only])
        for task in due:
            ledger.take(task, Tick(), now_ms=now_ms)
        await ledger.write(change, By(tenant="", actor=SYSTEM))
        lost = sum(step.ended is not None for step in ledger.steps)
        if lost:
            log.warning("task_leases_expired", extra={"count": lost})
        return ledger

    def _tell(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._told(step)


def _found(task: Task | None) -> Task:
    if task is None:
        raise TaskNotFoundError("task not found")
    return task
