"""Tasks, attempts and stories as the API shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gwf.api.cursor import write_cursor
from gwf.core.clock import utc_text
from gwf.flows.ruleaction import FlowAction
from gwf.tasks.bulk import Steered
from gwf.tasks.model import Attempt, AttemptOutcome, Executor, Task, TaskEvent
from gwf.tasks.worker.catalog import FLOW_KIND, Catalog
from gwf.wire.tasks import (
    RetryPolicy,
    StoryLine,
    TaskAttemptView,
    TaskBulkOutcome,
    TaskFacets,
    TaskKind,
    TaskSummary,
    TaskView,
)

#: where a kind may stand that is not of use everywhere, by its executor
_SERVES: Mapping[Executor | None, list[str]] = {Executor.PERSON: ["step"], None: ["rule"]}


def task_summary(task: Task) -> TaskSummary:
    """Return a task as a list shows it."""
    return TaskSummary.model_validate(_summary(task))


def task_view(task: Task, catalog: Catalog) -> TaskView:
    """Return a task with all that is known of it."""
    config: dict[str, Any] = dict(task.payload or {})
    is_usable = task.executor is not Executor.ANY and catalog.is_usable(task.type, config)
    return TaskView.model_validate(
        {
            **_summary(task),
            "config": task.payload,
            "description": catalog.describe(task.type, config) if is_usable else "",
            "retry": RetryPolicy.model_validate(
                {**asdict(task.policy), "never_after": [*map(str, task.policy.never_after)]}
            ),
            "key": task.key,
            "lost": task.lost,
            "lease_until": _instant(task.lease_until_ms),
            "deadline_at": _instant(task.deadline_at_ms),
            "result": task.result,
            "reversible": task.undo is not None,
            "rule_id": task.cause.rule_id,
            "rule_version": task.cause.rule_version,
            "file_event_id": task.cause.file_event_id,
            "flow_run_id": task.cause.flow_run_id,
            "flow_step": task.cause.flow_step,
        }
    )


def kind_views(catalog: Catalog) -> list[TaskKind]:
    """Return what there is to do, each with the form of its configuration: kinds of tasks, and runs of flows."""
    shapes = {kind: catalog.shape(kind) for kind in catalog.kinds} | {FLOW_KIND: FlowAction}
    return [
        TaskKind.model_validate(
            {
                "type": kind,
                "executor": executor,
                "serves": _SERVES.get(executor, ["task", "step", "rule"]),
                "config_schema": None if shape is None else shape.model_json_schema(mode="validation"),
            }
        )
        for kind, shape in sorted(shapes.items())
        for executor in [catalog.kinds.get(kind)]
    ]


def steered_view(steered: Steered, *, dry_run: bool) -> TaskBulkOutcome:
    """Return what an order to many tasks did."""
    return TaskBulkOutcome(
        matched=steered.matched,
        changed=len(steered.changed),
        samples=[task_summary(task) for task in steered.changed[:20]],
        refused=dict(steered.refused),
        missing=steered.missing,
        next_cursor=None if steered.next is None else write_cursor(*steered.next),
        dry_run=dry_run,
    )


def attempt_view(attempt: Attempt) -> TaskAttemptView:
    """Return an attempt."""
    ended_ms = attempt.ended_at_ms
    return TaskAttemptView.model_validate(
        {
            "run_no": attempt.run_no,
            "attempt_no": attempt.attempt_no,
            "executor": attempt.executor,
            "outcome": attempt.outcome.value,
            "error_class": attempt.error_class,
            "error": attempt.error,
            "started_at": utc_text(attempt.started_at_ms),
            "ended_at": _instant(ended_ms),
            "duration_ms": None if ended_ms is None else max(0, ended_ms - attempt.started_at_ms),
            "result": attempt.result,
        }
    )


def facets_view(found: Mapping[str, Mapping[str, int]]) -> TaskFacets:
    """Return counts by value."""
    return TaskFacets.model_validate(found)


def timeline(task: Task, attempts: Sequence[Attempt], events: Sequence[TaskEvent]) -> list[StoryLine]:
    """Return the life of a task, oldest first: its attempts tell most of it, events the rest."""
    lines = [*_lines_of_events(task, events)]
    if task.executor is not Executor.ANY:  # over the Go version's interface events tell of attempts too
        lines += [line for attempt in attempts for line in _lines_of_attempt(attempt)]
    return [line for _, _, line in sorted(lines, key=lambda item: item[:2])]


_Line = tuple[int, int, StoryLine]


def _lines_of_events(task: Task, events: Sequence[TaskEvent]) -> Iterator[_Line]:
    if task.executor is not Executor.ANY:
        yield task.created_at_ms, 0, _line(task.created_at_ms, "created", who=task.created_by)
    for event in events:
        yield event.at_ms, 3, _line(event.at_ms, event.type.value, who=event.agent_id, message=event.message)


def _lines_of_attempt(attempt: Attempt) -> Iterator[_Line]:
    facts: dict[str, Any] = {
        "kind": "attempt", "who": attempt.executor, "run_no": attempt.run_no, "attempt_no": attempt.attempt_no,
    }  # fmt: skip
    begun_ms, ended_ms = attempt.started_at_ms, attempt.ended_at_ms
    yield begun_ms, 1, _line(begun_ms, "begun", **facts)
    if ended_ms is not None and attempt.outcome is not AttemptOutcome.OPEN:
        yield ended_ms, 2, _line(ended_ms, attempt.outcome.value, message=attempt.error, **facts)


def _line(at_ms: int, what: str, **facts: Any) -> StoryLine:
    usual = {"kind": "event", "who": "", "message": "", "run_no": None, "attempt_no": None}
    return StoryLine.model_validate({**usual, "at": utc_text(at_ms), "what": what, **facts})


def _summary(task: Task) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        "type": task.type,
        "target": task.target,
        "state": task.state.value,
        "executor": task.executor.value,
        "for_agent_id": task.for_agent,
        "held_by": task.agent_id,
        "priority": task.priority.word,
        "attempts": task.attempts,
        "max_attempts": task.policy.max_attempts,
        "run_no": task.run_no,
        "error_class": task.error_class,
        "failure_reason": task.failure_reason,
        "next_run_at": _instant(task.next_run_at_ms),
        "created_by": task.created_by,
        "created_at": utc_text(task.created_at_ms),
        "updated_at": utc_text(task.updated_at_ms),
        "finished_at": _instant(task.finished_at_ms),
    }


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
