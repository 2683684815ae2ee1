"""The delivery put together: who sends what alerts have to tell, and through which channels."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from gwf.alerts.delivery.runner import DeliveryParts, DeliveryRunner
from gwf.alerts.run.audit import AuditParts, ChainAudit
from gwf.alerts.run.auditor import Receivers
from gwf.app.alerts import Alerts
from gwf.app.beside import beside
from gwf.app.work import Work
from gwf.core.settings.server import ServerSettings
from gwf.db.alert_standing import SqlStanding
from gwf.db.database import Database
from gwf.db.delivery_store import SqlDelivery
from gwf.db.lead import SharedLead, SoleLead
from gwf.wire.edge import Reason

LEAD = "delivery"
LOOK_SHARED_S = 0.25  #: between two looks at what other processes wrote


class Delivery:
    """Sends notices; one of several servers does."""

    def __init__(self, settings: ServerSettings, database: Database, *, work: Work, alerts: Alerts) -> None:
        """Put it together; it tells what `alerts` writes down, by the channels and the clock of `work`."""
        channels, clock = work.channels, work.clock
        is_sole = database.core.is_sqlite
        self._lead = (
            SoleLead() if is_sole else SharedLead(database.core, name=LEAD, owner=secrets.token_hex(8), clock=clock)
        )
        self.store = SqlDelivery(database.core)
        parts = DeliveryParts(
            store=self.store,
            channels=channels.rules,
            ways=channels.ways(),
            schedules=alerts.book.schedules,
            lead=self._lead,
            clock=clock,
            zones=channels.zones,
            console_url=(settings.public_url or "").rstrip("/"),
            alone=is_sole,
        )
        self.runner = DeliveryRunner(parts if is_sole else replace(parts, pause_s=LOOK_SHARED_S))
        alerts.notified = self.runner.wake
        audited = AuditParts(
            reads=SqlStanding(database.core),
            plans=alerts.book,
            receivers=lambda tenant: Receivers(channels=set(channels.rules), schedules=alerts.book.schedules(tenant)),
            sink=alerts.sink,
            lead=self._lead,
            clock=clock,
        )
        self.audit = ChainAudit(audited)

    def reasons(self) -> list[Reason]:
        """Return why people may not be told of alerts."""
        count = sum(self.audit.found.values())
        if not count:
            return []
        message = "people may not be told of alerts: a chain stands still, reaches nobody, or notices do not arrive"
        params = {"faults": str(count), "kinds": ", ".join(sorted(fault.value for fault in self.audit.found))}
        return [Reason(code="alert_chains_faulty", params=params, message=message)]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Deliver until the block ends."""
        async with beside(self.runner.run(), name="delivery"), beside(self.audit.run(), name="chain-audit"):
            yield
        await self._lead.release()
