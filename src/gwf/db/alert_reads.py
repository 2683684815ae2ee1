"""Reads alerts in SQL: lists, counts by column, what made them and what was told of them; takes orders."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa

from gwf.alerts.life.model import Group
from gwf.alerts.run.model import Between, Hit, KeptAlert, KeptNotice, Note, Order, OrderEnd
from gwf.audit.changes import storable
from gwf.audit.model import AuditEntry
from gwf.db.alert_lists import SqlAlertLists
from gwf.db.alert_rows import group_of, hit_of, note_of, note_values, order_values
from gwf.db.alert_store import PLACE
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.moved import Moved
from gwf.db.rowids import first_row_id
from gwf.db.tables.alerts import (
    alert_groups,
    alert_hits,
    alert_marks,
    alert_notes,
    alert_orders,
    alerts,
    notice_alerts,
    notices,
)
from gwf.events.model import Severity

_ROW, _HIT, _ORDER, _NOTICE = alerts.c, alert_hits.c, alert_orders.c, notices.c


class SqlAlertReads(SqlAlertLists):
    """Speaks the port `gwf.alerts.run.ports.AlertReads`."""

    async def some(self, tenant: str, alert_ids: Sequence[str]) -> Sequence[KeptAlert]:
        """Return those of some alerts that there are."""
        names = [storable(name) for name in alert_ids]
        return await self._alerts(sa.select(alerts).where(_ROW.alert_id.in_(names), _ROW.tenant_id == tenant))

    async def group(self, group_key: str) -> Group | None:
        """Return a group without its alerts; None = it is gone."""
        wanted = sa.select(alert_groups).where(alert_groups.c.group_key == group_key)
        row = (await self._connection.execute(wanted)).mappings().first()
        return None if row is None else group_of(row)

    async def of_group(self, tenant: str, group_key: str, *, limit: int) -> Sequence[KeptAlert]:
        """Return the open alerts of a group, the worst first."""
        mine = sa.select(alerts).where(
            _ROW.group_key == group_key, _ROW.tenant_id == tenant, _ROW.ended_at_ms.is_(None)
        )
        return await self._alerts(mine.order_by(_ROW.severity.desc(), _ROW.number).limit(limit))

    async def covering(self, tenant: str, fingerprint: str, at_ms: int) -> KeptAlert | None:
        """Return the alert of a fingerprint that was open at a moment."""
        mine = sa.select(alerts).where(
            _ROW.tenant_id == tenant,
            _ROW.fingerprint == storable(fingerprint),
            _ROW.started_at_ms <= at_ms,
            sa.or_(_ROW.ended_at_ms.is_(None), _ROW.ended_at_ms >= at_ms),
        )
        return next(iter(await self._alerts(mine.order_by(_ROW.started_at_ms.desc()).limit(1))), None)

    async def notices_of(self, alert_id: str, *, limit: int) -> Sequence[KeptNotice]:
        """Return the notices about an alert, the newest first."""
        links = sa.select(notice_alerts.c.notice_id).where(notice_alerts.c.alert_id == storable(alert_id))
        wanted = sa.select(notices).where(_NOTICE.notice_id.in_(links)).order_by(_NOTICE.at_ms.desc())
        return [_notice(row) for row in (await self._connection.execute(wanted.limit(limit))).mappings()]

    async def hits_of_alert(self, alert_id: str, *, limit: int, newest: bool) -> Sequence[Hit]:
        """Return what made an alert, the newest or the oldest first."""
        order = _HIT.row_id.desc() if newest else _HIT.row_id
        wanted = sa.select(alert_hits).where(_HIT.alert_id == storable(alert_id)).order_by(order).limit(limit)
        return [hit_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def hits_between(self, alert_ids: Sequence[str], time: Between, *, limit: int) -> Sequence[Hit]:
        """Return what made some alerts within a stretch of time, the newest first."""
        return await self._hits(_HIT.alert_id.in_(map(storable, alert_ids)), time, limit=limit)

    async def loose_hits(self, tenant: str, rule_id: str, time: Between, *, limit: int) -> Sequence[Hit]:
        """Return what a rule counted, or saw come, of which no alert was made, the newest first."""
        mine = sa.and_(_HIT.alert_id == "", _HIT.rule_id == rule_id, _HIT.tenant_id == tenant)
        return await self._hits(mine, time, limit=limit)

    async def _hits(self, which: sa.ColumnElement[bool], time: Between, *, limit: int) -> Sequence[Hit]:
        between = (_HIT.row_id >= first_row_id(time.since_ms), _HIT.row_id < first_row_id(time.until_ms))
        wanted = sa.select(alert_hits).where(which, *between).order_by(_HIT.row_id.desc()).limit(limit)
        return [hit_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def same_trouble(self, tenant: str, fingerprint: str, time: Between, *, limit: int) -> Sequence[KeptAlert]:
        """Return the alerts of a fingerprint that began within a stretch of time, the newest first."""
        mine = sa.select(alerts).where(
            _ROW.tenant_id == tenant,
            _ROW.fingerprint == storable(fingerprint),
            _ROW.started_at_ms >= time.since_ms,
            _ROW.started_at_ms < time.until_ms,
        )
        return await self._alerts(mine.order_by(_ROW.started_at_ms.desc(), _ROW.number.desc()).limit(limit))

    async def notes_of(self, tenant: str, alert_id: str, *, limit: int) -> Sequence[Note]:
        """Return what people wrote down about an alert, the newest first."""
        noted = alert_notes.c
        mine = sa.select(alert_notes).where(noted.alert_id == storable(alert_id), noted.tenant_id == tenant)
        newest = mine.order_by(noted.at_ms.desc(), noted.note_id.desc()).limit(limit)
        return [note_of(row) for row in (await self._connection.execute(newest)).mappings()]

    async def hits_of_event(self, tenant: str, row_id: int) -> Sequence[Hit]:
        """Return what the rules made of an event."""
        wanted = sa.select(alert_hits).where(_HIT.row_id == row_id, _HIT.tenant_id == tenant).order_by(_HIT.rule_id)
        return [hit_of(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def place(self) -> int:
        """Return how far events were seen, as a row number."""
        wanted = sa.select(alert_marks.c.value).where(alert_marks.c.name == PLACE)
        return int(await self._connection.scalar(wanted) or 0)

    async def order_ends(self, order_ids: Sequence[str]) -> OrderEnd:
        """Return what became of orders."""
        wanted = sa.select(_ORDER.alert_id, _ORDER.done_at_ms, _ORDER.too_late).where(
            _ORDER.order_id.in_(list(order_ids))
        )
        rows = (await self._connection.execute(wanted.order_by(_ORDER.alert_id))).all()
        return OrderEnd(
            done=[row.alert_id for row in rows if row.done_at_ms is not None and not row.too_late],
            too_late=[row.alert_id for row in rows if row.done_at_ms is not None and row.too_late],
            pending=[row.alert_id for row in rows if row.done_at_ms is None],
        )


class SqlAlertChange(SqlAlertReads):
    """Speaks the port `gwf.alerts.run.ports.AlertChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write through the connection of `change`."""
        super().__init__(change.connection)
        self._change = change

    async def order(self, orders: Sequence[Order]) -> None:
        """Write orders."""
        await self._connection.execute(sa.insert(alert_orders), [dict(order_values(order)) for order in orders])

    async def add_note(self, note: Note) -> None:
        """Write down a note."""
        await self._connection.execute(sa.insert(alert_notes), [dict(note_values(note))])

    def record(self, entry: AuditEntry) -> None:
        """Write an entry of the audit with it."""
        self._change.record(entry)


class SqlAlertDesk:
    """Speaks the port `gwf.alerts.run.ports.AlertDeskStore`; tells which alerts changed (gwf.app.watches.Rows)."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from the half that holds them."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlAlertReads]:
        """Read one state."""
        async with self._core.view() as connection:
            yield SqlAlertReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlAlertChange]:
        """Begin a transaction."""
        async with self._core.change() as change:
            yield SqlAlertChange(change)

    async def changed_since(self, since_ms: int, *, limit: int) -> Sequence[Moved]:
        """Return the alerts of all tenants that changed at or after a moment, the newest first."""
        columns = (_ROW.tenant_id, _ROW.alert_id, _ROW.updated_at_ms, _ROW.revision)
        wanted = sa.select(*columns).where(_ROW.updated_at_ms >= since_ms).order_by(_ROW.updated_at_ms.desc())
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted.limit(limit))).all()
        return [Moved(row.tenant_id, row.alert_id, row.updated_at_ms, row.revision) for row in rows]

    async def rest(self) -> tuple[int, int]:
        """Return when a notice moved last."""
        async with self._core.view() as connection:
            return int(await connection.scalar(sa.select(sa.func.max(_NOTICE.updated_at_ms))) or 0), 0


def _notice(row: sa.RowMapping) -> KeptNotice:
    return KeptNotice(
        notice_id=row["notice_id"], kind=row["kind"], at_ms=row["at_ms"], level=row["level"],
        receivers=row["receivers"], severity=Severity(row["severity"]), body=row["body"], state=row["state"],
        updated_at_ms=row["updated_at_ms"],
    )  # fmt: skip
