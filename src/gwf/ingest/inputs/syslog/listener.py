"""Listens for syslog messages over UDP and TCP, and hands them over in batches, as fast as they are stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
import zoneinfo
from collections.abc import Callable
from typing import cast

from gwf.core.clock import Clock
from gwf.core.errors import UnavailableError
from gwf.core.limits import TokenBucket
from gwf.core.settings.addresses import parse_listen
from gwf.core.settings.inputs import SyslogSettings
from gwf.events.model import SEVERITY_OF_WORD
from gwf.ingest.inputs.contract import CloudEvent, Hands
from gwf.ingest.inputs.syslog.event import Manner, event_of
from gwf.ingest.inputs.syslog.framing import Frame, Framer, FramingError

NAME = "syslog"  #: of the input, in metrics and logs
MAX_WAITING = 4_000  #: messages that were read and are not stored yet, and no more than come in
MAX_WAITING_S = 4
BATCH = 500  #: messages handed over at once
READ_BYTES = 64 * 1024
LEAVE_S = 5.0  #: how long messages that wait are still handed over when the process ends

log = logging.getLogger("gwf.ingest.syslog")


class SyslogListener:
    """The input. Used in one event loop."""

    def __init__(self, settings: SyslogSettings, clock: Clock) -> None:
        """Listen as `settings` say, which name an address."""
        self._settings = settings
        self._clock = clock
        zone = None if settings.zone is None else zoneinfo.ZoneInfo(settings.zone)
        self._manner = Manner(
            zone=zone,
            encoding=settings.encoding,
            min_severity=SEVERITY_OF_WORD[settings.min_severity],
            labels=settings.labels,
        )
        self._pace = TokenBucket(settings.max_per_s, clock, burst=float(max(BATCH, settings.max_per_s)))
        self._waiting: asyncio.Queue[tuple[Frame, str]] = asyncio.Queue(
            min(MAX_WAITING, MAX_WAITING_S * settings.max_per_s)
        )
        self._connections: set[asyncio.Task[None]] = set()
        #: messages are named by it and a number: the protocol gives them no name
        self._run_id = secrets.token_hex(8)
        self._taken = 0
        #: handed over and perhaps not stored: they have names, so that they may be handed over again
        self._handed: list[CloudEvent] = []
        #: where it listens; 0 = not yet
        self.port = 0

    async def run(self, hands: Hands, ready: Callable[[], None]) -> None:
        """Listen, call `ready`, and go on until cancelled; then hand over what came.

        Raises:
            UnavailableError: The address cannot be bound.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._listen(hands, stack)
            ready()
            try:
                while True:
                    await self._hand_some(hands)
            finally:
                await stack.aclose()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LEAVE_S):
                        await hands.take(self._handed)
                        self._handed = []
                        while not self._waiting.empty():
                            await self._hand_some(hands)
                hands.drop(len(self._handed) + self._waiting.qsize())

    async def _listen(self, hands: Hands, stack: contextlib.AsyncExitStack) -> None:
        settings = self._settings
        host, port = parse_listen(settings.listen or "")
        loop = asyncio.get_running_loop()
        try:
            if settings.tcp:
                server = await asyncio.start_server(
                    lambda reader, writer: self._connected(reader, writer, hands), host, port, ssl=_tls(settings)
                )
                stack.push_async_callback(self._leave, server)
                port = port or int(server.sockets[0].getsockname()[1])
            if settings.udp:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._waiting, hands, settings.max_message), local_addr=(host, port)
                )
                stack.callback(transport.close)
                port = port or int(transport.get_extra_info("sockname")[1])
        except (OSError, ssl.SSLError) as exc:
            text = "cannot listen for syslog messages: change server.inputs.syslog.listen"
            raise UnavailableError(text, listen=settings.listen, reason=str(exc)) from exc
        self.port = port
        log.info("syslog_listening", extra={"listen": f"{host}:{port}", "udp": settings.udp, "tcp": settings.tcp})

    async def _leave(self, server: asyncio.Server) -> None:
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _hand_some(self, hands: Hands) -> None:
        batch = [await self._waiting.get()]
        while len(batch) < BATCH and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        now_ms = self._clock.now_ms()
        for frame, peer in batch:
            self._taken += 1
            name = f"{self._run_id}-{self._taken}"
            event = event_of(frame, self._manner, name=name, peer=peer, now_ms=now_ms)
            self._handed += [] if event is None else [event]
        hands.hold(connections=len(self._connections), waiting=self._waiting.qsize() + len(self._handed))
        await hands.take(self._handed)
        self._handed = []
        hands.hold(connections=len(self._connections), waiting=self._waiting.qsize())
        await asyncio.sleep(self._pace.reserve_s(len(batch)))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hands: Hands) -> None:
        peer = _peer(writer)
        if len(self._connections) >= self._settings.max_connections:
            log.warning("syslog_connection_refused", extra={"peer": peer, "most": self._settings.max_connections})
            hands.fail(f"a connection of {peer} was closed: there are {self._settings.max_connections}")
            writer.close()
            return
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._connections.add(task)
        hands.hold(connections=len(self._connections), waiting=self._waiting.qsize())
        try:
            await self._read(reader, peer)
        except FramingError as exc:
            log.warning("syslog_connection_closed", extra={"peer": peer, "error": str(exc)})
            hands.fail(f"the connection of {peer} was closed: {exc}")
        except TimeoutError:
            log.info("syslog_connection_idle", extra={"peer": peer})
        except OSError as exc:  # the sender is gone; what came whole was taken
            log.info("syslog_connection_lost", extra={"peer": peer, "error": str(exc)})
        finally:
            self._connections.discard(task)
            hands.hold(connections=len(self._connections), waiting=self._waiting.qsize())
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, peer: str) -> None:
        framer = Framer(self._settings.max_message)
        while True:
            async with asyncio.timeout(self._settings.idle):
                data = await reader.read(READ_BYTES)
            for frame in framer.feed(data) if data else framer.rest():
                await self._waiting.put((frame, peer))  # waits while there is no room: the sender reads it off TCP
            if not data:
                return


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, waiting: asyncio.Queue[tuple[Frame, str]], hands: Hands, max_bytes: int) -> None:
        self._waiting = waiting
        self._hands = hands
        self._max = max_bytes

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.rstrip(b"\r\n\0")
        if not text:
            return
        try:
            self._waiting.put_nowait((Frame(text[: self._max], len(text) > self._max), addr[0]))
        except asyncio.QueueFull:
            self._hands.drop(1)


def _tls(settings: SyslogSettings) -> ssl.SSLContext | None:
    if settings.tls_cert is None or settings.tls_key is None or settings.client_ca is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    context.load_verify_locations(settings.client_ca)
    return context


def _peer(writer: asyncio.StreamWriter) -> str:
    """Return who is at the other end: the name in the certificate, else the address."""
    certificate = writer.get_extra_info("peercert")
    if certificate:
        for part in certificate.get("subject", ()):
            for key, value in part:
                if key == "commonName":
                    return str(value)
    address = writer.get_extra_info("peername")
    return str(address[0]) if address else ""
