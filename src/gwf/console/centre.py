"""Serves the built console of a centre without an edge, or a plain page that says how it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from gwf.console.built import DIST, BuiltConsole, missing, refused
from gwf.console.plain import STYLE
from gwf.wire.edge import HealthState, Reason

State = Callable[[], tuple[HealthState, Sequence[Reason]]]

_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "GWF 中心正在运行",
        "how": "代理向它报告；人和程序通过 <code>/api/v1</code> 使用它，需要登录。",
        "ok": "正常",
        "degraded": "降级",
        "failing": "失败",
        "reasons": "原因",
        "none": "无",
    },
    "en": {
        "lang": "en",
        "title": "The GWF centre is running",
        "how": "Agents report to it; people and programs use it by <code>/api/v1</code>, after a login.",
        "ok": "ok",
        "degraded": "degraded",
        "failing": "failing",
        "reasons": "Reasons",
        "none": "none",
    },
}


class CentreSite:
    """ASGI application for every path outside the API; without a console it shows what `/ready` tells everybody."""

    def __init__(self, state: State, *, version: str, url_prefix: str = "", dist: Path = DIST) -> None:
        """Serve the console below `dist`; where none was built, show `state` as it is at each request."""
        self._state = state
        self._version = version
        self._built = BuiltConsole(url_prefix=url_prefix, dist=dist)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = refused(request)
        if response is None:
            response = self._built.answer(request) if self._built.exists else self._plain(request)
        await response(scope, receive, send)

    def _plain(self, request: Request) -> Response:
        if self._built.path(request) != "/":
            return missing()
        english_first = request.headers.get("accept-language", "").lower().startswith("en")
        return HTMLResponse(self._page(("en", "zh") if english_first else ("zh", "en")))

    def _page(self, languages: tuple[str, ...]) -> str:
        state, reasons = self._state()
        parts = "<hr>".join(_section(_WORDS[language], state, reasons, version=self._version) for language in languages)
        return (
            f'<!doctype html><html lang="{_WORDS[languages[0]]["lang"]}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            '<meta http-equiv="refresh" content="10"><link rel="icon" href="data:,"><title>GWF</title>'
            f"<style>{STYLE}</style></head><body><main>{parts}</main></body></html>"
        )


def _section(word: dict[str, str], state: HealthState, reasons: Sequence[Reason], *, version: str) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(reason.code)}</code></td><td>{escape(reason.message)}</td></tr>" for reason in reasons
    )
    rows = rows or f"<tr><td>{word['none']}</td></tr>"
    return (
        f'<section lang="{word["lang"]}"><h1>{word["title"]}</h1><p>{word["how"]}</p>'
        f"<p><strong>{word[state]}</strong> · {escape(version)}</p>"
        f"<h2>{word['reasons']}</h2><table>{rows}</table></section>"
    )
