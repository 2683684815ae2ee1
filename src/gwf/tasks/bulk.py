"""Orders of people to many tasks at once: those of a list, or named ones, a part at a time."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import Task, TaskFilter, TaskId, TaskPage, TaskState
from gwf.tasks.ports import Follows, TaskReads, TaskStore
from gwf.tasks.signals import Cancel, Retry, Signal
from gwf.tasks.step import Step

MAX_STEERED = 500  #: tasks of one call: what one transaction holds without keeping others waiting


class Bulk(enum.StrEnum):
    """What may be done with many tasks."""

    RETRY = "retry"
    CANCEL = "cancel"


#: what an order takes of a list that names no states: what ended badly by itself, or what has not ended
USUAL: Mapping[Bulk, frozenset[TaskState]] = {
    Bulk.RETRY: frozenset({TaskState.DEAD, TaskState.FAILED, TaskState.TIMED_OUT}),
    Bulk.CANCEL: frozenset({TaskState.PENDING, TaskState.LEASED, TaskState.RUNNING, TaskState.WAITING}),
}
#: what it takes at most: the other states refuse it anyway
TAKEN: Mapping[Bulk, frozenset[TaskState]] = {
    Bulk.RETRY: USUAL[Bulk.RETRY] | {TaskState.CANCELLED, TaskState.COMPENSATED, TaskState.WAITING},
    Bulk.CANCEL: USUAL[Bulk.CANCEL],
}
_SIGNALS: Mapping[Bulk, Signal] = {Bulk.RETRY: Retry(), Bulk.CANCEL: Cancel()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which tasks are meant: the named ones, else those of a list behind a place."""

    task_ids: Sequence[TaskId] = ()
    wanted: TaskFilter = field(default_factory=TaskFilter)
    after: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What became of a part."""

    #: how many the whole choice has, as it was before
    matched: int
    changed: Sequence[Task]
    #: refused by the state machine: how many, by code
    refused: Mapping[str, int]
    #: named, but not there
    missing: int
    #: the place behind this part; None = nothing is left
    next: tuple[int, str] | None


class TaskBulk:
    """Gives one order to many tasks."""

    def __init__(
        self, store: TaskStore, clock: Clock, told: Callable[[Step], None], *, follows: Follows | None = None
    ) -> None:
        """Keep tasks in `store`; `told` hears of each step that became durable, `follows` goes on with what ended."""
        self._follows = follows
        self._store = store
        self._clock = clock
        self._told = told

    async def steer(self, act: Bulk, chosen: Chosen, by: By, *, dry_run: bool) -> Steered:
        """Give the order to at most MAX_STEERED tasks, all that can take it or none; or say what it would do.

        Raises:
            InputError: Nothing narrows the choice, or too many are named.
            UnavailableError: The database did not answer; nothing was changed.
        """
        _check(chosen)
        if dry_run:
            async with self._store.view(by.tenant) as view:
                part = await _part(view, act, chosen)
                ledger, refused = self._taken(act, part.tasks)
        else:
            async with self._store.change(by.tenant) as change:
                part = await _part(change, act, chosen)
                held = await change.many([task.task_id for task in part.tasks])
                ledger, refused = self._taken(act, held)
                await ledger.write(change, by)
            for step in ledger.steps:
                self._told(step)
        missing = len(set(chosen.task_ids)) - len(part.tasks) if chosen.task_ids else 0
        changed = [step.task for step in ledger.steps]
        return Steered(matched=part.matched, changed=changed, refused=refused, missing=missing, next=part.next)

    def _taken(self, act: Bulk, tasks: Sequence[Task]) -> tuple[Ledger, Mapping[str, int]]:
        ledger, refused, now_ms = Ledger(follows=self._follows), Counter[str](), self._clock.now_ms()
        for task in tasks:
            try:
                ledger.take(task, _SIGNALS[act], now_ms=now_ms)
            except ConflictError as exc:  # the answer counts it; the others go on
                refused[exc.code] += 1
        return ledger, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    tasks: Sequence[Task]
    matched: int
    next: tuple[int, str] | None = None


async def _part(view: TaskReads, act: Bulk, chosen: Chosen) -> _Part:
    if chosen.task_ids:
        found = [await view.find(task_id) for task_id in sorted(set(chosen.task_ids))]  # in one order
        tasks = [task for task in found if task is not None]
        return _Part(tasks=tasks, matched=len(tasks))
    named = chosen.wanted.states
    wanted = replace(chosen.wanted, states=USUAL[act] if named is None else named & TAKEN[act])
    page = await view.page(wanted, TaskPage(limit=MAX_STEERED, after=chosen.after))
    last = page[-1] if len(page) == MAX_STEERED else None
    return _Part(
        tasks=page, matched=await view.count(wanted), next=None if last is None else (last.created_at_ms, last.task_id)
    )


def _check(chosen: Chosen) -> None:
    if len(chosen.task_ids) > MAX_STEERED:
        raise InputError("too many tasks are named: send parts", field="task_ids", most=MAX_STEERED)
    if not chosen.task_ids and chosen.wanted == TaskFilter():
        raise InputError("name tasks, or narrow the list by at least one filter", field="task_ids")
