"""One HTTP call on a connection of its own, as an agent makes it that calls twice a minute."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from gwf.core.errors import UnavailableError

TIMEOUT_S = 30.0
MAX_HEAD_BYTES = 65_536


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
        self._head_end = f"Host: {self._host}:{self._port}\r\nConnection: close\r\nContent-Type: application/json\r\n"

    async def post(self, path: str, body: bytes, *, bearer: str, gzip: bool = False) -> Reply:
        """Send a body and return the answer.

        Raises:
            UnavailableError: There was none.
        """
        packing = "Content-Encoding: gzip\r\n" if gzip else ""
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head_end}Authorization: Bearer {bearer}\r\n{packing}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(head.encode("ascii") + body)
        except (OSError, EOFError, ValueError, TimeoutError) as exc:
            raise UnavailableError("the centre did not answer", problem=type(exc).__name__) from exc

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
