"""/api/system and /api/system/terminate: the host and its processes, where the settings allow it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from gwf.api.lanes import Kind
from gwf.api.legacy.decode import MAX_INT_32, decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.system_body import system_body
from gwf.api.ports import HostSource
from gwf.core.errors import GwfError
from gwf.identity.permissions import Permission
from gwf.wire.host import Termination

DEFAULT_LIMIT = 200
_LITE = frozenset({"lite", "light"})
_WHOLE = re.compile(r"[+-]?[0-9]+")

#: by error code; a code that is not here is answered as everywhere else
_SYSTEM_ERRORS = {
    "host_disabled": (403, "系统资源未启用，请先在控制台配置开启"),
    "local_io": (500, "{error}"),
}
_TERMINATE_ERRORS = {
    "host_disabled": (403, "system resource console disabled"),
    "denied": (403, "permission denied"),
    "invalid_pid": (400, "invalid pid"),
    "protected_process": (400, "refuse to terminate current api process"),
    "not_found": (404, "process not found"),
    "local_io": (500, "{error}"),
}


def system_routes(host: HostSource) -> list[LegacyRoute]:
    """Return both routes; their calls read the system, so they run in threads."""

    def show(request: LegacyRequest) -> Response:
        try:
            return json_answer(_shown(host, request))
        except GwfError as exc:
            raise _legacy(exc, _SYSTEM_ERRORS) from exc

    def end(request: LegacyRequest) -> Response:
        try:
            host.check(ending=True)
            fields = decode(request.body, invalid="invalid request payload")
            pid, force = fields.number("pid", largest=MAX_INT_32) or 0, fields.flag("force") or False
            done = host.terminate(pid, force=force, author=request.author)
        except GwfError as exc:
            raise _legacy(exc, _TERMINATE_ERRORS) from exc
        return json_answer({"ok": True, "result": _result(done)})

    return [
        LegacyRoute(path="/api/system", methods={"GET": show}, kind=Kind.HOST, needs={"GET": Permission.EDGE_READ}),
        LegacyRoute(
            path="/api/system/terminate", methods={"POST": end}, kind=Kind.HOST, needs={"POST": Permission.EDGE_OPERATE}
        ),
    ]


def _shown(host: HostSource, request: LegacyRequest) -> dict[str, object]:
    host.check()
    limit = _limit(request.query.get("limit", ""))
    view = host.view()
    if request.query.get("mode", "").strip().lower() in _LITE:
        return system_body(view, (), {})
    processes = view.processes[:limit]
    if not request.flag("includeEnv"):
        return system_body(view, processes, {})
    return system_body(view, processes, host.environments(processes))


def _limit(text: str) -> int | None:
    """Return how many processes are wanted, None for all."""
    text = text.strip()
    if not text:
        return DEFAULT_LIMIT
    if not _WHOLE.fullmatch(text):
        raise LegacyError(400, "invalid limit")
    limit = int(text[:20])
    return None if limit == 0 else limit if limit > 0 else DEFAULT_LIMIT


def _result(done: Termination) -> dict[str, object]:
    texts = {name: text for name, text in (("name", done.name), ("command", done.command)) if text}
    return {"pid": done.pid, **texts, "signal": done.signal, "forced": done.forced}


def _legacy(error: GwfError, table: Mapping[str, tuple[int, str]]) -> LegacyError | GwfError:
    if error.code not in table:
        return error
    status, text = table[error.code]
    return LegacyError(status, text.format(error=error))
