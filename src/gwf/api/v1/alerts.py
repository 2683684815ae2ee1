"""/api/v1/alerts: what is wrong, why people were told or not, and what they do about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.alerts.life.model import AlertStatus
from gwf.alerts.run.desk import AlertDesk
from gwf.alerts.run.explain import Explainer
from gwf.alerts.run.model import Act, AlertFilter
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertviews import alert_detail, alert_item, explanation_view, outcome_view, why_view
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.author import word
from gwf.api.v1.events import RowId, number_of
from gwf.core.clock import utc_text
from gwf.core.errors import InputError
from gwf.events.model import SEVERITY_OF_WORD
from gwf.rules.decision import EventKind, EventRef
from gwf.wire.alerts import (
    AlertDetail,
    AlertExplanation,
    AlertFacets,
    AlertOrder,
    AlertOrderOutcome,
    AlertPage,
    AlertsOrder,
    AlertStatusName,
    EventWhy,
)
from gwf.wire.events import SeverityName

AlertInPath = Annotated[str, Path(pattern=r"^alt_[0-9a-f]{24}$", max_length=40)]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
Acting = Annotated[Principal, require(Permission.ALERTS_ACT)]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=200)]], Query(max_length=100)]


def _narrowed(
    *,
    status: Annotated[list[AlertStatusName], Query(max_length=3, description="may be repeated, as every filter")] = [],  # noqa: B006  # FastAPI copies defaults
    severity: Annotated[list[SeverityName], Query(max_length=6)] = [],  # noqa: B006
    rule: Words = [],  # noqa: B006
    owner: Words = [],  # noqa: B006
    label: Annotated[
        list[Annotated[str, Query(min_length=3, max_length=500)]],
        Query(max_length=20, description="a label with its value, such as site=sh"),
    ] = [],  # noqa: B006
    text: Annotated[str, Query(max_length=200, description="in title, rule or id")] = "",
    since: Instant = None,
    until: Instant = None,
    held: Annotated[bool | None, Query(description="that a silence or another alert keeps from being told")] = None,
) -> AlertFilter:
    return AlertFilter(
        statuses=frozenset(map(AlertStatus, status)),
        severities=frozenset(SEVERITY_OF_WORD[one] for one in severity),
        rules=frozenset(rule), owners=frozenset(owner), labels=tuple(map(_pair, label)), text=text,
        since_ms=milliseconds(since), until_ms=milliseconds(until), held=held,
    )  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise InputError("a label is asked for as name=value", field="label", value=text)
    return name, value


Narrowed = Annotated[AlertFilter, Depends(_narrowed)]


def alert_routes(desk: AlertDesk, explainer: Explainer) -> APIRouter:
    """Return the routes that show alerts."""
    router = APIRouter(prefix="/alerts", tags=["alerts"])

    @router.get("", summary="Alerts, those seen last before others")
    async def list_alerts(
        who: Reading,
        wanted: Narrowed,
        *,
        facets: Annotated[bool, Query(description="count by status, severity, rule and owner too")] = False,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> AlertPage:
        found = await desk.look(who.tenant, wanted, limit=limit, after=read_cursor(cursor), facets=facets)
        last = found.items[-1].alert if len(found.items) == limit else None
        return AlertPage(
            items=[alert_item(one) for one in found.items],
            next_cursor=None if last is None else write_cursor(last.seen_at_ms, last.id),
            total=found.total,
            facets=None if found.facets is None else AlertFacets.model_validate(found.facets),
            as_of=utc_text(desk.now_ms()),
        )

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


def alert_orders(desk: AlertDesk) -> APIRouter:
    """Return the routes by which people act on alerts."""
    router = APIRouter(tags=["alerts"], route_class=ActRoute)

    async def ordered(
        asked: tuple[Request, Principal], act: Act, order: AlertOrder, *, ids: list[str]
    ) -> AlertOrderOutcome:
        request, who = asked
        by = caller_of(request, who, word(order.reason))
        return outcome_view(act, await desk.order(act, who.tenant, ids, by=by))

    @router.post("/alerts/{alert_id}:acknowledge", summary="Take an alert: nobody further is told, until it gets worse")
    async def acknowledge_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.ACKNOWLEDGE, order, ids=[alert_id])

    @router.post("/alerts/{alert_id}:release", summary="Give an alert back: its chain begins anew")
    async def release_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RELEASE, order, ids=[alert_id])

    @router.post("/alerts/{alert_id}:resolve", summary="End an alert; when it is seen again it is another one")
    async def resolve_alert(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RESOLVE, order, ids=[alert_id])

    @router.post("/alerts:acknowledge", summary="Take several alerts")
    async def acknowledge_alerts(
        request: Request, who: Acting, order: Annotated[AlertsOrder, Body()]
    ) -> AlertOrderOutcome:
        return await ordered((request, who), Act.ACKNOWLEDGE, order, ids=order.alert_ids)

    @router.post("/alerts:resolve", summary="End several alerts")
    async def resolve_alerts(request: Request, who: Acting, order: Annotated[AlertsOrder, Body()]) -> AlertOrderOutcome:
        return await ordered((request, who), Act.RESOLVE, order, ids=order.alert_ids)

    return router
