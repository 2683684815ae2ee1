"""A fleet over a real database: what a centre puts together, with a clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from gwf.audit.model import Actor, ActorKind
from gwf.control.caller import Caller
from gwf.control.fleet.credentials import hash_of
from gwf.control.fleet.enrol import Enrolled, Enrolment
from gwf.control.fleet.groupdesk import GroupDesk
from gwf.control.fleet.heartbeats import Answer, Heartbeats
from gwf.control.fleet.keeper import Keeper
from gwf.control.fleet.model import Application, Beat
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import AgentHealth, Thresholds
from gwf.core.clock import ManualClock
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import Database, open_database
from gwf.db.fleet import SqlFleet
from gwf.db.tables.audit import audit_logs
from gwf.db.tables.identity import enrolment_tokens
from gwf.events.raised import MemorySink

Result = TypeVar("Result")
MEMORY = parse_address("memory", data_dir=Path("/nonexistent"))
TOKEN = "enrol-me"
BY = Caller(actor=Actor(kind=ActorKind.USER, id="u1"), name="anna", reason="because", request_id="r1")


class Centre:
    """One process of a centre, as far as agents are concerned."""

    def __init__(self, database: Database, clock: ManualClock, sink: MemorySink, *, shared: bool = False) -> None:
        self.database, self.clock, self.sink = database, clock, sink
        self.store = SqlFleet(database.core)
        self.roster = Roster(clock, Thresholds(), is_shared=shared)
        self.heartbeats = Heartbeats(self.roster, self.store)
        self.enrolment = Enrolment(self.store, self.roster, clock)
        self.fleet = FleetService(self.store, self.roster, clock)
        self.groups = GroupDesk(self.store, self.roster, clock)
        self.keeper = Keeper(self.heartbeats, self.roster, self.store, sink=sink, clock=clock)

    async def again(self, *, shared: bool = False) -> Centre:
        """Return another process over the same database."""
        other = Centre(self.database, self.clock, self.sink, shared=shared)
        await other.keeper.load()
        return other

    async def add_token(self, token: str = TOKEN, **more: Any) -> None:
        values = {
            "token_id": f"tok-{token}", "tenant_id": "default", "name": token, "token_hash": hash_of(token),
            "created_by": "u1", "created_at_ms": self.clock.now_ms(),
        }  # fmt: skip
        async with self.database.core.change() as change:
            await change.connection.execute(sa.insert(enrolment_tokens), values | more)

    async def enrol(self, number: int = 1, *, token: str = TOKEN, **more: Any) -> Enrolled:
        told = Application(
            instance_id=f"00000000-0000-4000-8000-{number:012d}", hostname=f"host-{number}", version="0.2.0",
            labels={"env": "prod"}, os="Linux", address=None, ip="10.0.0.1",
        )  # fmt: skip
        return await self.enrolment.register(token, replace(told, **more), request_id="r0")

    async def call(self, agent: Calling, **more: Any) -> Answer:
        """Send the next heartbeat of an agent."""
        live = await self.heartbeats.recognise(agent.credential)
        return self.heartbeats.take(live, agent.beat(self.clock, live, **more))

    async def pass_time(self, seconds: float, *callers: Calling, every_s: float = 30.0) -> None:
        """Let time pass in steps of a second; callers call in their interval."""
        for second in range(round(seconds)):
            self.clock.advance(1.0)
            for caller in callers:
                if second % every_s == 0:
                    await self.call(caller)
            await self.keeper.round()

    def kinds(self) -> list[str]:
        """Return the kinds of the events told so far."""
        return [event.type.removeprefix("gwf.") for event in self.sink.events]

    async def audited(self) -> list[str]:
        async with self.database.core.view() as connection:
            return list((await connection.scalars(sa.select(audit_logs.c.action).order_by(audit_logs.c.seq))).all())


@dataclass
class Calling:
    """The other end: an agent that calls."""

    credential: str
    seq: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def beat(self, clock: ManualClock, live: Live, **more: Any) -> Beat:
        self.seq += 1
        usual: dict[str, Any] = {
            "seq": self.seq, "sent_at_ms": clock.now_ms(), "started_at_ms": 5, "version": live.agent.version,
            "hostname": live.agent.hostname, "labels": live.agent.labels, "health": AgentHealth.OK,
            "metrics": {"queued": self.seq},
        }  # fmt: skip
        return Beat(**(usual | self.more | more))


def with_centre(
    work: Callable[[Centre], Awaitable[Result]], *, address: DatabaseAddress = MEMORY, shared: bool = False
) -> Result:
    """Run `work` with a centre that has one enrolment token."""

    async def run() -> Result:
        async with await open_database(address, fallback=False) as database:
            centre = Centre(database, ManualClock(), MemorySink(), shared=shared)
            await centre.add_token()
            await centre.keeper.load()
            return await work(centre)

    return asyncio.run(run())


async def enrolled(centre: Centre, number: int = 1, **more: Any) -> tuple[Live, Calling]:
    """Return an agent that registered, and its other end."""
    found = await centre.enrol(number, **more)
    return found.live, Calling(found.credential)
