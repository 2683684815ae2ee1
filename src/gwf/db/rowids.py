"""Numbers of rows that are kept by time: milliseconds in the high bits, a counter in the low ones."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import sqlalchemy as sa

from gwf.db.half import Half

COUNTER_BITS = 20
_MASK = (1 << COUNTER_BITS) - 1
BLOCK = 4_096  #: counters that a process takes from PostgreSQL at once; no other process gets them
SEQUENCE = "row_counters"
MAX_MS = (1 << (63 - COUNTER_BITS)) - 1


def first_row_id(at_ms: int) -> int:
    """Return the lowest number of a moment: rows before it were taken before it."""
    return min(max(at_ms, 0), MAX_MS) << COUNTER_BITS


def taken_at_ms(row_id: int) -> int:
    """Return when a row was taken."""
    return row_id >> COUNTER_BITS


class RowIds:
    """Gives out numbers; none is given out twice, whatever the clock does and whoever else writes."""

    def __init__(self, events: Half) -> None:
        """Count alone on SQLite and in memory; on PostgreSQL share the counter with other processes."""
        self._events = events
        self._lock = asyncio.Lock()
        self._next: int = secrets.randbelow(_MASK + 1)
        self._left: int = -1 if events.is_sqlite else 0
        self._last_ms = 0
        self._last: int = -1

    async def take(self, count: int, *, now_ms: int) -> Sequence[int]:
        """Return `count` numbers of now, the lowest first; a clock that went back is not followed.

        Ask before a transaction begins: on PostgreSQL this may need a connection of its own.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._lock:
            self._last_ms = max(self._last_ms, now_ms)
            taken: list[int] = []
            while len(taken) < count:
                taken.extend(await self._some(count - len(taken)))
            return taken

    async def _some(self, count: int) -> Sequence[int]:
        if self._left == 0:
            await self._next_block()
        begin = self._next & _MASK
        count = min(count, _MASK + 1 - begin)
        if self._left > 0:
            count = min(count, self._left)
            self._left -= count
        self._next += count
        if first_row_id(self._last_ms) + begin <= self._last:
            self._last_ms += 1  # the counter began anew within a millisecond; what follows must lie above
        first = first_row_id(self._last_ms) + begin
        self._last = first + count - 1
        return range(first, first + count)

    async def _next_block(self) -> None:
        async with self._events.change() as change:
            number = await change.connection.scalar(sa.text(f"SELECT nextval('{SEQUENCE}')"))
        self._next = int(str(number)) * BLOCK
        self._left = BLOCK
