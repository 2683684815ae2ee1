"""/api/v1/flow-runs: runs of flows, looked at and steered; approvals given and refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.flows import Asking, FlowDesk, Running, run_by
from gwf.api.v1.flowviews import line_view, run_item, run_view
from gwf.core.clock import utc_text
from gwf.flows.ports import RunFilter
from gwf.flows.ports import RunPage as Place
from gwf.flows.run import Origin, RunState
from gwf.flows.runs import Look, Verdict
from gwf.flows.wishes import ReplayWish
from gwf.wire.flows import (
    FlowOrder,
    FlowRunPage,
    FlowRunTimeline,
    FlowRunView,
    RunCancelWish,
    RunReplayWish,
    RunStateName,
    StepName,
)

RunIdInPath = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
StepInPath = Annotated[StepName, Path()]
Approving = Annotated[Principal, require(Permission.FLOWS_APPROVE)]
Order = Annotated[FlowOrder, Body()]


def _narrowed(
    *,
    state: Annotated[list[RunStateName], Query(max_length=9, description="may be repeated")] = [],  # noqa: B006  # FastAPI copies defaults
    flow: Annotated[str, Query(max_length=100, description="id of the flow")] = "",
    rule: Annotated[str, Query(max_length=100, description="id of the rule that began it")] = "",
    waits: Annotated[bool, Query(description="only those that wait for somebody's approval")] = False,
    since: Instant = None,
    until: Instant = None,
    text: Annotated[str, Query(max_length=200, description="in id, name of the flow, target or reason")] = "",
) -> RunFilter:
    return RunFilter(
        states=frozenset(map(RunState, state)),
        flow_id=flow,
        rule_id=rule,
        waits=waits,
        since_ms=milliseconds(since),
        until_ms=milliseconds(until),
        text=text,
    )


Narrowed = Annotated[RunFilter, Depends(_narrowed)]


def run_routes(desk: FlowDesk) -> APIRouter:
    """Return the routes that show runs."""
    router = APIRouter(prefix="/flow-runs", tags=["flows"])
    runs = desk.runs

    @router.get("", summary="Runs of flows, newest first")
    async def list_flow_runs(
        who: Asking,
        wanted: Narrowed,
        *,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> FlowRunPage:
        found = await runs.look(who.tenant, wanted, Place(limit=limit, after=read_cursor(cursor)))
        return _page(found, limit, now_ms=runs.now_ms())

    @router.get("/{run_id}", summary="A run with its steps")
    async def get_flow_run(who: Asking, run_id: RunIdInPath) -> FlowRunView:
        found = await runs.get(who.tenant, run_id)
        return run_view(found.run, found.plan, now_ms=runs.now_ms())

    @router.get("/{run_id}/timeline", summary="The life of a run, oldest first")
    async def show_flow_run_timeline(who: Asking, run_id: RunIdInPath) -> FlowRunTimeline:
        run, lines = await runs.story(who.tenant, run_id)
        return FlowRunTimeline(items=[line_view(line) for line in lines], left_out=max(0, run.lines - len(lines)))

    return router


def _page(found: Look, limit: int, *, now_ms: int) -> FlowRunPage:
    last = found.items[-1] if len(found.items) == limit else None
    states: dict[str, int] = {}
    for by_state in (found.counts or {}).values():
        for state, count in by_state.items():
            states[state.value] = states.get(state.value, 0) + count
    is_first = found.counts is not None
    return FlowRunPage(
        items=[run_item(run, found.approvals.get(run.run_id, ()), now_ms=now_ms) for run in found.items],
        next_cursor=None if last is None else write_cursor(last.created_at_ms, last.run_id),
        total=sum(states.values()) if is_first else None,
        states=states if is_first else None,
        flows={flow: sum(counts.values()) for flow, counts in found.counts.items()}
        if found.counts is not None
        else None,
        waiting=found.waiting,
        as_of=utc_text(now_ms),
    )


def run_orders(desk: FlowDesk) -> APIRouter:
    """Return the routes that steer runs."""
    router = APIRouter(prefix="/flow-runs", tags=["flows"], route_class=ActRoute)
    runs = desk.runs

    @router.post("/{run_id}:pause", summary="Let no further step begin; what runs comes to its end")
    async def pause_flow_run(request: Request, who: Running, run_id: RunIdInPath, order: Order) -> FlowRunView:
        return await desk.shown(await runs.pause(run_id, run_by(request, who, order.reason)))

    @router.post("/{run_id}:resume", summary="Go on: after a pause, from what failed, or with what cannot be undone")
    async def resume_flow_run(request: Request, who: Running, run_id: RunIdInPath, order: Order) -> FlowRunView:
        return await desk.shown(await runs.resume(run_id, run_by(request, who, order.reason)))

    @router.post("/{run_id}:cancel", summary="End a run; what was done is undone, the last first, unless undo is false")
    async def cancel_flow_run(
        request: Request, who: Running, run_id: RunIdInPath, wish: Annotated[RunCancelWish, Body()]
    ) -> FlowRunView:
        return await desk.shown(await runs.cancel(run_id, run_by(request, who, wish.reason), undo=wish.undo))

    @router.post("/{run_id}:compensate", summary="Have undone what a run did that has ended")
    async def compensate_flow_run(request: Request, who: Running, run_id: RunIdInPath, order: Order) -> FlowRunView:
        return await desk.shown(await runs.compensate(run_id, run_by(request, who, order.reason)))

    @router.post("/{run_id}:replay", status_code=201, summary="Begin a run that does this one again, wholly or in part")
    async def replay_flow_run(
        request: Request, who: Running, run_id: RunIdInPath, wish: Annotated[RunReplayWish, Body()]
    ) -> FlowRunView:
        by = run_by(request, who, wish.reason)
        origin, newest = Origin(by=who.name, actor_id=by.actor.id), wish.version == "published"
        wanted = ReplayWish(origin=origin, step=wish.from_step, newest=newest, input=wish.input)
        return await desk.shown(await runs.replay(run_id, by, wanted))

    @router.post("/{run_id}/steps/{step}:approve", summary="Give the approval that a step asks for")
    async def approve_flow_step(
        request: Request, who: Approving, run_id: RunIdInPath, step: StepInPath, order: Order
    ) -> FlowRunView:
        verdict = Verdict(step=step, is_given=True)
        return await desk.shown(await runs.decide(run_id, verdict, run_by(request, who, order.reason)))

    @router.post("/{run_id}/steps/{step}:refuse", summary="Refuse the approval that a step asks for: the step fails")
    async def refuse_flow_step(
        request: Request, who: Approving, run_id: RunIdInPath, step: StepInPath, order: Order
    ) -> FlowRunView:
        verdict = Verdict(step=step, is_given=False)
        return await desk.shown(await runs.decide(run_id, verdict, run_by(request, who, order.reason)))

    return router
