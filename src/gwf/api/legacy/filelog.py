"""POST /api/file-log: the last lines of a watched text file, or its lines with a text in them."""

from __future__ import annotations

from starlette.responses import Response

from gwf.api.lanes import Kind
from gwf.api.legacy.decode import Fields, decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.refused_paths import path_error
from gwf.api.ports import FileLogSource
from gwf.core.errors import GwfError
from gwf.identity.permissions import Permission
from gwf.wire.filelog import LogSearch


def filelog_route(files: FileLogSource) -> LegacyRoute:
    """Return the route; its calls read files, so they run in threads and end when the client goes away."""

    def answer(request: LegacyRequest) -> Response:
        asked = _asked(decode(request.body))
        try:
            return json_answer(_search(files, asked, request) if asked.query else _tail(files, asked))
        except GwfError as exc:
            raise path_error(exc) from exc

    return LegacyRoute(
        path="/api/file-log",
        methods={"POST": answer},
        watched=True,
        kind=Kind.FILE,
        needs={"POST": Permission.EDGE_READ},
    )


def _asked(fields: Fields) -> LogSearch:
    path = fields.required_text("path").strip()
    if not path:
        raise LegacyError(400, "invalid payload")
    return LogSearch(
        path=path,
        query=(fields.text("query") or "").strip(),
        limit=fields.number("limit") or 0,
        case_sensitive=fields.flag("caseSensitive") or False,
    )


def _tail(files: FileLogSource, asked: LogSearch) -> dict[str, object]:
    return {"lines": files.tail(asked.path), "mode": "tail", "ok": True}


def _search(files: FileLogSource, asked: LogSearch, request: LegacyRequest) -> dict[str, object]:
    found = files.search(asked, stopped=request.gone)
    return {
        "lines": found.lines,
        "matched": len(found.lines),
        "mode": "search",
        "ok": True,
        "query": asked.query,
        "truncated": found.truncated,
    }
