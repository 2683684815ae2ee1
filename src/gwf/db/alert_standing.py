"""Reads in SQL what the audit of chains looks at."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gwf.alerts.life.model import AlertStatus
from gwf.alerts.run.audit import Standing
from gwf.alerts.run.auditor import LateNotice
from gwf.db.alert_rows import alert_of, group_of
from gwf.db.half import CoreHalf
from gwf.db.tables.alerts import alert_groups, alerts, notices
from gwf.db.tables.delivery import notice_parts
from gwf.events.model import Severity

ON_ITS_WAY = ("waiting", "planned")  #: gwf.alerts.delivery.model.NoticeState
GIVEN_UP = ("failed", "nobody")
UNTOLD = ("waiting", "taken", "failed")  #: gwf.alerts.delivery.model.PartState
_ALERT, _GROUP, _NOTICE, _PART = alerts.c, alert_groups.c, notices.c, notice_parts.c


class SqlStanding:
    """Speaks the port `gwf.alerts.run.audit.StandingReads`."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from the half that holds alerts."""
        self._core = core

    async def standing(
        self, *, due_before_ms: int, untold_before_ms: int, weight: Severity, failed_after_ms: int, limit: int
    ) -> Mapping[str, Standing]:
        """Return by tenant what was due, is untold or has not arrived."""
        was_due = sa.or_(_GROUP.flush_at_ms < due_before_ms, _GROUP.untaken_since_ms < due_before_ms)
        unheard = (
            _ALERT.live, _ALERT.status == AlertStatus.FIRING.value, _ALERT.told.is_(None), _ALERT.held_by == "",
            _ALERT.severity >= int(weight), _ALERT.started_at_ms < untold_before_ms,
        )  # fmt: skip
        late = sa.or_(
            sa.and_(
                _NOTICE.state.in_(ON_ITS_WAY),
                _NOTICE.at_ms < due_before_ms,
                sa.func.coalesce(_NOTICE.next_at_ms, 0) < due_before_ms,
            ),
            sa.and_(_NOTICE.state.in_(GIVEN_UP), _NOTICE.updated_at_ms > failed_after_ms),
        )
        async with self._core.view() as connection:
            groups = (await connection.execute(sa.select(alert_groups).where(was_due).limit(limit))).mappings().all()
            found = (await connection.execute(sa.select(alerts).where(*unheard).limit(limit))).mappings().all()
            columns = (_NOTICE.tenant_id, _NOTICE.notice_id, _NOTICE.at_ms, _NOTICE.state, _PART.channel)
            untold = sa.and_(_PART.notice_id == _NOTICE.notice_id, _PART.state.in_(UNTOLD))
            query = sa.select(*columns).join_from(notices, notice_parts, untold, isouter=True)
            told = (await connection.execute(query.where(late).limit(limit))).all()
        tenants = {row["tenant_id"] for row in (*groups, *found)} | {row.tenant_id for row in told}
        return {
            tenant: Standing(
                groups=[group_of(row) for row in groups if row["tenant_id"] == tenant],
                alerts=[alert_of(row) for row in found if row["tenant_id"] == tenant],
                notices=[
                    LateNotice(
                        notice_id=row.notice_id,
                        at_ms=row.at_ms,
                        channel=row.channel or "",
                        is_over=row.state in GIVEN_UP,
                    )
                    for row in told
                    if row.tenant_id == tenant
                ],
            )
            for tenant in tenants
        }
