"""/api/control/audit: what was done to agents and tasks, as far as the Go version knew of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from gwf.api.legacy.control_words import ACTIONS, action_of, audit_body, positive
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute, allowed
from gwf.audit.ports import AuditFilter
from gwf.audit.service import AuditService
from gwf.identity.permissions import Permission

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)")


def audit_route(audit: AuditService) -> LegacyRoute:
    """Return the route; what the Go version did not record is seen in /api/v1/audit only, or by its name."""

    async def listed(request: LegacyRequest) -> Response:
        tenant = allowed(request, Permission.AUDIT_READ)
        since_ms, until_ms = _instant(request, "from"), _instant(request, "to")
        if since_ms is not None and until_ms is not None and since_ms > until_ms:
            raise LegacyError(400, "invalid range: from must be <= to")
        kind, action = _text(request, "resourceType"), _text(request, "action")
        wanted = AuditFilter(
            actor_id=_text(request, "operator"),
            actions=frozenset({action_of(action)}) if action else frozenset(ACTIONS),
            resource_kinds=frozenset({kind} - {""}),
            resource_id=_text(request, "resourceId"),
            since_ms=since_ms,
            until_ms=None if until_ms is None else until_ms + 1,
        )
        page = await audit.page(tenant, wanted, below=None, limit=positive(request, "limit", 200, most=2000))
        return json_answer({"items": [audit_body(row) for row in page.rows], "ok": True, "total": len(page.rows)})

    return LegacyRoute(path="/api/control/audit", waiting={"GET": listed})


def _text(request: LegacyRequest, name: str) -> str:
    return request.query.get(name, "").strip()


def _instant(request: LegacyRequest, name: str) -> int | None:
    text = _text(request, name)
    if not text:
        return None
    try:
        if _MINUTE.fullmatch(text):
            at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        elif _RFC_3339.fullmatch(text):
            at = datetime.fromisoformat(text)
        else:
            raise ValueError(text)
    except ValueError:
        raise LegacyError(400, f"invalid {name}: expected RFC3339 or 2006-01-02T15:04") from None
    return (at - _EPOCH) // timedelta(milliseconds=1)
