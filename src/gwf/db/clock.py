"""The time of the database, so that processes whose own clocks differ, or are moved, agree about leases."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from gwf.core.clock import Clock
from gwf.db.half import CoreHalf

LOOK_S = 5.0  #: between two looks at the database's time
MOVED_MS = 2_000  #: a difference beyond it is no drift: somebody moved the database's clock
SETTLE_S = 30.0  #: after that, until every living executor has said a word by the new time (agents: each 15 s)
_NOW_MS = sa.select(sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()) * 1000, sa.BigInteger()))

log = logging.getLogger("gwf.db")


class DatabaseClock:
    """Tells the database's time: asked for now and then, carried on by the steady clock in between.

    SQLite and memory have no clock of their own: theirs is this host's. One event loop.
    """

    def __init__(self, core: CoreHalf, clock: Clock) -> None:
        """Begin with the wall clock of this host, until the first look."""
        self._core = core
        self._clock = clock
        self._base_ms = clock.now_ms()
        self._base_s = clock.monotonic_s()
        self._looked_s: float | None = None
        self._moved_s: float | None = None

    def now_ms(self) -> int:
        """Return the database's time in milliseconds since 1970, UTC."""
        return self._at(self._clock.monotonic_s())

    def monotonic_s(self) -> float:
        """Return the steady clock in seconds."""
        return self._clock.monotonic_s()

    @property
    def is_settled(self) -> bool:
        """Tell whether leases may be taken for ended: not just after the time was moved, or all would end at once."""
        return self._moved_s is None or self._clock.monotonic_s() - self._moved_s >= SETTLE_S

    async def look(self) -> int:
        """Ask for the database's time, if the last look is long enough ago; return by how many ms it was moved.

        Raises:
            UnavailableError: The database did not answer; the time goes on as it did.
        """
        began_s = self._clock.monotonic_s()
        if self._looked_s is not None and began_s - self._looked_s < LOOK_S:
            return 0
        is_first, self._looked_s = self._looked_s is None, began_s
        told_ms = await self._told_ms()
        ended_s = self._clock.monotonic_s()
        middle_s, unsure_ms = (began_s + ended_s) / 2, 500 * (ended_s - began_s)
        off_ms = told_ms - self._at(middle_s)
        if abs(off_ms) <= unsure_ms:
            return 0
        self._base_ms, self._base_s = told_ms, middle_s
        if is_first or abs(off_ms) <= MOVED_MS + unsure_ms:
            return 0
        self._moved_s = ended_s
        log.warning("database_clock_moved", extra={"by_ms": off_ms})
        return off_ms

    def _at(self, monotonic_s: float) -> int:
        return self._base_ms + round(1000 * (monotonic_s - self._base_s))

    async def _told_ms(self) -> int:
        if self._core.is_sqlite:
            return self._clock.now_ms()
        async with self._core.view() as connection:
            return int((await connection.execute(_NOW_MS)).scalar_one())
