"""The fleet's configuration put together: layers, versions, rollouts, and what agents ask about them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.api.agentdoor import FleetDoor
from gwf.api.centre import HotRoute
from gwf.api.names import Names
from gwf.api.v1.agent_config import agent_config_routes, drift_routes
from gwf.api.v1.config_documents import document_routes
from gwf.api.v1.config_layers import layer_orders, layer_routes, version_routes
from gwf.api.v1.configcalls import ConfigCalls
from gwf.api.v1.outlooks import seat_routes, spread_routes
from gwf.api.v1.rollouts import rollout_orders, rollout_routes
from gwf.control.bells import Bells
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.model import AgentId, Beat
from gwf.control.fleet.ports import Offer
from gwf.control.fleet.roster import Roster
from gwf.control.rollout.agentdesk import AgentDesk, DeskParts
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.driver import DriverParts, RolloutDriver
from gwf.control.rollout.metrics import RolloutMetrics
from gwf.control.rollout.outlook import ConfigOutlook
from gwf.control.rollout.ports import Leadership
from gwf.control.rollout.roster import RosterFleet
from gwf.control.rollout.secrets import ConfigSecrets
from gwf.control.rollout.service import RolloutService
from gwf.control.rollout.stands import ConfigStands
from gwf.control.rollout.teller import Teller
from gwf.control.rollout.versions import ConfigService
from gwf.control.rollout.wish import ServiceParts
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.audit_store import SqlAuditStore
from gwf.db.config_store import SqlConfigStore
from gwf.db.half import CoreHalf
from gwf.db.lead import SharedLead, SoleLead
from gwf.events.ports import EventSink
from gwf.vault.service import Vault

REFRESH_S = 0.5  #: what another server committed is known here after so long
LEAD = "rollouts"

log = logging.getLogger("gwf.app")


def new_id(clock: Clock) -> str:
    """Return an id that sorts by time and that no other server makes."""
    return f"{clock.now_ms():011x}{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationParts:
    """What configurations stand on."""

    core: CoreHalf
    roster: Roster
    events: EventSink
    vault: Vault
    registry: CollectorRegistry
    clock: Clock
    #: tells how late the event loop comes to what is due
    lag_s: Callable[[], float] = float


class Configuration:
    """The services and their routes."""

    def __init__(self, parts: ConfigurationParts) -> None:
        """Put the services together; nothing works by itself before `running`."""
        store, clock = SqlConfigStore(parts.core, parts.clock), parts.clock
        fleet, teller = RosterFleet(parts.roster), Teller(parts.events)
        confidential = ConfigSecrets(parts.vault)
        self._roster = parts.roster
        self.store = store
        self._clock = clock
        self.bells = Bells()
        self.boards = Boards(store, self.bells)
        self.stands = ConfigStands(self.boards, fleet)
        metrics, next_id = RolloutMetrics(parts.registry, self.boards, clock), partial(new_id, clock)
        self.desk = AgentDesk(
            DeskParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                secrets=confidential,
                teller=teller,
                metrics=metrics,
                clock=clock,
            )
        )
        self.versions = ConfigService(store, self.boards, fleet, secrets=confidential, clock=clock, new_id=next_id)
        self.rollouts = RolloutService(
            ServiceParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                versions=self.versions,
                teller=teller,
                metrics=metrics,
                clock=clock,
                new_id=next_id,
            )
        )
        self.outlook = ConfigOutlook(store, SqlAuditStore(parts.core), self.boards, fleet=fleet)
        self.driver = RolloutDriver(
            DriverParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                lead=_lead(parts.core, clock),
                teller=teller,
                metrics=metrics,
                clock=clock,
                new_id=next_id,
                lag_s=parts.lag_s,
            )
        )

    def offer(self, agent_id: AgentId, beat: Beat) -> Offer | None:
        """Return what an agent should take now; from memory, for the answer of a heartbeat."""
        live = self._roster.find(agent_id)
        if live is None:
            return None
        wanted = self.desk.desired(live.agent.tenant, agent_id, beat.config_hash, local=beat.config_local)
        return None if wanted is None else Offer(hash=wanted[0], attempt_id=wanted[1])

    def v1(self, names: Names) -> Sequence[APIRouter]:
        """Return the routers below /api/v1; `names` says how people are called."""
        return [
            layer_routes(self.versions, self.outlook),
            layer_orders(self.versions),
            version_routes(self.versions, self.outlook),
            document_routes(self.versions),
            spread_routes(self.outlook, self._clock),
            seat_routes(self.outlook, names, self._clock),
            agent_config_routes(self.versions, self.rollouts),
            drift_routes(self.versions),
            rollout_routes(self.rollouts),
            rollout_orders(self.rollouts),
        ]

    def hot(self, heartbeats: Heartbeats) -> Sequence[HotRoute]:
        """Return what agents call; `heartbeats` knows their credentials."""
        return ConfigCalls(self.desk, FleetDoor(heartbeats), self.bells).routes()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Read what is stored, then keep up with it and move rollouts, until the block ends."""
        await self.boards.refresh()
        stopping = asyncio.Event()
        tasks = (
            asyncio.create_task(self._keep_up(stopping), name="config-boards"),
            asyncio.create_task(self.driver.run(stopping), name="rollouts"),
        )
        try:
            yield
        finally:
            self.bells.close()
            stopping.set()
            await asyncio.gather(*tasks)
            await self.desk.close()

    async def _keep_up(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self.boards.refresh()
            except GwfError as exc:  # agents are answered from what is known
                log.warning("config_boards_stale", extra={"error_code": exc.code, "error": str(exc)})
            try:
                async with asyncio.timeout(REFRESH_S):
                    await stopping.wait()
            except TimeoutError:
                continue


def _lead(core: CoreHalf, clock: Clock) -> Leadership:
    if core.is_sqlite:
        return SoleLead()
    return SharedLead(core, name=LEAD, owner=secrets.token_hex(8), clock=clock)
