"""Tasks put together, and the Go version's control plane over tasks, agents and the audit."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from gwf.api.legacy.control_agents import agents_route
from gwf.api.legacy.control_audit import audit_route
from gwf.api.legacy.control_tasks import pull_route, tasks_route
from gwf.api.legacy.frame import LegacyRoute
from gwf.app.beside import beside
from gwf.app.fleet import Fleet
from gwf.app.record import Record
from gwf.control.fleet.keyed import KeyedAgents
from gwf.control.fleet.state import AgentState
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.database import Database
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.metrics import ControlMetrics
from gwf.tasks.service import TaskService

SWEEP_EVERY_S = 5.0
COUNT_EVERY_ROUNDS = 6  #: all tasks are counted once in so many sweeps
ONLINE = frozenset({AgentState.ONLINE, AgentState.DEGRADED})

log = logging.getLogger("gwf.app")


class Work:
    """The service of tasks, and the routes of the Go version's control plane."""

    def __init__(
        self, database: Database, fleet: Fleet, record: Record, *, registry: CollectorRegistry, clock: Clock
    ) -> None:
        """Put them together."""
        self.metrics = ControlMetrics(registry)
        self.tasks = TaskService(SqlTaskStore(database.core), clock, self.metrics.took)
        self.agents = KeyedAgents(fleet.store, fleet.roster, clock)
        self._record = record
        self._roster = fleet.roster

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
        """Take tasks from silent agents until the block ends."""
        async with beside(self._sweep(), name="task-sweep"):
            yield

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
