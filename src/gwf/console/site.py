"""Serves the built browser console of an edge, or a plain page when none was built."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from gwf.console.built import DIST, BuiltConsole, missing, refused
from gwf.console.plain import plain_page
from gwf.console.ports import OverviewSource


def read_mark(dist: Path, name: str) -> str:
    """Return what the build hook left in a mark file; empty when it left none."""
    try:
        return (dist / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


class ConsoleSite:
    """ASGI application for every path outside the API."""

    def __init__(self, source: OverviewSource, *, url_prefix: str = "", dist: Path = DIST) -> None:
        """Serve the files below `dist`; `url_prefix` is where a proxy shows us."""
        self._source = source
        self._built = BuiltConsole(url_prefix=url_prefix, dist=dist)

    @property
    def built(self) -> bool:
        """True when a console was built into the package."""
        return self._built.exists

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = refused(request)
        if response is None:
            response = self._built.answer(request) if self.built else await self._plain(request)
        await response(scope, receive, send)

    async def _plain(self, request: Request) -> Response:
        if self._built.path(request).startswith("/assets/"):
            return missing()
        if (
            request.scope.get("state", {}).get("principal") is None
        ):  # a port beyond this host: it shows nothing to nobody
            return PlainTextResponse(
                "log in first: gwf login\n请先登录：gwf login\n", 401, {"Cache-Control": "no-store"}
            )
        now = await run_in_threadpool(self._source.overview)
        why = read_mark(self._built.dist, ".build-error")
        text = plain_page(now, base=self._built.base(request), languages=_languages(request), why=why)
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def _languages(request: Request) -> tuple[str, ...]:
    """Return the page's languages, the reader's first."""
    english = request.headers.get("accept-language", "").lower().startswith("en")
    return ("en", "zh") if english else ("zh", "en")
