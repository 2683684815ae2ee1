"""Tends the centre's database while it runs: partitions of the next days, and an end to what was kept long enough."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gwf.app.beside import beside
from gwf.audit.answers import KEEP_MS
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.settings.server import KeepSettings
from gwf.db.alert_retention import tend_alerts
from gwf.db.answers import SqlAnswers
from gwf.db.database import Database
from gwf.db.retention import Keep, tend, tend_work
from gwf.wire.edge import Reason

log = logging.getLogger("gwf.app")

EVERY_S = 3_600.0
FAILING_S = 6 * EVERY_S  #: without a run that went well, people are told: the disk fills, or days have no partition


class Upkeep:
    """Runs every hour or so; several centre processes on one PostgreSQL may all do it."""

    def __init__(self, database: Database, keep: KeepSettings, clock: Clock) -> None:
        """Begin as if the last run had gone well."""
        self._database = database
        self._keep = Keep(
            events_s=keep.events,
            file_events_s=keep.file_events,
            work_s=keep.work,
            minutes_s=keep.minutes,
            hours_s=keep.hours,
            days_s=keep.days,
        )
        self._answers = SqlAnswers(database.core)
        self._clock = clock
        self._well_at_s = clock.monotonic_s()
        self._error = ""

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run now and then until the block ends."""
        async with beside(self._run(), name="gwf-upkeep"):
            yield

    async def once(self) -> None:
        """Run once; what fails is told by `reasons` when it goes on failing."""
        try:
            now_ms = self._clock.now_ms()
            await self._answers.purge(before_ms=now_ms - KEEP_MS)
            removed = await tend(self._database.events, self._keep, now_ms=now_ms)
            work = await tend_work(self._database.core, self._keep, now_ms=now_ms)
            work |= await tend_alerts(self._database.core, self._keep, now_ms=now_ms)
        except GwfError as exc:
            self._error = str(exc)
            log.warning("upkeep_failed", extra={"error": self._error})
            return
        self._well_at_s = self._clock.monotonic_s()
        if removed.partitions or removed.rows:
            log.info("events_removed", extra={"partitions": list(removed.partitions), "rows": removed.rows})
        if work:
            log.info("work_removed", extra={"rows": work})

    def reasons(self) -> list[Reason]:
        """Return why the database is not tended, if so."""
        since_s = self._clock.monotonic_s() - self._well_at_s
        if since_s < FAILING_S:
            return []
        message = "old events cannot be removed: the database grows"
        return [Reason(code="upkeep_failing", params={"problem": self._error}, message=message)]

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception:  # a fault of ours must not end it for good; the health tells when it goes on
                log.exception("upkeep_broken")
            await asyncio.sleep(EVERY_S * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
