from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging.handlers
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gwf.core.clock import SystemClock
from gwf.core.errors import UnavailableError
from gwf.core.settings.inputs import SyslogSettings
from gwf.ingest.inputs.intake import Intake, PatientHands
from gwf.ingest.inputs.metrics import Fate, InputFacts
from gwf.ingest.inputs.syslog.listener import SyslogListener
from gwf.ingest.service import IngestService
from tests.certificates import certificate_in
from tests.ingest.memory_store import MemoryStore


async def until(holds: Callable[[], object]) -> None:
    for _ in itertools.count():
        if holds():
            return
        await asyncio.sleep(0.01)


class Place:
    """A listener on a free port of loopback, over the ingest and a store in memory."""

    def __init__(self, **settings: object) -> None:
        self.store = MemoryStore()
        self.facts = InputFacts()
        self.clock = SystemClock()
        self.listener = SyslogListener(SyslogSettings.model_validate({"listen": "127.0.0.1:0", **settings}), self.clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        ingest = IngestService(self.store, self.clock)
        ingest.start()
        ready = asyncio.Event()
        hands = PatientHands(Intake(ingest, self.facts), "syslog", "acme")
        task = asyncio.create_task(self.listener.run(hands, ready.set))
        await ready.wait()
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await ingest.stop()

    async def until(self, count: int) -> list[str]:
        """Return the texts of events once there are so many."""
        await until(lambda: len(self.store.events) >= count)
        return [event.data["message"] for event in self.store.events if isinstance(event.data, dict)]

    async def send(self, data: bytes, context: ssl.SSLContext | None = None) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.listener.port, ssl=context)
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def play(place: Place, story: Callable[[Place], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(60), place.running():
            await story(place)

    asyncio.run(run())


def test_a_program_logs_over_udp_and_tcp() -> None:
    async def story(place: Place) -> None:
        def log(kind: socket.SocketKind) -> None:  # the client of Python's own library, as a program uses it
            handler = logging.handlers.SysLogHandler(("127.0.0.1", place.listener.port), socktype=kind)
            handler.append_nul = kind is socket.SOCK_STREAM
            handler.emit(logging.LogRecord("shop", logging.ERROR, "shop.py", 1, "paid %s", (kind.name,), None))
            handler.close()

        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            await asyncio.to_thread(log, kind)
        assert sorted(await place.until(2)) == ["paid SOCK_DGRAM", "paid SOCK_STREAM"]
        assert {(event.tenant, event.source, event.severity.word) for event in place.store.events} == {
            ("acme", "/syslog/127.0.0.1", "error")
        }

    play(Place(), story)


def test_both_framings_come_over_one_connection_and_equal_messages_are_two() -> None:
    async def story(place: Place) -> None:
        await place.send(b"<13>same\n<13>same\n12 <13>two\nline" + b"<13>last, without an end")
        assert await place.until(4) == ["same", "same", "two\nline", "last, without an end"]

    play(Place(), story)


def test_while_nothing_can_be_stored_connections_wait_and_nothing_is_lost() -> None:
    async def story(place: Place) -> None:
        place.store.failure = UnavailableError("the database is away")
        await place.send(b"".join(b"<13>%d\n" % number for number in range(2_000)))
        await until(lambda: place.store.calls)
        place.store.failure = None
        assert await place.until(2_000) == [str(number) for number in range(2_000)]

    play(Place(max_per_s=100_000), story)


def test_datagrams_for_which_there_is_no_room_are_counted() -> None:
    async def story(place: Place) -> None:
        place.store.free.clear()
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while not place.facts.fates["syslog", Fate.DROPPED]:
            for _ in range(4):
                sender.sendto(b"<13>x", ("127.0.0.1", place.listener.port))
            await asyncio.sleep(0)
        sender.close()
        place.store.free.set()
        await place.until(1)

    play(Place(max_per_s=10), story)


def test_what_was_read_is_stored_before_the_process_ends() -> None:
    place = Place()

    async def story(place: Place) -> None:
        place.store.free.clear()
        await place.send(b"".join(b"<13>%d\n" % number for number in range(600)))
        await until(lambda: place.facts.waiting.get("syslog", 0) >= 100)
        asyncio.get_running_loop().call_later(0.1, place.store.free.set)

    play(place, story)
    assert len(place.store.events) == len({event.id for event in place.store.events}) == 600


def test_senders_are_recognised_by_their_certificate(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "client").mkdir()
    own, client = certificate_in(tmp_path / "server"), certificate_in(tmp_path / "client")

    async def story(place: Place) -> None:
        trusting = ssl.create_default_context(cafile=str(own))
        # TLS 1.3 tells a client that it is turned away only when it reads; what counts is that nothing is taken
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            await place.send(b"<13>stranger\n", trusting)
        trusting.load_cert_chain(client)
        await place.send(b"<13>known\n", trusting)
        assert await place.until(1) == ["known"]
        assert [event.source for event in place.store.events] == ["/syslog/loopback"]

    play(Place(udp=False, tls_cert=own, tls_key=own, client_ca=client), story)


def test_an_address_that_is_taken_is_said() -> None:
    async def story(place: Place) -> None:
        other = SyslogListener(SyslogSettings(listen=f"127.0.0.1:{place.listener.port}"), place.clock)
        hands = PatientHands(Intake(IngestService(MemoryStore(), place.clock), InputFacts()), "syslog", "t")
        with pytest.raises(UnavailableError, match=r"server\.inputs\.syslog\.listen"):
            await other.run(hands, lambda: None)

    play(Place(), story)
