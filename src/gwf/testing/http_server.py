"""A small, fast HTTP/1.1 server on asyncio: bodies are hashed as they come and kept only if wanted."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote, unquote_plus

from gwf.testing.faults import NONE, Faults, FaultSwitch

_REASONS = {200: "OK", 204: "No Content", 404: "Not Found"}


@dataclass(slots=True)
class Request:
    """One request with its body read."""

    method: str
    #: as sent, percent-encoded
    raw_path: str
    #: as sent, without the question mark
    raw_query: str
    #: lower-case names
    headers: dict[str, str]
    size_bytes: int = 0
    #: lower-case hex of the body
    md5: str = ""
    #: the body; empty when the server does not keep bodies
    body: bytes = b""
    faults: Faults = NONE

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.raw_path)

    def query(self) -> dict[str, str]:
        """Return the decoded query."""
        pairs = (item.partition("=") for item in self.raw_query.split("&") if item)
        return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}


@dataclass(slots=True)
class Reply:
    """One answer."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    body: bytes = b""
    #: length to state in an answer to HEAD
    stated_bytes: int | None = None


Handler = Callable[[Request], Reply]


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests are answered in order; pipelining clients wait for each answer."""

    def __init__(self, handler: Handler, switch: FaultSwitch, *, keep_bodies: bool, exempt: str = "") -> None:
        """Answer requests by `handler`, with the faults of `switch`, except for paths that begin with `exempt`."""
        self._handler = handler
        self._exempt = exempt
        self._switch = switch
        self._keep = keep_bodies
        self._head = b""
        self._request: Request | None = None
        self._left = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._pieces: list[bytes] = []
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by duck typing only

    def data_received(self, data: bytes) -> None:
        """Collect heads and bodies; answer when a body is complete."""
        while data:
            data = self._take_body(data) if self._request else self._take_head(data)

    def _take_head(self, data: bytes) -> bytes:
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return b""
        head, rest = self._head[:end], self._head[end + 4 :]
        self._head = b""
        self._request = request = _parse(head)
        self._left = request.size_bytes
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._pieces = []
        return self._finish_if_done(rest)

    def _take_body(self, data: bytes) -> bytes:
        piece, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
        self._left -= len(piece)
        self._md5.update(piece)
        if self._keep or len(self._pieces) < 1:  # small bodies (completions) are always needed
            self._pieces.append(piece)
        return self._finish_if_done(rest)

    def _finish_if_done(self, rest: bytes) -> bytes:
        request = self._request
        if request is None or self._left:
            return rest
        self._request = None
        request.md5 = self._md5.hexdigest()
        request.body = b"".join(self._pieces)
        self._pieces = []
        self._answer(request)
        return rest

    def _answer(self, request: Request) -> None:
        faults = request.faults = self._faults_for(request)
        if faults.hang:
            return
        if faults.reset == "before":
            self._transport.abort()
            return
        reply = self._handler(request)
        if faults.reset == "after":
            self._transport.abort()
        elif faults.slow_s:
            asyncio.get_running_loop().call_later(faults.slow_s, self._write, request, reply)
        else:
            self._write(request, reply)

    def _faults_for(self, request: Request) -> Faults:
        if self._exempt and request.raw_path.startswith(self._exempt):
            return NONE
        return self._switch.next(request.method, request.query() if request.raw_query else {})

    def _write(self, request: Request, reply: Reply) -> None:
        if self._transport.is_closing():
            return
        size = len(reply.body) if reply.stated_bytes is None else reply.stated_bytes
        lines = "".join([f"{name}: {value}\r\n" for name, value in reply.headers])
        reason = _REASONS.get(reply.status, "Told So")
        length = "" if reply.status == 204 else f"content-length: {size}\r\n"
        head = f"HTTP/1.1 {reply.status} {reason}\r\n{lines}{length}\r\n".encode("latin-1")
        self._transport.write(head if request.method == "HEAD" else head + reply.body)


def _parse(head: bytes) -> Request:
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    raw_path, _, raw_query = target.partition("?")
    size = int(headers.get("content-length") or 0)
    return Request(method=method, raw_path=raw_path, raw_query=raw_query, headers=headers, size_bytes=size)
