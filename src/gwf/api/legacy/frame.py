"""Routes legacy requests ahead of the versioned API: methods, clean addresses, bodies, errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gwf.api.gone import run_until_gone
from gwf.api.lanes import Kind, Lanes
from gwf.api.legacy.encode import error_answer, method_refused, moved, page_not_found
from gwf.api.legacy.failure import LegacyError, legacy_error
from gwf.api.legacy.paths import clean_path, is_legacy
from gwf.api.principal import Principal, principal_of
from gwf.api.problems import request_id_of
from gwf.core.errors import GwfError
from gwf.identity.errors import PermissionMissingError
from gwf.identity.permissions import Permission
from gwf.identity.principal import DEFAULT_TENANT, PrincipalKind

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024  #: the Go version had no limit; its largest request is some kilobytes
_YES = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyRequest:
    """What a handler gets: the body is wholly read."""

    method: str
    path: str
    #: first value of each name
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    #: who asks, as far as the client says so (X-Gwf-Author), else "api"
    author: str = "api"
    #: who was recognised; None for nobody
    principal: Principal | None = None
    #: it came from; "" when that cannot be told
    address: str = ""
    request_id: str = ""
    #: tells, on a watched route, whether the client has gone away
    gone: Callable[[], bool] = bool

    def flag(self, name: str) -> bool:
        """Return a true-or-false parameter: true for 1, true, yes and on, false for all else."""
        return self.query.get(name, "").strip().lower() in _YES


LegacyHandler = Callable[[LegacyRequest], Response]
"""Answers one request. It runs in a thread, may block, and raises LegacyError or GwfError to refuse."""


WaitingHandler = Callable[[LegacyRequest], Awaitable[Response]]
"""The same in the event loop: it must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyRoute:
    """One address and what it answers to each method; other methods get 405."""

    path: str
    methods: Mapping[str, LegacyHandler] = field(default_factory=dict[str, LegacyHandler])
    #: methods answered in the event loop
    waiting: Mapping[str, WaitingHandler] = field(default_factory=dict[str, WaitingHandler])
    #: answers every method at every address below `path`, a slash at its end or not; in the event loop
    below: WaitingHandler | None = None
    #: the handlers may take long: the request tells them when the client has gone away
    watched: bool = False
    #: what its handlers may wait for
    kind: Kind | None = None
    #: by method; handlers of methods that are not here ask for themselves, or everybody may
    needs: Mapping[str, Permission] = field(default_factory=dict[str, Permission])


def allowed(request: LegacyRequest, permission: Permission) -> str:
    """Return the tenant of who asks. Whoever came in without credentials may do all: `legacy_api` decides who does.

    Raises:
        PermissionMissingError: They may not do this.
    """
    who = request.principal
    if who is not None and who.kind is not PrincipalKind.ANONYMOUS and not who.may(permission):
        raise PermissionMissingError("this needs a permission that you do not have", permission=permission.value)
    return DEFAULT_TENANT if who is None else who.tenant


class LegacyFrame:
    """ASGI layer that answers every legacy address itself and passes all others on."""

    def __init__(self, app: ASGIApp, routes: Sequence[LegacyRoute], lanes: Lanes) -> None:
        """Stand in front of `app`."""
        self._app = app
        self._lanes = lanes
        self._routes = {route.path: route for route in routes}
        self._below = [route for route in routes if route.below is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a legacy request, or let `app` answer."""
        if scope["type"] != "http" or not is_legacy(scope["path"]):
            await self._app(scope, receive, send)
            return
        response = await self._answer(scope, receive)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            return Response(None, 204)
        clean = clean_path(path)
        if clean != path:
            return moved(clean, scope["query_string"].decode("latin-1"), method=method)
        route = self._routes.get(path)
        if route is None:
            above = next((route for route in self._below if path.startswith(f"{route.path}/")), None)
            return page_not_found() if above is None else await _run(above, scope, receive, lanes=self._lanes)
        if method not in route.methods and method not in route.waiting:
            return method_refused()
        return await _run(route, scope, receive, lanes=self._lanes)


async def _run(route: LegacyRoute, scope: Scope, receive: Receive, *, lanes: Lanes) -> Response:
    try:
        request = await _read(scope, receive)
        if (permission := route.needs.get(request.method)) is not None:
            allowed(request, permission)
        waiting = route.waiting.get(request.method) if request.path == route.path else route.below
        if waiting is not None:
            return await waiting(request)
        async with lanes.place(route.kind) if route.kind else nullcontext():
            return await _in_thread(route, request, receive)
    except LegacyError as exc:
        return error_answer(exc.status, exc.text)
    except GwfError as exc:
        refused = legacy_error(exc)
        log.warning("legacy_request_failed", extra={"path": route.path, "error_code": exc.code, "error": str(exc)})
        return error_answer(refused.status, refused.text, retry_after_s=exc.retry_after_s)
    except Exception:
        log.exception("legacy_request_crashed", extra={"request_id": request_id_of(scope), "path": route.path})
        return error_answer(500, "服务器内部错误")


async def _in_thread(route: LegacyRoute, request: LegacyRequest, receive: Receive) -> Response:
    handler = route.methods[request.method]
    if route.watched:
        return await run_until_gone(lambda gone: handler(replace(request, gone=gone)), receive)
    return await run_in_threadpool(handler, request)


async def _read(scope: Scope, receive: Receive) -> LegacyRequest:
    method = scope["method"]
    query: dict[str, str] = {}
    for part in scope["query_string"].decode("latin-1").split("&"):
        if ";" not in part:  # Go drops a parameter that has one in it, unless it is written as %3B
            for name, value in parse_qsl(part, keep_blank_values=True):
                query.setdefault(name, value)
    body = await _body(receive) if method not in {"GET", "HEAD"} else b""
    author = next(
        (value.decode("utf-8", "replace") for name, value in scope["headers"] if name == b"x-gwf-author"), "api"
    )
    return LegacyRequest(
        method=method,
        path=scope["path"],
        query=query,
        body=body,
        author=author[:100],
        principal=principal_of(HTTPConnection(scope)),
        address=scope["client"][0] if scope.get("client") else "",
        request_id=request_id_of(scope),
    )


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise LegacyError(400, "the request was cut off")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise LegacyError(413, "request body too large")
        if not message.get("more_body", False):
            return bytes(body)
