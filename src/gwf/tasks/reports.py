"""What an executor's word about the end of an attempt makes of a task: done, again later, or a person's. Pure."""

from __future__ import annotations

from dataclasses import replace

from gwf.core.errors import ErrorClass
from gwf.tasks.model import AttemptOutcome, ReasonCode, Task, TaskEventType, TaskState
from gwf.tasks.policy import wait_s
from gwf.tasks.shapes import ended, freed, given_up
from gwf.tasks.signals import Outcome, Report
from gwf.tasks.state import CANCEL_REASON, FAILED_REASON
from gwf.tasks.step import Command, Ended, Step, event_of

_OUTCOMES = {
    Outcome.SUCCEEDED: AttemptOutcome.SUCCEEDED,
    Outcome.FAILED: AttemptOutcome.FAILED,
    Outcome.CANCELLED: AttemptOutcome.CANCELLED,
    Outcome.RETURNED: AttemptOutcome.RETURNED,
}
_AGAIN = frozenset({Command.WAKE})
_OVER = frozenset({Command.SETTLED})


def reported(task: Task, said: Report, *, now_ms: int) -> Step:
    """Take a report whose token was checked."""
    attempt = Ended(
        outcome=_OUTCOMES[said.outcome],
        error=said.error or ("" if said.outcome is Outcome.SUCCEEDED else said.message),
        error_class=said.error_class if said.outcome is Outcome.FAILED else None,
        result=said.result,
    )
    if task.state is TaskState.CANCELLING:
        step = _stopped(task, said, now_ms)
    elif said.outcome is Outcome.SUCCEEDED:
        step = _succeeded(task, said, now_ms)
    elif said.outcome is Outcome.FAILED:
        step = _failed(task, said, now_ms)
    else:
        step = _returned(task, said, now_ms)
    return replace(step, ended=attempt)


def untaken(said: Report, fault: Exception) -> Report:
    """Return the plain word that stands for one that crashed whoever was to take it: the attempt failed.

    The next attempt has the same idempotency key, so what was done is not done twice by a side that heeds it.
    """
    return Report(
        owner=said.owner,
        token=said.token,
        outcome=Outcome.FAILED,
        error=f"{ReasonCode.END_NOT_TAKEN}: {fault!r}",
        error_class=ErrorClass.SERVER,
        chance=said.chance,
    )


def _succeeded(task: Task, said: Report, now_ms: int) -> Step:
    if task.undoing:
        over = replace(ended(task, TaskState.COMPENSATED, "", now_ms=now_ms), undo=None, undoing=False)
        return Step(task=over, event=event_of(over, TaskEventType.COMPENSATED, said.message), commands=_OVER)
    over = replace(
        ended(task, TaskState.SUCCEEDED, "", now_ms=now_ms),
        error_class=None,
        result=said.result,
        undo=said.undo or None,
    )
    return Step(task=over, commands=_OVER)


def _failed(task: Task, said: Report, now_ms: int) -> Step:
    """Try again when that may help and there are attempts and time left."""
    reason = said.error or said.message or FAILED_REASON
    failed = replace(
        task,
        error_class=said.error_class or ErrorClass.SERVER,
        undo=task.undo if task.undoing else said.undo or task.undo,
        result=task.result if task.undoing else said.result,
    )
    pause_s = wait_s(task.policy, task.attempts, chance=said.chance, retry_after_s=said.retry_after_s)
    next_ms = now_ms + round(pause_s * 1000)
    is_late = task.deadline_at_ms is not None and next_ms > task.deadline_at_ms
    is_final = not said.retryable or failed.error_class in task.policy.never_after
    if is_final or task.attempts >= task.policy.max_attempts or is_late:
        return given_up(failed, reason, now_ms=now_ms)
    over = ended(failed, failed.state, reason, now_ms=now_ms)  # cuts the reason as an end does
    waits = freed(failed, now_ms=now_ms, next_run_at_ms=max(next_ms, now_ms + 1))
    return Step(task=replace(waits, failure_reason=over.failure_reason))


def _returned(task: Task, said: Report, now_ms: int) -> Step:
    """Queue what was not done; that costs no attempt."""
    next_ms = None if not said.retry_after_s else now_ms + max(1, round(said.retry_after_s * 1000))
    free = replace(freed(task, now_ms=now_ms, next_run_at_ms=next_ms), attempts=max(0, task.attempts - 1))
    return Step(task=free, commands=_AGAIN if next_ms is None else frozenset())


def _stopped(task: Task, said: Report, now_ms: int) -> Step:
    """End what was to be cancelled; what was done before the word came through is done."""
    if said.outcome is Outcome.SUCCEEDED:
        done = _succeeded(task, said, now_ms)
        return replace(done, event=event_of(done.task, TaskEventType.SUCCEEDED, "cancel_too_late"))
    over = replace(
        ended(task, TaskState.CANCELLED, CANCEL_REASON, now_ms=now_ms),
        undo=said.undo or task.undo,
        error_class=said.error_class,
    )
    return Step(task=over, event=event_of(over, TaskEventType.CANCELED, said.message), commands=_OVER)
