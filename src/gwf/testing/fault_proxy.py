"""A TCP proxy that delays, cuts, refuses or swallows bytes when told, to stand between a client and a real server."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from gwf.testing.background import served_in_thread

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFaults:
    """What the proxy does to connections while this is in force; the default is nothing."""

    #: reset new connections at once
    refuse: bool = False
    #: accept and read, but pass nothing on and answer nothing
    blackhole: bool = False
    #: wait before passing each chunk on, in seconds
    delay_s: float = 0.0
    #: reset each connection after so many bytes from the client; None = never
    cut_after_sent_bytes: int | None = None
    #: reset each connection after so many bytes from the server; None = never
    cut_after_received_bytes: int | None = None


class FaultProxy:
    """A running proxy. Its methods may be called from any thread."""

    def __init__(self, target: tuple[str, int]) -> None:
        """Pass connections on to `target` (host, port)."""
        self.port = 0
        #: connections accepted so far
        self.accepted = 0
        #: connections reset so far because they had passed their bytes
        self.cuts = 0
        self._faults = ProxyFaults()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._target = target
        self._open: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        """The address to use in place of the server's."""
        return f"http://127.0.0.1:{self.port}"

    def set_faults(self, faults: ProxyFaults | None = None) -> None:
        """Put faults in force for all bytes from now on; none by default."""
        self._faults = faults or ProxyFaults()

    def cut_all(self) -> None:
        """Reset every open connection now."""
        if self._loop is None:  # no connection came yet
            return
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._abort_all, done)
        done.wait()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._loop = asyncio.get_running_loop()
        self.accepted += 1
        transport = cast("asyncio.Transport", writer.transport)
        self._open.add(transport)
        with contextlib.suppress(asyncio.CancelledError):  # the proxy ends: nobody waits for this connection
            await self._serve(reader, writer)
        self._open.discard(transport)
        transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._faults.refuse:
            return
        with contextlib.suppress(OSError):  # either end may go away at any time: that is what this is for
            server_reader, server_writer = await asyncio.open_connection(*self._target)
            to_server = asyncio.ensure_future(self._pump(reader, server_writer, sent=True))
            to_client = asyncio.ensure_future(self._pump(server_reader, writer, sent=False))
            try:
                await asyncio.wait((to_server, to_client), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (to_server, to_client):
                    task.cancel()
                await asyncio.gather(to_server, to_client, return_exceptions=True)
                server_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, sent: bool) -> None:
        passed = 0
        while data := await reader.read(_CHUNK_BYTES):
            faults = self._faults
            if faults.delay_s:
                await asyncio.sleep(faults.delay_s)
            if faults.blackhole:
                continue
            limit = faults.cut_after_sent_bytes if sent else faults.cut_after_received_bytes
            if limit is not None and passed + len(data) > limit:
                self.cuts += 1
                writer.write(data[: max(0, limit - passed)])
                await writer.drain()
                return
            passed += len(data)
            writer.write(data)
            await writer.drain()

    def _abort_all(self, done: threading.Event) -> None:
        for transport in tuple(self._open):
            transport.abort()
        asyncio.get_running_loop().call_soon(done.set)  # after the sockets are closed, which is scheduled already


@contextmanager
def fault_proxy(target: tuple[str, int]) -> Generator[FaultProxy]:
    """Run a proxy to `target` in a thread until the block ends."""
    proxy = FaultProxy(target)
    starting = asyncio.start_server(proxy.accept, "127.0.0.1", 0, backlog=256)
    with served_in_thread(starting, "fault-proxy") as proxy.port:
        yield proxy
