"""/api/v1/audit: who changed what, the check of the whole record, its export."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from gwf.api.caller import actor_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.recorded import changes_of, detail_of
from gwf.audit.model import AuditRow, Head
from gwf.audit.ports import AuditFilter
from gwf.audit.service import AuditService, Check
from gwf.core.clock import utc_text
from gwf.wire.audit import (
    AuditActor,
    AuditCheck,
    AuditFault,
    AuditHead,
    AuditPage,
    AuditResource,
    AuditView,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SEQ = 2**63 - 1

Word = Annotated[str, Query(max_length=200)]
Reader = Annotated[Principal, require(Permission.AUDIT_READ)]
Instant = Annotated[datetime | None, Query(description="RFC 3339; without a zone it is UTC")]


def audit_routes(audit: AuditService) -> APIRouter:
    """Return the routes that read `audit`."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit", summary="Entries of the audit, newest first")
    async def list_audit(
        who: Reader,
        *,
        actor_kind: Word = "",
        actor: Annotated[str, Query(max_length=200, description="id of who acted")] = "",
        action: Annotated[str, Query(max_length=200, description="whole, or `agent.` for all about agents")] = "",
        resource_kind: Word = "",
        resource: Annotated[str, Query(max_length=200, description="id of what was acted upon")] = "",
        since: Instant = None,
        until: Instant = None,
        q: Annotated[str, Query(max_length=200, description="part of any text of an entry")] = "",
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> AuditPage:
        wanted = AuditFilter(
            actor_kind=actor_kind, actor_id=actor, action=action, resource_id=resource,
            resource_kinds=frozenset({resource_kind} - {""}),
            since_ms=_ms(since), until_ms=_ms(until), text=q,
        )  # fmt: skip
        place = read_cursor(cursor)
        page = await audit.page(who.tenant, wanted, below=None if place is None else place[0], limit=limit)
        more = None if page.next_below is None else write_cursor(page.next_below, "")
        return AuditPage(items=[_view(row) for row in page.rows], next_cursor=more)

    @router.get("/audit/{seq}", summary="One entry")
    async def get_audit_entry(who: Reader, seq: Annotated[int, Path(ge=1, le=_MAX_SEQ)]) -> AuditView:
        return _view(await audit.get(who.tenant, seq))

    @router.get("/audit:head", summary="Where the record ends: to be written down elsewhere")
    async def get_audit_head(who: Reader) -> AuditHead:
        return _head(await audit.head(who.tenant))

    return router


def audit_checks(audit: AuditService) -> APIRouter:
    """Return the routes that have the whole record checked, and take it out."""
    router = APIRouter(tags=["audit"])

    @router.post("/audit:verify", status_code=202, summary="Begin a check of the whole record")
    async def verify_audit(request: Request, who: Reader) -> AuditCheck:
        actor, request_id = actor_of(request, who), request_id_of(request.scope)
        return _check(await audit.check(who.tenant, actor=actor, request_id=request_id))

    @router.get("/audit:verify", summary="The check that is under way, or the last one since the start")
    async def get_audit_check(who: Reader) -> AuditCheck | None:
        check = audit.last_check(who.tenant)
        return None if check is None else _check(check)

    @router.get(
        "/audit:export",
        summary="The whole record as JSON lines with head record, as `gwf audit verify --file` takes it",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    )
    async def export_audit(
        who: Reader, after: Annotated[int, Query(ge=0, le=_MAX_SEQ, description="entries behind this one")] = 0
    ) -> StreamingResponse:
        if after:
            await audit.get(who.tenant, after)  # what is missing is told before the first byte is sent
        return StreamingResponse(
            audit.export(who.tenant, after=after),
            media_type="application/x-ndjson",
            headers={"Content-Disposition": 'attachment; filename="gwf-audit.ndjson"', "Cache-Control": "no-store"},
        )

    return router


def _ms(at: datetime | None) -> int | None:
    if at is None:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def _view(row: AuditRow) -> AuditView:
    return AuditView(
        seq=row.seq,
        at=utc_text(row.at_ms),
        actor=AuditActor(kind=row.actor_kind, id=row.actor_id, address=row.address),
        action=row.action,
        resource=AuditResource(kind=row.resource_kind, id=row.resource_id),
        reason=row.reason,
        request_id=row.request_id,
        changes=changes_of(row),
        detail=detail_of(row),
        hash=row.hash.hex(),
    )


def _head(head: Head) -> AuditHead:
    return AuditHead(seq=head.seq, hash=head.hash.hex())


def _check(check: Check) -> AuditCheck:
    verdict = check.verdict
    fault = verdict.fault if verdict is not None else None
    if check.is_running:
        state = "running"
    elif verdict is None:
        state = "failed"
    else:
        state = "sound" if verdict.sound else "broken"
    return AuditCheck(
        state=state,
        started_at=utc_text(check.started_at_ms),
        ended_at=None if check.ended_at_ms is None else utc_text(check.ended_at_ms),
        rows_done=check.rows_done,
        rows_total=check.rows_total,
        head=None if verdict is None else _head(verdict.head),
        fault=None if fault is None else AuditFault(kind=fault.kind.value, seq=fault.seq, message=fault.says),
        problem=check.problem,
    )
