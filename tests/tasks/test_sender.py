"""The sender outlives a centre that is killed: what was on its way arrives, and the next centre knows it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gwf.alerts.delivery.model import Message, Sent
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.core.errors import ErrorClass, UnavailableError
from gwf.core.settings.channels import ChannelSettings
from gwf.core.settings.server import ServerSettings, WebhookSettings
from gwf.events.model import Severity
from gwf.tasks.channels.sender.sender import Child, Sender, started
from gwf.tasks.channels.sender.words import setup_of

CENTRE = """
import asyncio, sys
from pathlib import Path
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.tasks.channels.sender.sender import Sender
from tests.tasks.test_sender import message, settings

async def centre():
    receipts = ReceiptFile(Path(sys.argv[2]))
    assert receipts.take()
    await Sender(settings(sys.argv[1]), receipts).send("ops", message("msg_1"))

asyncio.run(centre())
"""


def settings(url: str) -> ServerSettings:
    values = {"kind": "webhook", "url": url, "secret": "s3cret-of-ops", "timeout": "20s", "quiet": None}
    return ServerSettings(
        channels={"ops": ChannelSettings.model_validate(values)},
        webhooks=WebhookSettings(allow_networks=("127.0.0.0/8",)),
    )


def message(name: str) -> Message:
    return Message(
        message_id=name, tenant="default", channel="ops", urgent=True, title="磁盘", text="满了", parts=1,
        severity=Severity.CRITICAL, created_at_ms=1, mobiles=("13800000000",),
    )  # fmt: skip


@dataclass
class Receiver:
    """Takes requests, and answers when it is let to."""

    url: str = ""
    keys: list[str] = field(default_factory=list[str])
    statuses: list[int] = field(default_factory=list[int])
    came: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Generator[Receiver]:
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            one.keys.append(self.headers["idempotency-key"])
            one.came.set()
            one.may_answer.wait(20)
            body = json.dumps({"id": f"r-{len(one.keys)}"}).encode()
            self.send_response(one.statuses.pop(0) if one.statuses else 200)
            self.send_header("content-length", str(len(body)))
            self.send_header("retry-after", "7")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Pass over those who were killed before they heard the answer."""

    server = Server(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield one
    one.may_answer.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_on_its_way_when_the_centre_is_killed_arrives_once(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "receipts"
    centre = subprocess.Popen([sys.executable, "-c", CENTRE, receiver.url, str(path)])
    assert receiver.came.wait(60)
    centre.kill()
    centre.wait()
    after = ReceiptFile(path)
    assert not after.take()  # the sender is still at it: nobody may send again
    assert after.read() == {}
    receiver.may_answer.set()
    while not after.take():
        time.sleep(0.01)
    assert after.read() == {"msg_1": "r-1"}
    assert receiver.keys == ["msg_1"]
    after.close()


def test_a_sender_goes_on_after_refusals_and_ends_with_the_centre(receiver: Receiver, tmp_path: Path) -> None:
    receiver.may_answer.set()
    receiver.statuses = [429, 401]
    children: list[Child] = []

    def start(theirs: socket.socket, receipts: ReceiptFile) -> Child:
        children.append(started(theirs, receipts))
        return children[-1]

    async def run() -> None:
        receipts = ReceiptFile(tmp_path / "receipts")
        sender = Sender(settings(receiver.url), receipts, start=start)
        found: list[tuple[ErrorClass, bool, float | None]] = []
        for _ in range(2):
            with pytest.raises(UnavailableError) as caught:
                await sender.send("ops", message("a"))
            found.append((caught.value.error_class, caught.value.retryable, caught.value.retry_after_s))
        assert found == [(ErrorClass.THROTTLED, True, 7.0), (ErrorClass.AUTH, False, 7.0)]
        assert receipts.read() == {}
        both = await asyncio.gather(sender.send("ops", message("b")), sender.send("ops", message("c")))
        assert {one.receipt for one in both} == {"r-3", "r-4"} == set(receipts.read().values())
        await sender.close()
        assert [child.wait(0) for child in children] == [0]
        receipts.close()

    asyncio.run(run())


def test_a_sender_that_is_killed_leaves_it_open_what_it_had_not_noted(receiver: Receiver, tmp_path: Path) -> None:
    pids: list[int] = []

    def start(theirs: socket.socket, receipts: ReceiptFile) -> Child:
        child = started(theirs, receipts)
        assert isinstance(child, subprocess.Popen)
        pids.append(child.pid)
        return child

    async def run() -> None:
        receipts = ReceiptFile(tmp_path / "receipts")
        sender = Sender(settings(receiver.url), receipts, start=start)
        flights = [asyncio.create_task(sender.send("ops", message(name))) for name in ("a", "b")]
        await asyncio.to_thread(receiver.came.wait, 60)
        receipts.add("b", "noted")  # it arrived, and only its answer was lost
        os.kill(pids[0], signal.SIGKILL)
        lost, noted = await asyncio.gather(*flights, return_exceptions=True)
        assert isinstance(lost, UnavailableError)
        assert (lost.error_class, lost.retryable) == (ErrorClass.NETWORK, True)  # so it is marked as a repeat
        assert isinstance(noted, Sent)
        assert noted.receipt == "noted"
        receiver.may_answer.set()
        assert (await sender.send("ops", message("a"))).receipt
        assert len(pids) == 2
        await sender.close()
        receipts.close()

    asyncio.run(run())


def test_a_sender_that_does_not_begin_is_said_and_tried_again(receiver: Receiver, tmp_path: Path) -> None:
    receiver.may_answer.set()
    broken = [True]

    def start(theirs: socket.socket, receipts: ReceiptFile) -> Child:
        if broken.pop() if broken else False:
            return subprocess.Popen([sys.executable, "-c", ""])
        return started(theirs, receipts)

    async def run() -> None:
        receipts = ReceiptFile(tmp_path / "receipts")
        sender = Sender(settings(receiver.url), receipts, start=start)
        with pytest.raises(UnavailableError, match="ended as it began"):
            await sender.begin()
        assert (await sender.send("ops", message("a"))).receipt == "r-1"
        await sender.close()
        receipts.close()

    asyncio.run(run())


def test_settings_reach_the_sender_as_they_are() -> None:
    before = settings("https://example.com/hook?token=t")
    after = setup_of(before).settings()
    assert after.channels == before.channels
    assert after.webhooks == before.webhooks


def test_a_line_that_a_full_disk_cut_off_costs_no_other(tmp_path: Path) -> None:
    receipts = ReceiptFile(tmp_path / "receipts")
    receipts.add("a", "1")
    os.write(receipts.fileno(), b'\n{"message": "b", "rec')
    receipts.add("c", "3")
    assert receipts.read() == {"a": "1", "c": "3"}
    receipts.close()
