"""Steps of tasks of the Go version's interface: by owner, without tokens, tried again by hand. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gwf.audit.changes import storable
from gwf.tasks.model import (
    LEASE_S,
    MAX_LOST,
    RUN_S,
    AttemptOutcome,
    ReasonCode,
    RetriesUsedUpError,
    Task,
    TaskEventType,
    TaskOwnerError,
    TaskState,
    TaskStateError,
)
from gwf.tasks.shapes import ended, queued
from gwf.tasks.step import Command, Ended, Step, TaskAction, event_of

LOST_REASON = ReasonCode.ASSIGN_TIMEOUT.value
TIMEOUT_REASON = ReasonCode.RUN_TIMEOUT.value
CANCEL_REASON = ReasonCode.MANUAL_CANCEL.value
FAILED_REASON = ReasonCode.TASK_FAILED.value


def assigned(task: Task, agent_id: str, *, now_ms: int) -> Step:
    """Hand a pending task to an agent.

    Raises:
        TaskStateError: It is not pending.
    """
    if task.state is not TaskState.PENDING:
        raise TaskStateError("task is not pending")
    task = replace(
        task,
        state=TaskState.LEASED,
        agent_id=storable(agent_id),
        fence=task.fence + 1,
        updated_at_ms=now_ms,
        lease_until_ms=now_ms + round(LEASE_S * 1000),
    )
    event = event_of(task, TaskEventType.ASSIGNED, "任务已分配给 agent")
    detail = {"type": task.type, "priority": task.priority.word}
    return Step(task=task, event=event, action=TaskAction.ASSIGN, detail=detail, opens=True)


def started(task: Task, agent_id: str, message: str, *, now_ms: int) -> Step:
    """Take the agent's word that it began.

    Raises:
        TaskStateError: It is not leased.
        TaskOwnerError: Another agent has it.
    """
    if task.state is not TaskState.LEASED:
        raise TaskStateError("task is not assigned")
    _owned(task, agent_id)
    task = _running(task, now_ms)
    event = event_of(task, TaskEventType.STARTED, message)
    return Step(task=task, event=event, action=TaskAction.START, detail={"message": event.message})


def progressed(task: Task, agent_id: str, message: str, *, now_ms: int) -> Step:
    """Take the agent's word about how far it is; that alone keeps it from timing out.

    Raises:
        TaskStateError: It is not running.
        TaskOwnerError: Another agent has it.
    """
    if task.state is not TaskState.RUNNING:
        raise TaskStateError("task is not running")
    _owned(task, agent_id)
    task = _running(task, now_ms)
    return Step(task=task, event=event_of(task, TaskEventType.PROGRESS, message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an agent says that a task ended."""

    succeeded: bool
    message: str = ""
    error: str = ""

    @property
    def text(self) -> str:
        """What the story says."""
        return self.message or (f"error={self.error}" if self.error else "")

    @property
    def reason(self) -> str:
        """Why it failed; empty when it did not."""
        if self.succeeded:
            return ""
        return self.error or self.message.removeprefix("error=") or FAILED_REASON


def finished(task: Task, agent_id: str, report: Report, *, now_ms: int) -> Step:
    """Take the agent's word that it ended; that it began need not have been said.

    Raises:
        TaskStateError: It has ended before, or nobody has it.
        TaskOwnerError: Another agent has it.
    """
    if task.is_finished:
        raise TaskStateError("task already finished")
    if task.state is TaskState.PENDING:
        raise TaskStateError("task status does not support complete")
    _owned(task, agent_id)
    state = TaskState.SUCCEEDED if report.succeeded else TaskState.FAILED
    task = ended(task, state, report.reason, now_ms=now_ms)
    event = event_of(task, TaskEventType.SUCCEEDED if report.succeeded else TaskEventType.FAILED, report.text)
    detail = {"status": state.value, "message": event.message, "failure_reason": task.failure_reason}
    outcome = AttemptOutcome.SUCCEEDED if report.succeeded else AttemptOutcome.FAILED
    attempt = Ended(outcome=outcome, error=task.failure_reason or event.message)
    return Step(
        task=task, event=event, action=TaskAction.FINISH, detail=detail, ended=attempt,
        commands=frozenset({Command.SETTLED}),
    )  # fmt: skip


def cancelled(task: Task, *, now_ms: int) -> Step:
    """Let a task never be done; one that runs ends with its agent's next word, which is refused.

    Raises:
        TaskStateError: It has ended.
    """
    if task.is_finished:
        raise TaskStateError("task already finished")
    had_attempt = task.state is not TaskState.PENDING
    task = ended(task, TaskState.CANCELLED, CANCEL_REASON, now_ms=now_ms)
    event = event_of(task, TaskEventType.CANCELED, "任务已取消", agent_id="")
    detail = {"type": task.type, "status": task.state.value}
    attempt = Ended(outcome=AttemptOutcome.CANCELLED, error=CANCEL_REASON) if had_attempt else None
    return Step(
        task=task, event=event, action=TaskAction.CANCEL, detail=detail, ended=attempt,
        commands=frozenset({Command.SETTLED}),
    )  # fmt: skip


def retried(task: Task, *, now_ms: int) -> Step:
    """Queue a task that ended badly again, because a person wants it.

    Raises:
        TaskStateError: It has not ended, or ended well.
        RetriesUsedUpError: It was queued again as often as it may be.
    """
    if not task.is_finished or task.state is TaskState.SUCCEEDED:
        raise TaskStateError("task status does not support retry")
    if task.retry_count >= task.max_retries:
        raise RetriesUsedUpError("max retries reached")
    task = replace(queued(task, now_ms=now_ms), retry_count=task.retry_count + 1, run_no=task.run_no + 1, lost=0)
    event = event_of(task, TaskEventType.RETRIED, "任务已重试并重新进入 pending")
    detail = {"type": task.type, "retry_count": task.retry_count, "max_retries": task.max_retries}
    return Step(task=task, event=event, action=TaskAction.RETRY, detail=detail)


def expired(task: Task, *, now_ms: int) -> list[Step]:
    """Return the steps that the clock takes; none when the lease holds."""
    if task.lease_until_ms is None or now_ms <= task.lease_until_ms:
        return []
    if task.state is TaskState.LEASED:
        return [_lost(replace(task, lost=task.lost + 1), now_ms)]
    return _overdue(task, now_ms) if task.state is TaskState.RUNNING else []


def _lost(task: Task, now_ms: int) -> Step:
    agent_id = task.agent_id or ""
    if task.lost < MAX_LOST:
        task = queued(task, now_ms=now_ms)
        event = event_of(task, TaskEventType.ASSIGN_TIMEOUT, "任务分配超时，已回收重新排队", agent_id=agent_id)
        return Step(task=task, event=event, ended=Ended(outcome=AttemptOutcome.LOST, error=event.message))
    task = ended(task, TaskState.TIMED_OUT, LOST_REASON, now_ms=now_ms)
    event = event_of(task, TaskEventType.TIMEOUT, "任务多次分配均无 agent 确认，已标记为 timeout")
    return Step(
        task=task,
        event=event,
        action=TaskAction.TIME_OUT,
        detail=_timeout_detail(task, agent_id, again=False),
        ended=Ended(outcome=AttemptOutcome.LOST, error=task.failure_reason),
        commands=frozenset({Command.SETTLED}),
    )


def _overdue(task: Task, now_ms: int) -> list[Step]:
    agent_id = task.agent_id or ""
    again = task.retry_count < task.max_retries
    if not again:
        over = ended(task, TaskState.TIMED_OUT, TIMEOUT_REASON, now_ms=now_ms)
    else:
        over = replace(queued(task, now_ms=now_ms), retry_count=task.retry_count + 1)
    said = "任务运行超时，已自动重试并重新排队" if again else "任务运行超时，已标记为 timeout"
    step = Step(
        task=over,
        event=event_of(over, TaskEventType.TIMEOUT, said, agent_id=agent_id),
        action=TaskAction.TIME_OUT,
        detail=_timeout_detail(over, agent_id, again=again),
        ended=Ended(outcome=AttemptOutcome.TIMED_OUT, error=over.failure_reason or said),
        commands=frozenset() if again else frozenset({Command.SETTLED}),
    )
    if not again:
        return [step]
    event = event_of(over, TaskEventType.RETRIED, "任务因运行超时触发自动重试")
    return [step, Step(task=over, event=event)]


def _timeout_detail(task: Task, agent_id: str, *, again: bool) -> dict[str, object]:
    return {
        "agent_id": agent_id,
        "type": task.type,
        "auto_retried": again,
        "retry_count": task.retry_count,
        "max_retries": task.max_retries,
    }


def _owned(task: Task, agent_id: str) -> None:
    if task.agent_id != storable(agent_id):
        raise TaskOwnerError("task is assigned to another agent")


def _running(task: Task, now_ms: int) -> Task:
    until = now_ms + round(RUN_S * 1000)
    return replace(task, state=TaskState.RUNNING, updated_at_ms=now_ms, lease_until_ms=until)
