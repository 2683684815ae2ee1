"""Refuses bodies that are larger than their endpoint takes, before they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gwf.api.centre import HotRoute
from gwf.api.problems import problem_response

TEXT = "the body is larger than this endpoint takes"


class BodyLimit:
    """ASGI layer: a declared length is compared at once, one that is not declared is counted while it comes."""

    def __init__(self, app: ASGIApp, *, hot: Sequence[HotRoute], default: Callable[[], int]) -> None:
        """Stand in front of `app`; routes of `hot` may have limits of their own."""
        self._app = app
        self._default = default
        own = [(route.path, route.max_body_bytes) for route in hot if route.max_body_bytes is not None]
        self._exact = {path: limit for path, limit in own if "{" not in path}
        self._formed: list[tuple[re.Pattern[str], int]] = [
            (compile_path(path)[0], limit) for path, limit in own if "{" in path
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 413."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        declared = Headers(scope=scope).get("content-length")
        if declared is None:
            await self._app(scope, _counted(receive, limit), send)
        elif not declared.isdecimal() or int(declared) > limit:
            await problem_response(scope, 413, TEXT, params={"max_bytes": limit})(scope, receive, send)
        else:  # the server reads no further than was declared
            await self._app(scope, receive, send)

    def _limit(self, path: str) -> int:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((limit for form, limit in self._formed if form.fullmatch(path)), self._default())


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413, TEXT)
        return message

    return counted
