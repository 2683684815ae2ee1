"""The process of a sender: sends what it is told, notes each receipt, and ends after whoever told it.

    python -m gwf.tasks.channels.sender.process SOCKET RECEIPTS

Both are numbers of open files that it was given. When the centre dies, requests that are on their way are brought to
their end; the lock on the file of receipts lasts as long as this process, so the next centre knows that it has to wait.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import traceback

import msgspec

from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.core.errors import ErrorClass, GwfError
from gwf.tasks.channels.sender.words import MAX_LINE_BYTES, READY, Answer, Order, Refusal, Setup, refusal_of
from gwf.tasks.channels.way import ChannelWay, channels_of

LINGER_S = 2.0  #: after the longest time that a request may take, it ends whatever is left


def serve(connected: socket.socket, receipts: ReceiptFile) -> None:
    """Send until the other side is gone and nothing is on its way any more."""
    for number in (signal.SIGINT, signal.SIGTERM):  # it ends when the centre does
        signal.signal(number, signal.SIG_IGN)
    asyncio.run(_serve(connected, receipts))


async def _serve(connected: socket.socket, receipts: ReceiptFile) -> None:
    reader, writer = await asyncio.open_connection(sock=connected, limit=MAX_LINE_BYTES)
    setup = await _line(reader)
    if setup is None:  # the centre stopped as soon as it had begun
        return
    settings = msgspec.json.decode(setup, type=Setup).settings()
    ways = {name: ChannelWay(name, channel) for name, channel in channels_of(settings).items()}
    longest_s = max(channel.timeout for channel in settings.channels.values())
    _say(writer, Answer(number=READY))
    flights: set[asyncio.Task[None]] = set()
    while (line := await _line(reader)) is not None:
        order = msgspec.json.decode(line, type=Order)
        flight = asyncio.create_task(_done(order, ways, receipts, writer=writer))
        flights.add(flight)
        flight.add_done_callback(flights.discard)
    if flights:
        await asyncio.wait(flights, timeout=longest_s + LINGER_S)


async def _line(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next whole line; None = the other side is gone, and what it had begun to write counts not."""
    try:
        line = await reader.readline()
    except ConnectionError:
        return None
    return line if line.endswith(b"\n") else None


async def _done(
    order: Order, ways: dict[str, ChannelWay], receipts: ReceiptFile, *, writer: asyncio.StreamWriter
) -> None:
    """Send a message, and note that it arrived before anybody is told."""
    try:
        sent = await ways[order.channel].send(order.message)
    except GwfError as exc:
        _say(writer, Answer(number=order.number, refusal=refusal_of(exc)))
        return
    except Exception as exc:  # noqa: BLE001  # told and logged there; a fault of one channel must not end the others
        reason = f"the channel failed ({type(exc).__name__})"
        refusal = Refusal(
            reason=reason, error_class=ErrorClass.SERVER, retryable=False, trace=traceback.format_exc()
        )  # fmt: skip
        _say(writer, Answer(number=order.number, refusal=refusal))
        return
    unnoted = ""
    try:
        receipts.add(order.message.message_id, sent.receipt)
    except GwfError as exc:
        unnoted = str(exc)
    _say(writer, Answer(number=order.number, receipt=sent.receipt, unnoted=unnoted))


def _say(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if not writer.is_closing():
        writer.write(msgspec.json.encode(answer) + b"\n")


def main() -> None:
    """Serve the socket and the file of receipts that the command line names."""
    connected, receipts = (int(number) for number in sys.argv[1:])
    serve(socket.socket(fileno=connected), ReceiptFile.inherited(receipts))
    os._exit(0)  # threads of requests that were given up would be waited for


if __name__ == "__main__":
    main()
