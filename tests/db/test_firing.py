"""Which alerts of the database a verdict counts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gwf.control.overview.firing import AlertFact
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database
from gwf.db.firing import MAX_READ, SqlFiring
from gwf.db.tables.alerts import alerts
from gwf.events.model import Severity
from tests.db.rows import row
from tests.db.test_half import with_database

BASE: dict[str, Any] = {
    "tenant_id": "default", "status": "firing", "held_by": "", "severity": 40, "rule_id": "r", "rule_name": "backup",
    "title": "t", "labels": {}, "started_at_ms": 1,
}  # fmt: skip


def test_alerts_that_nobody_took_and_nothing_holds_are_counted_the_worst_first(address: DatabaseAddress) -> None:
    labels = {"agent_id": "agt_1", "env": "prod", "rollout": "rol_1"}
    rows: list[dict[str, Any]] = [
        {}, {"status": "acknowledged"}, {"status": "resolved"}, {"held_by": "silence:s"}, {"tenant_id": "acme"},
        {"severity": 60, "rule_id": "alr_builtin-disk-low", "labels": labels, "started_at_ms": 5},
    ]  # fmt: skip

    async def work(database: Database) -> None:
        many: list[dict[str, Any]] = [{} for _ in range(MAX_READ)]
        wanted = [row(alerts, number) | BASE | values for number, values in enumerate([*rows, *many])]
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(alerts), wanted)
        found = await SqlFiring(database.core).firing("default")
        assert found.counts == {"r": MAX_READ + 1, "alr_builtin-disk-low": 1}
        assert len(found.alerts) == MAX_READ
        assert found.alerts[0] == AlertFact(
            rule_id="alr_builtin-disk-low", rule_name="backup", title="t", severity=Severity.CRITICAL, started_at_ms=5,
            agent_id="agt_1", env="prod", rollout="rol_1", twin="disk_low",
        )  # fmt: skip
        assert not (await SqlFiring(database.core).firing("nobody")).alerts

    with_database(address, work)
