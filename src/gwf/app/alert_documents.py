"""What people decide about alerts put together: documents, silences, who is on call, and their routes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter

from gwf.alerts.documents.builtin import ensure_built_in
from gwf.alerts.documents.service import DocService
from gwf.alerts.silences.service import SilenceService
from gwf.api.v1.alert_dry_run import DryRunDesk, dry_run_routes
from gwf.api.v1.alertdocs import DocDesk, doc_routes
from gwf.api.v1.oncall import OnCallDesk, on_call_orders, on_call_routes
from gwf.api.v1.silences import SilenceDesk, silence_orders, silence_routes
from gwf.app.alerts import Alerts
from gwf.app.configuration import new_id
from gwf.app.events import Events
from gwf.core.settings.server import ServerSettings
from gwf.db.alert_doc_store import SqlAlertDocs
from gwf.db.database import Database
from gwf.db.event_scan import EventScan
from gwf.db.known_alerts import SqlKnownAlerts
from gwf.identity.principal import DEFAULT_TENANT


class AlertDocuments:
    """The services of documents and silences, and their routes."""

    def __init__(self, settings: ServerSettings, database: Database, alerts: Alerts, *, events: Events) -> None:
        """Put them together; the book of `alerts` learns of each change."""
        book, clock = alerts.book, alerts.clock
        channels = frozenset(settings.channels)
        self._store, self._clock = SqlAlertDocs(database.core), clock
        store, known, name = self._store, SqlKnownAlerts(database.core), partial(new_id, clock)
        self.service = DocService(store, book, clock, new_id=name, channels=lambda: channels)
        self.silences = SilenceService(store, book, known, clock=clock, new_id=name)
        self._desk = DocDesk(self.service, known, clock)
        self._silence_desk = SilenceDesk(self.silences)
        self._trials = DryRunDesk(self.service, book, EventScan(database.events, events.labels), clock)
        self._on_call = OnCallDesk(self.service, book, clock)

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            on_call_routes(self._on_call),
            on_call_orders(self._on_call, self._desk),
            silence_routes(self._silence_desk),
            silence_orders(self._silence_desk),
            dry_run_routes(self._trials),
            *doc_routes(self._desk),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Put what comes with GWF into force, once, when the block begins."""
        await ensure_built_in(self._store, DEFAULT_TENANT, self._clock)
        yield
