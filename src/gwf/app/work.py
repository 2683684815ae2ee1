"""Tasks put together, and the Go version's control plane over tasks, agents and the audit."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.api.legacy.control_agents import agents_route
from gwf.api.legacy.control_audit import audit_route
from gwf.api.legacy.control_tasks import pull_route, tasks_route
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.v1.tasks import task_orders, task_routes
from gwf.app.actions import catalog_of, worker_name
from gwf.app.beside import beside
from gwf.app.fleet import Fleet
from gwf.app.record import Record
from gwf.control.fleet.keyed import KeyedAgents
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.state import AgentState
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.settings.server import ServerSettings
from gwf.db.database import Database
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.desk import TaskDesk
from gwf.tasks.hands import Hands
from gwf.tasks.metrics import ControlMetrics
from gwf.tasks.model import Executor
from gwf.tasks.service import TaskService
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.worker import Worker, WorkerParts

SWEEP_EVERY_S = 5.0
COUNT_EVERY_ROUNDS = 6  #: all tasks are counted once in so many sweeps
ONLINE = frozenset({AgentState.ONLINE, AgentState.DEGRADED})

log = logging.getLogger("gwf.app")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkParts:
    """What tasks need of the other areas."""

    fleet: Fleet
    record: Record
    registry: CollectorRegistry
    clock: Clock


class RosterAgents:
    """Knows which agents may have tasks (gwf.tasks.desk.Agents)."""

    def __init__(self, roster: Roster) -> None:
        """Look into the roster."""
        self._roster = roster

    def is_agent(self, tenant: str, agent_id: str) -> bool:
        """Tell whether a tenant has such an agent, and it was not revoked."""
        live = self._roster.find(AgentId(agent_id))
        return live is not None and live.agent.tenant == tenant and live.agent.revoked_at_ms is None


class Work:
    """The service of tasks, and the routes of the Go version's control plane."""

    def __init__(self, settings: ServerSettings, database: Database, parts: WorkParts) -> None:
        """Put them together."""
        fleet, record, clock = parts.fleet, parts.record, parts.clock
        self.metrics = ControlMetrics(parts.registry)
        store = SqlTaskStore(database.core)
        self.tasks = TaskService(store, clock, self._told)
        self.hands = Hands(store, clock, self._told)
        self.catalog = catalog_of(settings)
        self.desk = TaskDesk(self.tasks, self.catalog, RosterAgents(fleet.roster), clock)
        self._settings = settings.work
        self._worker: Worker | None = None
        self._clock = clock
        self.agents = KeyedAgents(fleet.store, fleet.roster, clock)
        self._record = record
        self._roster = fleet.roster

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [task_routes(self.desk), task_orders(self.desk)]

    def legacy(self) -> Sequence[LegacyRoute]:
        """Return the addresses of the Go version."""
        return [
            agents_route(self.agents),
            tasks_route(self.tasks),
            pull_route(self.tasks, self.agents),
            audit_route(self._record.service),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Do tasks, and take them from silent executors, until the block ends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(beside(self._sweep(), name="task-sweep"))
            if self._settings.slots:
                parts = WorkerParts(hands=self.hands, catalog=self.catalog, sweep=self.tasks.sweep, clock=self._clock)
                self._worker = Worker(
                    parts, name=worker_name(), slots=self._settings.slots, lease_s=self._settings.lease
                )
                await stack.enter_async_context(beside(self._worker.run(), name="gwf-worker"))
            yield

    def _told(self, step: Step) -> None:
        """Hear of a step that became durable: count it, wake who waits for it."""
        self.metrics.took(step)
        if Command.WAKE in step.commands and step.task.executor is Executor.WORKER and self._worker is not None:
            self._worker.wake()

    async def _sweep(self) -> None:
        for round_ in itertools.count():
            try:
                await self.tasks.sweep()
                if round_ % COUNT_EVERY_ROUNDS == 0:
                    self.metrics.show_tasks(await self.tasks.counts())
                self._show_agents()
            except GwfError as exc:
                log.warning("tasks_not_swept", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("task_sweep_crashed")
            await asyncio.sleep(SWEEP_EVERY_S)

    def _show_agents(self) -> None:
        now_ms = self._roster.steady.now_ms()
        silences = {
            live.agent.agent_id: (now_ms - live.contact_ms) / 1000
            for live in self._roster.all()
            if live.verdict.state in ONLINE and live.contact_ms is not None
        }
        self.metrics.show_agents(len(self._roster), silences.values())
