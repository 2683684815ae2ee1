from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from gwf.core.errors import ConflictError, ErrorClass
from gwf.tasks.creation import created, id_of_key
from gwf.tasks.machine import advance
from gwf.tasks.model import (
    BAD_STATES,
    TERMINAL,
    AttemptOutcome,
    Executor,
    NotReversibleError,
    StaleTokenError,
    Task,
    TaskDraft,
    TaskId,
    TaskState,
    TaskStateError,
)
from gwf.tasks.policy import Policy, wait_s
from gwf.tasks.signals import Begin, Cancel, Compensate, Lease, Outcome, Renew, Report, Retry, Signal, Tick
from gwf.tasks.step import Command, Step

START_MS = 1_700_000_000_000
LEASE_S = 30.0
UNDO = {"was": "there"}


def made(policy: Policy | None = None, *, deadline_ms: int | None = None) -> Task:
    draft = TaskDraft(
        type="WEBHOOK", target="hook", executor=Executor.WORKER, policy=policy or Policy(), deadline_ms=deadline_ms
    )
    return created(draft, TaskId("tsk-1"), tenant="default", now_ms=START_MS).task


def after(task: Task, *signals: Signal, now_ms: int = START_MS) -> Step:
    step = Step(task=task)
    for signal in signals:
        step = advance(step.task, signal, now_ms=now_ms)[-1]
    return step


def begun(policy: Policy | None = None) -> Task:
    return after(made(policy), Lease(owner="w", lease_s=LEASE_S), Begin(owner="w", token=1)).task


def failed(task: Task, *, retryable: bool = True, retry_after_s: float | None = None) -> Report:
    return Report(
        owner="w", token=task.fence, outcome=Outcome.FAILED, error="http 500", error_class=ErrorClass.SERVER,
        retryable=retryable, retry_after_s=retry_after_s, chance=0.5,
    )  # fmt: skip


def test_a_failed_attempt_waits_and_then_is_free_again() -> None:
    waits = after(begun(), failed(begun())).task
    assert (waits.state, waits.next_run_at_ms, waits.error_class) == (
        TaskState.WAITING, START_MS + 1000, ErrorClass.SERVER,
    )  # fmt: skip
    assert advance(waits, Tick(), now_ms=START_MS + 999) == []
    again = after(waits, Tick(), now_ms=START_MS + 1000)
    assert (again.task.state, again.commands) == (TaskState.PENDING, frozenset({Command.WAKE}))


def test_what_no_repeat_can_mend_is_dead_at_once() -> None:
    over = after(begun(), failed(begun(), retryable=False))
    assert (over.task.state, over.task.attempts, over.commands) == (TaskState.DEAD, 1, frozenset({Command.SETTLED}))


def test_the_last_attempt_that_fails_is_the_end() -> None:
    task = begun(Policy(max_attempts=1))
    assert after(task, failed(task)).task.state is TaskState.DEAD


def test_the_wish_of_the_other_side_is_kept_on_top_of_the_wait() -> None:
    task = begun()
    assert after(task, failed(task, retry_after_s=60.0)).task.next_run_at_ms == START_MS + 61_000


def test_an_attempt_that_would_come_after_the_deadline_is_not_waited_for() -> None:
    task = replace(begun(), deadline_at_ms=START_MS + 500)
    assert after(task, failed(task)).task.state is TaskState.DEAD


def test_a_task_that_nobody_took_in_time_is_dead() -> None:
    over = after(made(deadline_ms=START_MS + 10), Tick(), now_ms=START_MS + 11).task
    assert (over.state, over.failure_reason) == (TaskState.DEAD, "deadline")


def test_what_is_given_back_costs_no_attempt() -> None:
    back = after(begun(), Report(owner="w", token=1, outcome=Outcome.RETURNED)).task
    assert (back.state, back.attempts, back.agent_id) == (TaskState.PENDING, 0, None)


@pytest.mark.parametrize("token", [0, 2, None])
def test_another_token_changes_nothing(token: int | None) -> None:
    for signal in (
        Begin(owner="w", token=token),
        Renew(owner="w", token=token),
        Report(owner="w", token=token, outcome=Outcome.SUCCEEDED),
    ):
        with pytest.raises(StaleTokenError):
            advance(begun(), signal, now_ms=START_MS)


def test_an_executor_that_vanished_loses_its_task_to_the_next() -> None:
    late_ms = START_MS + round(LEASE_S * 1000) + 1
    step = after(begun(), Tick(), now_ms=late_ms)
    assert step.ended is not None
    assert (step.task.state, step.task.lost, step.ended.outcome) == (TaskState.PENDING, 1, AttemptOutcome.LOST)
    other = after(step.task, Lease(owner="v", lease_s=LEASE_S), now_ms=late_ms).task
    with pytest.raises(StaleTokenError):
        advance(other, Report(owner="w", token=1, outcome=Outcome.SUCCEEDED), now_ms=late_ms)


def test_what_kills_every_executor_comes_to_an_end() -> None:
    task, now_ms = made(Policy(max_lost=3)), START_MS
    for _ in range(3):
        task = after(task, Lease(owner="w", lease_s=1.0), now_ms=now_ms).task
        now_ms += 1001
        task = after(task, Tick(), now_ms=now_ms).task
    assert (task.state, task.failure_reason) == (TaskState.DEAD, "executor_lost")


def test_a_task_that_nobody_has_is_cancelled_at_once_and_one_that_runs_is_stopped() -> None:
    assert after(made(), Cancel()).task.state is TaskState.CANCELLED
    asked = after(begun(), Cancel())
    assert (asked.task.state, asked.commands) == (TaskState.CANCELLING, frozenset({Command.STOP}))
    assert after(asked.task, Report(owner="w", token=1, outcome=Outcome.CANCELLED)).task.state is TaskState.CANCELLED


def test_what_was_done_before_the_cancel_came_through_is_done() -> None:
    asked = after(begun(), Cancel()).task
    assert after(asked, Report(owner="w", token=1, outcome=Outcome.SUCCEEDED)).task.state is TaskState.SUCCEEDED


def test_a_cancelled_task_whose_executor_vanished_is_cancelled() -> None:
    asked = after(begun(), Cancel()).task
    assert after(asked, Tick(), now_ms=START_MS + 31_000).task.state is TaskState.CANCELLED


def test_what_was_done_is_undone_by_another_attempt() -> None:
    done = after(begun(), Report(owner="w", token=1, outcome=Outcome.SUCCEEDED, undo=UNDO)).task
    undone = after(
        done,
        Compensate(),
        Lease(owner="w", lease_s=LEASE_S),
        Begin(owner="w", token=2),
        Report(owner="w", token=2, outcome=Outcome.SUCCEEDED),
    ).task
    assert (undone.state, undone.undo, undone.undoing) == (TaskState.COMPENSATED, None, False)


def test_an_undoing_that_fails_for_good_is_a_persons_and_is_tried_again_as_an_undoing() -> None:
    done = after(begun(), Report(owner="w", token=1, outcome=Outcome.SUCCEEDED, undo=UNDO)).task
    held = after(done, Compensate(), Lease(owner="w", lease_s=LEASE_S)).task
    dead = after(held, failed(held, retryable=False)).task
    assert (dead.state, dead.undo) == (TaskState.DEAD, UNDO)
    assert after(dead, Retry()).task.state is TaskState.COMPENSATING


def test_what_left_nothing_behind_cannot_be_undone() -> None:
    with pytest.raises(NotReversibleError):
        advance(after(begun(), Report(owner="w", token=1, outcome=Outcome.SUCCEEDED)).task, Compensate(), now_ms=1)


def test_the_same_cause_has_the_same_name_in_one_tenant() -> None:
    assert id_of_key("a", "k") == id_of_key("a", "k") != id_of_key("b", "k")


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True), st.floats(0, 1000) | st.none())
def test_waits_stay_within_their_bounds(attempts: int, chance: float, asked: float | None) -> None:
    policy = Policy(first_wait_s=2.0, longest_wait_s=60.0)
    assert (asked or 0.0) <= wait_s(policy, attempts, chance=chance, retry_after_s=asked) <= (asked or 0.0) + 60.0


class Histories(RuleBasedStateMachine):
    """Everything may happen at any time, and words of executors come late, twice, or not at all."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.policy = Policy(max_attempts=3, max_lost=3)
        self.task = made(self.policy)
        self.now_ms = START_MS
        #: tokens by which an end was accepted
        self.accepted: set[int] = set()

    def happens(self, signal: Signal) -> bool:
        before = self.task
        try:
            steps = advance(before, signal, now_ms=self.now_ms)
        except ConflictError:
            return False
        for step in steps:
            assert (step.ended is not None) == (before.is_held and not step.task.is_held)
            assert step.opens == (step.task.fence == before.fence + 1)
            assert (Command.SETTLED in step.commands) == step.task.is_finished
            before = self.task = step.task
        return bool(steps)

    @rule(target=tokens, owner=st.sampled_from(["w", "v"]))
    def lease(self, owner: str) -> object:
        return (owner, self.task.fence) if self.happens(Lease(owner=owner, lease_s=LEASE_S)) else multiple()

    @rule(token=tokens)
    def begin(self, token: tuple[str, int]) -> None:
        self.heard(Begin(owner=token[0], token=token[1], lease_s=LEASE_S))

    @rule(token=tokens)
    def renew(self, token: tuple[str, int]) -> None:
        self.heard(Renew(owner=token[0], token=token[1], lease_s=LEASE_S))

    @rule(token=tokens, outcome=st.sampled_from(Outcome), undo=st.sampled_from([None, UNDO]), retryable=st.booleans())
    def report(self, token: tuple[str, int], outcome: Outcome, undo: dict[str, object] | None, retryable: bool) -> None:
        said = Report(
            owner=token[0], token=token[1], outcome=outcome, undo=undo, retryable=retryable, error="e", chance=0.1
        )
        if self.heard(said):
            assert token[1] not in self.accepted
            self.accepted.add(token[1])

    def heard(self, signal: Begin | Renew | Report) -> bool:
        before = self.task
        is_holder = before.is_held and (before.agent_id, before.fence) == (signal.owner, signal.token)
        taken = self.happens(signal)
        assert taken == is_holder
        if not taken:
            assert self.task == before
        return taken

    @rule(signal=st.sampled_from([Cancel(), Retry(), Compensate()]))
    def order(self, signal: Signal) -> None:
        before = self.task
        self.happens(signal)
        if before.state is TaskState.SUCCEEDED:  # what is done is done once: it may only be undone
            assert self.task.state in {TaskState.SUCCEEDED, TaskState.COMPENSATING}
        if before.undoing and isinstance(signal, Retry):
            assert self.task.state is not TaskState.PENDING

    @rule(wait_ms=st.integers(0, 40_000))
    def time_passes(self, wait_ms: int) -> None:
        self.now_ms += wait_ms
        self.happens(Tick())
        if self.task.lease_until_ms is not None:
            assert self.task.lease_until_ms >= self.now_ms

    @invariant()
    def it_is_in_a_legal_state(self) -> None:
        task = self.task
        held = {TaskState.LEASED, TaskState.RUNNING, TaskState.CANCELLING}
        assert task.is_held == (task.state in held) or task.state is TaskState.COMPENSATING
        assert (task.finished_at_ms is not None) == task.is_finished == (task.state in TERMINAL)
        assert (task.agent_id is not None) == task.is_held or task.is_finished
        assert task.undoing == (task.state is TaskState.COMPENSATING) or task.state is TaskState.DEAD
        assert not (task.next_run_at_ms and task.is_held)
        assert 0 <= task.attempts <= self.policy.max_attempts
        assert 0 <= task.lost <= self.policy.max_lost
        assert bool(task.failure_reason) or task.state not in BAD_STATES
        assert task.is_finished or task.due_at_ms is not None or task.state in {
            TaskState.PENDING, TaskState.COMPENSATING
        }  # fmt: skip


TestHistories = Histories.TestCase


def test_only_what_ended_badly_is_done_again() -> None:
    done = after(begun(), Report(owner="w", token=1, outcome=Outcome.SUCCEEDED)).task
    with pytest.raises(TaskStateError):
        advance(done, Retry(), now_ms=START_MS)
