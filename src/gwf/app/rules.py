"""Rules put together: where they are kept, what decides about events as they come in, and their routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter

from gwf.api.v1.rule_backtest import BacktestDesk, backtest_routes
from gwf.api.v1.rule_trials import decision_routes, trial_routes
from gwf.api.v1.rules import RuleDesk, rule_orders, rule_routes
from gwf.app.beside import beside
from gwf.app.configuration import new_id
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.database import Database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.labelsets import LabelSets
from gwf.db.rule_store import SqlRules
from gwf.ingest.service import IngestService
from gwf.rules.book import RuleBook
from gwf.rules.decider import Decider, DeciderParts, DecisionDesk
from gwf.rules.ports import DraftSink
from gwf.rules.service import RuleService

REFRESH_S = 0.5  #: what another server published is in force here after so long

log = logging.getLogger("gwf.app")


class Rules:
    """The services of rules, and their routes."""

    def __init__(
        self, database: Database, labels: LabelSets, ingest: IngestService, *, sink: DraftSink | None, clock: Clock
    ) -> None:
        """Put them together; drafts go to `sink`, where there is one."""
        self.store = store = SqlRules(database.core)
        self._events = EventScan(database.events, labels)
        decisions = SqlDecisions(database.events)
        self.book = RuleBook(store)
        self.service = RuleService(store, self.book, clock, new_id=partial(new_id, clock))
        self.parts = DeciderParts(
            events=self._events, decisions=decisions, book=self.book, alone=database.core.is_sqlite
        )
        self.sink = sink
        self.decider = Decider(self.parts, sink=sink, clock=clock)
        self._desk = RuleDesk(self.service, self.book, decisions, clock=clock)
        self._backtests = BacktestDesk(self.service, self.book, self._events, clock)
        self.decided = DecisionDesk(self._events, decisions, self.book)
        ingest.on_stored = self.decider.take

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            rule_routes(self._desk),
            trial_routes(self.service, self.book, self._events),
            backtest_routes(self._backtests),
            rule_orders(self._desk),
            decision_routes(self.decided),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Decide about events until the block ends."""
        await self.book.refresh()
        stopping = asyncio.Event()
        decider = asyncio.create_task(self.decider.run(stopping), name="decider")
        try:
            async with beside(self._keep_up(), name="rule-book"):
                yield
        finally:
            stopping.set()
            await decider

    async def _keep_up(self) -> None:
        while True:
            try:
                await self.book.refresh()
            except GwfError as exc:  # events are decided by what is known
                log.warning("rules_stale", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("rule_book_crashed")
            await asyncio.sleep(REFRESH_S)
