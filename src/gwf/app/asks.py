"""The questions of a centre to its agents, put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.agentdoor import FleetDoor
from gwf.api.centre import HotRoute
from gwf.api.v1.agent_files import agent_file_downloads, agent_file_orders, agent_file_routes
from gwf.api.v1.askcalls import AskCalls
from gwf.api.v1.incoming import incoming_orders, incoming_pieces
from gwf.app.beside import beside
from gwf.app.fleet import Fleet
from gwf.control.asks.desk import AskDesk
from gwf.control.asks.memory import MemoryAsks
from gwf.control.bells import Bells
from gwf.core.clock import Clock
from gwf.db.address import Backend
from gwf.db.asks_store import SqlAsks
from gwf.db.database import Database


class Asks:
    """The questions of a centre, and their routes."""

    def __init__(self, database: Database, fleet: Fleet, bells: Bells, *, clock: Clock) -> None:
        """Keep questions in the database where several servers share it, else in memory."""
        shared = database.facts.backend is Backend.POSTGRESQL
        store = SqlAsks(database.core) if shared else MemoryAsks()
        self.desk = AskDesk(store, fleet.roster, bells, fleet=fleet.store, clock=clock)

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            agent_file_routes(self.desk),
            agent_file_downloads(self.desk),
            agent_file_orders(self.desk),
            incoming_orders(self.desk),
            incoming_pieces(self.desk),
        ]

    def hot(self, door: FleetDoor) -> Sequence[HotRoute]:
        """Return what agents call."""
        return AskCalls(self.desk, door).routes()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep up with other servers until the block ends."""
        async with beside(self.desk.run(), name="asks"):
            yield
