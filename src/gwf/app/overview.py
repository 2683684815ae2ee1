"""The overview of the fleet put together: facts of agents, rollouts, the audit and file events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.names import Named, Ref
from gwf.api.v1.overview import aftermath_routes, overview_routes
from gwf.api.v1.overviewviews import Views
from gwf.api.v1.rolloutwork import rollout_work_routes
from gwf.app.beside import beside
from gwf.app.configuration import Configuration
from gwf.app.fleet import Fleet
from gwf.app.identity import Identity
from gwf.app.names import NameBook
from gwf.app.record import Record
from gwf.audit.ports import AuditFilter
from gwf.audit.service import AuditService
from gwf.control.fleet.roster import Live
from gwf.control.overview.aftermath import AftermathService
from gwf.control.overview.around import AroundService
from gwf.control.overview.onset import Onsets
from gwf.control.overview.ports import Rows
from gwf.control.overview.series import STEP_MS, Backlogs
from gwf.control.overview.service import OverviewParts, OverviewService
from gwf.core.clock import Clock
from gwf.db.database import Database
from gwf.db.firing import SqlFiring
from gwf.db.work_sums import WorkSums
from gwf.events.ports import EventFilter, EventReads, PageWish, Span

TROUBLE = (
    "gwf.agent.offline", "gwf.agent.breaker_opened", "gwf.agent.disk_low", "gwf.agent.high_water",
    "gwf.agent.config_refused", "gwf.config.failed", "gwf.rollout.reverting",
)  # fmt: skip
LOOKED_BACK_MS = 90 * 86_400_000

log = logging.getLogger("gwf.app")


class AuditRows:
    """Speaks the port `AuditLook` of the overview."""

    def __init__(self, service: AuditService) -> None:
        """Ask `service`."""
        self._service = service

    async def rows(self, tenant: str, wanted: AuditFilter, *, limit: int) -> Rows:
        """Return the newest entries that fit."""
        page = await self._service.page(tenant, wanted, below=None, limit=limit)
        return Rows(rows=page.rows, more=page.next_below is not None)


class KnownNames:
    """Speaks the port `Names` of the views."""

    def __init__(self, identity: Identity, events: EventReads, book: NameBook, *, clock: Clock) -> None:
        """Ask these."""
        self._identity = identity
        self._book = book
        self._events = events
        self._clock = clock

    async def people(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the names of people and tokens."""
        if not ids:
            return {}
        async with self._identity.store.view() as reads:
            return await reads.names(tenant, ids)

    async def configs(self, tenant: str, refs: Collection[Ref]) -> Mapping[Ref, Named]:
        """Return how versions, layers, rollouts and rules are called."""
        return await self._book.of(tenant, refs) if refs else {}

    async def last_trouble_ms(self, tenant: str) -> int | None:
        """Return when the newest event that tells of trouble happened."""
        now_ms = self._clock.now_ms()
        span = Span(since_ms=now_ms - LOOKED_BACK_MS, until_ms=now_ms + STEP_MS)
        wanted = EventFilter(tenant=tenant, span=span, types=TROUBLE)
        page = await self._events.events(wanted, PageWish(limit=1))
        return page.items[0].event.at_ms if page.items else None


class Look:
    """The service and its routes."""

    def __init__(
        self, database: Database, fleet: Fleet, configuration: Configuration, *, record: Record, events: EventReads
    ) -> None:
        """Put it together."""
        self._roster = fleet.roster
        self._clock = fleet.clock
        self._backlogs = Backlogs()
        self._record = record
        work = WorkSums(database.events)
        self.service = OverviewService(
            OverviewParts(
                roster=fleet.roster,
                boards=configuration.boards,
                configs=configuration.stands,
                store=configuration.store,
                audit=AuditRows(record.service),
                work=work,
                backlogs=self._backlogs,
                onsets=Onsets(fleet.roster, work, events),
                offers=configuration.outlook,
                alerts=SqlFiring(database.core),
            )
        )

        fleet.service.findings = self.service
        self._aftermath = AftermathService(self.service, work, events)
        self._around = AroundService(configuration.outlook, work)

    def v1(self, names: KnownNames) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        views = Views(self._roster, names, self._clock)
        return [
            overview_routes(self.service, views, self._clock),
            aftermath_routes(self._record.service, self._aftermath, views, clock=self._clock),
            rollout_work_routes(self._around, self._clock),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take a sample of what waits each minute, until the block ends."""
        async with beside(self._sample(), name="backlog-samples"):
            yield

    async def _sample(self) -> None:
        while True:
            try:
                fleets: dict[str, list[Live]] = {}
                for live in self._roster.all():
                    fleets.setdefault(live.agent.tenant, []).append(live)
                await self._backlogs.sample(fleets, self._clock.now_ms())
            except Exception:  # the edge of a loop that must not end: charts have a gap then
                log.exception("backlog_sample_crashed")
            await asyncio.sleep(STEP_MS / 1000)
