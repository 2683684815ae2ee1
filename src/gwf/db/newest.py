"""Tells in one row each how far the tables have come that several processes write to."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gwf.db.half import CoreHalf, Half
from gwf.db.tables.audit import audit_heads
from gwf.db.tables.events import file_events


class Newest:
    """Looks at the ends of tables, whoever wrote there."""

    def __init__(self, core: CoreHalf, events: Half) -> None:
        """Read from both halves."""
        self._core = core
        self._events = events

    async def audit(self) -> Mapping[str, int]:
        """Return the number of the newest audit entry of each tenant.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._core.view() as connection:
            rows = await connection.execute(sa.select(audit_heads.c.tenant_id, audit_heads.c.seq))
            return {row.tenant_id: row.seq for row in rows}

    async def file_event(self) -> int:
        """Return the number of the row of the newest file event of any tenant; 0 = there is none.

        Raises:
            UnavailableError: The database did not answer.
        """
        newest = sa.select(sa.func.max(file_events.c.row_id))
        async with self._events.view() as connection:
            return await connection.scalar(newest) or 0
