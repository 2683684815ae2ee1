"""The one state machine of tasks: what each signal makes of a task in each state. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gwf.audit.changes import storable
from gwf.core.errors import ErrorClass
from gwf.tasks import reports, state
from gwf.tasks.model import (
    BAD_STATES,
    AttemptOutcome,
    Executor,
    NotReversibleError,
    ReasonCode,
    StaleTokenError,
    Task,
    TaskEventType,
    TaskState,
    TaskStateError,
)
from gwf.tasks.shapes import amended, ended, freed, given_up, queued
from gwf.tasks.signals import Begin, Cancel, Compensate, Lease, Outcome, Renew, Report, Retry, Signal, Tick
from gwf.tasks.step import Command, Ended, Step, TaskAction, event_of

LOST = ReasonCode.EXECUTOR_LOST.value
LATE = ReasonCode.DEADLINE.value
_AGAIN = frozenset({Command.WAKE})
_OVER = frozenset({Command.SETTLED})


def advance(task: Task, signal: Signal, *, now_ms: int) -> Sequence[Step]:
    """Return the steps that a signal makes, in their order; none when it changes nothing.

    Raises:
        TaskStateError: The state forbids it.
        StaleTokenError: The lease of the token is over.
        TaskOwnerError: Somebody else has the task.
        RetriesUsedUpError: It was queued again as often as it may be.
        NotReversibleError: What it did cannot be undone.
    """
    if task.executor is Executor.ANY:
        return _by_hand(task, signal, now_ms)
    match signal:
        case Tick():
            return _ticked(task, now_ms)
        case Lease():
            return [_leased(task, signal, now_ms)]
        case Begin() | Renew():
            return [_heard(task, signal, now_ms)]
        case Report():
            _check_token(task, signal.owner, signal.token)
            return [reports.reported(task, signal, now_ms=now_ms)]
        case _:
            return [_ordered(task, signal, now_ms)]


def _ordered(task: Task, order: Cancel | Retry | Compensate, now_ms: int) -> Step:
    """Take an order of a person, or of what acts for one."""
    match order:
        case Cancel():
            return _cancelled(task, now_ms)
        case Retry():
            return _retried(task, order, now_ms)
        case Compensate():
            return _compensated(task, now_ms)


def _by_hand(task: Task, signal: Signal, now_ms: int) -> Sequence[Step]:
    """Let a task of the Go version's interface go by its rules."""
    match signal:
        case Tick():
            return state.expired(task, now_ms=now_ms)
        case Lease(owner=owner):
            return [state.assigned(task, owner, now_ms=now_ms)]
        case Begin(owner=owner, message=message):
            return [state.started(task, owner, message, now_ms=now_ms)]
        case Renew(owner=owner, message=message):
            return [state.progressed(task, owner, message, now_ms=now_ms)]
        case Report(owner=owner, outcome=outcome, message=message, error=error):
            said = state.Report(succeeded=outcome is Outcome.SUCCEEDED, message=message, error=error)
            return [state.finished(task, owner, said, now_ms=now_ms)]
        case _:
            return [_ordered_by_hand(task, signal, now_ms)]


def _ordered_by_hand(task: Task, order: Cancel | Retry | Compensate, now_ms: int) -> Step:
    match order:
        case Cancel():
            return state.cancelled(task, now_ms=now_ms)
        case Retry(amended=None):
            return state.retried(task, now_ms=now_ms)
        case Retry():
            raise TaskStateError(
                "a task of the Go version's interface is done again as it was", task_id=task.task_id,
                state=task.state.value,
            )  # fmt: skip
        case Compensate():
            raise NotReversibleError("a task of the Go version's interface cannot be undone", task_id=task.task_id)


def _leased(task: Task, signal: Lease, now_ms: int) -> Step:
    is_free = task.state in {TaskState.PENDING, TaskState.COMPENSATING} and not task.is_held
    if not is_free or (task.next_run_at_ms or 0) > now_ms:
        raise TaskStateError("the task is not free", task_id=task.task_id, state=task.state.value)
    leased = replace(
        task,
        state=TaskState.LEASED if task.state is TaskState.PENDING else task.state,
        agent_id=storable(signal.owner),
        fence=task.fence + 1,
        attempts=task.attempts + 1,
        next_run_at_ms=None,
        updated_at_ms=now_ms,
        lease_until_ms=now_ms + round(signal.lease_s * 1000),
    )
    return Step(task=leased, opens=True)


def _heard(task: Task, signal: Begin | Renew, now_ms: int) -> Step:
    _check_token(task, signal.owner, signal.token)
    begins = isinstance(signal, Begin) and task.state is TaskState.LEASED
    until_ms = task.lease_until_ms if signal.lease_s is None else now_ms + round(signal.lease_s * 1000)
    return Step(
        task=replace(
            task,
            state=TaskState.RUNNING if begins else task.state,
            updated_at_ms=now_ms if begins else task.updated_at_ms,
            lease_until_ms=until_ms,
        )
    )


def _check_token(task: Task, owner: str, token: int | None) -> None:
    if not task.is_held or token != task.fence or task.agent_id != storable(owner):
        raise StaleTokenError(
            "this lease is over", task_id=task.task_id, state=task.state.value, token=token, fence=task.fence
        )


def _cancelled(task: Task, now_ms: int) -> Step:
    if task.is_finished or task.state in {TaskState.CANCELLING, TaskState.COMPENSATING}:
        raise TaskStateError("this cannot be cancelled any more", task_id=task.task_id, state=task.state.value)
    detail = {"type": task.type, "was": task.state.value}
    if task.is_held:
        asked = replace(task, state=TaskState.CANCELLING, updated_at_ms=now_ms)
        event = event_of(asked, TaskEventType.CANCEL_ASKED, "")
        return Step(
            task=asked, event=event, action=TaskAction.CANCEL, detail=detail, commands=frozenset({Command.STOP})
        )
    over = ended(task, TaskState.CANCELLED, state.CANCEL_REASON, now_ms=now_ms)
    event = event_of(over, TaskEventType.CANCELED, "")
    return Step(task=over, event=event, action=TaskAction.CANCEL, detail=detail, commands=_OVER)


def _retried(task: Task, order: Retry, now_ms: int) -> Step:
    detail: dict[str, object] = {"type": task.type, "was": task.state.value, "run_no": task.run_no}
    if task.state is TaskState.WAITING:  # an attempt is due anyway: only its time is brought forward
        now = queued(task, now_ms=now_ms)
        event = event_of(now, TaskEventType.RETRIED, "", agent_id="")
        return Step(task=now, event=event, action=TaskAction.RETRY, detail=detail, commands=_AGAIN)
    if task.state not in BAD_STATES | {TaskState.COMPENSATED}:
        raise TaskStateError("only what ended badly is done again", task_id=task.task_id, state=task.state.value)
    if order.amended is not None and task.undoing:
        raise TaskStateError("what undoes it cannot be changed", task_id=task.task_id, state=task.state.value)
    again = replace(
        queued(amended(task, order.amended), now_ms=now_ms),
        state=TaskState.COMPENSATING if task.undoing else TaskState.PENDING,
        run_no=task.run_no + 1,
        retry_count=task.retry_count + 1,
        attempts=0,
        lost=0,
        deadline_at_ms=None,
    )
    if order.amended is not None:
        detail |= {"amended": sorted(_changed_names(task, again))}
    event = event_of(again, TaskEventType.RETRIED, "", agent_id="")
    return Step(task=again, event=event, action=TaskAction.RETRY, detail=detail, commands=_AGAIN)


def _changed_names(before: Task, after: Task) -> set[str]:
    """Return which parts of what a task does are others now."""
    old, new = before.payload or {}, after.payload or {}
    names = {f"config/{name}" for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if before.target != after.target:
        names.add("target")
    return names | ({"agent_id"} if before.for_agent != after.for_agent else set())


def _compensated(task: Task, now_ms: int) -> Step:
    if task.state not in BAD_STATES | {TaskState.SUCCEEDED}:
        raise TaskStateError("only what has ended is undone", task_id=task.task_id, state=task.state.value)
    if task.undo is None:
        raise NotReversibleError("nothing that this task did can be undone", task_id=task.task_id, type=task.type)
    begun = replace(
        queued(task, now_ms=now_ms),
        state=TaskState.COMPENSATING,
        undoing=True,
        run_no=task.run_no + 1,
        attempts=0,
        lost=0,
        deadline_at_ms=None,
    )
    event = event_of(begun, TaskEventType.COMPENSATE_ASKED, "", agent_id="")
    detail = {"type": task.type, "was": task.state.value}
    return Step(task=begun, event=event, action=TaskAction.COMPENSATE, detail=detail, commands=_AGAIN)


def _ticked(task: Task, now_ms: int) -> Sequence[Step]:
    if task.lease_until_ms is not None:
        return [_lost(task, now_ms)] if now_ms > task.lease_until_ms else []
    if task.state not in {TaskState.PENDING, TaskState.WAITING}:
        return []
    if task.deadline_at_ms is not None and now_ms > task.deadline_at_ms:
        late = replace(task, error_class=task.error_class or ErrorClass.TIMEOUT)
        return [given_up(late, task.failure_reason or LATE, now_ms=now_ms)]
    if task.state is TaskState.WAITING and (task.next_run_at_ms or 0) <= now_ms:
        return [Step(task=queued(task, now_ms=now_ms), commands=_AGAIN)]
    return []


def _lost(task: Task, now_ms: int) -> Step:
    """Take a task from an executor that is not heard of any more."""
    gone = Ended(outcome=AttemptOutcome.LOST, error=LOST, error_class=ErrorClass.TIMEOUT)
    task = replace(task, lost=task.lost + 1, error_class=ErrorClass.TIMEOUT)
    if task.state is TaskState.CANCELLING:
        over = ended(task, TaskState.CANCELLED, LOST, now_ms=now_ms)
        return Step(task=over, event=event_of(over, TaskEventType.CANCELED, ""), ended=gone, commands=_OVER)
    if task.lost >= task.policy.max_lost or task.attempts >= task.policy.max_attempts:
        return replace(given_up(task, LOST, now_ms=now_ms), ended=gone)
    return Step(task=replace(freed(task, now_ms=now_ms), failure_reason=LOST), ended=gone, commands=_AGAIN)
