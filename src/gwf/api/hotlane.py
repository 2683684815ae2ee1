"""Answers plain routes ahead of the framework: what agents ask passes none of its layers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from gwf.api.centre import HotRoute
from gwf.api.problems import answer_of
from gwf.core.errors import GwfError

_Endpoint = Callable[[Request], Awaitable[Response]]


class HotLane:
    """ASGI layer: takes requests of plain routes, passes all others on, those with another method too."""

    def __init__(self, app: ASGIApp, *, hot: Sequence[HotRoute]) -> None:
        """Stand in front of `app`, which has the same routes for what is not taken here."""
        self._app = app
        self._exact = {(route.method, route.path): route.endpoint for route in hot if "{" not in route.path}
        self._formed: list[tuple[str, re.Pattern[str], _Endpoint]] = [
            (route.method, compile_path(route.path)[0], route.endpoint) for route in hot if "{" in route.path
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let `app` answer."""
        endpoint = self._endpoint(scope) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await endpoint(request)
        except (GwfError, HTTPException) as exc:
            response = answer_of(request, exc)
        await response(scope, receive, send)

    def _endpoint(self, scope: Scope) -> _Endpoint | None:
        method, path = scope["method"], scope["path"]
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        for known, form, endpoint in self._formed:
            if known == method and (found := form.fullmatch(path)) is not None:
                scope["path_params"] = found.groupdict()
                return endpoint
        return None
