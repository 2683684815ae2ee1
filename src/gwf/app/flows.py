"""Flows put together: where they are kept, what moves their runs, and their routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.api.v1.flow_runs import run_orders, run_routes
from gwf.api.v1.flows import FlowDesk, flow_checks, flow_orders, flow_routes, run_beginnings
from gwf.app.beside import beside
from gwf.app.configuration import new_id
from gwf.app.work import Work
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.database import Database
from gwf.db.event_scan import EventScan
from gwf.db.flow_store import SqlFlowStore
from gwf.db.labelsets import LabelSets
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows.metrics import FlowMetrics
from gwf.flows.runs import RunService
from gwf.flows.service import FlowService

COUNT_EVERY_S = 15.0

log = logging.getLogger("gwf.app")


class Flows:
    """The services of flows, and their routes."""

    def __init__(
        self, database: Database, work: Work, labels: LabelSets, *, registry: CollectorRegistry, clock: Clock
    ) -> None:
        """Put them together over the tasks of `work`."""
        name = partial(new_id, clock)
        self.store = SqlFlowStore(database.core)
        self.events = EventScan(database.events, labels)
        self.service = FlowService(self.store, work.catalog, clock, new_id=name)
        self.runs = RunService(SqlTaskStore(database.core), self.store, work.follower, told=work.told, new_id=name)
        self.metrics = FlowMetrics(registry, self.store, since_ms=clock.now_ms())
        self._desk = FlowDesk(self.service, self.runs, self.events)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Count runs until the block ends."""
        async with beside(self._count(), name="flow-count"):
            yield

    async def _count(self) -> None:
        while True:
            try:
                await self.metrics.look()
            except GwfError as exc:
                log.warning("flow_runs_not_counted", extra={"error_code": exc.code, "error": str(exc)})
            await asyncio.sleep(COUNT_EVERY_S)

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            flow_routes(self._desk),
            flow_checks(self._desk),
            flow_orders(self._desk),
            run_beginnings(self._desk),
            run_routes(self._desk),
            run_orders(self._desk),
        ]
