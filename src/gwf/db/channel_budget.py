"""Budgets of channels for tasks, shared by all processes of a database, and kept over restarts."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.alerts.delivery.budget import room
from gwf.core.clock import Clock
from gwf.db.delivery_store import lock_channel, spends_of
from gwf.db.half import CoreHalf
from gwf.db.tables.delivery import channel_spends
from gwf.tasks.channels.budget import spent

GRACE_MS = 5_000  #: after the longest time that sending may take


class SqlBudgets:
    """See gwf.tasks.actions.notify.Budgets."""

    def __init__(self, core: CoreHalf, per_minute: Mapping[str, int], clock: Clock) -> None:
        """`per_minute` says how many messages each channel takes; `clock` is the same for all who share them."""
        self._core = core
        self._per_minute = per_minute
        self._clock = clock

    async def take(self, channel: str, key: str, *, urgent: bool, timeout_s: float) -> None:
        """See the port."""
        async with self._core.change() as change:
            await lock_channel(change.connection, channel)
            now_ms = self._clock.now_ms()
            spends = await spends_of(change.connection, channel, now_ms=now_ms)
            found = room(spends, per_minute=self._per_minute[channel], urgent=urgent, now_ms=now_ms)
            if not found.slots:
                raise spent(found.next_at_ms, now_ms)
            values = {
                "channel": channel,
                "spend_id": key,
                "urgent": urgent,
                "at_ms": now_ms,
                "end_ms": None,
                "until_ms": now_ms + round(timeout_s * 1000) + GRACE_MS,
            }
            insert = sqlite.insert if self._core.is_sqlite else postgresql.insert
            put = insert(channel_spends).values(**values)  # a worker that died may have begun the same attempt
            put = put.on_conflict_do_update(index_elements=["channel", "spend_id"], set_=values)
            await change.connection.execute(put)

    async def ended(self, channel: str, key: str) -> None:
        """See the port."""
        mine = sa.and_(channel_spends.c.channel == channel, channel_spends.c.spend_id == key)
        async with self._core.change() as change:
            await change.connection.execute(sa.update(channel_spends).where(mine).values(end_ms=self._clock.now_ms()))
