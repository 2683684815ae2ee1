"""Runs of flows over real databases with real workers: moved with their tasks or not at all, whatever is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import pytest

from gwf.audit.model import Actor, ActorKind
from gwf.control.caller import Caller
from gwf.core.clock import ManualClock
from gwf.core.errors import UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows import turn
from gwf.flows.drafting import draft_of
from gwf.flows.follow import Follower
from gwf.flows.run import Origin, Run, RunState, RunStateError
from gwf.flows.runs import RunService
from gwf.flows.service import FlowService
from gwf.flows.wishes import RunWish
from gwf.tasks.hands import Hands, Holder
from gwf.tasks.keeping import By
from gwf.tasks.ports import Done, TaskChange
from gwf.tasks.service import TaskService
from gwf.tasks.signals import Outcome, Report
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.catalog import Catalog
from gwf.tasks.worker.worker import Worker, WorkerParts
from tests.db.test_half import with_database
from tests.db.test_worker import Deed

BY = By(tenant="default", actor=Actor(kind=ActorKind.USER, id="usr-1"), name="ann")
WRITER = Caller(actor=BY.actor, name="ann")
DIAMOND: list[dict[str, Any]] = [
    {"id": "a"}, {"id": "b", "needs": "a"}, {"id": "c", "needs": "a"}, {"id": "d", "needs": ["b", "c"]},
]  # fmt: skip
Result = TypeVar("Result")


class Brittle(Follower):
    """Moves runs, and loses the database a moment later as often as it is told."""

    breaks = 0
    crashes_on = ""

    async def follow(self, change: TaskChange, steps: Sequence[Step]) -> Sequence[Done]:
        done = await super().follow(change, steps)
        if any(step.task.cause.flow_run_id == self.crashes_on for step in steps):
            raise RuntimeError("a fault of ours")
        if self.breaks and any(Command.SETTLED in step.commands for step in steps):
            self.breaks -= 1
            raise UnavailableError("the database went away before the commit")
        return done


@dataclass
class Works:
    database: Database
    clock: ManualClock = field(default_factory=ManualClock)
    deed: Deed = field(default_factory=Deed)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.store, self.tasks_store = SqlFlowStore(self.database.core), SqlTaskStore(self.database.core)
        catalog = Catalog([self.deed])
        self.follower = Brittle(self.store, catalog, self.clock)
        self.hands = Hands(self.tasks_store, self.clock, lambda _: None, follows=self.follower)
        self.tasks = TaskService(self.tasks_store, self.clock, follows=self.follower)

        def new_id() -> str:
            return f"{next(self.numbers):04}"

        self.flows = FlowService(self.store, catalog, self.clock, new_id=new_id)
        self.runs = RunService(self.tasks_store, self.store, self.follower, told=lambda _: None, new_id=new_id)

    async def publish(self, *steps: dict[str, Any], **more: Any) -> str:
        deeds = [{"action": "DEED", "config": {"do": "it"}, **step} for step in steps]
        document = {"name": f"flow {next(self.numbers)}", "steps": deeds, **more}
        now = await self.flows.create("default", document, by=WRITER)
        return (await self.flows.publish("default", now.head.flow_id, by=WRITER)).head.flow_id

    async def begin(self, flow: str) -> Run:
        return (await self.runs.start(RunWish(flow=flow, origin=Origin(by="ann")), BY)).run

    async def until(self, run: Run, *states: RunState, begun: str = "") -> Run:
        async with asyncio.timeout(60):
            while True:
                found = (await self.runs.get("default", run.run_id)).run
                if found.state in states and (not begun or found.steps[begun].task_id is not None):
                    return found
                self.clock.advance(0.01)
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def working(self, *names: str) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            for name in names:
                parts = WorkerParts(
                    hands=self.hands, catalog=Catalog([self.deed]), sweep=self.tasks.sweep, clock=self.clock
                )
                running = asyncio.create_task(Worker(parts, name=name, slots=8, lease_s=2.0).run())
                stack.push_async_callback(_ended, running)
            yield

    def effects(self, run: Run) -> dict[str, int]:
        return {step.id: self.deed.effects[step.task_id or ""] for step in run.steps.values()}


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def in_works(address: DatabaseAddress, work: Callable[[Works], Awaitable[Result]]) -> Result:
    async def run(database: Database) -> Result:
        return await work(Works(database))

    return with_database(address, run)


def test_a_run_that_cannot_be_moved_is_left_to_a_person_who_has_it_go_on(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        flow = await works.publish(*DIAMOND)
        bad, good = await works.begin(flow), await works.begin(flow)
        works.follower.crashes_on = bad.run_id
        async with works.working("w1"):
            await works.until(good, RunState.SUCCEEDED)
            left = await works.until(bad, RunState.FAILED)
            assert left.reason == "internal error: RuntimeError('a fault of ours')"
            assert works.effects(left) == {"a": 1, "b": 0, "c": 0, "d": 0}
            works.follower.crashes_on = ""
            await works.runs.resume(bad.run_id, BY)
            assert works.effects(await works.until(bad, RunState.SUCCEEDED)) == {"a": 1, "b": 1, "c": 1, "d": 1}

    in_works(address, run)


def test_two_workers_do_each_step_of_each_run_once(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        flow = await works.publish(*DIAMOND)
        begun = [await works.begin(flow) for _ in range(6)]
        async with works.working("w1", "w2"):
            for one in begun:
                done = await works.until(one, RunState.SUCCEEDED)
                assert works.effects(done) == {"a": 1, "b": 1, "c": 1, "d": 1}
                _, lines = await works.runs.story("default", one.run_id)
                assert [line.number for line in lines] == [*range(1, 11)]
        assert [run.number for run in begun] == [1, 2, 3, 4, 5, 6]

    in_works(address, run)


def test_a_database_that_goes_before_the_commit_leaves_neither_the_end_nor_the_next_step(
    address: DatabaseAddress,
) -> None:
    async def run(works: Works) -> None:
        one = await works.begin(await works.publish({"id": "a"}, {"id": "b", "needs": "a"}))
        holder = Holder(name="w", lease_s=60.0, kinds=("DEED",))
        (task,) = (await works.hands.turn(holder, [], room=4)).taken
        word = Report(owner="w", token=task.fence, outcome=Outcome.SUCCEEDED, result={"n": 1})
        works.follower.breaks = 1
        with pytest.raises(UnavailableError):
            await works.hands.turn(holder, [(task.task_id, word)], room=4)
        before = (await works.runs.get("default", one.run_id)).run
        assert (before, (await works.tasks.get("default", task.task_id)).state) == (one, task.state)
        turn = await works.hands.turn(holder, [(task.task_id, word)], room=0)
        assert turn.stale == frozenset()
        after = (await works.runs.get("default", one.run_id)).run
        assert [step.state.value for step in after.steps.values()] == ["succeeded", "running"]
        assert (await works.hands.turn(holder, [(task.task_id, word)], room=0)).stale == {task.task_id}
        assert (await works.runs.get("default", one.run_id)).run == after

    in_works(address, run)


def test_what_was_done_is_undone_in_reverse_when_the_run_is_cancelled(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        flow = await works.publish(
            {"id": "a"}, {"id": "b", "needs": "a"}, {"id": "c", "needs": "b", "config": {"do": "wait"}}
        )
        one = await works.begin(flow)
        async with works.working("w1"):
            await works.until(one, RunState.RUNNING, begun="c")
            await works.runs.cancel(one.run_id, BY, undo=True)
            over = await works.until(one, RunState.CANCELLED)
        assert works.effects(over) == {"a": 0, "b": 0, "c": 0}
        _, lines = await works.runs.story("default", one.run_id)
        assert [line.step for line in lines if line.what.value == "undone"] == ["b", "a"]
        with pytest.raises(RunStateError):
            await works.runs.resume(one.run_id, BY)

    in_works(address, run)


def test_a_failed_step_is_done_again_by_the_same_task(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        steps = ({"id": "a"}, {"id": "b", "needs": "a", "config": {"do": "fail"}, "retry": {"max_attempts": 1}})
        one = await works.begin(await works.publish(*steps))
        async with works.working("w1"):
            task_id = (await works.until(one, RunState.FAILED)).steps["b"].task_id
        resumed = await works.runs.resume(one.run_id, BY)
        holder = Holder(name="w2", lease_s=60.0, kinds=("DEED",))
        (task,) = (await works.hands.turn(holder, [], room=4)).taken
        assert (resumed.state, task.task_id, task.run_no) == (RunState.RUNNING, task_id, 2)
        word = Report(owner="w2", token=task.fence, outcome=Outcome.SUCCEEDED)
        late = Report(owner="w1", token=1, outcome=Outcome.SUCCEEDED)
        assert (await works.hands.turn(holder, [(task.task_id, late)], room=0)).stale == {task.task_id}
        assert (await works.runs.get("default", one.run_id)).run.state is RunState.RUNNING
        await works.hands.turn(holder, [(task.task_id, word)], room=0)
        assert (await works.runs.get("default", one.run_id)).run.state is RunState.SUCCEEDED

    in_works(address, run)


def test_nobody_who_approves_in_time_fails_the_step(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        ask = {"id": "ask", "action": "APPROVAL", "config": {}, "deadline_s": 60}
        one = await works.begin(await works.publish(ask))
        works.clock.advance(61)
        assert await works.tasks.sweep() == 1
        over = (await works.runs.get("default", one.run_id)).run
        assert (over.state, over.reason) == (RunState.FAILED, "ask: deadline")

    in_works(address, run)


def test_orders_that_cross_leave_one_story(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        flow = await works.publish(*DIAMOND)
        begun = [await works.begin(flow) for _ in range(4)]
        async with works.working("w1", "w2"):
            orders = [works.runs.cancel(one.run_id, BY, undo=True) for one in begun]
            await asyncio.gather(*orders, return_exceptions=True)
            for one in begun:
                over = await works.until(one, RunState.CANCELLED, RunState.SUCCEEDED)
                _, lines = await works.runs.story("default", one.run_id)
                assert [line.number for line in lines] == [*range(1, over.lines + 1)]
                if over.state is RunState.CANCELLED:
                    assert set(works.effects(over).values()) == {0}

    in_works(address, run)


def test_a_fault_of_ours_in_a_move_leaves_the_run_failed_and_none_of_its_tasks_behind(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = draft_of

    def faulty(run: Run, plan: Any, made: Any, **more: Any) -> Any:
        if made.step == "c":  # by then the task of b is made
            raise ZeroDivisionError
        return plain(run, plan, made, **more)

    monkeypatch.setattr(turn, "draft_of", faulty)

    async def run(works: Works) -> None:
        begun = await works.begin(await works.publish(*DIAMOND))
        async with works.working("w1"):
            failed = await works.until(begun, RunState.FAILED)
            assert "internal error" in failed.reason
            for _ in range(20):  # what was made would be done now
                works.clock.advance(0.05)
                await asyncio.sleep(0.02)
        assert sum(works.deed.effects.values()) == 1  # of a, before the fault

    in_works(address, run)
