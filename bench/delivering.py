"""A process that delivers notices, to be killed while it sends: the delivery and its sender over a real database."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench.robot import SECRET
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.alerts.delivery.runner import DeliveryParts, DeliveryRunner
from gwf.app.channels import Channels
from gwf.core.clock import SystemClock
from gwf.core.settings.channels import ChannelSettings
from gwf.core.settings.server import ServerSettings, WebhookSettings
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.delivery_store import SqlDelivery
from gwf.db.half import CoreHalf
from gwf.db.lead import SoleLead
from gwf.db.tables.alerts import notices
from gwf.events.model import Severity
from gwf.tasks.channels.sender.process import serve
from gwf.tasks.channels.sender.sender import Sender, ways_by

A_LIFE = 3  #: notices that each life begins with
LOOPBACK = ("127.0.0.0/8",)
MOST_FILES = 1_024
_SUBREAPER = 36  #: prctl: children of a process that was killed become ours, so that they leave no zombies

_orphans: list[int] = []


def live(home: Path, url: str, kind: str, *, first: int, kill_after_s: float | None, both: bool = False) -> None:
    """Deliver in a child from some notices on, and kill it so long after it could send; None = let it end.

    `both` kills its sender in the same moment, as an end of the machine or of a container does.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            asyncio.run(_deliver(home, url, kind, first=first, begun=writing, to_end=kill_after_s is None))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    sender = int.from_bytes(os.read(reading, 4), "big")
    os.close(reading)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
        if both:
            with suppress(ProcessLookupError):
                os.kill(sender, signal.SIGKILL)
    os.waitpid(child, 0)
    if kill_after_s is not None:
        _orphans.append(sender)
    _orphans[:] = [pid for pid in _orphans if os.waitpid(pid, os.WNOHANG) == (0, 0)]


def warm(home: Path, url: str, kind: str, *, first: int) -> None:
    """Deliver here, to the end: forks need not load and compile again what this has."""
    reading, writing = os.pipe()
    asyncio.run(_deliver(home, url, kind, first=first, begun=writing, to_end=True))
    os.close(reading)
    os.close(writing)


class Forked:
    """A sender that is a fork of this process: as the one that is begun anew, without loading all modules again."""

    def __init__(self, theirs: socket.socket, receipts: ReceiptFile) -> None:
        """Begin it."""
        self.pid = os.fork()
        if self.pid:
            return
        status = 1
        try:
            os.setsid()
            kept = (theirs.fileno(), receipts.fileno())
            for descriptor in range(3, MOST_FILES):
                if descriptor not in kept:
                    with suppress(OSError):
                        os.close(descriptor)
            serve(theirs, receipts)
            status = 0
        finally:
            os._exit(status)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ended."""
        del timeout  # it ends when its requests do
        return os.waitpid(self.pid, 0)[1]


async def _deliver(home: Path, url: str, kind: str, *, first: int, begun: int, to_end: bool) -> None:
    secret = SECRET if kind == "dingtalk" else None
    values = {"kind": kind, "url": url, "secret": secret, "per_minute": 6_000, "zone": "UTC"}
    settings = ServerSettings(
        channels={"ops": ChannelSettings.model_validate(values)}, webhooks=WebhookSettings(allow_networks=LOOPBACK)
    )
    channels, clock, children = Channels(settings), SystemClock(), list[Forked]()

    def start(theirs: socket.socket, receipts: ReceiptFile) -> Forked:
        children.append(Forked(theirs, receipts))
        return children[-1]

    receipts = ReceiptFile(home / "receipts.jsonl")
    sender = Sender(settings, receipts, start=start)
    async with await open_database(parse_address("sqlite", data_dir=home), clock=clock, fallback=False) as database:
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(notices), [_notice(first + at) for at in range(A_LIFE)])
        await sender.begin()
        runner = DeliveryRunner(
            DeliveryParts(
                store=SqlDelivery(database.core), channels=channels.rules, ways=ways_by(sender, channels.opened),
                schedules=lambda _: {}, lead=SoleLead(), clock=clock, zones={"ops": ZoneInfo("UTC")},
                receipts=receipts,
            )
        )  # fmt: skip
        work = asyncio.create_task(runner.run())
        os.write(begun, children[0].pid.to_bytes(4, "big"))
        if not to_end:
            await work
        while await _some_left(database.core):
            await runner.rest()
            await asyncio.sleep(0.1)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await sender.close()
    receipts.close()  # with its lock: who warms this process lives on


async def _some_left(core: CoreHalf) -> bool:
    async with core.view() as connection:
        wanted = sa.select(sa.func.count()).where(notices.c.state.in_(("waiting", "planned")))
        return bool(await connection.scalar(wanted))


def _notice(number: int) -> dict[str, object]:
    name = f"host-{number:06d}"
    alert = {"title": name, "severity": "warning", "status": "firing", "started_at_ms": 0, "count": 1}
    return {
        "notice_id": f"ntc_{number:024x}", "tenant_id": "default", "kind": "firing", "group_key": name,
        "at_ms": int(time.time() * 1000), "level": 0, "receivers": ["ops"], "severity": int(Severity.WARNING),
        "state": "waiting", "body": {"rule_name": "r", "new": 1, "alerts": [alert]}, "updated_at_ms": 0,
    }  # fmt: skip
