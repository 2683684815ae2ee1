"""/api/v1/alerts: lists of alerts, over time and summed up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gwf.alerts.life.model import AlertStatus
from gwf.alerts.run.desk import AlertDesk
from gwf.alerts.run.model import AlertFilter, Between, GroupBy, Telling
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertviews import histogram_view, listed, sum_view
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.span import InTime
from gwf.core.clock import utc_text
from gwf.core.errors import InputError
from gwf.events.model import SEVERITY_OF_WORD
from gwf.wire.alerts import (
    AlertFacets,
    AlertGroupByName,
    AlertHistogram,
    AlertPage,
    AlertStatusName,
    AlertSums,
    AlertTellingName,
)
from gwf.wire.events import SeverityName

Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
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
    began_since: Annotated[Instant, Query(description="began at or after")] = None,
    began_until: Annotated[Instant, Query(description="began before")] = None,
    telling: Annotated[list[AlertTellingName], Query(max_length=3, description="what became of telling people")] = [],  # noqa: B006
    group: Words = [],  # noqa: B006
    held: Annotated[bool | None, Query(description="that a silence or another alert keeps from being told")] = None,
) -> AlertFilter:
    return AlertFilter(
        statuses=frozenset(map(AlertStatus, status)),
        severities=frozenset(SEVERITY_OF_WORD[one] for one in severity),
        rules=frozenset(rule), owners=frozenset(owner), labels=tuple(map(_pair, label)), text=text,
        since_ms=milliseconds(since), until_ms=milliseconds(until), held=held,
        began_since_ms=milliseconds(began_since), began_until_ms=milliseconds(began_until),
        tellings=frozenset(map(Telling, telling)), groups=frozenset(group),
    )  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise InputError("a label is asked for as name=value", field="label", value=text)
    return name, value


Narrowed = Annotated[AlertFilter, Depends(_narrowed)]


def alert_list_routes(desk: AlertDesk) -> APIRouter:
    """Return the routes that show many alerts; stand before those of one alert."""
    router = APIRouter(prefix="/alerts", tags=["alerts"])

    @router.get("", summary="Alerts, those seen last before others")
    async def list_alerts(
        who: Reading,
        wanted: Narrowed,
        *,
        facets: Annotated[bool, Query(description="count by status, severity, rule and owner too")] = False,
        days: Annotated[bool, Query(description="tell of each how often there was the same trouble lately")] = False,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> AlertPage:
        found = await desk.look(who.tenant, wanted, limit=limit, after=read_cursor(cursor), facets=facets, days=days)
        last = found.items[-1].alert if len(found.items) == limit else None
        return AlertPage(
            items=[listed(one, found.days if days else None) for one in found.items],
            next_cursor=None if last is None else write_cursor(last.seen_at_ms, last.id),
            total=found.total,
            facets=None if found.facets is None else AlertFacets.model_validate(found.facets),
            as_of=utc_text(desk.now_ms()),
        )

    @router.get("/histogram", summary="How many alerts began over a time, by what became of telling people")
    async def get_alert_histogram(who: Reading, wanted: Narrowed, window: InTime) -> AlertHistogram:
        return histogram_view(await desk.begun(who.tenant, wanted, Between(window.since_ms, window.until_ms)))

    @router.get("/sums", summary="Alerts summed up by rule, group or fingerprint, the worst and most first")
    async def list_alert_sums(
        who: Reading, wanted: Narrowed, by: Annotated[AlertGroupByName, Query()] = "rule"
    ) -> AlertSums:
        found = await desk.sums(who.tenant, wanted, GroupBy(by))
        return AlertSums(items=[sum_view(one) for one in found], as_of=utc_text(desk.now_ms()))

    return router
