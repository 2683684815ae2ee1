"""A worker over a real database: what is done once, stopped, cut off, given back, taken over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from gwf.audit.model import Actor, ActorKind
from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass, UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database
from gwf.db.half import CoreHalf
from gwf.db.tasks_store import SqlTaskChange, SqlTaskStore
from gwf.tasks.hands import Hands, Holder
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import AttemptOutcome, Executor, Priority, Task, TaskDraft, TaskState
from gwf.tasks.policy import Policy
from gwf.tasks.ports import Done, TaskChange
from gwf.tasks.service import TaskService
from gwf.tasks.signals import Lease, Outcome, Report, Tick
from gwf.tasks.step import Ended, Step
from gwf.tasks.worker.catalog import Catalog
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done, stopped
from gwf.tasks.worker.worker import Worker, WorkerParts
from tests.db.test_half import with_database

BY = By(tenant="default", actor=Actor(kind=ActorKind.USER, id="usr-1"))
Result = TypeVar("Result")


@dataclass
class Deed:
    """An action that writes down what it did, and does what its configuration says."""

    kind: str = "DEED"
    effects: Counter[str] = field(default_factory=Counter)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def validate(self, config: Config) -> Sequence[Fault]:
        return []

    def describe(self, config: Config) -> str:
        return "a deed"

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        self.begun.set()
        match config["do"]:
            case "wait":
                await context.stopping.wait()
                return stopped()
            case "hang":
                await asyncio.sleep(3600)
            case "fail" if context.attempt == 1:
                raise UnavailableError("away", error_class=ErrorClass.NETWORK)
            case "crash":
                raise RuntimeError("a fault of the action")
            case "odd":
                return done("did it", {"kept": b"no JSON"}, undo={"key": {1, 2}})
            case "odd words":
                raise UnavailableError("a NUL \x00 and half a pair \udcff")
        self.effects[context.idempotency_key] += 1
        return done("did it", {"attempt": context.attempt}, undo={"key": context.idempotency_key})

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:
        self.effects[str(undo["key"])] -= 1
        return done("undid it")


@dataclass
class Shop:
    core: CoreHalf
    store: SqlTaskStore
    service: TaskService
    hands: Hands
    clock: ManualClock
    deed: Deed

    async def make(self, do: str = "it", *, target: str = "x", **policy: float) -> Task:
        draft = TaskDraft(
            type="DEED", target=target, payload={"do": do}, executor=Executor.WORKER,
            policy=Policy(**{"first_wait_s": 0.0, **policy}),  # type: ignore[arg-type]
        )  # fmt: skip
        return await self.service.create(draft, BY)

    @asynccontextmanager
    async def working(self, name: str = "w1", slots: int = 8) -> AsyncGenerator[Worker]:
        parts = WorkerParts(hands=self.hands, catalog=Catalog([self.deed]), sweep=self.service.sweep, clock=self.clock)
        worker = Worker(parts, name=name, slots=slots, lease_s=2.0)
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def until(self, task: Task, *states: TaskState) -> Task:
        async with asyncio.timeout(20):
            while (found := await self.service.get("default", task.task_id)).state not in states:
                self.clock.advance(0.01)
                await asyncio.sleep(0.01)
        return found


def in_shop(address: DatabaseAddress, work: Callable[[Shop], Awaitable[Result]]) -> Result:
    async def run(database: Database) -> Result:
        clock, store = ManualClock(), SqlTaskStore(database.core)
        hands = Hands(store, clock, lambda _: None)
        return await work(Shop(database.core, store, TaskService(store, clock), hands, clock, Deed()))

    return with_database(address, run)


def test_everything_is_done_once_by_two_workers(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        made = [await shop.make() for _ in range(30)]
        async with shop.working("w1"), shop.working("w2"):
            for task in made:
                ended = await shop.until(task, TaskState.SUCCEEDED)
                assert (ended.result, ended.attempts) == ({"summary": "did it", "attempt": 1}, 1)
        assert shop.deed.effects == {task.task_id: 1 for task in made}

    in_shop(address, run)


def test_what_fails_is_tried_again_and_what_always_fails_is_dead(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        fails, crashes = await shop.make("fail"), await shop.make("crash", max_attempts=2)
        slow = await shop.make("hang", max_attempts=1, timeout_s=0.1)
        async with shop.working():
            assert (await shop.until(fails, TaskState.SUCCEEDED)).attempts == 2
            assert (await shop.until(crashes, TaskState.DEAD)).attempts == 2
            over = await shop.until(slow, TaskState.DEAD)
        assert (over.error_class, over.failure_reason) == (ErrorClass.TIMEOUT, "cut off after 0.1 s")
        attempts = await shop.service.attempts("default", fails.task_id, limit=9)
        assert [one.outcome.value for one in attempts] == ["succeeded", "failed"]
        assert attempts[1].error_class is ErrorClass.NETWORK

    in_shop(address, run)


def test_what_an_action_says_oddly_ends_neither_its_task_nor_the_worker(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        odd, words = await shop.make("odd"), await shop.make("odd words", max_attempts=1)
        async with shop.working(slots=1):
            over = await shop.until(odd, TaskState.SUCCEEDED)
            assert (over.result, over.undo) == ({"summary": "did it"}, None)
            assert "a NUL" in (await shop.until(words, TaskState.DEAD)).failure_reason
            await shop.until(await shop.make(), TaskState.SUCCEEDED)

    in_shop(address, run)


def test_a_fault_of_ours_in_what_goes_on_with_an_end_undoes_no_end(address: DatabaseAddress) -> None:
    followed, left = list[str](), list[tuple[str, str]]()

    class Broken:
        def concerns(self, step: Step) -> bool:
            return step.task.is_finished

        async def follow(self, change: TaskChange, steps: Sequence[Step]) -> Sequence[Done]:
            for step in steps:
                if step.task.target == "breaks it":
                    await change.put_off(step.task.task_id, until_ms=1)  # undone with the rest of the crash
                    raise RuntimeError("a fault of ours")
            followed.extend(step.task.task_id for step in steps)
            return ()

        async def leave(self, change: TaskChange, task: Task, why: str) -> None:
            left.append((task.task_id, why))

    async def run(shop: Shop) -> None:
        shop.hands = Hands(shop.store, shop.clock, lambda _: None, follows=Broken())
        bad = await shop.make(target="breaks it")
        made = [await shop.make() for _ in range(3)]
        async with shop.working():
            for task in (bad, *made):
                await shop.until(task, TaskState.SUCCEEDED)
        assert left == [(bad.task_id, "internal error: RuntimeError('a fault of ours')")]
        assert Counter(followed) == {task.task_id: 1 for task in made}
        assert await shop.store.next_due_ms() is None

    in_shop(address, run)


class Choosy(SqlTaskStore):
    """A store that crashes on some of what it is told, by the target of the task."""

    @asynccontextmanager
    async def change(self, tenant: str | None) -> AsyncGenerator[SqlTaskChange]:
        async with super().change(tenant) as change:
            yield ChoosyChange(change.change, tenant)


class ChoosyChange(SqlTaskChange):
    async def keep(self, done: Sequence[Done]) -> None:
        await super().keep(done)
        for _, step in done:
            match step.task.target, step.ended:
                case "crashes once", Ended(result={"attempt": 1}):
                    raise RuntimeError("the first end")
                case "crashes ever", Ended(outcome=outcome) if outcome is not AttemptOutcome.LOST:
                    raise RuntimeError("every end")
                case "crashes when lost", Ended(outcome=AttemptOutcome.LOST):
                    raise RuntimeError("a lost lease")


def test_an_end_that_cannot_be_taken_is_a_failed_attempt_or_costs_the_lease(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        shop.hands = Hands(Choosy(shop.core), shop.clock, lambda _: None)
        ever, once = await shop.make(target="crashes ever", max_lost=2), await shop.make(target="crashes once")
        made = [await shop.make() for _ in range(3)]
        async with shop.working():
            for task in (once, *made):
                await shop.until(task, TaskState.SUCCEEDED)
            async with asyncio.timeout(20):
                while (over := await shop.service.get("default", ever.task_id)).state is not TaskState.DEAD:
                    shop.clock.advance(0.2)  # nothing else has a lease
                    await asyncio.sleep(0.01)
        assert (over.failure_reason, over.lost, over.attempts) == ("executor_lost", 2, 2)
        last, first = await shop.service.attempts("default", once.task_id, limit=9)
        assert (last.outcome.value, first.outcome.value, first.error_class) == (
            "succeeded", "failed", ErrorClass.SERVER,
        )  # fmt: skip
        assert first.error == "end_not_taken: RuntimeError('the first end')"

    in_shop(address, run)


def test_an_agent_does_not_get_a_task_again_whose_end_cannot_be_taken_until_its_lease_is_over(
    address: DatabaseAddress,
) -> None:
    async def run(shop: Shop) -> None:
        hands = Hands(Choosy(shop.core), shop.clock, lambda _: None)
        agent = Holder(name="agt_1", lease_s=60.0, is_agent=True)
        drafts = [
            TaskDraft(type="DEED", target=target, payload={}, executor=Executor.AGENT, for_agent="agt_1")
            for target in ("crashes ever", "x")
        ]
        bad, good = [await shop.service.create(draft, BY) for draft in drafts]
        given = (await hands.exchange(agent, {}, [], room=9)).given
        assert {task.task_id for task in given} == {bad.task_id, good.task_id}
        said = [
            (task.task_id, Report(owner="agt_1", token=task.fence, outcome=Outcome.SUCCEEDED, result={}))
            for task in given
        ]
        held = {task.task_id: task.fence for task in given}
        await hands.exchange(agent, held, [], room=0)  # it has begun
        assert (await hands.exchange(agent, {}, said, room=9)).given == []
        assert (await shop.service.get("default", good.task_id)).state is TaskState.SUCCEEDED
        shop.clock.advance(31)
        assert (await hands.exchange(agent, {}, [], room=9)).given == []
        shop.clock.advance(31)  # one lease after the end
        await shop.service.sweep()
        (again,) = (await hands.exchange(agent, {}, [], room=9)).given
        assert (again.task_id, again.attempts, again.lost) == (bad.task_id, 2, 1)

    in_shop(address, run)


def test_a_step_of_the_clock_that_crashes_holds_up_no_other(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        service = TaskService(Choosy(shop.core), shop.clock)
        bad = await shop.make(target="crashes when lost")
        made = [await shop.make() for _ in range(2)]
        await shop.hands.turn(Holder(name="dead", lease_s=2.0, kinds=("DEED",)), [], room=10)
        shop.clock.advance(2.5)
        assert [await service.sweep(), await service.sweep()] == [2, 0]
        for task in made:
            assert (await shop.service.get("default", task.task_id)).state is TaskState.PENDING
        assert (await shop.service.get("default", bad.task_id)).state is TaskState.RUNNING
        shop.clock.advance(61)
        assert await shop.service.sweep() == 1  # once the fault is mended
        assert (await shop.service.get("default", bad.task_id)).state is TaskState.PENDING

    in_shop(address, run)


def test_a_cancel_reaches_the_action_and_an_undoing_undoes(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        waits, does = await shop.make("wait"), await shop.make()
        async with shop.working():
            await shop.until(waits, TaskState.RUNNING)
            await shop.service.cancel(waits.task_id, BY)
            await shop.until(waits, TaskState.CANCELLED)
            await shop.until(does, TaskState.SUCCEEDED)
            await shop.service.compensate(does.task_id, BY)
            await shop.until(does, TaskState.COMPENSATED)
        assert shop.deed.effects[does.task_id] == 0

    in_shop(address, run)


def test_a_worker_that_ends_gives_back_what_it_had(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> Task:
        task = await shop.make("hang")
        async with shop.working():
            await shop.until(task, TaskState.RUNNING)
        return await shop.service.get("default", task.task_id)

    ended = in_shop(address, run)
    assert (ended.state, ended.attempts, ended.agent_id) == (TaskState.PENDING, 0, None)


def test_tasks_of_a_worker_that_vanished_are_done_by_another_and_its_late_word_is_nothing(
    address: DatabaseAddress,
) -> None:
    async def run(shop: Shop) -> None:
        made = [await shop.make() for _ in range(5)]
        dead = Holder(name="dead", lease_s=2.0, kinds=("DEED",))
        held = (await shop.hands.turn(dead, [], room=10)).taken
        assert len(held) == 5
        async with shop.working():
            shop.clock.advance(2.5)
            for task in made:
                ended = await shop.until(task, TaskState.SUCCEEDED)
                assert (ended.lost, ended.attempts) == (1, 2)
        late = [
            (task.task_id, Report(owner="dead", token=task.fence, outcome=Outcome.FAILED, retryable=False))
            for task in held
        ]
        assert (await shop.hands.turn(dead, late, room=0)).stale == {task.task_id for task in made}
        assert shop.deed.effects == {task.task_id: 1 for task in made}
        assert (await shop.service.get("default", made[0].task_id)).state is TaskState.SUCCEEDED

    in_shop(address, run)


def test_a_worker_that_was_taken_for_dead_stops_what_is_not_its_own_any_more(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> tuple[int, str | None]:
        task = await shop.make("wait")
        async with shop.working("w1", slots=1) as first:
            await shop.until(task, TaskState.RUNNING)
            async with shop.store.change(None) as change:  # in one step, else w1 would be there first
                (held,) = await change.many([task.task_id])
                now_ms = (held.lease_until_ms or 0) + 1
                ledger = Ledger()
                free = ledger.take(held, Tick(), now_ms=now_ms)
                ledger.take(free, Lease(owner="w2", lease_s=600.0), now_ms=now_ms)
                await ledger.write(change, BY)
            async with asyncio.timeout(10):
                await asyncio.gather(*first.works())
            return first.running, (await shop.service.get("default", task.task_id)).agent_id

    assert in_shop(address, run) == (0, "w2")


def test_what_is_urgent_goes_first_and_nothing_starves(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> list[str]:
        old = await shop.make()
        shop.clock.advance(3601)
        for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
            draft = TaskDraft(
                type="DEED", target=priority.word, payload={"do": "it"}, executor=Executor.WORKER, priority=priority
            )
            await shop.service.create(draft, BY)
        holder = Holder(name="w", lease_s=60.0, kinds=("DEED",))
        taken = (await shop.hands.turn(holder, [], room=10)).taken
        assert old.target == "x"
        return [task.target for task in taken]

    assert in_shop(address, run) == ["x", "high", "normal", "low"]


def test_agents_take_what_is_for_them_and_get_again_what_they_lost_sight_of(address: DatabaseAddress) -> None:
    async def run(shop: Shop) -> None:
        draft = TaskDraft(type="SCRIPT", target="x", executor=Executor.AGENT, for_agent="agt-1")
        task = await shop.service.create(draft, BY)
        assert dict(await shop.store.waiting_for_agents()) == {"agt-1": 1}
        mine, other = (Holder(name=name, lease_s=60.0, is_agent=True) for name in ("agt-1", "agt-2"))
        assert list((await shop.hands.exchange(other, {}, [], room=4)).given) == []
        (given,) = (await shop.hands.exchange(mine, {}, [], room=4)).given
        (again,) = (await shop.hands.exchange(mine, {}, [], room=4)).given
        assert (again.task_id, again.fence, again.state) == (given.task_id, 1, TaskState.LEASED)
        assert list((await shop.hands.exchange(mine, {task.task_id: 1}, [], room=4)).given) == []
        assert (await shop.service.get("default", task.task_id)).state is TaskState.RUNNING
        await shop.service.cancel(task.task_id, BY)
        assert list((await shop.hands.exchange(mine, {task.task_id: 1}, [], room=4)).stop) == [task.task_id]
        word = Report(owner="agt-1", token=1, outcome=Outcome.CANCELLED)
        assert list((await shop.hands.exchange(mine, {}, [(task.task_id, word)], room=4)).given) == []
        assert (await shop.service.get("default", task.task_id)).state is TaskState.CANCELLED
        assert list((await shop.hands.exchange(mine, {task.task_id: 1}, [], room=4)).lost) == [task.task_id]

    in_shop(address, run)
