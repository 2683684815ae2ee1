"""Rules put together: where they are kept, what decides about events as they come in, and their routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.api.v1.rule_backtest import BacktestDesk, backtest_routes
from gwf.api.v1.rule_order import rule_order_routes
from gwf.api.v1.rule_trials import decision_routes, trial_routes
from gwf.api.v1.rules import RuleDesk, rule_orders, rule_routes, rule_switches
from gwf.app.beside import beside
from gwf.app.configuration import new_id
from gwf.app.edge_rules import EdgeRuleLayers
from gwf.control.rollout.versions import ConfigService
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.database import Database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.labelsets import LabelSets
from gwf.db.rule_store import SqlRules
from gwf.rules.actioncheck import Check
from gwf.rules.book import RuleBook
from gwf.rules.decider import Decider, DeciderParts, DecisionDesk
from gwf.rules.metrics import DeciderCollector
from gwf.rules.ports import DraftSink
from gwf.rules.service import RuleService
from gwf.wire.edge import Reason

REFRESH_S = 0.5  #: what another server published is in force here after so long

log = logging.getLogger("gwf.app")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWork:
    """What rules need of the other areas."""

    #: takes what is to be done
    sink: DraftSink
    #: knows the actions
    check: Check
    registry: CollectorRegistry
    #: takes the rules about carrying to the agents
    configs: ConfigService


class Rules:
    """The services of rules, and their routes."""

    def __init__(self, database: Database, labels: LabelSets, *, work: RuleWork, clock: Clock) -> None:
        """Put them together; drafts become work."""
        self.store = store = SqlRules(database.core)
        #: why the rules in force could not be looked up the last time
        self._stale = ""
        self._events = EventScan(database.events, labels)
        decisions = SqlDecisions(database.events)
        self.book = RuleBook(store)
        self.service = RuleService(store, self.book, clock, new_id=partial(new_id, clock), check=work.check)
        self.parts = DeciderParts(
            events=self._events, decisions=decisions, book=self.book, alone=database.core.is_sqlite
        )
        self.sink = work.sink
        self.decider = Decider(self.parts, sink=work.sink, clock=clock)
        self._layers = EdgeRuleLayers(self.service, self.book, work.configs)
        work.registry.register(DeciderCollector(self.decider, self.book))
        self._desk = RuleDesk(self.service, self.book, decisions=decisions, events=self._events, clock=clock)
        self._backtests = BacktestDesk(self.service, self.book, self._events, clock)
        self.decided = DecisionDesk(self._events, decisions, self.book)

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            rule_routes(self._desk),
            trial_routes(self.service, self.book, self._events),
            backtest_routes(self._backtests),
            rule_orders(self._desk),
            rule_switches(self._desk),
            rule_order_routes(self.service),
            decision_routes(self.decided),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Decide about events until the block ends."""
        await self.book.refresh()
        decider = asyncio.create_task(self.decider.run(), name="decider")
        try:
            async with beside(self._keep_up(), name="rule-book"):
                yield
        finally:
            self.decider.stop()
            await decider

    def reasons(self) -> list[Reason]:
        """Return why events are not decided as they should be."""
        facts, found = self.decider.facts, list[Reason]()
        if facts.stuck:
            message = "events are not decided about by the rules: something in them cannot be read; others go on"
            found.append(Reason(code="rules_stuck", params={"batches": str(facts.stuck)}, message=message))
        if self.book.unreadable:
            message = "rules in force cannot be read by this release and decide nothing: write them anew"
            params = {"rules": str(self.book.unreadable)}
            found.append(Reason(code="rules_unreadable", params=params, message=message))
        if self._stale:
            message = "what was published lately is not known here; events are decided by what was in force before"
            found.append(Reason(code="rules_stale", params={"problem": self._stale}, message=message))
        if self._layers.problem:
            message = "rules about carrying files cannot be written to the base layer; hosts go on by those before"
            params = {"problem": self._layers.problem}
            found.append(Reason(code="rules_not_carried", params=params, message=message))
        return found

    async def _keep_up(self) -> None:
        while True:
            try:
                await self.book.refresh()
                self._stale = ""
                await self._layers.keep_up()
            except GwfError as exc:  # events are decided by what is known
                self._stale = str(exc)
                log.warning("rules_stale", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("rule_book_crashed")
            await asyncio.sleep(REFRESH_S)
