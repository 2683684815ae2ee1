"""The delivery put together: who sends what alerts have to tell, and through which channels."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from gwf.alerts.delivery.runner import DeliveryParts, DeliveryRunner
from gwf.app.alerts import Alerts
from gwf.app.beside import beside
from gwf.app.work import Work
from gwf.core.settings.server import ServerSettings
from gwf.db.database import Database
from gwf.db.delivery_store import SqlDelivery
from gwf.db.lead import SharedLead, SoleLead

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

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Deliver until the block ends."""
        async with beside(self.runner.run(), name="delivery"):
            yield
        await self._lead.release()
