from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import ConflictError
from gwf.tasks import state
from gwf.tasks.creation import created
from gwf.tasks.model import (
    LEASE_S,
    MAX_LOST,
    RUN_S,
    TERMINAL,
    AttemptOutcome,
    RetriesUsedUpError,
    Task,
    TaskDraft,
    TaskEventType,
    TaskId,
    TaskOwnerError,
    TaskState,
    TaskStateError,
)
from gwf.tasks.state import Report
from gwf.tasks.step import TaskAction

START_MS = 1_700_000_000_000
MINE, OTHER = "agt-1", "agt-2"
LEASE_MS, RUN_MS = round(LEASE_S * 1000), round(RUN_S * 1000)


def made(*, max_retries: int = 1) -> Task:
    draft = TaskDraft(type="upload", target="host-a", max_retries=max_retries)
    return created(draft, TaskId("tsk-000001"), tenant="default", now_ms=START_MS).task


def leased(*, max_retries: int = 1) -> Task:
    return state.assigned(made(max_retries=max_retries), MINE, now_ms=START_MS).task


def running(*, max_retries: int = 1) -> Task:
    return state.started(leased(max_retries=max_retries), MINE, "", now_ms=START_MS).task


def in_state(wanted: TaskState) -> Task:
    return replace(running(), state=wanted)


def test_a_task_goes_from_hand_to_hand_to_its_end() -> None:
    task = state.finished(running(), MINE, Report(succeeded=True, message="ok"), now_ms=START_MS + 5).task
    assert (task.state, task.finished_at_ms, task.failure_reason) == (TaskState.SUCCEEDED, START_MS + 5, "")


def test_an_end_needs_no_word_about_the_beginning() -> None:
    assert state.finished(leased(), MINE, Report(succeeded=True), now_ms=1).task.state is TaskState.SUCCEEDED


@pytest.mark.parametrize(
    ("report", "reason", "text"),
    [
        (Report(succeeded=False, error="disk full"), "disk full", "error=disk full"),
        (Report(succeeded=False, message="error=net"), "net", "error=net"),
        (Report(succeeded=False, message="bad", error="net"), "net", "bad"),
        (Report(succeeded=False), "task_failed", ""),
        (Report(succeeded=True, error="ignored"), "", "error=ignored"),
    ],
)
def test_why_a_task_failed(report: Report, reason: str, text: str) -> None:
    step = state.finished(running(), MINE, report, now_ms=1)
    assert step.event is not None
    assert (step.task.failure_reason, step.event.message) == (reason, text)


@pytest.mark.parametrize("wanted", sorted(TERMINAL))
def test_nothing_moves_a_task_that_ended(wanted: TaskState) -> None:
    task = in_state(wanted)
    for move in ("assign", "start", "progress", "succeed", "fail", "cancel"):
        with pytest.raises(TaskStateError):
            moved(task, move, MINE, 1)


def test_another_agent_changes_nothing() -> None:
    with pytest.raises(TaskOwnerError):
        state.started(leased(), OTHER, "", now_ms=1)
    with pytest.raises(TaskOwnerError):
        state.progressed(running(), OTHER, "", now_ms=1)
    with pytest.raises(TaskOwnerError):
        state.finished(running(), OTHER, Report(succeeded=True), now_ms=1)


def test_a_person_may_have_it_done_again_as_often_as_it_says() -> None:
    failed = state.finished(running(), MINE, Report(succeeded=False), now_ms=1).task
    again = state.retried(failed, now_ms=2).task
    assert (again.state, again.agent_id, again.retry_count, again.run_no) == (TaskState.PENDING, None, 1, 2)
    with pytest.raises(RetriesUsedUpError):
        state.retried(replace(failed, retry_count=1), now_ms=2)


@pytest.mark.parametrize("wanted", [TaskState.PENDING, TaskState.LEASED, TaskState.RUNNING, TaskState.SUCCEEDED])
def test_what_has_not_failed_is_not_done_again(wanted: TaskState) -> None:
    with pytest.raises(TaskStateError):
        state.retried(in_state(wanted), now_ms=1)


def test_a_lease_that_holds_is_left_alone() -> None:
    assert state.expired(leased(), now_ms=START_MS + LEASE_MS) == []
    assert state.expired(running(), now_ms=START_MS + RUN_MS) == []


def test_a_task_that_was_never_begun_is_queued_again_without_costing_a_retry() -> None:
    (step,) = state.expired(leased(), now_ms=START_MS + LEASE_MS + 1)
    assert step.ended is not None
    assert step.event is not None
    assert (step.task.state, step.task.retry_count, step.ended.outcome) == (TaskState.PENDING, 0, AttemptOutcome.LOST)
    assert (step.event.type, step.event.agent_id, step.action) == (TaskEventType.ASSIGN_TIMEOUT, MINE, None)


def test_a_task_that_no_agent_ever_begins_is_given_up() -> None:
    (step,) = state.expired(replace(leased(), lost=MAX_LOST - 1), now_ms=START_MS + LEASE_MS + 1)
    assert (step.task.state, step.task.failure_reason) == (TaskState.TIMED_OUT, "assign_timeout")
    assert step.action is TaskAction.TIME_OUT


def test_a_silent_run_is_tried_again_while_there_are_retries() -> None:
    over, again = state.expired(running(), now_ms=START_MS + RUN_MS + 1)
    assert over.event is not None
    assert again.event is not None
    assert (over.event.type, again.event.type) == (TaskEventType.TIMEOUT, TaskEventType.RETRIED)
    assert (again.task.state, again.task.retry_count) == (TaskState.PENDING, 1)
    (last,) = state.expired(replace(running(), retry_count=1), now_ms=START_MS + RUN_MS + 1)
    assert (last.task.state, last.task.failure_reason) == (TaskState.TIMED_OUT, "run_timeout")


def test_a_word_about_progress_gives_a_run_more_time() -> None:
    task = state.progressed(running(), MINE, "half", now_ms=START_MS + RUN_MS).task
    assert state.expired(task, now_ms=START_MS + RUN_MS + 1) == []


MOVES = st.sampled_from(["assign", "start", "progress", "succeed", "fail", "cancel", "retry", "clock"])


def moved(task: Task, move: str, agent: str, now_ms: int) -> Task:
    match move:
        case "assign":
            return state.assigned(task, agent, now_ms=now_ms).task
        case "start":
            return state.started(task, agent, "", now_ms=now_ms).task
        case "progress":
            return state.progressed(task, agent, "", now_ms=now_ms).task
        case "succeed" | "fail":
            return state.finished(task, agent, Report(succeeded=move == "succeed"), now_ms=now_ms).task
        case "cancel":
            return state.cancelled(task, now_ms=now_ms).task
        case "retry":
            return state.retried(task, now_ms=now_ms).task
        case _:
            return ([step.task for step in state.expired(task, now_ms=now_ms)] or [task])[-1]


@given(
    st.lists(st.tuples(MOVES, st.sampled_from([MINE, OTHER]), st.integers(0, 2 * RUN_MS)), max_size=40),
    st.integers(0, 3),
)
def test_whatever_happens_a_task_stays_one(moves: list[tuple[str, str, int]], max_retries: int) -> None:
    task, now_ms = made(max_retries=max_retries), START_MS
    for move, agent, wait_ms in moves:
        now_ms += wait_ms
        before = task
        try:
            task = moved(task, move, agent, now_ms)
        except ConflictError:
            assert task == before
        assert task.retry_count <= max_retries
        assert task.fence >= before.fence
        assert (task.lease_until_ms is not None) == (task.state in {TaskState.LEASED, TaskState.RUNNING})
        assert (task.finished_at_ms is not None) == task.is_finished
        assert not (task.state is TaskState.PENDING and task.agent_id)
        assert not (before.state is TaskState.SUCCEEDED and task != before)
        assert bool(task.failure_reason) == (task.is_finished and task.state is not TaskState.SUCCEEDED)
