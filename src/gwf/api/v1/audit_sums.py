"""/api/v1/audit:summary, :values and :extract: how many entries a filter lets through, and exactly those as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from gwf.api.names import Named, Names, Ref, name_of
from gwf.api.v1.audit_filters import EPOCH, Filters, Reader
from gwf.audit.ports import Of, Summary, Value, ValueWish
from gwf.audit.service import AuditService
from gwf.wire.audit import AuditCount, AuditDay, AuditSummary, AuditValues

MOST_ACTORS = 2_000  #: whose names are looked through


def audit_sums(audit: AuditService, names: Names) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit:summary", summary="How many entries fit, day by day, and who did what how often")
    async def summarize_audit(
        who: Reader,
        asked: Filters,
        *,
        utc_offset_min: Annotated[int, Query(ge=-720, le=840, description="where days begin: east is positive")] = 0,
    ) -> AuditSummary:
        found = await audit.summary(who.tenant, asked.wanted, shift_ms=utc_offset_min * 60_000)
        known = await names.of(who.tenant, {(kind, actor) for kind, actor, _ in found.actors})
        return _view(found, known)

    @router.get(
        "/audit:extract",
        summary="Exactly the entries that fit, as JSON lines with the filters and a checksum",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    )
    async def extract_audit(who: Reader, asked: Filters) -> StreamingResponse:
        return StreamingResponse(
            audit.extract(who.tenant, asked.wanted, asked.said),
            media_type="application/x-ndjson",
            headers={
                "Content-Disposition": 'attachment; filename="gwf-audit-extract.ndjson"',
                "Cache-Control": "no-store",
            },
        )

    return router


def audit_values(audit: AuditService, names: Names) -> APIRouter:
    """Return the route that searches values of filters."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit:values", summary="Values that a filter can be set to, searched by a text")
    async def list_audit_values(
        who: Reader,
        asked: Filters,
        *,
        of: Annotated[Of, Query(description="the filter")],
        find: Annotated[str, Query(max_length=200, description="part of the value or of its name")] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> AuditValues:
        wish = ValueWish(of=of, text=find, most=limit)
        if of is not Of.ACTOR or not find:
            found = await audit.values(who.tenant, asked.wanted, wish)
            known = await names.of(who.tenant, {(one.kind, one.value) for one in found if one.kind})
            return AuditValues(items=[_count(one, known) for one in found])
        # people are looked for by name, which the record does not hold
        found = await audit.values(who.tenant, asked.wanted, ValueWish(of=of, most=MOST_ACTORS))
        known = await names.of(who.tenant, {(one.kind, one.value) for one in found})
        items = [_count(one, known) for one in found]
        part = find.casefold()
        return AuditValues(items=[one for one in items if part in f"{one.value} {one.name}".casefold()][:limit])

    return router


def _count(one: Value, known: Mapping[Ref, Named]) -> AuditCount:
    return AuditCount(value=one.value, kind=one.kind, name=name_of(known, (one.kind, one.value)), count=one.count)


def _view(found: Summary, known: Mapping[Ref, Named]) -> AuditSummary:
    return AuditSummary(
        total=found.total,
        complete=found.complete,
        days=[AuditDay(day=_day(day), actor_kind=kind, count=count) for day, kind, count in found.days],
        actors=[
            AuditCount(value=actor, kind=kind, name=name_of(known, (kind, actor)), count=count)
            for kind, actor, count in found.actors
        ],
        actions=[AuditCount(value=action, count=count) for action, count in found.actions],
        resource_kinds=[AuditCount(value=kind, count=count) for kind, count in found.resource_kinds],
    )


def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).date().isoformat()
