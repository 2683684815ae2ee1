"""One attempt of a worker at a task: within its time, stopped when it is cancelled, its end put into words."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.core.clock import Clock
from gwf.core.errors import ErrorClass, GwfError
from gwf.tasks.model import Task
from gwf.tasks.signals import Outcome, Report
from gwf.tasks.worker.catalog import Catalog
from gwf.tasks.worker.contract import WorkContext, WorkResult, failed, stopped

log = logging.getLogger("gwf.tasks.worker")


@dataclass(slots=True, kw_only=True)
class Attempt:
    """A task that is being worked on."""

    task: Task
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    #: the work; None = it has not begun
    work: asyncio.Task[None] | None = None
    #: the task is somebody else's by now: its end is nobody's business
    is_lost: bool = False

    async def run(self, catalog: Catalog, clock: Clock) -> WorkResult:
        """Do it and return what came of it; never raises, except when it is cut off."""
        task = self.task
        action = catalog.action(task.type)
        if action is None:  # a plug-in that this worker had when it took the task
            return failed(f"this worker does not know {task.type}", ErrorClass.CONFIG)
        context = WorkContext(
            task_id=task.task_id, tenant=task.tenant, target=task.target, idempotency_key=task.task_id,
            attempt=task.attempts, timeout_s=task.policy.timeout_s, stopping=self.stopping, now_ms=clock.now_ms,
        )  # fmt: skip
        config = task.payload or {}
        limit = asyncio.timeout(task.policy.timeout_s)
        try:
            async with limit:
                if task.undoing:
                    return await action.compensate(config, context, task.undo or {})
                return await action.execute(config, context)
        except TimeoutError:
            if limit.expired():
                return failed(f"cut off after {task.policy.timeout_s:g} s", ErrorClass.TIMEOUT)
            return failed("it waited for something too long", ErrorClass.TIMEOUT)
        except GwfError as exc:
            return failed(str(exc), exc.error_class, retryable=exc.retryable, retry_after_s=exc.retry_after_s)
        except Exception as exc:  # the edge of an attempt: a fault of an action must not end the others
            log.exception("action_crashed", extra={"task_id": task.task_id, "type": task.type})
            return failed(f"internal error: {exc!r}", ErrorClass.SERVER)


def report_of(task: Task, result: WorkResult) -> Report:
    """Return the worker's word about an attempt."""
    is_bad = result.outcome is Outcome.FAILED
    detail, undo = _json("detail", result.detail, task), _json("undo", result.undo, task)
    return Report(
        owner=task.agent_id or "",
        token=task.fence,
        outcome=result.outcome,
        message=result.summary,
        error=result.summary if is_bad else "",
        error_class=result.error_class,
        retryable=result.retryable,
        retry_after_s=result.retry_after_s,
        result={"summary": result.summary, **(detail or {})},
        undo=undo,
        chance=random.random(),  # noqa: S311 — spreads repeats, no secret
    )


def _json(part: str, value: Mapping[str, object] | None, task: Task) -> Mapping[str, object] | None:
    """Return a part of a result as it is kept; what is no JSON is left out, and what was done is done all the same."""
    try:
        json.dumps(value, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as exc:
        extra = {"task_id": task.task_id, "type": task.type, "part": part, "error": str(exc)}
        log.error("result_is_no_json", extra=extra)
        return None
    return value


def cut_off(attempt: Attempt) -> WorkResult:
    """Return the result of an attempt that was cut off: cancelled by somebody, or given back as the worker ends."""
    if attempt.stopping.is_set():
        return stopped("cut off when it was cancelled")
    return WorkResult(outcome=Outcome.RETURNED, summary="the worker stopped")
