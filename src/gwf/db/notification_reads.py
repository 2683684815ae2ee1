"""Reads notifications in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gwf.db.half import CoreHalf
from gwf.db.tables.work import notifications
from gwf.tasks.lineage import Notification

_ROW = notifications.c


class SqlNotifications:
    """See gwf.tasks.lineage.Notifications."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from the half that holds them."""
        self._core = core

    async def of_events(self, tenant: str, row_ids: Sequence[int]) -> Sequence[Notification]:
        """Return notifications that events caused, the oldest first."""
        query = sa.select(notifications).where(_ROW.tenant_id == tenant, _ROW.event_id.in_(list(row_ids)))
        async with self._core.view() as view:
            rows = (await view.execute(query.order_by(_ROW.created_at_ms, _ROW.notification_id))).all()
        return [
            Notification(
                notification_id=row.notification_id,
                channel=row.channel,
                state=row.state,
                title=row.title,
                error=row.error or "",
                created_at_ms=row.created_at_ms,
                sent_at_ms=row.sent_at_ms,
            )
            for row in rows
        ]
