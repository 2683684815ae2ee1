"""The built browser console as answers to requests, under any prefix."""

from __future__ import annotations

import base64
import hashlib
import html
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

DIST = Path(__file__).resolve().parent.parent / "console_dist"

_BASE = '<base href="/"'
#: sets the theme before the first paint; the page carries it inside, a request would cost a way there and back
_BOOT = re.compile(r'<script\s+src="\./boot\.js"></script>')
_ONE_YEAR = "public, max-age=31536000, immutable"
#: the machine's table may lack or bend these
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class BuiltConsole:
    """The files below one directory; every path that is no file is the page itself."""

    def __init__(self, *, url_prefix: str = "", dist: Path = DIST) -> None:
        """Serve the files below `dist`; `url_prefix` is where a proxy shows us."""
        self._prefix = url_prefix
        self.dist = dist
        self._index = _Index()

    @property
    def exists(self) -> bool:
        """True when a console was built into the package."""
        return (self.dist / "index.html").is_file()

    def path(self, request: Request) -> str:
        """Return what is asked for, below our address."""
        return request.url.path.removeprefix(str(request.scope.get("root_path", "")))

    def base(self, request: Request) -> str:
        """Return the address of the page, for links relative to it."""
        return f"{request.scope.get('root_path') or self._prefix}/"

    def answer(self, request: Request) -> Response:
        """Return a file, the page, or 404 for a file that is not there."""
        name = self.path(request).lstrip("/")
        if "." in name.rpartition("/")[2] or name.partition("/")[0] == "assets":
            return self._file(name, request.headers)
        index = self._newest()
        headers = {"Cache-Control": "no-cache", **index.policy}
        return HTMLResponse(_based(index.text, self.base(request)), headers=headers)

    def _file(self, name: str, headers: Headers) -> Response:
        file = (self.dist / name).resolve()
        if not file.is_relative_to(self.dist.resolve()) or not file.is_file() or file.name.startswith("."):
            return missing()
        kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        caching = {"Cache-Control": _ONE_YEAR if name.startswith("assets/") else "no-cache", "Vary": "Accept-Encoding"}
        packed = file.with_name(file.name + ".gz")
        if "gzip" in headers.get("accept-encoding", "") and packed.is_file():
            return FileResponse(packed, headers={**caching, "Content-Encoding": "gzip"}, media_type=kind)
        return FileResponse(file, headers=caching, media_type=kind)

    def _newest(self) -> _Index:
        """Return the page as it was built last: a build while the process runs is shown at once."""
        made_ns = (self.dist / "index.html").stat().st_mtime_ns
        if self._index.made_ns != made_ns:
            self._index = _read(self.dist, made_ns)
        return self._index


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """The page with its script inside."""

    text: str = ""
    #: what the page may run besides its files; the guard in front adds all else
    policy: Mapping[str, str] = field(default_factory=dict[str, str])
    made_ns: int = 0


def _read(dist: Path, made_ns: int) -> _Index:
    text = (dist / "index.html").read_text(encoding="utf-8")
    script = dist / "boot.js"
    if not script.is_file() or _BOOT.search(text) is None:
        return _Index(text=text, made_ns=made_ns)
    boot = script.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(boot.encode()).digest()).decode()
    return _Index(
        text=_BOOT.sub(lambda _: f"<script>{boot}</script>", text, count=1),
        policy={"Content-Security-Policy": f"script-src 'self' 'sha256-{digest}'"},
        made_ns=made_ns,
    )


def _based(text: str, base: str) -> str:
    return text.replace(_BASE, f'<base href="{html.escape(base, quote=True)}"', 1)


def missing() -> Response:
    """Return the answer for a file that is not there: never the page."""
    return PlainTextResponse("not found\n", 404, {"Cache-Control": "no-store"})


def refused(request: Request) -> Response | None:
    """Return the answer to a method that no page has, None for reading."""
    if request.method in {"GET", "HEAD"}:
        return None
    return PlainTextResponse("method not allowed\n", 405, {"Allow": "GET, HEAD"})
