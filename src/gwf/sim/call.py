"""One HTTP call on a connection of its own, as an agent makes it that calls twice a minute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from gwf.core.errors import UnavailableError

TIMEOUT_S = 30.0
SILENCE_S = 60.0  #: longest silence of a stream; the centre says every 15 s that it is there
MAX_HEAD_BYTES = 65_536
PIECE_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    #: seconds to wait, if the centre said so
    retry_after_s: float | None = None


class Caller:
    """Calls one centre."""

    def __init__(self, url: str) -> None:
        """Take the centre's address."""
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._head_end = f"Host: {self._host}:{self._port}\r\nConnection: close\r\n"

    async def post(self, path: str, body: bytes, *, bearer: str, gzip: bool = False) -> Reply:
        """Send a body and return the answer.

        Raises:
            UnavailableError: There was none.
        """
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        if gzip:
            more += "Content-Encoding: gzip\r\n"
        return await self._answered(self._head("POST", path, bearer=bearer, more=more) + body)

    async def get(self, path: str, *, bearer: str, have: str | None = None) -> Reply:
        """Return the answer of a GET; `have` is the ETag of what is known.

        Raises:
            UnavailableError: There was none.
        """
        more = f'If-None-Match: "{have}"\r\n' if have else ""
        return await self._answered(self._head("GET", path, bearer=bearer, more=more))

    @asynccontextmanager
    async def stream(self, path: str, *, bearer: str) -> AsyncGenerator[AsyncGenerator[bytes]]:
        """Lend the pieces of a stream while the block runs; they end when the centre ends it.

        Raises:
            UnavailableError: There is no stream, or it fell silent; also inside the block.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_HEAD_BYTES)
        except (OSError, TimeoutError) as exc:
            raise _unanswered(exc) from exc
        try:
            writer.write(self._head("GET", path, bearer=bearer, more="Accept: text/event-stream\r\n"))
            yield _pieces(reader)
        finally:
            writer.close()

    def _head(self, method: str, path: str, *, bearer: str, more: str) -> bytes:
        lines = f"{method} {path} HTTP/1.1\r\n{self._head_end}Authorization: Bearer {bearer}\r\n{more}\r\n"
        return lines.encode("ascii")

    async def _answered(self, sent: bytes) -> Reply:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(sent)
        except (OSError, EOFError, ValueError, TimeoutError) as exc:
            raise _unanswered(exc) from exc

    async def _exchange(self, sent: bytes) -> Reply:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_HEAD_BYTES)
        try:
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        finally:
            writer.close()
        wait = headers.get("retry-after")
        return Reply(
            status=int(lines[0].split(" ", 2)[1]), body=body, retry_after_s=float(wait) if wait is not None else None
        )


async def _pieces(reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
    try:
        async with asyncio.timeout(SILENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
        if head.split(b" ", 2)[1] != b"200":
            raise UnavailableError("the centre has no stream for this agent", problem=head.split(b"\r\n")[0].decode())
        while True:
            async with asyncio.timeout(SILENCE_S):
                piece = await reader.read(PIECE_BYTES)
            if not piece:
                return
            yield piece
    except (OSError, EOFError, ValueError, TimeoutError) as exc:
        raise _unanswered(exc) from exc


def _unanswered(exc: Exception) -> UnavailableError:
    return UnavailableError("the centre did not answer", problem=type(exc).__name__)
