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

from gwf.api.agentdoor import FleetDoor
from gwf.api.centre import HotRoute
from gwf.api.legacy.control_agents import agents_route
from gwf.api.legacy.control_audit import audit_route
from gwf.api.legacy.control_tasks import pull_route, tasks_route
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.v1.task_bulk import task_bulk_routes
from gwf.api.v1.taskcalls import TaskCalls
from gwf.api.v1.tasks import task_orders, task_routes, task_stories
from gwf.app.actions import catalog_of, worker_name
from gwf.app.beside import beside
from gwf.app.channels import Channels
from gwf.app.fleet import Fleet
from gwf.app.record import Record
from gwf.app.sweep import Sweep
from gwf.app.watches import TasksWatch
from gwf.control.bells import Bells
from gwf.control.fleet.keyed import KeyedAgents
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.state import AgentState
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.settings.server import ServerSettings
from gwf.db.address import Backend
from gwf.db.channel_budget import SqlBudgets
from gwf.db.clock import DatabaseClock
from gwf.db.database import Database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows.follow import Follower
from gwf.tasks.bulk import TaskBulk
from gwf.tasks.desk import TaskDesk
from gwf.tasks.hands import Hands
from gwf.tasks.metrics import ControlMetrics
from gwf.tasks.model import Executor
from gwf.tasks.service import TaskService
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.worker import Worker, WorkerParts
from gwf.tasks.workload import WorkloadMetrics
from gwf.wire.agenttasks import TASKS_BELL

SWEEP_EVERY_S = 5.0
LOOK_S, LOOK_SHARED_S = 1.0, 0.25  #: between two looks at what other processes did; shorter where servers share
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
        self.workload = WorkloadMetrics(parts.registry)
        self.watch = TasksWatch()
        store = SqlTaskStore(database.core)
        #: of leases, waits and deadlines: the same for all who share the database
        self.clock = clock = DatabaseClock(database.core, clock)
        #: ways to people, for tasks and for alerts
        self.channels = Channels(settings)
        budgets = SqlBudgets(database.core, self.channels.per_minute, clock)
        self.catalog = catalog_of(settings, self.channels.opened, budgets)
        #: moves runs of flows on when their tasks end
        self.follower = Follower(SqlFlowStore(database.core), self.catalog, clock)
        self.tasks = TaskService(store, clock, self.told, follows=self.follower)
        self._sweep_now = Sweep(self.tasks, store, clock)
        self.bulk = TaskBulk(store, clock, self.told, follows=self.follower)
        self.hands = Hands(store, clock, self.told, follows=self.follower)
        self.desk = TaskDesk(self.tasks, self.catalog, RosterAgents(fleet.roster), clock=clock)
        self._settings = settings.work
        self._worker: Worker | None = None
        self._store = store
        #: by which agents hear of tasks
        self.bells = Bells()
        #: how many tasks wait for agents, at the last look
        self._waiting: dict[str, int] = {}
        self._look_s = LOOK_SHARED_S if database.facts.backend is Backend.POSTGRESQL else LOOK_S
        self.agents = KeyedAgents(fleet.store, fleet.roster, parts.clock)
        self._record = record
        self._roster = fleet.roster

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        bulk = task_bulk_routes(self.bulk)
        return [task_routes(self.desk), task_stories(self.desk), task_orders(self.desk), bulk]

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
        await self.clock.look()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(beside(self._sweep(), name="task-sweep"))
            await stack.enter_async_context(beside(self._look_for_agents(), name="task-look"))
            if self._settings.slots:
                parts = WorkerParts(hands=self.hands, catalog=self.catalog, sweep=self._sweep_now, clock=self.clock)
                self._worker = Worker(
                    parts, name=worker_name(), slots=self._settings.slots, lease_s=self._settings.lease
                )
                await stack.enter_async_context(beside(self._worker.run(), name="gwf-worker"))
            yield

    def hot(self, door: FleetDoor) -> Sequence[HotRoute]:
        """Return what agents call."""
        return TaskCalls(self.hands, door).routes()

    def greeting(self, agent_id: str) -> Sequence[str]:
        """Return what an agent hears as soon as it listens."""
        return [TASKS_BELL] if self.waiting_for(agent_id) else []

    def waiting_for(self, agent_id: str) -> int:
        """Return how many tasks wait for an agent, as far as this process knows; from memory, for heartbeats."""
        return self._waiting.get(agent_id, 0)

    def told(self, step: Step) -> None:
        """Hear of a step that became durable: count it, wake who waits for it."""
        self.metrics.took(step)
        self.workload.took(step)
        self.watch.took(step)
        task = step.task
        if task.executor is Executor.WORKER and Command.WAKE in step.commands and self._worker is not None:
            self._worker.wake()
        if task.for_agent is not None and step.commands & {Command.WAKE, Command.STOP}:
            self._waiting[task.for_agent] = self._waiting.get(task.for_agent, 0) + 1
            self.bells.ring([task.for_agent], TASKS_BELL)

    async def _look_for_agents(self) -> None:
        """Ring for tasks that other processes made or freed."""
        while True:
            await asyncio.sleep(self._look_s)
            try:
                waiting = dict(await self._store.waiting_for_agents())
            except GwfError as exc:
                log.warning("waiting_tasks_not_counted", extra={"error_code": exc.code, "error": str(exc)})
                continue
            except Exception:  # the edge of a loop that must not end
                log.exception("waiting_tasks_crashed")
                continue
            self.bells.ring([name for name, count in waiting.items() if count != self._waiting.get(name)], TASKS_BELL)
            self._waiting = waiting

    async def _sweep(self) -> None:
        for round_ in itertools.count():
            try:
                await self._sweep_now()
                if round_ % COUNT_EVERY_ROUNDS == 0:
                    await self._count()
                self._show_agents()
            except GwfError as exc:
                log.warning("tasks_not_swept", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("task_sweep_crashed")
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _count(self) -> None:
        counts = await self.tasks.counts()
        self.metrics.show_tasks(counts)
        self.workload.show(counts, await self.tasks.free_since_ms(), now_ms=self.clock.now_ms())

    def _show_agents(self) -> None:
        now_ms = self._roster.steady.now_ms()
        silences = {
            live.agent.agent_id: (now_ms - live.contact_ms) / 1000
            for live in self._roster.all()
            if live.verdict.state in ONLINE and live.contact_ms is not None
        }
        self.metrics.show_agents(len(self._roster), silences.values())
