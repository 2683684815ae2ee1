"""Removes alerts, what was told of them, and silences, that are over for long enough; open ones stay for ever."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.half import Half
from gwf.db.retention import Keep, remove_rows
from gwf.db.tables.alert_documents import silences
from gwf.db.tables.alerts import alert_hits, alert_notes, alert_orders, alerts, notice_alerts, notices
from gwf.db.tables.delivery import messages, notice_parts
from gwf.db.tables.letters import letters
from gwf.letters.model import LetterKind

ORDERS_MS = 86_400_000  #: an order that was done is known for so long
ON_THEIR_WAY = ("waiting", "planned", "sending")


async def tend_alerts(half: Half, keep: Keep, *, now_ms: int) -> dict[str, int]:
    """Remove what is old from the half of people and agents; return how many rows of each table.

    Which events made an alert is known as long as events are; alerts, notices, messages and silences as long as work.

    Raises:
        UnavailableError: The database did not answer. The next run makes up for it.
        LocalIoError: The disk of a SQLite file failed.
    """
    before_ms = now_ms - round(keep.work_s * 1000)
    over = sa.and_(sa.not_(alerts.c.live), alerts.c.ended_at_ms < before_ms)
    told = sa.and_(notices.c.at_ms < before_ms, notices.c.state.not_in(ON_THEIR_WAY))
    sent = sa.and_(messages.c.created_at_ms < before_ms, messages.c.state.not_in(ON_THEIR_WAY))
    there = sa.select(notices.c.notice_id)
    rows = {
        alerts.name: await remove_rows(half, alerts, over),
        alert_hits.name: await remove_rows(half, alert_hits, alert_hits.c.at_ms < now_ms - round(keep.events_s * 1000)),
        alert_orders.name: await remove_rows(half, alert_orders, alert_orders.c.done_at_ms < now_ms - ORDERS_MS),
        messages.name: await remove_rows(half, messages, sent),
        silences.name: await remove_rows(half, silences, silences.c.ends_at_ms < before_ms),
        notices.name: (gone := await remove_rows(half, notices, told)),
    }
    if rows[alerts.name]:
        left = sa.select(alerts.c.alert_id)
        rows[alert_notes.name] = await remove_rows(half, alert_notes, alert_notes.c.alert_id.not_in(left))
    if gone:
        for table in (notice_parts, notice_alerts):
            rows[table.name] = await remove_rows(half, table, table.c.notice_id.not_in(there))
    if rows[messages.name]:
        unknown = sa.and_(
            letters.c.kind == LetterKind.NOTIFICATION.value, letters.c.subject.not_in(sa.select(messages.c.message_id))
        )
        rows[letters.name] = await remove_rows(half, letters, unknown)
    return {name: count for name, count in rows.items() if count}
