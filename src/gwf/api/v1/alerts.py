"""/api/v1/alerts: what is wrong, why people were told or not, and what they do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.alerts.run.desk import AlertDesk
from gwf.alerts.run.explain import Explainer
from gwf.alerts.run.model import Act
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertviews import alert_detail, explanation_view, outcome_view, why_view
from gwf.api.v1.author import word
from gwf.api.v1.events import RowId, number_of
from gwf.rules.decision import EventKind, EventRef
from gwf.wire.alerts import (
    AlertDetail,
    AlertExplanation,
    AlertOrder,
    AlertOrderOutcome,
    AlertsOrder,
    EventWhy,
)

AlertInPath = Annotated[str, Path(pattern=r"^alt_[0-9a-f]{24}$", max_length=40)]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
Acting = Annotated[Principal, require(Permission.ALERTS_ACT)]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=200)]], Query(max_length=100)]


def alert_routes(desk: AlertDesk, explainer: Explainer) -> APIRouter:
    """Return the routes that show alerts."""
    router = APIRouter(prefix="/alerts", tags=["alerts"])

    @router.get("/{alert_id}", summary="An alert, what led to it, and who was told")
    async def get_alert(who: Reading, alert_id: AlertInPath) -> AlertDetail:
        return alert_detail(await desk.get(who.tenant, alert_id))

    @router.get("/{alert_id}/explain", summary="Each stage of an alert with its values, and its rule asked again")
    async def explain_alert(who: Reading, alert_id: AlertInPath) -> AlertExplanation:
        return explanation_view(await explainer.explain(who.tenant, alert_id))

    return router


def alert_reasons(explainer: Explainer) -> APIRouter:
    """Return the routes that tell why an event alerted people, or nobody."""
    router = APIRouter(tags=["alerts"])

    @router.get("/events/{row_id}/why", summary="Why an event alerted people, or nobody")
    async def explain_event(who: Reading, row_id: RowId) -> EventWhy:
        return why_view(await explainer.why(EventRef(who.tenant, EventKind.EVENT, number_of(row_id))))

    @router.get("/file-events/{row_id}/why", summary="Why an event of a file alerted people, or nobody")
    async def explain_file_event(who: Reading, row_id: RowId) -> EventWhy:
        return why_view(await explainer.why(EventRef(who.tenant, EventKind.FILE, number_of(row_id))))

    return router


Ordered = Callable[[tuple[Request, Principal], Act, tuple[AlertOrder, list[str]]], Awaitable[AlertOrderOutcome]]


def _ordered(desk: AlertDesk) -> Ordered:
    async def ordered(
        asked: tuple[Request, Principal], act: Act, told: tuple[AlertOrder, list[str]]
    ) -> AlertOrderOutcome:
        (request, who), (order, ids) = asked, told
        by = caller_of(request, who, word(order.reason))
        return outcome_view(act, await desk.order(act, who.tenant, ids, by=by))

    return ordered


def alert_orders(desk: AlertDesk) -> APIRouter:
    """Return the routes by which people act on alerts."""
    router = APIRouter(tags=["alerts"], route_class=ActRoute)

    ordered = _ordered(desk)

    @router.post("/alerts/{alert_id}:acknowledge", summary="Take an alert: nobody further is told, until it gets worse")
    async def acknowledge_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.ACKNOWLEDGE, (order, [alert_id]))

    @router.post("/alerts/{alert_id}:release", summary="Give an alert back: its chain begins anew")
    async def release_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RELEASE, (order, [alert_id]))

    @router.post("/alerts/{alert_id}:resolve", summary="End an alert; when it is seen again it is another one")
    async def resolve_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RESOLVE, (order, [alert_id]))

    @router.post("/alerts/{alert_id}:claim", summary="Take an alert that nobody has, or over from somebody else")
    async def claim_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.CLAIM, (order, [alert_id]))

    @router.post("/alerts/{alert_id}:escalate", summary="Have the next level of the chain told now")
    async def escalate_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.ESCALATE, (order, [alert_id]))

    return router


def alert_bulk_orders(desk: AlertDesk) -> APIRouter:
    """Return the routes by which people act on several alerts at once."""
    router = APIRouter(tags=["alerts"], route_class=ActRoute)
    ordered = _ordered(desk)

    @router.post("/alerts:acknowledge", summary="Take several alerts")
    async def acknowledge_alerts(
        request: Request, who: Acting, order: Annotated[AlertsOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.ACKNOWLEDGE, (order, order.alert_ids))

    @router.post("/alerts:resolve", summary="End several alerts")
    async def resolve_alerts(request: Request, who: Acting, order: Annotated[AlertsOrder, Body()]) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RESOLVE, (order, order.alert_ids))

    return router
