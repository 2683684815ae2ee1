"""Flows and their runs in the shapes that the API sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gwf.api.v1.rolloutviews import document_changes
from gwf.core.clock import utc_text
from gwf.flows.faults import FaultyFlowError
from gwf.flows.model import APPROVAL, Plan, PlannedStep
from gwf.flows.record import StoredFlow
from gwf.flows.run import OVER, Line, Run, RunState, RunStep, StepState
from gwf.flows.service import FlowNow
from gwf.flows.times import StepStat
from gwf.wire.flows import (
    FlowInput,
    FlowItem,
    FlowRunItem,
    FlowRunStepView,
    FlowRunView,
    FlowStepStat,
    FlowVersionView,
    FlowView,
    PlannedStepView,
    RunLine,
)

_ORDERS: Mapping[RunState, tuple[str, ...]] = {
    RunState.RUNNING: ("pause", "cancel"),
    RunState.PAUSED: ("resume", "cancel"),
    RunState.FAILED: ("resume", "cancel", "compensate"),
    RunState.STUCK: ("resume", "cancel"),
    RunState.COMPENSATING: ("cancel",),
    RunState.SUCCEEDED: ("compensate",),
}


def flow_item(now: FlowNow, runs: Mapping[RunState, int]) -> FlowItem:
    """Return a flow in a list."""
    return FlowItem.model_validate(_item(now, runs))


def flow_view(now: FlowNow, runs: Mapping[RunState, int]) -> FlowView:
    """Return one flow with its documents and its graph."""
    published = None if now.published is None else dict(now.published.document)
    changes = [] if published is None else document_changes(published, now.shown.document)
    try:
        plan = now.shown.read()
    except FaultyFlowError:  # a draft of a release that took what this one does not: it is shown to be mended
        plan = None
    values = {
        "flow": dict(now.shown.document),
        "published": published,
        "changes": changes,
        "steps": [] if plan is None else step_views(plan),
        "inputs": [] if plan is None else _inputs(plan),
    }
    return FlowView.model_validate({**_item(now, runs), **values})


def _item(now: FlowNow, runs: Mapping[RunState, int]) -> dict[str, Any]:
    head, shown = now.head, now.shown
    steps = shown.document.get("steps")
    state = "published" if head.published is not None else "draft" if head.draft is not None else "retired"
    return {
        "flow_id": head.flow_id,
        "name": head.name,
        "description": shown.document.get("description", ""),
        "owner": shown.document.get("owner", ""),
        "state": state,
        "version": shown.ref.version,
        "published_version": head.published,
        "draft_version": head.draft,
        "actions": [str(one.get("action")) for one in steps if isinstance(one, dict)]
        if isinstance(steps, list)
        else [],
        "author": shown.author,
        "created_at": utc_text(head.created_at_ms),
        "updated_at": utc_text(head.updated_at_ms),
        "revision": head.revision,
        "runs": {state.value: count for state, count in runs.items()},
    }


def version_view(stored: StoredFlow) -> FlowVersionView:
    """Return one version."""
    return FlowVersionView(
        flow_id=stored.ref.flow_id,
        version=stored.ref.version,
        state=stored.state.value,
        author=stored.author,
        reason=stored.reason,
        created_at=utc_text(stored.created_at_ms),
        published_at=_instant(stored.published_at_ms),
        retired_at=_instant(stored.retired_at_ms),
        flow=dict(stored.document),
    )


def step_views(plan: Plan) -> list[PlannedStepView]:
    """Return the graph of a version."""
    return [PlannedStepView.model_validate(_planned(step)) for step in plan.steps]


def _planned(step: PlannedStep) -> dict[str, Any]:
    undone = "none" if not step.compensates else "own" if step.compensation is None else "other"
    return {
        "id": step.id,
        "title": step.title,
        "action": step.deed.kind,
        "needs": list(step.needs),
        "conditional": step.when is not None,
        "allow_failure": step.allow_failure,
        "compensation": undone,
        "max_attempts": step.policy.max_attempts,
        "timeout_s": step.policy.timeout_s,
        "deadline_s": step.deadline_s,
        "four_eyes": step.four_eyes,
    }


def _inputs(plan: Plan) -> list[FlowInput]:
    return [
        FlowInput(name=one.name, description=one.description, required=one.required, default=one.default)
        for one in plan.inputs
    ]


def run_item(run: Run, approvals: Sequence[str], *, now_ms: int) -> FlowRunItem:
    """Return a run in a list, with its steps that wait for somebody's approval."""
    return FlowRunItem.model_validate({**_run(run, now_ms), "approvals": list(approvals)})


def stat_view(stat: StepStat) -> FlowStepStat:
    """Return what a step takes."""
    return FlowStepStat.model_validate(asdict(stat))


def run_view(run: Run, plan: Plan, *, now_ms: int) -> FlowRunView:
    """Return a run with its steps."""
    orders = [*_ORDERS.get(run.state, ()), "replay"]
    waiting = [step.id for step in plan.steps if _is_asking(step, run.steps[step.id])]
    return FlowRunView.model_validate(
        {
            **_run(run, now_ms),
            "approvals": waiting,
            "steps": [_step(step, run.steps[step.id], now_ms) for step in plan.steps],
            "priority": plan.priority.word,
            "on_failure": plan.on_failure.value,
            "event": None if run.event is None else dict(run.event),
            "event_row_id": None if run.origin.event_row_id is None else str(run.origin.event_row_id),
            "event_kind": run.origin.event_kind,
            "input": dict(run.input),
            "inputs": _inputs(plan),
            "replay_from": run.origin.replay_from,
            "orders": orders,
        }
    )


def _is_asking(planned: PlannedStep, step: RunStep) -> bool:
    return planned.deed.kind == APPROVAL and step.state is StepState.RUNNING


def _run(run: Run, now_ms: int) -> dict[str, Any]:
    end_ms = run.finished_at_ms if run.state in OVER or run.is_resting else now_ms
    return {
        "run_id": run.run_id,
        "number": run.number,
        "flow_id": run.flow.flow_id,
        "version": run.flow.version,
        "name": run.name,
        "target": run.target,
        "state": run.state.value,
        "reason": run.reason,
        "started_by": run.origin.by,
        "rule_id": run.origin.rule_id,
        "rule_version": run.origin.rule_version,
        "replay_of": run.origin.replay_of,
        "steps_by_state": dict(Counter(step.state.value for step in run.steps.values())),
        "steps_total": len(run.steps),
        "created_at": utc_text(run.created_at_ms),
        "updated_at": utc_text(run.updated_at_ms),
        "finished_at": _instant(run.finished_at_ms),
        "duration_ms": max(0, (end_ms or now_ms) - run.created_at_ms),
        "revision": run.revision,
    }


def _step(planned: PlannedStep, step: RunStep, now_ms: int) -> FlowRunStepView:
    begun_ms, ended_ms = step.begun_at_ms, step.ended_at_ms
    return FlowRunStepView.model_validate(
        {
            **_planned(planned),
            "state": step.state.value,
            "tries": step.tries,
            "task_id": step.task_id,
            "undo_task_id": step.undo_task_id,
            "result": step.result,
            "reversible": step.reversible,
            "error": step.error,
            "error_class": step.error_class,
            "ended_no": step.ended_no,
            "reused": step.reused,
            "begun_at": _instant(begun_ms),
            "ended_at": _instant(ended_ms),
            "duration_ms": None if begun_ms is None else max(0, (ended_ms or now_ms) - begun_ms),
        }
    )


def line_view(line: Line) -> RunLine:
    """Return one line of a story."""
    return RunLine(
        number=line.number,
        at=utc_text(line.at_ms),
        what=line.what.value,
        step=line.step,
        who=line.who,
        message=line.message,
    )


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
