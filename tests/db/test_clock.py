"""The time of the database: one for all processes, whatever their own clocks say or somebody does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from gwf.app.sweep import Sweep
from gwf.core.clock import Clock, ManualClock, SystemClock
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.clock import LOOK_S, SETTLE_S, DatabaseClock
from gwf.db.database import Database
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.hands import Hands, Holder
from gwf.tasks.model import Executor, Task, TaskDraft, TaskState
from gwf.tasks.policy import Policy
from gwf.tasks.service import TaskService
from gwf.tasks.signals import Outcome, Report
from tests.conftest import PostgresServer
from tests.db.test_half import with_database
from tests.db.test_worker import BY

HOUR_S = 3_600.0
HOLDER = Holder(name="w1", lease_s=60.0, kinds=("DEED",))


class Host:
    """A process with a wall clock of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.clock = DatabaseClock(database.core, clock)
        self.store = SqlTaskStore(database.core)
        self.tasks = TaskService(self.store, self.clock)
        self.hands = Hands(self.store, self.clock, lambda _: None)
        self.sweep = Sweep(self.tasks, self.store, self.clock)

    async def make(self) -> Task:
        draft = TaskDraft(type="DEED", target="x", executor=Executor.WORKER, policy=Policy(first_wait_s=300.0))
        return await self.tasks.create(draft, BY)

    async def take(self) -> Task:
        (task,) = (await self.hands.turn(HOLDER, [], room=1)).taken
        return task

    async def state(self, task: Task) -> TaskState:
        return (await self.tasks.get("default", task.task_id)).state


class Ahead(SystemClock):
    """A host's clock that somebody set an hour ahead."""

    def now_ms(self) -> int:
        return super().now_ms() + round(1000 * HOUR_S)


def on(address: DatabaseAddress, work: Callable[[Database], Awaitable[None]]) -> None:
    with_database(address, work)


def test_a_host_whose_clock_is_an_hour_ahead_takes_no_lease_for_ended(postgres: PostgresServer) -> None:
    async def run(database: Database) -> None:
        right, ahead = Host(database, SystemClock()), Host(database, Ahead())
        for host in (right, ahead):
            await host.clock.look()
        assert abs(right.clock.now_ms() - ahead.clock.now_ms()) < 10_000
        task = await right.make()
        assert (await right.take()).task_id == task.task_id
        assert (await ahead.sweep(), await right.state(task)) == (0, TaskState.RUNNING)
        await right.hands.renew(replace(HOLDER, lease_s=0.05))
        async with asyncio.timeout(20):  # when the lease is over by the database's time, it is
            while not await ahead.sweep():
                await right.tasks.counts()
        assert await right.state(task) is TaskState.PENDING

    address = postgres.create()
    try:
        on(address, run)
    finally:
        postgres.drop(address)


def test_a_clock_set_forward_ends_no_lease_before_its_holder_could_say_a_word() -> None:
    async def run(database: Database) -> None:
        wall = ManualClock()
        host = Host(database, wall)
        await host.clock.look()
        kept, silent = await host.make(), await host.make()
        first, second = await host.take(), await host.take()
        wall.advance(LOOK_S)
        wall.jump(HOUR_S)
        assert (await host.sweep(), host.clock.now_ms()) == (0, wall.now_ms())
        await host.hands.renew(HOLDER)
        wall.advance(SETTLE_S)
        assert await host.sweep() == 0
        wall.advance(HOLDER.lease_s)
        assert await host.sweep() == 2
        assert {await host.state(one) for one in (kept, silent)} == {TaskState.PENDING}
        assert (first.fence, second.fence) == (1, 1)

    on(DatabaseAddress(backend=Backend.MEMORY), run)


def test_a_clock_set_back_keeps_neither_waits_nor_leases_of_the_dead_for_as_long() -> None:
    async def run(database: Database) -> None:
        wall = ManualClock()
        host = Host(database, wall)
        await host.clock.look()
        waiting, held = await host.make(), await host.make()
        tried = await host.take()
        word = Report(owner="w1", token=tried.fence, outcome=Outcome.FAILED, error="no", chance=1.0)
        await host.hands.turn(HOLDER, [(tried.task_id, word)], room=0)
        other = await host.take()
        assert await host.state(tried) is TaskState.WAITING
        wall.advance(LOOK_S)
        wall.jump(-24 * HOUR_S)
        assert await host.sweep() == 0
        wall.advance(SETTLE_S)
        assert (await host.sweep(), await host.state(tried)) == (1, TaskState.PENDING)
        wall.advance(600)  # the longest lease that there is
        assert await host.sweep() == 1
        assert await host.state(other) is TaskState.PENDING
        assert {waiting.task_id, held.task_id} == {tried.task_id, other.task_id}

    on(DatabaseAddress(backend=Backend.MEMORY), run)
