"""The centre's side of a sender: starts it, hands messages over, and hears what became of them."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from gwf.alerts.delivery.model import Message, Sent
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.core.errors import ErrorClass, UnavailableError
from gwf.core.settings.server import ServerSettings
from gwf.tasks.actions.notify import Channel
from gwf.tasks.channels.sender.words import MAX_LINE_BYTES, READY, Answer, Order, Refusal, setup_of

END_S = 5.0  #: a sender that has nothing to do ends so soon after it is let go
MODULE = "gwf.tasks.channels.sender.process"

log = logging.getLogger("gwf.alerts")


class Child(Protocol):
    """A process of ours."""

    def kill(self) -> None:
        """End it at once."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ended."""
        ...


Start = Callable[[socket.socket, ReceiptFile], Child]
"""Starts a sender at the other end of a socket."""


@dataclass(slots=True)
class _Link:
    """A sender that runs."""

    child: Child
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    #: messages on their way, by the number of their order
    waiting: dict[int, tuple[Message, asyncio.Future[Sent]]] = field(
        default_factory=dict[int, "tuple[Message, asyncio.Future[Sent]]"]
    )
    hearing: asyncio.Task[None] | None = None


def started(theirs: socket.socket, receipts: ReceiptFile) -> Child:
    """Start a sender as a process in a session of its own: what ends the centre's group does not end it."""
    files = (theirs.fileno(), receipts.fileno())
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, *map(str, files)],
        pass_fds=files,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


class Sender:
    """Used in one event loop. The process begins with the first message, or with `begin`."""

    def __init__(self, settings: ServerSettings, receipts: ReceiptFile, *, start: Start = started) -> None:
        """Send by the channels of the settings; receipts are noted in a file that outlives both processes."""
        self._setup = setup_of(settings)
        self._receipts = receipts
        self._start = start
        self._link: _Link | None = None
        self._linking = asyncio.Lock()
        self._number = READY

    async def begin(self) -> None:
        """Have the process ready before the first message.

        Raises:
            UnavailableError: It does not begin.
        """
        await self._linked()

    async def send(self, channel: str, message: Message) -> Sent:
        """Have a message sent.

        Raises:
            UnavailableError: It was not taken, or the sender died and nobody knows.
        """
        link = await self._linked()
        self._number += 1
        heard: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        link.waiting[self._number] = message, heard
        link.writer.write(_line(Order(number=self._number, channel=channel, message=message)))
        return await heard

    async def close(self) -> None:
        """Let the process go: it ends when nothing is on its way any more."""
        link, self._link = self._link, None
        if link is None or link.hearing is None:
            return
        link.hearing.cancel()
        await asyncio.gather(link.hearing, return_exceptions=True)
        link.writer.close()
        await _ended(link.child)

    # -- the process -------------------------------------------------------------------------------------

    async def _linked(self) -> _Link:
        async with self._linking:
            if self._link is None:
                self._link = await self._opened()
            return self._link

    async def _opened(self) -> _Link:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                child = self._start(theirs, self._receipts)
            except OSError as exc:
                ours.close()
                raise _not_begun(reason=str(exc)) from exc
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE_BYTES)
        link = _Link(child=child, reader=reader, writer=writer)
        is_ready = False
        try:
            writer.write(_line(self._setup))
            is_ready = await _answer(reader) is not None
        finally:
            if not is_ready:  # nothing was sent by it
                writer.close()
                child.kill()
                child.wait()
        if not is_ready:
            raise _not_begun(reason="it ended as it began")
        link.hearing = asyncio.create_task(self._hear(link), name="gwf-sender")
        return link

    async def _hear(self, link: _Link) -> None:
        while (answer := await _answer(link.reader)) is not None:
            message, heard = link.waiting.pop(answer.number)
            if answer.unnoted:
                log.warning("receipt_not_noted", extra={"message_id": message.message_id, "error": answer.unnoted})
            if heard.done():
                continue
            if answer.refusal is None:
                heard.set_result(Sent(receipt=answer.receipt))
            else:
                heard.set_exception(_error(answer.refusal, message))
        self._lost(link)
        await _ended(link.child)

    def _lost(self, link: _Link) -> None:
        """End what was on its way when the sender died: what it noted arrived."""
        self._link = None
        link.writer.close()
        known = self._receipts.read()
        log.error("sender_died", extra={"messages": len(link.waiting)})
        for message, heard in link.waiting.values():
            if heard.done():
                continue
            if message.message_id in known:
                heard.set_result(Sent(receipt=known[message.message_id]))
            else:
                heard.set_exception(
                    UnavailableError("the sender of messages died", error_class=ErrorClass.NETWORK, retryable=True)
                )


class SenderWay:
    """Speaks the port `gwf.alerts.delivery.ports.Way`."""

    def __init__(self, name: str, channel: Channel, sender: Sender) -> None:
        """Have `sender` send through the channel of this name; whether it is there is asked here."""
        self._name = name
        self._channel = channel
        self._sender = sender

    async def send(self, message: Message) -> Sent:
        """See the port."""
        return await self._sender.send(self._name, message)

    async def health_check(self) -> str:
        """See the port."""
        return await self._channel.health_check()


def ways_by(sender: Sender, channels: Mapping[str, Channel]) -> Mapping[str, SenderWay]:
    """Return ways to people through channels that a sender uses."""
    return {name: SenderWay(name, channel, sender) for name, channel in channels.items()}


async def _answer(reader: asyncio.StreamReader) -> Answer | None:
    """Return what the sender says next; None = it is gone."""
    try:
        line = await reader.readline()
    except ConnectionError:
        return None
    return msgspec.json.decode(line, type=Answer) if line.endswith(b"\n") else None


async def _ended(child: Child) -> None:
    """Wait a while until a process ended; one that still sends is left alone, nobody waits for it then."""
    try:
        await asyncio.to_thread(child.wait, END_S)
    except subprocess.TimeoutExpired:
        log.warning("sender_still_sends")


def _not_begun(*, reason: str) -> UnavailableError:
    """Return an error that says that nothing was sent."""
    return UnavailableError(
        "the sender of messages does not begin", reason=reason, error_class=ErrorClass.LOCAL_IO, retryable=True
    )


def _error(refusal: Refusal, message: Message) -> UnavailableError:
    if refusal.trace:
        log.error("channel_crashed", extra={"channel": message.channel, "traceback": refusal.trace})
    return UnavailableError(
        refusal.reason, error_class=refusal.error_class, retryable=refusal.retryable,
        retry_after_s=refusal.retry_after_s,
    )  # fmt: skip


def _line(words: msgspec.Struct) -> bytes:
    return msgspec.json.encode(words) + b"\n"
