"""Answers in the form in which the Go version gave them."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

from starlette.responses import Response

#: Go escapes these in JSON, and clients compare bodies
ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}

_NOT_FOUND = b"404 page not found\n"


def to_json(value: object) -> bytes:
    """Return `value` as one compact line of UTF-8, escaped as Go escapes it, ended by a newline."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return text.encode("utf-8", "replace") + b"\n"


def json_answer(value: object, status: int = 200) -> Response:
    """Return an answer with `value` as JSON; its type names no charset."""
    return json_bytes(to_json(value), status)


def json_bytes(body: bytes, status: int = 200) -> Response:
    """Return an answer with a body that is JSON already."""
    return Response(body, status, {"Content-Type": "application/json"})


def error_answer(status: int, text: str) -> Response:
    """Return the one form of every error."""
    return json_answer({"error": text}, status)


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
