"""A forward proxy on loopback: absolute targets for plain HTTP, CONNECT for TLS, and its own credentials if wanted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from gwf.testing.background import served_in_thread

_CHUNK_BYTES = 64 * 1024


class ForwardProxy:
    """What the proxy has seen."""

    def __init__(self, authorization: str) -> None:
        """Ask for this Proxy-Authorization value; "" lets everyone pass."""
        self.port = 0
        #: request lines of every connection's first request
        self.seen: list[str] = []
        self._authorization = authorization

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: all of it goes to the server of its first request."""
        # clients and servers may go at any time, and so may the proxy
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line = head.partition("\r\n")[0]
        self.seen.append(line)
        if self._authorization and f"proxy-authorization: {self._authorization}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            return
        method, target, _ = line.split(" ")
        address = urlsplit(f"//{target}" if method == "CONNECT" else target)
        server_reader, server_writer = await asyncio.open_connection(address.hostname, address.port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        else:
            server_writer.write(head.replace(f"http://{address.netloc}", "", 1).encode("latin-1"))
        try:
            await asyncio.wait(
                (
                    asyncio.ensure_future(_pump(reader, server_writer)),
                    asyncio.ensure_future(_pump(server_reader, writer)),
                ),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            server_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # the other end is gone: so is this one
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()


@contextmanager
def forward_proxy(*, authorization: str = "") -> Generator[ForwardProxy]:
    """Run a proxy in a thread until the block ends. A connection serves one server only."""
    proxy = ForwardProxy(authorization)
    with served_in_thread(asyncio.start_server(proxy.accept, "127.0.0.1", 0), "forward-proxy") as proxy.port:
        yield proxy
