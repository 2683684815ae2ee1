"""The state machine of runs by itself: cases that people can read, and random histories of everything at any time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gwf.core.errors import ErrorClass
from gwf.flows.machine import advance
from gwf.flows.model import Plan
from gwf.flows.parse import read_flow
from gwf.flows.progress import Move
from gwf.flows.run import OVER, Origin, Run, RunId, RunState, RunStateError, RunStep, StepState, What
from gwf.flows.signals import Begin, Cancel, Ended, Make, Order, Pause, Resume, Signal, Tell, Undo, Unmade
from gwf.tasks.model import TaskId, TaskState

HOOK = {"action": "WEBHOOK", "config": {"url": "https://x.example"}}


def plan(*steps: dict[str, Any], **more: object) -> Plan:
    document: dict[str, object] = {"name": "f", "steps": [{**HOOK, **step} for step in steps]}
    return read_flow(document | more)


def run_of(flow: Plan) -> Run:
    return Run(
        run_id=RunId("run-1"), tenant="default", number=1, flow=flow.ref, name=flow.name, target="",
        state=RunState.RUNNING, steps={step.id: RunStep(id=step.id) for step in flow.steps}, origin=Origin(by="me"),
        created_at_ms=1, updated_at_ms=1,
    )  # fmt: skip


class Story:
    """A run and what came of it so far."""

    def __init__(self, flow: Plan) -> None:
        self.plan, self.run = flow, run_of(flow)
        self.moves: list[Move] = []
        self.happens(Begin())

    def happens(self, signal: Signal) -> Move:
        move = advance(self.plan, self.run, signal, now_ms=len(self.moves) + 2)
        self.run = move.run
        self.moves.append(move)
        return move

    def ended(self, step: str, state: TaskState = TaskState.SUCCEEDED, **more: Any) -> Move:
        now = self.run.steps[step]
        task_id = now.undo_task_id or now.task_id
        assert task_id is not None
        return self.happens(Ended(step=step, task_id=task_id, state=state, **more))

    @property
    def states(self) -> dict[str, str]:
        return {step.id: step.state.value for step in self.run.steps.values()}


def asked(move: Move) -> list[tuple[str, str]]:
    return [(command.step, "make" if isinstance(command, Make) else command.order.value) for command in move.commands]


def test_branches_begin_together_and_the_join_waits_for_both() -> None:
    story = Story(plan({"id": "a"}, {"id": "b"}, {"id": "c", "needs": ["a", "b"]}))
    assert asked(story.moves[0]) == [("a", "make"), ("b", "make")]
    assert asked(story.ended("b")) == []
    assert asked(story.ended("a")) == [("c", "make")]
    assert story.ended("c").run.state is RunState.SUCCEEDED


def test_a_join_goes_on_when_one_branch_was_taken_and_is_skipped_when_none_was() -> None:
    never = {"field": "steps.a.result.n", "eq": 2}
    story = Story(plan(
        {"id": "a"}, {"id": "b", "needs": "a", "when": never}, {"id": "b2", "needs": "b"},
        {"id": "c", "needs": "a"}, {"id": "d", "needs": ["b2", "c"]}, {"id": "e", "needs": "b2"},
    ))  # fmt: skip
    story.ended("a", result={"n": 1})
    assert story.states | {"c": ""} == {
        "a": "succeeded",
        "b": "skipped",
        "b2": "skipped",
        "c": "",
        "d": "pending",
        "e": "skipped",
    }
    assert asked(story.ended("c")) == [("d", "make")]


def test_what_was_done_is_undone_the_last_first() -> None:
    story = Story(plan(
        {"id": "a"}, {"id": "b", "needs": "a", "compensate": {**HOOK}}, {"id": "c", "needs": "b", "compensate": False},
        {"id": "d", "needs": "c"}, on_failure="compensate",
    ))  # fmt: skip
    story.ended("a", reversible=True)
    story.ended("b")
    story.ended("c", reversible=True)
    assert asked(story.ended("d", TaskState.DEAD, reason="no", error_class=ErrorClass.AUTH)) == [("b", "make")]
    assert asked(story.ended("b")) == [("a", "compensate")]
    last = story.ended("a", TaskState.COMPENSATED)
    assert (last.run.state, last.run.reason) == (RunState.COMPENSATED, "d: no")
    assert story.states == {"a": "compensated", "b": "compensated", "c": "succeeded", "d": "failed"}


def test_a_failed_run_goes_on_from_the_step_that_failed_with_the_same_task() -> None:
    story = Story(plan({"id": "a"}, {"id": "b", "needs": "a"}))
    story.ended("a")
    assert story.ended("b", TaskState.DEAD).run.state is RunState.FAILED
    task_id = story.run.steps["b"].task_id
    assert asked(story.happens(Resume())) == [("b", "retry")]
    assert (story.run.steps["b"].task_id, story.run.finished_at_ms) == (task_id, None)
    assert story.ended("b").run.state is RunState.SUCCEEDED


def test_what_cannot_be_undone_leaves_the_run_to_a_person() -> None:
    story = Story(plan({"id": "a"}, {"id": "b", "needs": "a"}))
    story.ended("a", reversible=True)
    story.happens(Cancel(why="enough"))
    story.ended("b", TaskState.CANCELLED)
    stuck = story.ended("a", TaskState.DEAD, reason="gone")
    assert (stuck.run.state, stuck.run.reason) == (RunState.STUCK, "a: gone")
    with pytest.raises(RunStateError):
        story.happens(Cancel())
    assert asked(story.happens(Resume())) == [("a", "retry")]
    assert story.ended("a", TaskState.COMPENSATED).run.state is RunState.CANCELLED


def test_a_task_that_cannot_be_made_fails_its_step_and_is_made_under_another_key_later() -> None:
    story = Story(plan({"id": "a"}))
    first = story.run.steps["a"].task_id
    assert first is not None
    story.happens(Unmade(step="a", task_id=first, why="no such agent"))
    assert (story.run.state, story.run.reason) == (RunState.FAILED, "a: no such agent")
    story.happens(Resume())
    assert story.run.steps["a"].task_id not in {first, None}


def test_a_value_that_the_run_does_not_have_fails_the_step_and_says_which() -> None:
    story = Story(plan({"id": "a"}, {"id": "b", "needs": "a", "config": {"url": "${steps.a.result.url}"}}))
    story.ended("a", result={})
    assert story.run.reason == "b: the run has no value for steps.a.result.url (/steps/1/config/url)"


def test_a_word_of_another_task_changes_nothing() -> None:
    story = Story(plan({"id": "a"}))
    before = story.run
    move = story.happens(Ended(step="a", task_id=TaskId("tsk-other"), state=TaskState.SUCCEEDED))
    assert (move.run, move.commands, move.lines) == (before, [], [])


def test_an_old_word_of_a_step_that_another_task_undoes_changes_nothing() -> None:
    story = Story(plan({"id": "a", "compensate": {**HOOK}}))
    done = Ended(step="a", task_id=story.run.steps["a"].task_id or TaskId(""), state=TaskState.SUCCEEDED)
    story.happens(done)
    story.happens(Undo())
    before = story.run
    assert story.happens(done).run == before
    assert story.ended("a").run.state is RunState.COMPENSATED


#: serial, parallel, joined, conditional, tolerated, approved, undone by itself and by another action
EVERYTHING: list[dict[str, Any]] = [
    {"id": "a"},
    {"id": "b", "needs": "a", "compensate": {**HOOK}},
    {"id": "c", "needs": "a", "allow_failure": True},
    {"id": "d", "needs": ["b", "c"], "when": {"field": "steps.c.state", "eq": "succeeded"}},
    {"id": "e", "needs": "a", "action": "APPROVAL", "config": {}},
    {"id": "f", "needs": ["d", "e"]},
]


class Histories(RuleBasedStateMachine):
    """Tasks end in any way and order, twice or late; people give any order at any time."""

    @initialize(on_failure=st.sampled_from(["stop", "compensate"]))
    def begin(self, on_failure: str) -> None:
        self.plan = read_flow(
            {"name": "f", "on_failure": on_failure, "steps": [{**HOOK, **step} for step in EVERYTHING]}
        )
        self.run = run_of(self.plan)
        #: tasks as they stand: their state, and whether they left behind what undoes them
        self.tasks: dict[TaskId, tuple[str, TaskState, bool]] = {}
        #: effects of each step: done and not undone
        self.effects: Counter[str] = Counter()
        self.made: list[TaskId] = []
        self.told: list[Signal] = []
        self.happens(Begin())

    def happens(self, signal: Signal) -> bool:
        waiting = [signal]
        while waiting:
            try:
                move = advance(self.plan, self.run, waiting.pop(0), now_ms=1)
            except RunStateError:
                return False
            for before, after in zip(self.run.steps.values(), move.run.steps.values(), strict=True):
                if before.state is StepState.SUCCEEDED:  # what is done stays done, or is undone
                    assert after.state in {
                        StepState.SUCCEEDED, StepState.COMPENSATING, StepState.COMPENSATED, StepState.UNDO_FAILED
                    }  # fmt: skip
            self.run = move.run
            for command in move.commands:
                waiting += self.obey(command)
        return True

    def obey(self, command: Make | Tell) -> list[Signal]:
        if isinstance(command, Make):
            assert command.task_id not in self.made  # no task is made twice
            self.made.append(command.task_id)
            self.tasks[command.task_id] = (command.step, TaskState.PENDING, False)
            return []
        step, state, undo = self.tasks[command.task_id]
        match command.order:
            case Order.CANCEL if state is TaskState.PENDING:
                self.tasks[command.task_id] = (step, TaskState.CANCELLED, undo)
            case Order.RETRY if state in {TaskState.DEAD, TaskState.CANCELLED}:
                undoing = self.run.steps[step].state is StepState.COMPENSATING and not self.is_undo(command.task_id)
                again = TaskState.COMPENSATING if undoing else TaskState.PENDING
                self.tasks[command.task_id] = (step, again, undo)
                return []
            case Order.COMPENSATE:
                assert undo
                self.tasks[command.task_id] = (step, TaskState.COMPENSATING, undo)
                return []
        _, state, undo = self.tasks[command.task_id]
        ends = {TaskState.SUCCEEDED, TaskState.DEAD, TaskState.CANCELLED, TaskState.COMPENSATED}
        return [self.word(command.task_id)] if state in ends else []

    def word(self, task_id: TaskId) -> Ended:
        step, state, undo = self.tasks[task_id]
        said = Ended(step=step, task_id=task_id, state=state, reversible=undo, reason="e", result={"n": 1})
        self.told.append(said)
        return said

    def is_undo(self, task_id: TaskId) -> bool:
        return any(step.undo_task_id == task_id for step in self.run.steps.values())

    @rule(chance=st.integers(0, 99), is_good=st.booleans(), undo=st.booleans())
    def task_ends(self, chance: int, is_good: bool, undo: bool) -> None:
        open_ = [
            name for name, (_, state, _) in self.tasks.items() if state in {TaskState.PENDING, TaskState.COMPENSATING}
        ]
        if not open_:
            return
        task_id = open_[chance % len(open_)]
        step, state, left = self.tasks[task_id]
        if state is TaskState.COMPENSATING:
            end = TaskState.COMPENSATED if is_good else TaskState.DEAD
            self.effects[step] -= is_good
            self.tasks[task_id] = (step, end, left and not is_good)
        else:
            end = TaskState.SUCCEEDED if is_good else TaskState.DEAD
            if is_good:
                self.effects[step] += -1 if self.is_undo(task_id) else 1
            self.tasks[task_id] = (step, end, undo and is_good and not self.is_undo(task_id))
        assert self.happens(self.word(task_id))

    @rule(chance=st.integers(0, 99))
    def a_word_comes_again(self, chance: int) -> None:
        if self.told:
            old = self.told[chance % len(self.told)]
            assert isinstance(old, Ended)
            _, state, undo = self.tasks[old.task_id]
            if (state, undo) == (old.state, old.reversible):  # else the store would not say so any more
                before = self.run
                self.happens(old)
                assert self.run == before

    @rule(order=st.sampled_from([Pause(), Resume(), Cancel(), Cancel(undo=False), Undo()]))
    def somebody_orders(self, order: Signal) -> None:
        before = self.run
        if not self.happens(order):
            assert self.run == before
        if before.state in OVER - {RunState.SUCCEEDED}:
            assert self.run == before

    @invariant()
    def it_is_in_a_legal_state(self) -> None:
        if not hasattr(self, "run"):
            return
        run = self.run
        active = [step for step in run.steps.values() if step.state in {StepState.RUNNING, StepState.COMPENSATING}]
        assert (run.finished_at_ms is not None) == run.is_resting
        assert not (run.is_resting and active)
        assert run.is_resting or active or run.state is RunState.PAUSED
        for step in active:  # whatever is waited for is under way
            task_id = step.undo_task_id or step.task_id
            assert task_id is not None
            assert self.tasks[task_id][1] in {TaskState.PENDING, TaskState.COMPENSATING}
        undoing = [step for step in active if step.state is StepState.COMPENSATING]
        assert len(undoing) <= 1
        assert not undoing or run.state in {RunState.COMPENSATING, RunState.CANCELLING}
        assert all(count in {0, 1} for count in self.effects.values())  # nothing is done twice, nothing undone twice
        for planned in self.plan.steps:
            if run.steps[planned.id].state in {StepState.RUNNING, StepState.SUCCEEDED}:
                assert all(self.has_ended(need) for need in planned.needs)
        if run.state is RunState.SUCCEEDED:
            assert all(self.has_ended(planned.id) for planned in self.plan.steps)
        if run.state is RunState.STUCK:
            assert any(step.state is StepState.UNDO_FAILED for step in run.steps.values())

    def has_ended(self, name: str) -> bool:
        step = self.run.steps[name]
        tolerated = self.plan.step(name).allow_failure and step.state is StepState.FAILED
        undone = {StepState.COMPENSATING, StepState.COMPENSATED, StepState.UNDO_FAILED}
        return tolerated or step.state in {StepState.SUCCEEDED, StepState.SKIPPED} | undone


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_lines_are_numbered_without_gaps() -> None:
    story = Story(plan({"id": "a"}, {"id": "b", "needs": "a"}))
    story.ended("a")
    story.ended("b")
    lines = [line for move in story.moves for line in move.lines]
    assert [line.number for line in lines] == [*range(1, len(lines) + 1)]
    assert (lines[-1].what, story.run.lines) == (What.SUCCEEDED, len(lines))
    assert replace(story.run, lines=0) != story.run
