"""Flows, runs, their steps and lines as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gwf.core.errors import ErrorClass
from gwf.db.versioned_rows import head_columns, head_fields, version_columns, version_fields
from gwf.flows.model import FlowVersion
from gwf.flows.record import FlowHead, StoredFlow
from gwf.flows.run import Line, Origin, Run, RunId, RunState, RunStep, StepState, What
from gwf.tasks.model import TaskId


def head_of(row: sa.RowMapping) -> FlowHead:
    """Return the head of a row."""
    return FlowHead(flow_id=row["flow_id"], **head_fields(row))


def head_values(head: FlowHead) -> dict[str, Any]:
    """Return the row of a head."""
    return {"flow_id": head.flow_id, **head_columns(head)}


def stored_of(row: sa.RowMapping) -> StoredFlow:
    """Return the version of a row."""
    ref = FlowVersion(row["flow_id"], row["version"])
    return StoredFlow(ref=ref, document=row["document"], **version_fields(row))


def version_values(stored: StoredFlow) -> dict[str, Any]:
    """Return the row of a version."""
    return {"flow_id": stored.ref.flow_id, "document": dict(stored.document), **version_columns(stored)}


def run_of(row: sa.RowMapping, steps: Sequence[RunStep]) -> Run:
    """Return the run of a row and of the rows of its steps, in their order."""
    goal = row["goal"]
    replay_of = row["replay_of"]
    return Run(
        run_id=RunId(row["run_id"]),
        tenant=row["tenant_id"],
        number=row["run_number"],
        flow=FlowVersion(row["flow_id"], row["version"]),
        name=row["name"],
        target=row["target"],
        state=RunState(row["state"]),
        steps={step.id: step for step in steps},
        origin=Origin(
            by=row["started_by"],
            actor_id=row["actor_id"],
            rule_id=row["rule_id"],
            rule_version=row["rule_version"],
            event_row_id=row["event_row_id"],
            event_kind=row["event_kind"],
            replay_of=None if replay_of is None else RunId(replay_of),
            replay_from=row["replay_from"],
        ),
        event=row["event"],
        input=row["input"],
        reason=row["reason"],
        goal=None if goal is None else RunState(goal),
        keeps_effects=row["keeps_effects"],
        ended=row["ended"],
        lines=row["line_count"],
        revision=row["revision"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        finished_at_ms=row["finished_at_ms"],
    )


def made_values(run: Run) -> dict[str, Any]:
    """Return the columns of a run that stay as they were when it was made."""
    origin = run.origin
    return {
        "run_id": run.run_id,
        "tenant_id": run.tenant,
        "run_number": run.number,
        "flow_id": run.flow.flow_id,
        "version": run.flow.version,
        "name": run.name,
        "target": run.target,
        "event": None if run.event is None else dict(run.event),
        "input": dict(run.input),
        "started_by": origin.by,
        "actor_id": origin.actor_id,
        "rule_id": origin.rule_id,
        "rule_version": origin.rule_version,
        "event_row_id": origin.event_row_id,
        "event_kind": origin.event_kind,
        "replay_of": origin.replay_of,
        "replay_from": origin.replay_from,
        "created_at_ms": run.created_at_ms,
    }


def moved_values(run: Run) -> dict[str, Any]:
    """Return the columns of a run that moves change."""
    return {
        "state": run.state.value,
        "reason": run.reason,
        "goal": None if run.goal is None else run.goal.value,
        "keeps_effects": run.keeps_effects,
        "ended": run.ended,
        "line_count": run.lines,
        "revision": run.revision,
        "updated_at_ms": run.updated_at_ms,
        "finished_at_ms": run.finished_at_ms,
    }


def step_of(row: sa.RowMapping) -> RunStep:
    """Return the step of a row."""
    task_id, undo_task_id, error_class = row["task_id"], row["undo_task_id"], row["error_class"]
    return RunStep(
        id=row["step_id"],
        state=StepState(row["state"]),
        tries=row["tries"],
        task_id=None if task_id is None else TaskId(task_id),
        undo_task_id=None if undo_task_id is None else TaskId(undo_task_id),
        result=row["result"],
        reversible=row["reversible"],
        error=row["error"],
        error_class=None if error_class is None else ErrorClass(error_class),
        ended_no=row["ended_no"],
        reused=row["reused"],
        begun_at_ms=row["begun_at_ms"],
        ended_at_ms=row["ended_at_ms"],
    )


def step_values(step: RunStep) -> dict[str, Any]:
    """Return the columns of a step that moves change."""
    return {
        "state": step.state.value,
        "tries": step.tries,
        "task_id": step.task_id,
        "undo_task_id": step.undo_task_id,
        "result": None if step.result is None else dict(step.result),
        "reversible": step.reversible,
        "error": step.error,
        "error_class": None if step.error_class is None else step.error_class.value,
        "ended_no": step.ended_no,
        "reused": step.reused,
        "begun_at_ms": step.begun_at_ms,
        "ended_at_ms": step.ended_at_ms,
    }


def line_of(row: sa.RowMapping) -> Line:
    """Return the line of a row."""
    return Line(
        number=row["line_no"],
        at_ms=row["at_ms"],
        what=What(row["what"]),
        step=row["step_id"],
        who=row["who"],
        message=row["message"],
    )


def line_values(run: Run, line: Line) -> dict[str, Any]:
    """Return the row of a line."""
    return {
        "run_id": run.run_id,
        "line_no": line.number,
        "tenant_id": run.tenant,
        "at_ms": line.at_ms,
        "what": line.what.value,
        "step_id": line.step,
        "who": line.who,
        "message": line.message,
    }
