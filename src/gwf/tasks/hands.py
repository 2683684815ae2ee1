"""What executors do with tasks, many at a time: take them, keep them, say how they ended."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gwf.audit.model import SYSTEM
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError
from gwf.core.faults import kill_point
from gwf.tasks.following import OUTAGES
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import Executor, Task, TaskId, TaskState
from gwf.tasks.ports import Follows, TaskChange, TaskStore
from gwf.tasks.reports import untaken
from gwf.tasks.signals import Begin, Lease, Report
from gwf.tasks.step import Step

_BY = By(tenant="", actor=SYSTEM)

Result = TypeVar("Result")

log = logging.getLogger("gwf.tasks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who takes tasks, which, and for how long it may be silent about them."""

    name: str
    lease_s: float
    #: a worker's: the kinds that it can do
    kinds: Sequence[str] = ()
    #: an agent takes what is for it
    is_agent: bool = False


Said = tuple[TaskId, Report]
"""A word of an executor about one of its tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of one turn."""

    taken: Sequence[Task] = ()
    #: words that came too late: somebody else has the task, or it is over
    stale: frozenset[TaskId] = field(default_factory=frozenset[TaskId])


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What came of an exchange with an agent."""

    #: new ones, and those that it does not know that it has
    given: Sequence[Task]
    #: cancelled: it is to stop them
    stop: Sequence[TaskId]
    #: not its own any more
    lost: Sequence[TaskId]


_GIVEN = frozenset({TaskState.LEASED, TaskState.RUNNING, TaskState.COMPENSATING})


class Hands:
    """The way of executors to the tasks: each turn is one transaction, however many tasks it is about."""

    def __init__(
        self, store: TaskStore, clock: Clock, told: Callable[[Step], None], *, follows: Follows | None = None
    ) -> None:
        """Work on `store`; `told` hears of each step that became durable, `follows` goes on with what ended."""
        self._follows = follows
        self._store = store
        self._clock = clock
        self._told = told

    async def turn(self, holder: Holder, said: Sequence[Said], *, room: int) -> Turn:
        """Take the holder's words, then give it at most `room` tasks; a word that crashes this holds up no other.

        Raises:
            UnavailableError: The database did not answer; the words may be said again, those that were taken are stale.
        """
        turn, stale = await self._in_one(holder, said, lambda words: self._turn(holder, words, room=room))
        return replace(turn, stale=turn.stale | stale)

    async def _in_one(
        self, holder: Holder, said: Sequence[Said], take: Callable[[Sequence[Said]], Awaitable[Result]]
    ) -> tuple[Result, frozenset[TaskId]]:
        """Take words in one transaction; when that crashes, each by itself and then the rest of the transaction.

        Returns what came of it, and the tasks whose words came too late where they were taken by themselves.
        """
        try:
            return await take(said), frozenset()
        except OUTAGES:
            raise
        except Exception:
            if not said:
                raise
            log.exception("executor_turn_crashed", extra={"holder": holder.name, "words": len(said)})
        stale: frozenset[TaskId] = frozenset()
        for word in said:
            stale |= await self._by_itself(holder, word)
        return await take([]), stale

    async def _by_itself(self, holder: Holder, word: Said) -> frozenset[TaskId]:
        """Take a word in a transaction of its own; in the place of one that crashes it, that the attempt failed.

        Where not even that can be taken, the executor loses the task: its lease ends, and whoever takes it next begins
        anew.
        """
        task_id, report = word
        try:
            return (await self._turn(holder, [word], room=0)).stale
        except OUTAGES:
            raise
        except Exception as exc:  # the edge of a word
            log.exception("task_word_crashed", extra={"task_id": task_id, "holder": holder.name})
            instead = untaken(report, exc)
        try:
            return (await self._turn(holder, [(task_id, instead)], room=0)).stale
        except OUTAGES:
            raise
        except Exception:  # as above
            log.exception("task_end_untaken", extra={"task_id": task_id, "holder": holder.name})
        if report.token is not None:
            async with self._store.change(None) as change:
                await change.let_go(task_id, holder.name, fence=report.token)
        return frozenset()

    async def _turn(self, holder: Holder, said: Sequence[Said], *, room: int) -> Turn:
        if not said and (room <= 0 or not (holder.is_agent or await self._store.is_free_for_workers())):
            return Turn()
        ledger = Ledger(follows=self._follows)
        async with self._store.change(None) as change:
            stale = await self._heard(change, holder, said, ledger=ledger)
            taken = await self._taken(change, holder, room, ledger=ledger) if room > 0 else []
            await ledger.write(change, _BY)
            _dies_here("before_end_commit", said)
        _dies_here("after_end_commit", said)
        for step in ledger.steps:
            self._told(step)
        return Turn(taken=taken, stale=stale)

    async def renew(self, holder: Holder) -> Mapping[TaskId, tuple[int, TaskState]]:
        """Let everything that an executor has be its own for longer; return the fence and state of each.

        What it believes to have and is not named here is not its own any more.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._store.change(None) as change:
            until_ms = self._clock.now_ms() + round(holder.lease_s * 1000)
            return await change.renew(holder.name, until_ms=until_ms)

    async def exchange(
        self, holder: Holder, held: Mapping[TaskId, int], said: Sequence[Said], *, room: int
    ) -> Exchanged:
        """Take an agent's words, renew what it has, give it more; what it lost sight of is given again.

        Raises:
            UnavailableError: The database did not answer; the same may be said again.
        """
        found, _ = await self._in_one(holder, said, lambda words: self._exchange(holder, held, words, room=room))
        return found

    async def _exchange(
        self, holder: Holder, held: Mapping[TaskId, int], said: Sequence[Said], *, room: int
    ) -> Exchanged:
        ledger = Ledger(follows=self._follows)
        until_ms = self._clock.now_ms() + round(holder.lease_s * 1000)
        async with self._store.change(None) as change:
            await self._heard(change, holder, said, ledger=ledger)
            ended = {task_id for task_id, _ in said}
            renewed = await change.renew(holder.name, until_ms=until_ms)
            own = {task_id: is_ for task_id, is_ in renewed.items() if task_id not in ended}
            begun = [task_id for task_id, token in held.items() if own.get(task_id) == (token, TaskState.LEASED)]
            for task in await change.many(begun):
                ledger.take(task, Begin(owner=holder.name, token=task.fence), now_ms=self._clock.now_ms())
            unseen = [name for name, (fence, state) in own.items() if held.get(name) != fence and state in _GIVEN]
            again = await change.many(unseen)
            more: list[Task] = []
            if room > len(again):
                more = await self._taken(change, holder, room - len(again), ledger=ledger)
            await ledger.write(change, _BY)
            _dies_here("before_end_commit", said)
        _dies_here("after_end_commit", said)
        for step in ledger.steps:
            self._told(step)
        return Exchanged(
            given=[*again, *more],
            stop=[task_id for task_id, (_, state) in own.items() if state is TaskState.CANCELLING],
            lost=[name for name, token in held.items() if own.get(name, (None,))[0] != token],
        )

    async def _heard(
        self, change: TaskChange, holder: Holder, said: Sequence[Said], *, ledger: Ledger
    ) -> frozenset[TaskId]:
        there = {task.task_id: task for task in await change.many([task_id for task_id, _ in said])} if said else {}
        stale: set[TaskId] = set()
        for task_id, report in said:
            task = there.get(task_id)
            try:
                if task is None or task.executor is Executor.ANY:
                    raise ConflictError("there is no such task")
                there[task_id] = ledger.take(task, report, now_ms=self._clock.now_ms())
            except ConflictError as exc:
                stale.add(task_id)
                log.info("task_report_stale", extra={"task_id": task_id, "holder": holder.name, "error": str(exc)})
        return frozenset(stale)

    async def _taken(self, change: TaskChange, holder: Holder, room: int, *, ledger: Ledger) -> list[Task]:
        now_ms = self._clock.now_ms()
        if holder.is_agent:
            free = await change.free_for_agent(holder.name, limit=room, now_ms=now_ms)
        else:
            free = await change.free_for_workers(holder.kinds, limit=room, now_ms=now_ms)
        taken: list[Task] = []
        for task in free:
            leased = ledger.take(task, Lease(owner=holder.name, lease_s=holder.lease_s), now_ms=now_ms)
            if not holder.is_agent:  # a worker begins at once; an agent says so when it has the task on disk
                leased = ledger.take(leased, Begin(owner=holder.name, token=leased.fence), now_ms=now_ms)
            taken.append(leased)
        return taken


def _dies_here(point: str, said: Sequence[Said]) -> None:
    if said:
        kill_point(point)
