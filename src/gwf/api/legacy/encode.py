"""Answers in the form in which the Go version gave them."""

from __future__ import annotations

import html
import math
from urllib.parse import quote

from starlette.responses import Response

from gwf.wire.gojson import to_json

_NOT_FOUND = b"404 page not found\n"


def json_answer(value: object, status: int = 200) -> Response:
    """Return an answer with `value` as one line of JSON; its type names no charset."""
    return json_bytes(to_json(value) + b"\n", status)


def json_bytes(body: bytes, status: int = 200) -> Response:
    """Return an answer with a body that is JSON already."""
    return Response(body, status, {"Content-Type": "application/json"})


def error_answer(status: int, text: str, *, retry_after_s: float | None = None) -> Response:
    """Return the one form of every error."""
    response = json_answer({"error": text}, status)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(math.ceil(retry_after_s))
    return response


def method_refused() -> Response:
    """Return the answer to a method that an address does not have."""
    return error_answer(405, "method not allowed")


def page_not_found() -> Response:
    """Return the answer to an address that nothing has."""
    return Response(_NOT_FOUND, 404, {"Content-Type": "text/plain; charset=utf-8"})


def moved(path: str, query: str, *, method: str) -> Response:
    """Return the answer that names the clean form of an address; only GET and HEAD are told in HTML."""
    target = quote(path, safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")
    if method not in {"GET", "HEAD"}:
        return Response(b"", 301, {"Location": target})
    body = f'<a href="{html.escape(target)}">Moved Permanently</a>.\n\n'
    return Response(body.encode(), 301, {"Location": target, "Content-Type": "text/html; charset=utf-8"})
