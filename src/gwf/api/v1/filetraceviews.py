"""The life of a file in the shape that the API sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gwf.api.names import Named, Ref, name_of
from gwf.api.v1.dlqviews import letter_item
from gwf.api.v1.file_events import file_event_view
from gwf.api.v1.rule_trials import event_decision
from gwf.api.v1.taskviews import attempt_view, task_summary
from gwf.core.clock import utc_text
from gwf.events.ports import StoredFileEvent
from gwf.tasks.lineage import NOTIFY, Decided, FlowRun, Lineage, Work
from gwf.tasks.model import Task
from gwf.wire.lineage import (
    FileTrace,
    TraceDecision,
    TraceMissing,
    TraceNotification,
    TraceObject,
    TraceRule,
    TraceRun,
    TraceTask,
    TraceVersion,
)

Known = Mapping[Ref, Named]


def trace_view(life: Lineage, known: Known) -> FileTrace:
    """Return a life as it is sent."""
    return FileTrace(
        agent_id=life.agent_id,
        hostname=name_of(known, ("agent", life.agent_id)) if life.agent_id else "",
        path=life.path,
        version=life.gen,
        versions=[
            TraceVersion.model_validate(
                {
                    "version": one.gen,
                    "first_at": utc_text(one.first_at_ms),
                    "last_at": utc_text(one.last_at_ms),
                    "status": one.status.word,
                    "events": one.events,
                }
            )
            for one in life.versions
        ],
        events=[file_event_view(one, known) for one in life.events],
        events_left_out=life.left_out,
        decisions=[_decision(one) for one in life.decisions],
        runs=[_run(one) for one in life.runs],
        tasks=[_task(one, known) for one in life.tasks],
        object=None if life.object is None else _object(life.object),
        letter=None if life.letter is None else letter_item(life.letter, known),
        notifications=_notifications(life),
        missing=[TraceMissing.model_validate({"kind": one.kind, "id": one.id, "why": one.why}) for one in life.missing],
        complete=not life.missing and not life.left_out,
    )


def _decision(decided: Decided) -> TraceDecision:
    return TraceDecision(
        decision=event_decision(decided.found),
        rules=[TraceRule(rule_id=ref.rule_id, version=ref.version, name=name) for ref, name in decided.names.items()],
        task_ids=list(decided.task_ids),
        run_ids=list(decided.run_ids),
    )


def _run(run: FlowRun) -> TraceRun:
    return TraceRun.model_validate(
        {
            "run_id": run.run_id,
            "number": run.number,
            "flow_id": run.flow_id,
            "version": run.version,
            "name": run.name,
            "state": run.state,
            "reason": run.reason,
            "created_at": utc_text(run.created_at_ms),
            "finished_at": None if run.finished_at_ms is None else utc_text(run.finished_at_ms),
        }
    )


def _task(work: Work, known: Known) -> TraceTask:
    cause = work.task.cause
    return TraceTask(
        task=task_summary(work.task),
        file_event_id=None if cause.file_event_id is None else str(cause.file_event_id),
        rule_id=cause.rule_id,
        rule_version=cause.rule_version,
        flow_run_id=cause.flow_run_id,
        flow_step=cause.flow_step,
        attempts=[attempt_view(one) for one in work.attempts],
        letter=None if work.letter is None else letter_item(work.letter, known),
    )


def _object(told: StoredFileEvent) -> TraceObject:
    event = told.event
    return TraceObject(
        store=event.store or "",
        key=event.key or "",
        size_bytes=event.size_bytes,
        etag=event.etag,
        sha256=event.sha256,
        confirmed_at=utc_text(event.at_ms),
        row_id=str(told.row_id),
    )


def _notifications(life: Lineage) -> list[TraceNotification]:
    kept = [
        TraceNotification(
            notification_id=one.notification_id,
            channel=one.channel,
            state=one.state,
            title=one.title,
            error=one.error,
            created_at=utc_text(one.created_at_ms),
            sent_at=None if one.sent_at_ms is None else utc_text(one.sent_at_ms),
            task_id=None,
        )
        for one in life.notifications
    ]
    return [*kept, *_notify_tasks([one.task for one in life.tasks])]


def _notify_tasks(tasks: Sequence[Task]) -> list[TraceNotification]:
    return [
        TraceNotification(
            notification_id=task.task_id,
            channel=str((task.payload or {}).get("channel", "")),
            state=task.state.value,
            title=str((task.payload or {}).get("title", "")),
            error=task.failure_reason,
            created_at=utc_text(task.created_at_ms),
            sent_at=None if task.finished_at_ms is None or task.failure_reason else utc_text(task.finished_at_ms),
            task_id=task.task_id,
        )
        for task in tasks
        if task.type == NOTIFY
    ]
