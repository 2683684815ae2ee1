"""Serves the built browser console under any prefix, or a plain page when none was built."""

from __future__ import annotations

import html
import mimetypes
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from gwf.console.plain import plain_page
from gwf.console.ports import OverviewSource

DIST = Path(__file__).resolve().parent.parent / "console_dist"

_BASE = '<base href="/"'
_ONE_YEAR = "public, max-age=31536000, immutable"
#: the machine's table may lack or bend these
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


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
        self._prefix = url_prefix
        self._dist = dist
        self._index: str | None = None

    @property
    def built(self) -> bool:
        """True when a console was built into the package."""
        return (self._dist / "index.html").is_file()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("method not allowed\n", 405, {"Allow": "GET, HEAD"})
        path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
        base = f"{request.scope.get('root_path') or self._prefix}/"
        if not self.built:
            return await self._plain(path, base, request)
        name = path.lstrip("/")
        if "." in name.rpartition("/")[2] or name.partition("/")[0] == "assets":
            return self._file(name, request.headers)
        return HTMLResponse(self._page(base), headers={"Cache-Control": "no-cache"})

    async def _plain(self, path: str, base: str, request: Request) -> Response:
        if path.startswith("/assets/"):
            return _missing()
        if (
            request.scope.get("state", {}).get("principal") is None
        ):  # a port beyond this host: it shows nothing to nobody
            return PlainTextResponse(
                "log in first: gwf login\n请先登录：gwf login\n", 401, {"Cache-Control": "no-store"}
            )
        now = await run_in_threadpool(self._source.overview)
        text = plain_page(now, base=base, languages=_languages(request), why=read_mark(self._dist, ".build-error"))
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    def _file(self, name: str, headers: Headers) -> Response:
        file = (self._dist / name).resolve()
        if not file.is_relative_to(self._dist.resolve()) or not file.is_file() or file.name.startswith("."):
            return _missing()
        kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        caching = {"Cache-Control": _ONE_YEAR if name.startswith("assets/") else "no-cache", "Vary": "Accept-Encoding"}
        packed = file.with_name(file.name + ".gz")
        if "gzip" in headers.get("accept-encoding", "") and packed.is_file():
            return FileResponse(packed, headers={**caching, "Content-Encoding": "gzip"}, media_type=kind)
        return FileResponse(file, headers=caching, media_type=kind)

    def _page(self, base: str) -> str:
        if self._index is None:
            self._index = (self._dist / "index.html").read_text(encoding="utf-8")
        return self._index.replace(_BASE, f'<base href="{html.escape(base, quote=True)}"', 1)


def _missing() -> Response:
    return PlainTextResponse("not found\n", 404, {"Cache-Control": "no-store"})


def _languages(request: Request) -> tuple[str, ...]:
    """Return the page's languages, the reader's first."""
    english = request.headers.get("accept-language", "").lower().startswith("en")
    return ("en", "zh") if english else ("zh", "en")
