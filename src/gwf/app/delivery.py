"""The delivery put together: who sends what alerts have to tell, and through which channels."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.alerts.delivery.desk import DeliveryDesk
from gwf.alerts.delivery.metrics import DeliveryCollector
from gwf.alerts.delivery.model import ChannelHealth
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.alerts.delivery.runner import DeliveryParts, DeliveryRunner
from gwf.alerts.delivery.texts import MessageTexts
from gwf.alerts.run.audit import AuditParts, ChainAudit
from gwf.alerts.run.auditor import Receivers
from gwf.api.v1.channels import channel_checks, channel_orders, channel_routes
from gwf.api.v1.message_texts import template_orders, template_routes
from gwf.api.v1.notices import message_orders, message_routes, notice_routes
from gwf.app.alerts import Alerts
from gwf.app.beside import beside
from gwf.app.work import Work
from gwf.core.errors import GwfError
from gwf.core.settings.model import Settings
from gwf.db.alert_standing import SqlStanding
from gwf.db.database import Database
from gwf.db.delivery_reads import SqlDeliveryDesk
from gwf.db.lead import SharedLead, SoleLead
from gwf.tasks.channels.sender.sender import Sender, ways_by
from gwf.wire.edge import Reason

LEAD = "delivery"
RECEIPTS = "receipts.jsonl"  #: in data_dir
LOOK_S = 5.0  #: between two looks at what health tells
LOOK_SHARED_S = 0.25  #: between two looks at what other processes wrote

log = logging.getLogger("gwf.app")


class Delivery:
    """Sends notices; one of several servers does."""

    def __init__(
        self, settings: Settings, database: Database, registry: CollectorRegistry, *, work: Work, alerts: Alerts
    ) -> None:
        """Put it together; it tells what `alerts` writes down, by the channels and the clock of `work`."""
        channels, clock = work.channels, work.clock
        is_sole = database.core.is_sqlite
        self._lead = (
            SoleLead() if is_sole else SharedLead(database.core, name=LEAD, owner=secrets.token_hex(8), clock=clock)
        )
        self.store = SqlDeliveryDesk(database.core)
        self._receipts = ReceiptFile(settings.data_dir / RECEIPTS) if channels.rules else None
        self._sender = None if self._receipts is None else Sender(settings.server, self._receipts)
        parts = DeliveryParts(
            store=self.store,
            channels=channels.rules,
            ways={} if self._sender is None else ways_by(self._sender, channels.opened),
            schedules=alerts.book.schedules,
            lead=self._lead,
            clock=clock,
            zones=channels.zones,
            console_url=(settings.server.public_url or "").rstrip("/"),
            alone=is_sole,
            receipts=self._receipts,
        )
        self.runner = DeliveryRunner(parts if is_sole else replace(parts, pause_s=LOOK_SHARED_S))
        alerts.notified = self.runner.wake
        registry.register(DeliveryCollector(self.runner))
        audited = AuditParts(
            reads=SqlStanding(database.core),
            plans=alerts.book,
            receivers=lambda tenant: Receivers(channels=set(channels.rules), schedules=alerts.book.schedules(tenant)),
            sink=alerts.sink,
            lead=self._lead,
            clock=clock,
        )
        self.audit = ChainAudit(audited)
        self.desk = DeliveryDesk(self.store, parts, {name: str(zone) for name, zone in channels.zones.items()})
        self.texts = MessageTexts(
            self.store, channels.rules, channels.zones, console_url=parts.console_url, clock=clock
        )
        #: of channels that were ever used
        self._health: Mapping[str, ChannelHealth] = {}

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            channel_routes(self.desk),
            channel_checks(self.desk),
            channel_orders(self.desk),
            notice_routes(self.desk),
            message_routes(self.desk),
            message_orders(self.desk),
            template_routes(self.texts),
            template_orders(self.texts),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Deliver until the block ends."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._let_go)
            await stack.enter_async_context(beside(self.runner.run(), name="delivery"))
            await stack.enter_async_context(beside(self.audit.run(), name="chain-audit"))
            await stack.enter_async_context(beside(self._look(), name="delivery-look"))
            await stack.enter_async_context(beside(self._begin(), name="delivery-sender"))
            yield

    async def _begin(self) -> None:
        """Have the sender ready before there is something to send."""
        if self._sender is None:
            return
        try:
            await self._sender.begin()
        except GwfError as exc:  # the first message tries it again, and its channel says why it fails
            log.error("sender_not_begun", extra={"error_code": exc.code, "error": str(exc)})

    async def _let_go(self) -> None:
        """Leave everything to whoever delivers next."""
        if self._sender is not None:
            await self._sender.close()
        if self._receipts is not None:
            self._receipts.close()
        await self._lead.release()

    def reasons(self) -> list[Reason]:
        """Return why people may not be told of alerts."""
        found = [
            Reason(
                code="channel_failing",
                params={"channel": name, "error": health.error},
                message=f"channel {name} does not take messages: {health.error}",
            )
            for name, health in self._health.items()
            if health.down_since_ms is not None
        ]
        count = sum(self.audit.found.values())
        if count:
            message = "people may not be told of alerts: a chain stands still, reaches nobody, or notices do not arrive"
            params = {"faults": str(count), "kinds": ", ".join(sorted(fault.value for fault in self.audit.found))}
            found.append(Reason(code="alert_chains_faulty", params=params, message=message))
        return found

    async def _look(self) -> None:
        """Keep what health says up to date."""
        while True:
            try:
                async with self.store.view() as view:
                    self._health = await view.health_of_all()
            except GwfError as exc:  # health says what was known before
                log.warning("delivery_not_looked_at", extra={"error_code": exc.code, "error": str(exc)})
            await asyncio.sleep(LOOK_S)
