"""Alerts that fire and that nobody has taken, in SQL, as the overview looks at them."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.alerts.documents.builtin import twin_of
from gwf.alerts.life.model import AlertStatus
from gwf.control.overview.firing import AlertFact, Firing
from gwf.control.overview.scope import ENV
from gwf.db.half import CoreHalf
from gwf.db.tables.alerts import alerts
from gwf.events.model import Severity

MAX_READ = 2_000  #: alerts of a tenant that are looked at one by one
_ALERT = alerts.c
_COLUMNS = (_ALERT.rule_id, _ALERT.rule_name, _ALERT.title, _ALERT.severity, _ALERT.labels, _ALERT.started_at_ms)


class SqlFiring:
    """Speaks the port `FiringReads` of the overview."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from `core`."""
        self._core = core

    async def firing(self, tenant: str) -> Firing:
        """Return alerts that nobody has taken and nothing holds back, the worst first."""
        mine = (_ALERT.tenant_id == tenant, _ALERT.status == AlertStatus.FIRING.value, _ALERT.held_by == "")
        counted = sa.select(_ALERT.rule_id, sa.func.count().label("amount")).where(*mine).group_by(_ALERT.rule_id)
        worst = sa.select(*_COLUMNS).where(*mine).order_by(_ALERT.severity.desc(), _ALERT.started_at_ms).limit(MAX_READ)
        async with self._core.view() as connection:
            counts = {row.rule_id: row.amount for row in await connection.execute(counted)}
            rows = (await connection.execute(worst)).mappings().all() if counts else ()
        return Firing(alerts=[_fact(row) for row in rows], counts=counts)


def _fact(row: sa.RowMapping) -> AlertFact:
    labels = row["labels"]
    return AlertFact(
        rule_id=row["rule_id"],
        rule_name=row["rule_name"],
        title=row["title"],
        severity=Severity(row["severity"]),
        started_at_ms=row["started_at_ms"],
        agent_id=str(labels.get("agent_id", "")),
        env=str(labels.get(ENV, "")),
        rollout=str(labels.get("rollout", "")),
        twin=twin_of(row["rule_id"]),
    )
