"""The crash windows of runs over real databases: who dies, comes late, or believes to have what somebody else has."""

from __future__ import annotations

import asyncio

import pytest

from gwf.core.errors import UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.flows.run import Run, RunState
from gwf.flows.runs import Verdict
from gwf.tasks.hands import Holder
from gwf.tasks.model import AttemptOutcome, Task, TaskState
from gwf.tasks.signals import Outcome, Report
from tests.db.test_flow_runs import BY, Works, in_works

FIRST, SECOND = (Holder(name=name, lease_s=2.0, kinds=("DEED",)) for name in ("w1", "w2"))
TWO = ({"id": "a"}, {"id": "b", "needs": "a"})


async def taken(works: Works, holder: Holder) -> Task:
    (task,) = (await works.hands.turn(holder, [], room=4)).taken
    return task


def good(task: Task) -> Report:
    undo = {"key": task.task_id}
    return Report(owner=task.agent_id or "", token=task.fence, outcome=Outcome.SUCCEEDED, undo=undo)


async def is_stale(works: Works, holder: Holder, task: Task) -> bool:
    return (await works.hands.turn(holder, [(task.task_id, good(task))], room=0)).stale == {task.task_id}


async def lost(works: Works) -> None:
    """Let whoever has a task be silent for longer than its lease."""
    works.clock.advance(2.5)
    assert await works.tasks.sweep()


async def now(works: Works, run: Run) -> tuple[str, dict[str, str]]:
    found = (await works.runs.get("default", run.run_id)).run
    return found.state.value, {step.id: step.state.value for step in found.steps.values()}


def test_of_two_who_believe_to_have_a_step_only_the_later_one_moves_the_run(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        one = await works.begin(await works.publish(*TWO))
        early = await taken(works, FIRST)
        await lost(works)
        late = await taken(works, SECOND)
        assert (late.task_id, late.fence) == (early.task_id, early.fence + 1)
        assert (await works.hands.renew(FIRST)).get(early.task_id) is None
        assert await is_stale(works, FIRST, early)
        assert (await now(works, one))[1] == {"a": "running", "b": "pending"}
        assert not await is_stale(works, SECOND, late)
        assert await is_stale(works, FIRST, early)
        assert (await now(works, one))[1] == {"a": "succeeded", "b": "running"}
        tried = await works.tasks.attempts("default", early.task_id, limit=9)
        assert [attempt.outcome for attempt in tried] == [AttemptOutcome.SUCCEEDED, AttemptOutcome.LOST]

    in_works(address, run)


def test_a_worker_that_dies_while_its_step_is_cancelled_does_not_keep_the_run_from_being_undone(
    address: DatabaseAddress,
) -> None:
    async def run(works: Works) -> None:
        one = await works.begin(await works.publish(*TWO))
        await works.hands.turn(FIRST, [(a.task_id, good(a)) for a in [await taken(works, FIRST)]], room=0)
        b = await taken(works, FIRST)
        await works.runs.cancel(one.run_id, BY, undo=True)
        assert (await works.tasks.get("default", b.task_id)).state is TaskState.CANCELLING
        assert (await now(works, one))[0] == "cancelling"
        await lost(works)
        assert await now(works, one) == ("compensating", {"a": "compensating", "b": "cancelled"})
        assert await is_stale(works, FIRST, b)
        await works.hands.turn(SECOND, [(a.task_id, good(a)) for a in [await taken(works, SECOND)]], room=0)
        assert await now(works, one) == ("cancelled", {"a": "compensated", "b": "cancelled"})

    in_works(address, run)


def test_a_worker_that_dies_while_it_undoes_loses_the_undoing_to_the_next(address: DatabaseAddress) -> None:
    async def run(works: Works) -> None:
        one = await works.begin(await works.publish({"id": "a"}))
        await works.hands.turn(FIRST, [(a.task_id, good(a)) for a in [await taken(works, FIRST)]], room=0)
        await works.runs.compensate(one.run_id, BY)
        undoing = await taken(works, FIRST)
        assert (undoing.undoing, undoing.undo) == (True, {"key": undoing.task_id})
        works.follower.breaks = 1  # it dies before its word is stored
        with pytest.raises(UnavailableError):
            await works.hands.turn(FIRST, [(undoing.task_id, good(undoing))], room=0)
        assert (await now(works, one))[0] == "compensating"
        await lost(works)
        again = await taken(works, SECOND)
        assert (again.task_id, again.undoing) == (undoing.task_id, True)
        assert await is_stale(works, FIRST, undoing)
        await works.hands.turn(SECOND, [(again.task_id, good(again))], room=0)
        assert await now(works, one) == ("compensated", {"a": "compensated"})

    in_works(address, run)


def test_an_approval_that_was_not_stored_is_given_again_and_one_that_was_is_given_once(
    address: DatabaseAddress,
) -> None:
    async def run(works: Works) -> None:
        ask = {"id": "ask", "action": "APPROVAL", "config": {}}
        one = await works.begin(await works.publish(ask, {"id": "b", "needs": "ask"}))
        yes = Verdict(step="ask", is_given=True)
        works.follower.breaks = 1
        with pytest.raises(UnavailableError):
            await works.runs.decide(one.run_id, yes, BY)
        assert (await now(works, one))[1] == {"ask": "running", "b": "pending"}
        answers = await asyncio.gather(
            *(works.runs.decide(one.run_id, yes, BY) for _ in range(3)), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["ApprovalError", "ApprovalError", "Run"]
        _, lines = await works.runs.story("default", one.run_id)
        assert [line.what.value for line in lines].count("approved") == 1
        async with works.working("w1"):
            await works.until(one, RunState.SUCCEEDED)

    in_works(address, run)
