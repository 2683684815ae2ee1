from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
import sqlalchemy as sa

from gwf.audit.model import Actor, ActorKind
from gwf.audit.ports import AuditFilter
from gwf.audit.walk import verify_stored
from gwf.core.clock import ManualClock
from gwf.core.errors import ConflictError, InputError, TooLargeError
from gwf.db.address import DatabaseAddress
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import Database
from gwf.db.tables.work import task_attempts
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.keeping import By
from gwf.tasks.model import (
    BAD_STATES,
    LEASE_S,
    MAX_LOST,
    MAX_PAYLOAD_BYTES,
    RUN_S,
    Priority,
    Task,
    TaskDraft,
    TaskFilter,
    TaskNotFoundError,
    TaskState,
)
from gwf.tasks.service import TaskService
from gwf.tasks.state import Report
from tests.db.test_half import with_database

BY = By(tenant="default", actor=Actor(kind=ActorKind.USER, id="usr-1"), request_id="r1")
ANY: frozenset[str] = frozenset()
Result = TypeVar("Result")


@dataclass
class Desk:
    service: TaskService
    clock: ManualClock
    database: Database

    async def create(self, kind: str = "scan", *, priority: Priority = Priority.NORMAL, max_retries: int = 3) -> Task:
        draft = TaskDraft(type=kind, target="x", priority=priority, max_retries=max_retries)
        self.clock.advance(0.001)
        return await self.service.create(draft, BY)

    async def story(self, task: Task) -> list[str]:
        return [event.type.value for event in await self.service.events("default", task.task_id, limit=100)][::-1]

    async def actions(self) -> list[str]:
        async with SqlAuditStore(self.database.core).view("default") as view:
            return [row.action for row in await view.page(AuditFilter(), below=None, limit=1000)][::-1]

    async def outcomes(self) -> list[str]:
        async with self.database.core.view() as connection:
            wanted = sa.select(task_attempts.c.outcome).order_by(task_attempts.c.task_id, task_attempts.c.attempt_no)
            return list((await connection.scalars(wanted)).all())


def at_desk(address: DatabaseAddress, work: Callable[[Desk], Awaitable[Result]]) -> Result:
    async def run(database: Database) -> Result:
        clock = ManualClock()
        return await work(Desk(TaskService(SqlTaskStore(database.core), clock), clock, database))

    return with_database(address, run)


def test_a_task_is_stored_as_it_was_made(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> tuple[Task, Task]:
        payload = {"n": 1, "内": {"k": [1, 2.5, None]}}
        draft = TaskDraft(type="upload", target="host-a", payload=payload, priority=Priority.HIGH, created_by="alice")
        made = await desk.service.create(draft, BY)
        return made, await desk.service.get("default", made.task_id)

    made, stored = at_desk(address, run)
    assert stored == made
    assert made.task_id == "tsk-000001"


def test_a_whole_life_is_told_and_on_record(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> tuple[list[str], list[str], list[str], bool]:
        task = await desk.create()
        await desk.service.pull("agt-1", ANY, BY, most=1)
        await desk.service.start(task.task_id, "agt-1", "go", by=BY)
        await desk.service.progress(task.task_id, "agt-1", "half", by=BY)
        await desk.service.finish(task.task_id, "agt-1", Report(succeeded=True), by=BY)
        sound = (await verify_stored(SqlAuditStore(desk.database.core), "default")).sound
        return await desk.story(task), await desk.actions(), await desk.outcomes(), sound

    story, actions, outcomes, sound = at_desk(address, run)
    assert story == ["created", "assigned", "started", "progress", "succeeded"]
    assert actions == ["task.create", "task.assign", "task.start", "task.finish"]
    assert outcomes == ["succeeded"]
    assert sound


def test_the_most_urgent_goes_first_then_the_oldest(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> list[str]:
        for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.NORMAL):
            await desk.create(priority=priority)
        return [task.task_id for task in await desk.service.pull("agt-1", ANY, BY, most=10)]

    assert at_desk(address, run) == ["tsk-000003", "tsk-000002", "tsk-000004", "tsk-000001"]


def test_an_agent_gets_only_what_it_accepts_and_no_more_than_it_asks_for(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> list[list[str]]:
        for kind in ("a", "b", "a", "A"):
            await desk.create(kind)
        pulls = [(frozenset({"z"}), 5), (frozenset({"a"}), 1), (frozenset({"a", "b"}), 99), (ANY, 0)]
        return [[task.type for task in await desk.service.pull("agt-1", types, BY, most=n)] for types, n in pulls]

    assert at_desk(address, run) == [[], ["a"], ["b", "a"], ["A"]]


def test_no_task_goes_to_two_agents_that_ask_at_once(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> list[str]:
        for _ in range(20):
            await desk.create()
        pulls = [desk.service.pull(f"agt-{number}", ANY, BY, most=3) for number in range(10)]
        return [task.task_id for tasks in await asyncio.gather(*pulls) for task in tasks]

    handed = at_desk(address, run)
    assert len(handed) == len(set(handed)) == 20


def test_a_word_from_the_wrong_agent_leaves_everything_as_it_was(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> tuple[list[str], list[str]]:
        task = await desk.create()
        await desk.service.pull("agt-1", ANY, BY, most=1)
        with pytest.raises(ConflictError):
            await desk.service.start(task.task_id, "agt-2", "", by=BY)
        return await desk.story(task), await desk.actions()

    assert at_desk(address, run) == (["created", "assigned"], ["task.create", "task.assign"])


def test_the_clock_alone_takes_tasks_from_silent_agents(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> tuple[list[int], Task, list[str], list[str]]:
        task = await desk.create(max_retries=1)
        await desk.service.pull("agt-1", ANY, BY, most=1)
        swept = [await desk.service.sweep()]
        desk.clock.advance(LEASE_S + 1)
        swept.append(await desk.service.sweep())
        await desk.service.pull("agt-1", ANY, BY, most=1)
        await desk.service.start(task.task_id, "agt-1", "", by=BY)
        desk.clock.advance(RUN_S + 1)
        swept.append(await desk.service.sweep())
        return swept, await desk.service.get("default", task.task_id), await desk.story(task), await desk.outcomes()

    swept, task, story, outcomes = at_desk(address, run)
    assert swept == [0, 1, 1]
    assert (task.state, task.retry_count) == (TaskState.PENDING, 1)
    assert story == ["created", "assigned", "assign_timeout", "assigned", "started", "timeout", "retried"]
    assert outcomes == ["lost", "timed_out"]


def test_a_task_that_is_never_begun_ends(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> Task:
        task = await desk.create()
        for _ in range(MAX_LOST):
            assert len(await desk.service.pull("agt-1", ANY, BY, most=1)) == 1
            desk.clock.advance(LEASE_S + 1)
        await desk.service.sweep()
        return await desk.service.get("default", task.task_id)

    task = at_desk(address, run)
    assert (task.state, task.failure_reason) == (TaskState.TIMED_OUT, "assign_timeout")


def test_a_pull_does_not_wait_for_the_clock(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> int:
        await desk.create()
        await desk.service.pull("agt-1", ANY, BY, most=1)
        desk.clock.advance(LEASE_S + 1)
        return len(await desk.service.pull("agt-2", ANY, BY, most=1))

    assert at_desk(address, run) == 1


def test_lists_are_newest_first_with_the_number_of_all_that_fit(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> list[tuple[list[str], int]]:
        for kind in ("a", "b", "a"):
            await desk.create(kind)
        await desk.service.cancel("tsk-000001", BY)
        wanted = (
            (TaskFilter(), 2),
            (TaskFilter(type="a"), 9),
            (TaskFilter(states=frozenset({TaskState.CANCELLED})), 9),
        )
        found = [await desk.service.newest("default", one, limit=limit) for one, limit in wanted]
        return [([task.task_id for task in tasks], total) for tasks, total in found]

    assert at_desk(address, run) == [
        (["tsk-000003", "tsk-000002"], 3), (["tsk-000003", "tsk-000001"], 2), (["tsk-000001"], 1),
    ]  # fmt: skip


def test_failures_are_counted_by_reason(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> list[tuple[str, int]]:
        for error in ("Disk full", " disk FULL ", "net"):
            task = await desk.create()
            await desk.service.pull("agt-1", ANY, BY, most=1)
            await desk.service.finish(task.task_id, "agt-1", Report(succeeded=False, error=error), by=BY)
        await desk.service.cancel((await desk.create()).task_id, BY)
        groups = await desk.service.failures("default", TaskFilter(states=BAD_STATES))
        assert all(1 <= len(group.samples) <= 3 for group in groups)
        return [(group.reason, group.count) for group in groups]

    assert at_desk(address, run) == [("disk full", 2), ("manual_cancel", 1), ("net", 1)]


def test_tenants_do_not_see_each_others_tasks(address: DatabaseAddress) -> None:
    other = By(tenant="other", actor=BY.actor)

    async def run(desk: Desk) -> tuple[str, int]:
        task = await desk.create()
        for order in (desk.service.cancel, desk.service.retry):
            with pytest.raises(TaskNotFoundError):
                await order(task.task_id, other)
        assert await desk.service.pull("agt-1", ANY, other, most=5) == []
        assert await desk.service.events("other", task.task_id, limit=5) == []
        theirs = await desk.service.create(TaskDraft(type="a", target="b"), other)
        return theirs.task_id, (await desk.service.newest("default", TaskFilter(), limit=9))[1]

    assert at_desk(address, run) == ("tsk-000002", 1)


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (TaskDraft(type="", target="x"), InputError),
        (TaskDraft(type="x", target=""), InputError),
        (TaskDraft(type="x" * 201, target="x"), InputError),
        (TaskDraft(type="x", target="x", payload={"a": "x" * MAX_PAYLOAD_BYTES}), TooLargeError),
    ],
)
def test_what_cannot_be_a_task_is_refused(address: DatabaseAddress, draft: TaskDraft, error: type[Exception]) -> None:
    async def run(desk: Desk) -> int:
        with pytest.raises(error):
            await desk.service.create(draft, BY)
        return (await desk.service.newest("default", TaskFilter(), limit=9))[1]

    assert at_desk(address, run) == 0


def test_payloads_with_odd_characters_come_back(address: DatabaseAddress) -> None:
    payload = {"nul": "a\x00b", "half": "\ud800", "quote": '"\\', "line": "\u2028"}

    async def run(desk: Desk) -> object:
        task = await desk.service.create(TaskDraft(type="a", target="b", payload=payload), BY)
        return (await desk.service.get("default", task.task_id)).payload

    assert at_desk(address, run) == payload


def test_odd_characters_in_texts_do_no_harm(address: DatabaseAddress) -> None:
    async def run(desk: Desk) -> Task:
        task = await desk.service.create(TaskDraft(type="a\x00", target="b\ud800", created_by="c\x00"), BY)
        with pytest.raises(TaskNotFoundError):
            await desk.service.get("default", "tsk\x00")
        assert (await desk.service.newest("default", TaskFilter(type="\x00"), limit=9))[1] == 0
        await desk.service.pull("agt\x00", frozenset({"\x00", task.type}), BY, most=1)
        await desk.service.start(task.task_id, "agt\x00", "\x00", by=BY)
        return await desk.service.finish(task.task_id, "agt\x00", Report(succeeded=False, error="\x00"), by=BY)

    task = at_desk(address, run)
    assert (task.type, task.failure_reason) == ("a\\x00", "\\x00")
