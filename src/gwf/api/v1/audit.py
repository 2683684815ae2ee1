"""/api/v1/audit: who changed what, the check of the whole record, its export."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from gwf.api.caller import actor_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.names import Names
from gwf.api.problems import request_id_of
from gwf.api.v1.audit_filters import Filters, Reader
from gwf.api.v1.auditviews import entry_view, named_in
from gwf.audit.model import Head
from gwf.audit.service import AuditService, Check
from gwf.core.clock import utc_text
from gwf.wire.audit import (
    AuditCheck,
    AuditFault,
    AuditHead,
    AuditPage,
    AuditView,
)

_MAX_SEQ = 2**63 - 1


def audit_routes(audit: AuditService, names: Names) -> APIRouter:
    """Return the routes that read `audit`; `names` says how people call what it names by ids."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit", summary="Entries of the audit, newest first")
    async def list_audit(
        who: Reader,
        asked: Filters,
        *,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> AuditPage:
        place = read_cursor(cursor)
        page = await audit.page(who.tenant, asked.wanted, below=None if place is None else place[0], limit=limit)
        more = None if page.next_below is None else write_cursor(page.next_below, "")
        known = await names.of(who.tenant, named_in(page.rows))
        return AuditPage(items=[entry_view(row, known) for row in page.rows], next_cursor=more)

    @router.get("/audit/{seq}", summary="One entry")
    async def get_audit_entry(who: Reader, seq: Annotated[int, Path(ge=1, le=_MAX_SEQ)]) -> AuditView:
        row = await audit.get(who.tenant, seq)
        return entry_view(row, await names.of(who.tenant, named_in([row])))

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
