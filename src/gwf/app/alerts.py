"""Alerts put together: what people decided, who moves alerts on, and their routes."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.alerts.book import AlertBook
from gwf.alerts.documents.record import DocVersion
from gwf.alerts.picture.service import AlertPictures
from gwf.alerts.run.desk import AlertDesk
from gwf.alerts.run.explain import Explainer
from gwf.alerts.run.metrics import AlertCollector
from gwf.alerts.run.model import Turn
from gwf.alerts.run.runner import AlertRunner, RunnerParts
from gwf.alerts.run.telling import AlertEvents
from gwf.alerts.sight.model import AlertRule
from gwf.alerts.sight.reading import read_alert_rule
from gwf.api.names import Names
from gwf.api.v1.alertlists import alert_list_routes
from gwf.api.v1.alertpictures import alert_note_routes, alert_picture_routes
from gwf.api.v1.alerts import alert_bulk_orders, alert_orders, alert_reasons, alert_routes
from gwf.app.beside import beside
from gwf.app.events import Events
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.db.alert_doc_store import SqlAlertDocs
from gwf.db.alert_reads import SqlAlertDesk
from gwf.db.alert_store import SqlAlertStore
from gwf.db.database import Database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.lead import SharedLead, SoleLead
from gwf.rules.faults import FaultyRuleError
from gwf.wire.edge import Reason

LEAD = "alerts"
REFRESH_S = 0.5  #: what another server decided is in force here after so long
STUCK_MS = 30_000  #: events that were not looked at for so long are a reason

log = logging.getLogger("gwf.app")


class StoredBatches:
    """Speaks the port `gwf.alerts.run.ports.Batches`."""

    def __init__(self, decisions: SqlDecisions, events: EventScan) -> None:
        """Ask these."""
        self.batches_behind = decisions.batches_behind
        self.of_batch = events.of_batch


class StoredVersions:
    """Speaks the port `gwf.alerts.run.ports.RuleVersions`."""

    def __init__(self, docs: SqlAlertDocs) -> None:
        """Read from where documents of alerts are kept."""
        self._docs = docs

    async def version(self, tenant: str, rule_id: str, version: int) -> tuple[AlertRule, Mapping[str, object]] | None:
        """Return a version of a rule and its document."""
        async with self._docs.view() as view:
            found = await view.versions_of(tenant, [DocVersion(rule_id, version)])
        if not found:
            return None
        document = found[0].document
        try:
            return read_alert_rule(document, rule_id=rule_id, version=version), document
        except FaultyRuleError as exc:
            extra = {"rule_id": rule_id, "version": version, "error": str(exc)}
            log.warning("alert_rule_unreadable", extra=extra)
            return None


class Alerts:
    """The services of alerts, and their routes."""

    def __init__(
        self, database: Database, events: Events, *, roster: Roster, registry: CollectorRegistry, clock: Clock
    ) -> None:
        """Put them together; alerts are made of what `events` stores, and name hosts as `roster` does."""
        scan = EventScan(database.events, events.labels)
        self.clock = clock
        self._lead = (
            SoleLead()
            if database.core.is_sqlite
            else SharedLead(database.core, name=LEAD, owner=secrets.token_hex(8), clock=clock)
        )
        self.docs = SqlAlertDocs(database.core)
        self.book = AlertBook(self.docs, clock)
        kept = SqlAlertStore(database.core)
        parts = RunnerParts(
            store=kept,
            batches=StoredBatches(SqlDecisions(database.events), scan),
            plans=self.book,
            lead=self._lead,
            clock=clock,
            alone=database.core.is_sqlite,
            hostname=partial(_hostname, roster),
        )
        #: takes what alerts themselves tell
        self.sink = events.ingest
        self._events = AlertEvents(self.sink, kept, self._lead)
        self.runner = AlertRunner(parts, told=self._told)
        self.store = SqlAlertDesk(database.core)
        self.desk = AlertDesk(self.store, self.book, clock=clock, woken=self.runner.ordered)
        versions = StoredVersions(self.docs)
        self.explainer = Explainer(self.store, scan, self.book, versions=versions)
        self.pictures = AlertPictures(self.store, scan, versions, clock=clock)
        registry.register(AlertCollector(self.runner))
        #: hears that there is something to tell people
        self.notified: Callable[[], None] = lambda: None
        #: why what people decided could not be looked up the last time
        self._stale = ""

    def v1(self, names: Names) -> Sequence[APIRouter]:
        """Return the routers below /api/v1; `names` knows agents."""
        return [
            alert_list_routes(self.desk),
            alert_routes(self.desk, self.explainer),
            alert_picture_routes(self.pictures, names),
            alert_reasons(self.explainer),
            alert_orders(self.desk),
            alert_bulk_orders(self.desk),
            alert_note_routes(self.desk),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Move alerts on until the block ends."""
        await self.book.refresh()
        async with (
            beside(self._keep_up(), name="alert-book"),
            beside(self._events.run(), name="alert-events"),
            beside(self.runner.run(), name="alert-runner"),
        ):
            yield
        await self._lead.release()

    def reasons(self) -> list[Reason]:
        """Return why alerts are not moved on as they should be."""
        found = list[Reason]()
        if self.runner.is_stuck(STUCK_MS):
            message = "alerts do not move on: what was stored lately alerts nobody yet"
            params = {"failures": str(self.runner.facts.failures_total)}
            found.append(Reason(code="alerts_stuck", params=params, message=message))
        unreadable = sum(self.book.unreadable.values())
        if unreadable:
            message = "documents of alerts cannot be read by this release and do nothing: write them anew"
            params = {"documents": str(unreadable)}
            found.append(Reason(code="alert_documents_unreadable", params=params, message=message))
        if self._stale:
            message = "what was decided about alerts lately is not known here; what was in force before still is"
            found.append(Reason(code="alert_documents_stale", params={"problem": self._stale}, message=message))
        return found

    async def _told(self, turn: Turn) -> None:
        self._events.take(turn)
        if turn.notices:
            self.notified()

    async def _keep_up(self) -> None:
        while True:
            try:
                if await self.book.refresh():
                    self.runner.wake()
                self._stale = ""
            except GwfError as exc:  # alerts go on by what is known
                self._stale = str(exc)
                log.warning("alert_documents_stale", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("alert_book_crashed")
            await asyncio.sleep(REFRESH_S)


def _hostname(roster: Roster, tenant: str, agent_id: str) -> str:
    live = roster.find(AgentId(agent_id))
    return live.agent.hostname if live is not None and live.agent.tenant == tenant else agent_id
