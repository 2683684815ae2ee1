"""Alerts as far as silences and lists of rules look at them, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gwf.alerts.life.model import AlertStatus
from gwf.alerts.silences.model import KnownAlert
from gwf.db.half import CoreHalf
from gwf.db.tables.alerts import alerts
from gwf.events.model import Severity

_ALERT = alerts.c
_COLUMNS = (
    _ALERT.alert_id, _ALERT.rule_id, _ALERT.rule_name, _ALERT.title, _ALERT.severity, _ALERT.status, _ALERT.labels,
    _ALERT.started_at_ms, _ALERT.held_by,
)  # fmt: skip
_IS_OPEN = _ALERT.status != AlertStatus.RESOLVED.value


class SqlKnownAlerts:
    """Speaks the port `KnownAlerts`."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from `core`."""
        self._core = core

    async def open(self, tenant: str, *, limit: int) -> Sequence[KnownAlert]:
        """Return open alerts, the worst first."""
        wanted = sa.select(*_COLUMNS).where(_ALERT.tenant_id == tenant, _ALERT.live, _IS_OPEN)
        return await self._found(wanted.order_by(_ALERT.severity.desc(), _ALERT.number.desc()).limit(limit))

    async def begun_since(self, tenant: str, at_ms: int, *, limit: int) -> Sequence[KnownAlert]:
        """Return alerts that began at or after a moment, the newest first."""
        wanted = sa.select(*_COLUMNS).where(
            _ALERT.tenant_id == tenant, _ALERT.seen_at_ms >= at_ms, _ALERT.started_at_ms >= at_ms
        )
        return await self._found(wanted.order_by(_ALERT.seen_at_ms.desc(), _ALERT.alert_id.desc()).limit(limit))

    async def counts(self, tenant: str, since_ms: int) -> Mapping[str, tuple[int, int]]:
        """Return by rule how many of its alerts are open, and how many there were since a moment."""
        is_open = sa.func.sum(sa.case((_IS_OPEN, 1), else_=0))
        begun = sa.func.sum(sa.case((_ALERT.started_at_ms >= since_ms, 1), else_=0))
        wanted = (
            sa.select(_ALERT.rule_id, is_open.label("open"), begun.label("begun"))
            .where(_ALERT.tenant_id == tenant, sa.or_(_ALERT.seen_at_ms >= since_ms, _ALERT.live))
            .group_by(_ALERT.rule_id)
        )
        async with self._core.view() as connection:
            return {row.rule_id: (int(row.open), int(row.begun)) for row in await connection.execute(wanted)}

    async def _found(self, wanted: sa.Select[*tuple[Any, ...]]) -> Sequence[KnownAlert]:
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return [
            KnownAlert(
                alert_id=row["alert_id"],
                rule_id=row["rule_id"],
                rule_name=row["rule_name"],
                title=row["title"],
                severity=Severity(row["severity"]),
                status=row["status"],
                labels=row["labels"],
                started_at_ms=row["started_at_ms"],
                held_by=row["held_by"],
            )
            for row in rows
        ]
