"""The fleet put together: agents, groups and their heartbeats over the centre's database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.agentdoor import FleetDoor
from gwf.api.centre import HotRoute
from gwf.api.v1.agent_groups import agent_group_routes, group_preview_routes
from gwf.api.v1.agentcalls import AgentCalls
from gwf.api.v1.agents import agent_orders, agent_routes
from gwf.app.beside import beside
from gwf.control.fleet.enrol import Enrolment
from gwf.control.fleet.groupdesk import GroupDesk
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.keeper import Keeper
from gwf.control.fleet.metrics import FleetCollector
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import Clock
from gwf.core.looplag import LoopLag
from gwf.core.settings.server import AgentsSettings
from gwf.db.address import Backend
from gwf.db.database import Database
from gwf.db.fleet import SqlFleet
from gwf.events.ports import EventSink
from gwf.wire.edge import Reason


class Fleet:
    """The services around agents, and their routes."""

    def __init__(self, settings: AgentsSettings, database: Database, *, sink: EventSink, clock: Clock) -> None:
        """Put the services together; set `heartbeats.wishes` to what other areas have for agents."""
        self.store = SqlFleet(database.core)
        shared = database.facts.backend is Backend.POSTGRESQL
        self.roster = Roster(clock, _thresholds(settings), is_shared=shared)
        self.heartbeats = Heartbeats(self.roster, self.store)
        self.door = FleetDoor(self.heartbeats)
        self.service = FleetService(self.store, self.roster, clock)
        self._groups = GroupDesk(self.store, self.roster, clock)
        self._enrolment = Enrolment(self.store, self.roster, clock)
        self._keeper = Keeper(self.heartbeats, self.roster, self.store, sink=sink, clock=clock)
        self.clock = clock
        self.lag = LoopLag()
        self.collector = FleetCollector(self.lag, self.heartbeats, self._keeper.facts)

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            agent_routes(self.service, self.clock),
            agent_orders(self.service),
            agent_group_routes(self._groups, self.clock),
            group_preview_routes(self._groups),
        ]

    def hot(self) -> Sequence[HotRoute]:
        """Return the plain routes that agents call."""
        return AgentCalls(self._enrolment, self.heartbeats, self.clock).routes()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Read the fleet, then keep it until the block ends; what was heard last is written then."""
        await self._keeper.load()
        try:
            async with (
                beside(self._keeper.run(), name="fleet-keeper"),
                beside(self.lag.run(), name="loop-lag"),
            ):
                yield
        finally:
            await self._keeper.close()

    def reasons(self) -> list[Reason]:
        """Return why the fleet is not well kept."""
        problem = self._keeper.facts.problem
        if not problem:
            return []
        message = (
            "what agents say is not written to the database; it is kept in memory and written as soon as it can be"
        )
        return [Reason(code="fleet_not_written", params={"problem": problem}, message=message)]


def _thresholds(settings: AgentsSettings) -> Thresholds:
    return Thresholds(
        heartbeat_s=settings.heartbeat,
        degraded_after_s=settings.degraded_after,
        offline_after_s=settings.offline_after,
        recover_after_s=settings.recover_after,
    )
