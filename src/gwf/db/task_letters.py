"""What steps of tasks mean for dead letters, written in the transaction of the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.core.errors import ErrorClass
from gwf.db.letter_rows import enter_failures
from gwf.db.tables.letters import letters
from gwf.letters.model import Failure, LetterId, LetterKind, LetterState, letter_id
from gwf.tasks.model import Task, TaskState
from gwf.tasks.ports import Done

FAILED_STATES = frozenset({TaskState.FAILED, TaskState.TIMED_OUT, TaskState.DEAD})
_ENDS: Mapping[TaskState, LetterState] = {
    TaskState.SUCCEEDED: LetterState.RESOLVED,
    TaskState.COMPENSATED: LetterState.RESOLVED,
    TaskState.CANCELLED: LetterState.DROPPED,
}
_RUN_BITS = 32  #: room for the leases of one run in a mark
_ROW = letters.c
_AGAIN = (
    sa.update(letters)
    .where(_ROW.letter_id == sa.bindparam("of_letter"))
    .values(
        state=LetterState.REPLAYING.value,
        replays=_ROW.replays + 1,
        note="",
        edit=None,
        updated_at_ms=sa.bindparam("now_ms"),
    )
)
_OVER = (
    sa.update(letters)
    .where(_ROW.letter_id == sa.bindparam("of_letter"))
    .values(state=sa.bindparam("to_state"), note="", updated_at_ms=sa.bindparam("now_ms"))
)


async def keep_letters(connection: AsyncConnection, done: Sequence[Done]) -> None:
    """Write what steps mean: a failure, a replay, an end. A task that was never dead costs nothing."""
    failures: list[Failure] = []
    again: list[dict[str, object]] = []
    over: list[dict[str, object]] = []
    for before, step in done:
        task, was = step.task, None if before is None else before.state
        if task.state in FAILED_STATES:
            if was not in FAILED_STATES:
                failures.append(failure_of(task))
        elif was in FAILED_STATES:
            again.append({"of_letter": task_letter_id(task), "now_ms": task.updated_at_ms})
        elif task.run_no > 1 and task.state in _ENDS:
            over.append(
                {
                    "of_letter": task_letter_id(task),
                    "to_state": _ENDS[task.state].value,
                    "now_ms": task.updated_at_ms,
                }
            )
    now_ms = max((step.task.updated_at_ms for _, step in done), default=0)
    await enter_failures(connection, failures, now_ms=now_ms)
    for statement, rows in ((_AGAIN, again), (_OVER, over)):
        if rows:
            await connection.execute(statement, rows)


def failure_of(task: Task) -> Failure:
    """Return how a task failed."""
    return Failure(
        tenant=task.tenant,
        kind=LetterKind.TASK if task.cause.flow_run_id is None else LetterKind.STEP,
        subject=task.task_id,
        error_class=(task.error_class or ErrorClass.SERVER).value,
        place=place_of(task),
        message=task.failure_reason,
        about=task.target,
        at_ms=task.finished_at_ms or task.updated_at_ms,
        mark=(task.run_no << _RUN_BITS) + task.fence,
        attempts=max(task.fence, task.attempts),
        agent_id=task.for_agent,
        rule_id=task.cause.rule_id,
        source={
            "type": task.type,
            "file_event_id": task.cause.file_event_id,
            "flow_run_id": task.cause.flow_run_id,
            "flow_step": task.cause.flow_step,
        },
    )


def place_of(task: Task) -> str:
    """Return where a task does what it does: its kind, and the host that a request goes to."""
    url = (task.payload or {}).get("url")
    if not isinstance(url, str):
        return task.type
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return task.type
    return f"{task.type} {host}" if host else task.type


def task_letter_id(task: Task) -> LetterId:
    """Return the letter that a task has, if it has one."""
    return letter_id(task.tenant, LetterKind.TASK, task.task_id)
