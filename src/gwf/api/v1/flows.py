"""/api/v1/flows: several tasks that belong together; drafts, versions, publishing and back, beginning runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.bodies import BadBodyError
from gwf.api.caller import actor_of, caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.v1.author import word
from gwf.api.v1.events import number_of
from gwf.api.v1.flowviews import flow_item, flow_view, run_view, stat_view, step_views, version_view
from gwf.api.v1.typed import document_of_json, document_of_yaml
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import utc_text
from gwf.flows.model import FlowVersion
from gwf.flows.ports import RunFilter
from gwf.flows.run import Origin, Run, RunState
from gwf.flows.runs import RunService
from gwf.flows.service import MAX_HISTORY, FlowNow, FlowService
from gwf.flows.times import MAX_RUNS
from gwf.flows.wishes import RunWish
from gwf.rules.decided import Events
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults, placed
from gwf.rules.sample import read_sample
from gwf.tasks.keeping import By
from gwf.wire.flows import (
    FlowCheck,
    FlowCheckWish,
    FlowOrder,
    FlowPage,
    FlowRollbackWish,
    FlowRunOutcome,
    FlowRunView,
    FlowStepStats,
    FlowVersionPage,
    FlowVersionView,
    FlowView,
    FlowWish,
    RunWishBody,
)

FlowId = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Asking = Annotated[Principal, require(Permission.FLOWS_READ)]
Writing = Annotated[Principal, require(Permission.FLOWS_WRITE)]
Publishing = Annotated[Principal, require(Permission.FLOWS_PUBLISH)]
Running = Annotated[Principal, require(Permission.FLOWS_RUN)]
ReasonInQuery = Annotated[str, Query(max_length=1_000, description="why, for the record")]


class FlowDesk:
    """What the routes ask: flows, their runs, and stored events that runs may be about."""

    def __init__(self, service: FlowService, runs: RunService, events: Events) -> None:
        """Keep the parts."""
        self.service = service
        self.runs = runs
        self._events = events

    async def page(self, tenant: str) -> FlowPage:
        """Return all flows."""
        found = await self.service.flows(tenant)
        counts = await self.runs.counts(tenant, RunFilter())
        items = [flow_item(now, counts.get(now.head.flow_id, {})) for now in found]
        return FlowPage(items=items, total=len(items), as_of=utc_text(self.runs.now_ms()))

    async def view(self, now: FlowNow) -> FlowView:
        """Return one flow."""
        return flow_view(now, await self._counts(now.head.tenant, now.head.flow_id))

    async def _counts(self, tenant: str, flow_id: str) -> Mapping[RunState, int]:
        return (await self.runs.counts(tenant, RunFilter(flow_id=flow_id))).get(flow_id, {})

    async def shown(self, run: Run) -> FlowRunView:
        """Return a run with its steps."""
        found = await self.runs.get(run.tenant, run.run_id)
        return run_view(found.run, found.plan, now_ms=self.runs.now_ms())

    async def event(self, wish: RunWishBody, tenant: str) -> Facts | None:
        """Return the event that a run is to be about; None when the wish names none.

        Raises:
            BadBodyError: It names several.
            FaultyRuleError: The event that was made up is wrong.
            NotFoundError: There is no such stored event.
        """
        given = [name for name in ("event", "path", "row_id") if getattr(wish, name) is not None]
        if len(given) > 1:
            raise BadBodyError("at most one of event, path and row_id", pointer="/body", code="one_of")
        if wish.row_id is not None:
            return await self._events.one(EventRef(tenant, EventKind(wish.kind), number_of(wish.row_id)))
        if wish.event is None and wish.path is None:
            return None
        if wish.path is not None and wish.agent_id is not None:
            told = await self._events.find_of_file(tenant, wish.agent_id, wish.path)
            if told is not None:  # the life of the file names the run
                return told
        faults = Faults()
        made = {"path": wish.path, **({} if wish.agent_id is None else {"agent_id": wish.agent_id})}
        value = made if wish.event is None else wish.event
        at = "" if wish.event is None else "/event"
        facts = read_sample(value, at, faults, tenant=tenant, now_ms=self.runs.now_ms())
        faults.raise_any()
        return facts

    def checked(self, wish: FlowCheckWish) -> FlowCheck:
        """Return what is wrong with a flow.

        Raises:
            BadBodyError: Both forms of the flow were sent, or none.
        """
        if (wish.flow is None) is (wish.text is None):
            raise BadBodyError("exactly one of flow and text is needed", pointer="/body", code="one_of")
        read = document_of_json(wish.flow) if wish.flow is not None else document_of_yaml(wish.text or "")
        told, document = read.faults(()), read.document
        if document is None:
            return FlowCheck(flow=None, text=read.text, faults=told, steps=[])
        try:
            plan = self.service.checked(document)
        except FaultyDocumentError as exc:
            return FlowCheck(flow=document, text=read.text, faults=read.faults(exc.faults), steps=[])
        return FlowCheck(flow=document, text=read.text, faults=told, steps=step_views(plan))


def flow_routes(desk: FlowDesk) -> APIRouter:
    """Return the routes that show flows."""
    router = APIRouter(prefix="/flows", tags=["flows"])
    flows = desk.service

    @router.get("", summary="All flows, by name")
    async def list_flows(who: Asking) -> FlowPage:
        return await desk.page(who.tenant)

    @router.get("/{flow_id}", summary="One flow with its draft and what is published")
    async def get_flow(who: Asking, flow_id: FlowId) -> FlowView:
        return await desk.view(await flows.flow(who.tenant, flow_id))

    @router.get("/{flow_id}/step-times", summary="How long each step takes, over the newest runs")
    async def list_flow_step_times(who: Asking, flow_id: FlowId) -> FlowStepStats:
        found = await desk.runs.step_stats(who.tenant, flow_id)
        return FlowStepStats(items=[stat_view(one) for one in found], most_runs=MAX_RUNS)

    @router.get("/{flow_id}/versions", summary="Versions of a flow, newest first")
    async def list_flow_versions(
        who: Asking,
        flow_id: FlowId,
        *,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="next_before of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = 50,
    ) -> FlowVersionPage:
        found = await flows.history(who.tenant, flow_id, before=before, limit=limit)
        more = len(found) == limit and found[-1].ref.version > 1
        return FlowVersionPage(
            items=[version_view(one) for one in found], next_before=found[-1].ref.version if more else None
        )

    @router.get("/{flow_id}/versions/{version}", summary="One version of a flow")
    async def get_flow_version(who: Asking, flow_id: FlowId, version: Number) -> FlowVersionView:
        return version_view(await flows.version(who.tenant, FlowVersion(flow_id, version)))

    return router


def flow_checks(desk: FlowDesk) -> APIRouter:
    """Return the route that looks at a flow as it is being written."""
    router = APIRouter(tags=["flows"])

    @router.post("/flows:check", summary="What is wrong with a flow, as JSON or YAML; nothing is kept")
    async def check_flow(who: Writing, wish: Annotated[FlowCheckWish, Body()]) -> FlowCheck:  # noqa: ARG001  # the permission is asked for
        return desk.checked(wish)

    return router


def flow_orders(desk: FlowDesk) -> APIRouter:
    """Return the routes that write flows and let runs begin by them."""
    router = APIRouter(prefix="/flows", tags=["flows"], route_class=ActRoute)
    flows = desk.service

    @router.post("", status_code=201, summary="Write the first draft of a flow; no run begins before it is published")
    async def create_flow(request: Request, who: Writing, wish: Annotated[FlowWish, Body()]) -> FlowView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/flow"):
            return await desk.view(await flows.create(who.tenant, wish.flow, by=by))

    @router.put("/{flow_id}", summary="Write the draft of a flow, whole; what is published stays so")
    async def write_flow(
        request: Request, who: Writing, flow_id: FlowId, wish: Annotated[FlowWish, Body()]
    ) -> FlowView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/flow"):
            return await desk.view(await flows.write(who.tenant, flow_id, wish.flow, by=by))

    @router.delete("/{flow_id}/draft", summary="Throw the draft away of a flow that has been published")
    async def discard_flow_draft(
        request: Request, who: Writing, flow_id: FlowId, *, reason: ReasonInQuery = ""
    ) -> FlowView:
        by = caller_of(request, who, word(reason))
        return await desk.view(await flows.discard(who.tenant, flow_id, by=by))

    @router.post("/{flow_id}:publish", summary="Let runs begin by the draft; those under way keep their version")
    async def publish_flow(
        request: Request, who: Publishing, flow_id: FlowId, order: Annotated[FlowOrder, Body()]
    ) -> FlowView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await flows.publish(who.tenant, flow_id, by=by))

    @router.post("/{flow_id}:rollback", summary="Publish the content of an old version, as a new version")
    async def rollback_flow(
        request: Request, who: Publishing, flow_id: FlowId, wish: Annotated[FlowRollbackWish, Body()]
    ) -> FlowView:
        by = caller_of(request, who, word(wish.reason))
        return await desk.view(await flows.go_back(who.tenant, flow_id, wish.version, by=by))

    @router.post("/{flow_id}:retire", summary="Let no further run begin; those under way go on")
    async def retire_flow(
        request: Request, who: Publishing, flow_id: FlowId, order: Annotated[FlowOrder, Body()]
    ) -> FlowView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await flows.retire(who.tenant, flow_id, by=by))

    return router


def run_beginnings(desk: FlowDesk) -> APIRouter:
    """Return the route that begins runs."""
    router = APIRouter(prefix="/flows", tags=["flows"], route_class=ActRoute)

    @router.post("/{flow_id}:run", status_code=201, summary="Begin a run, by hand or about an event")
    async def run_flow(
        request: Request, who: Running, flow_id: FlowId, wish: Annotated[RunWishBody, Body()]
    ) -> FlowRunOutcome:
        by = run_by(request, who, wish.reason)
        event = await desk.event(wish, who.tenant)
        origin = Origin(by=who.name, actor_id=by.actor.id)
        wanted = RunWish(flow=flow_id, event=event, input=wish.input, key=wish.key, origin=origin)
        started = await desk.runs.start(wanted, by)
        return FlowRunOutcome(run=await desk.shown(started.run), created=started.is_new)

    return router


def run_by(request: Request, who: Principal, reason: str) -> By:
    """Return on whose behalf a run is moved."""
    actor, request_id = actor_of(request, who), request_id_of(request.scope)
    return By(tenant=who.tenant, actor=actor, reason=word(reason), request_id=request_id, name=who.name)
