"""A worker: takes tasks, does several at a time, keeps them its own, says how they ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.tasks.hands import Hands, Holder, Said
from gwf.tasks.model import Task, TaskId, TaskState
from gwf.tasks.worker.attempt import Attempt, cut_off, report_of
from gwf.tasks.worker.catalog import Catalog

LOOK_S = 0.2  #: between two looks for work that nobody told us of
SWEEP_S = 0.5  #: between two looks at the clock's steps
BEATS = 4  #: how often a lease is renewed before it would end
GRACE_S = 5.0  #: from the word to stop until an attempt is cut off
END_S = 2.0  #: from the stop of the worker until its attempts are cut off and given back
AGAIN_S = 1.0  #: pause after the database did not answer

log = logging.getLogger("gwf.tasks.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    """What a worker works with."""

    hands: Hands
    catalog: Catalog
    #: makes the steps of the clock: leases that are over, attempts that are due
    sweep: Callable[[], Awaitable[int]]
    clock: Clock


class Worker:
    """Works in one event loop. Its name must be nobody else's, also not that of a worker before it."""

    def __init__(self, parts: WorkerParts, *, name: str, slots: int, lease_s: float) -> None:
        """Do at most `slots` tasks at a time."""
        self._parts = parts
        self._holder = Holder(name=name, lease_s=lease_s, kinds=parts.catalog.for_workers)
        self._slots = slots
        self._attempts: dict[TaskId, Attempt] = {}
        self._said: list[Said] = []
        self._wake = asyncio.Event()
        self._ending = False

    @property
    def name(self) -> str:
        """What it is called in attempts."""
        return self._holder.name

    @property
    def running(self) -> int:
        """How many tasks it has."""
        return len(self._attempts)

    def works(self) -> Sequence[asyncio.Task[None]]:
        """Return what it is doing, to be waited for."""
        return [attempt.work for attempt in self._attempts.values() if attempt.work is not None]

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; what is not done by then is given back."""
        beside = [asyncio.create_task(self._keep_own()), asyncio.create_task(self._sweep())]
        turn: asyncio.Future[None] | None = None
        try:
            while True:
                turn = asyncio.ensure_future(self._turn())
                await asyncio.shield(turn)  # a transaction that is cut off would take its connection with it
        finally:
            self._ending = True
            self._wake.set()
            if turn is not None:
                await asyncio.gather(turn, return_exceptions=True)
            await self._wind_up()
            for one in beside:
                one.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _turn(self) -> None:
        """Say what ended, take what there is room for, then wait for either."""
        self._wake.clear()
        said, self._said = self._said, []
        room = 0 if self._ending else self._slots - len(self._attempts)
        try:
            turn = await self._parts.hands.turn(self._holder, said, room=room)
        except GwfError as exc:
            self._said = [*said, *self._said]
            log.warning("worker_waiting", extra={"error_code": exc.code, "error": str(exc)})
            await asyncio.sleep(AGAIN_S)
            return
        except Exception:  # a fault of ours must not end the work of all others
            log.exception("worker_turn_crashed", extra={"worker": self.name, "words": len(said)})
            self._said = [*said, *self._said]
            await asyncio.sleep(AGAIN_S)
            return
        except BaseException:
            self._said = [*said, *self._said]
            raise
        for task in turn.taken:
            self._begin(task)
        if self._said or (turn.taken and len(self._attempts) < self._slots):
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(LOOK_S):
                await self._wake.wait()
        except TimeoutError:
            return

    def _begin(self, task: Task) -> None:
        attempt = Attempt(task=task)
        self._attempts[task.task_id] = attempt
        attempt.work = asyncio.create_task(self._work(attempt))

    async def _work(self, attempt: Attempt) -> None:
        try:
            result = await attempt.run(self._parts.catalog, self._parts.clock)
        except asyncio.CancelledError:  # nobody awaits this task: being cut off is its end
            result = cut_off(attempt)
        self._attempts.pop(attempt.task.task_id, None)
        if not attempt.is_lost:
            self._said.append((attempt.task.task_id, report_of(attempt.task, result)))
        self._wake.set()

    async def _keep_own(self) -> None:
        """Renew what is ours; stop what was cancelled, drop what is somebody else's."""
        while True:
            await asyncio.sleep(min(1.0, self._holder.lease_s / BEATS))
            if not self._attempts:
                continue
            before = dict(self._attempts)
            try:
                own = await self._parts.hands.renew(self._holder)
            except GwfError as exc:
                log.warning("leases_not_renewed", extra={"error_code": exc.code, "error": str(exc)})
                continue
            except Exception:  # the edge of a loop that must not end: without it everything is done twice
                log.exception("lease_renewal_crashed", extra={"worker": self.name})
                continue
            for task_id, attempt in before.items():
                fence, state = own.get(task_id, (None, None))
                if fence != attempt.task.fence:
                    self._lose(attempt)
                elif state is TaskState.CANCELLING and not attempt.stopping.is_set():
                    self._stop(attempt)

    def _lose(self, attempt: Attempt) -> None:
        is_said = any(task_id == attempt.task.task_id for task_id, _ in self._said)
        if attempt.work is None or attempt.work.done() or is_said:
            return  # it ended by our own word
        attempt.is_lost = True
        attempt.work.cancel()
        log.warning("task_lost", extra={"task_id": attempt.task.task_id, "worker": self.name})

    def _stop(self, attempt: Attempt) -> None:
        attempt.stopping.set()
        if attempt.work is not None:
            asyncio.get_running_loop().call_later(GRACE_S, attempt.work.cancel)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                if await self._parts.sweep():
                    self._wake.set()
            except GwfError as exc:
                log.warning("tasks_not_swept", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("task_sweep_crashed", extra={"worker": self.name})

    async def _wind_up(self) -> None:
        """Let attempts end for a moment, cut the others off, say what became of all."""
        work = self.works()
        if work:
            _, pending = await asyncio.wait(work, timeout=END_S)
            for one in pending:
                one.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        if self._said:
            try:
                await self._parts.hands.turn(self._holder, self._said, room=0)
            except GwfError as exc:  # their leases end by themselves
                log.warning("tasks_not_given_back", extra={"error_code": exc.code, "error": str(exc)})
