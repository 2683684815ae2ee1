"""Flows put together: where they are kept, what moves their runs, and their routes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter

from gwf.api.v1.flow_runs import run_orders, run_routes
from gwf.api.v1.flows import FlowDesk, flow_checks, flow_orders, flow_routes, run_beginnings
from gwf.app.configuration import new_id
from gwf.app.work import Work
from gwf.core.clock import Clock
from gwf.db.database import Database
from gwf.db.event_scan import EventScan
from gwf.db.flow_store import SqlFlowStore
from gwf.db.labelsets import LabelSets
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows.runs import RunService
from gwf.flows.service import FlowService


class Flows:
    """The services of flows, and their routes."""

    def __init__(self, database: Database, work: Work, labels: LabelSets, *, clock: Clock) -> None:
        """Put them together over the tasks of `work`."""
        name = partial(new_id, clock)
        self.store = SqlFlowStore(database.core)
        self.events = EventScan(database.events, labels)
        self.service = FlowService(self.store, work.catalog, clock, new_id=name)
        self.runs = RunService(SqlTaskStore(database.core), self.store, work.follower, told=work.told, new_id=name)
        self._desk = FlowDesk(self.service, self.runs, self.events)

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
