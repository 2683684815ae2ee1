"""Keeps alerts in SQL: what a turn reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gwf.alerts.life.ledger import State
from gwf.alerts.life.model import Notice
from gwf.alerts.run.model import AlertRow, Kept, Loaded, Order, Turn
from gwf.alerts.run.telling import ToldPlace
from gwf.core.errors import ConflictError
from gwf.core.faults import kill_point
from gwf.db.alert_rows import (
    ALERTS,
    COUNTS,
    GROUPS,
    HITS,
    NOTICE_ALERTS,
    NOTICES,
    alert_of,
    alert_values,
    count_id,
    count_values,
    counted_of,
    group_of,
    group_values,
    hit_values,
    notice_values,
    order_of,
)
from gwf.db.bulk import insert, put
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.alerts import alert_batches, alert_counts, alert_groups, alert_marks, alert_orders, alerts

TURN, PLACE, OPENED = "turn", "place", "opened:"  #: names of marks; the last one is followed by a tenant
TOLD, TOLD_MS = "told", "told_ms"  #: the last turn whose events were told, and its moment
MANY = 5_000  #: names in one statement

_ALERT, _GROUP, _BATCH, _ORDER, _MARK = alerts.c, alert_groups.c, alert_batches.c, alert_orders.c, alert_marks.c


class SqlAlertStore:
    """Speaks the port `gwf.alerts.run.ports.AlertStore`."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep them in the half that holds what people decide: a notice is told because of a decision."""
        self._core = core

    async def load(self, *, seen_after: int) -> Loaded:
        """Return all that is kept."""
        async with self._core.view() as connection:
            marks = {row.name: row.value for row in await connection.execute(sa.select(alert_marks))}
            place = marks.get(PLACE, 0)
            batches = sa.select(_BATCH.first_row_id).where(_BATCH.first_row_id > place - seen_after)
            loaded = Loaded(
                tenants={}, turn=marks.get(TURN, 0), place=place, seen=set(await connection.scalars(batches))
            )
            for name, opened in marks.items():
                if name.startswith(OPENED):
                    _kept(loaded, name.removeprefix(OPENED)).state.opened = opened
            for row in (await connection.execute(sa.select(alert_groups))).mappings():
                _kept(loaded, row["tenant_id"]).state.groups[row["group_key"]] = group_of(row)
            live = sa.select(alerts).where(_ALERT.live).order_by(_ALERT.tenant_id, _ALERT.number)
            for row in (await connection.execute(live)).mappings():
                kept, alert = _kept(loaded, row["tenant_id"]), alert_of(row)
                kept.state.alerts[alert.id] = alert
                kept.state.groups[alert.group].alerts.append(alert.id)
                kept.names[alert.rule_id] = row["rule_name"]
            for row in (await connection.execute(sa.select(alert_counts))).mappings():
                _kept(loaded, row["tenant_id"]).counted.append(counted_of(row))
        return loaded

    async def orders(self, *, limit: int) -> Sequence[Order]:
        """Return orders that are not done, the oldest first."""
        wanted = sa.select(alert_orders).where(_ORDER.done_at_ms.is_(None)).order_by(_ORDER.at_ms, _ORDER.order_id)
        async with self._core.view() as connection:
            return [order_of(row) for row in (await connection.execute(wanted.limit(limit))).mappings()]

    async def commit(self, turn: Turn) -> None:
        """Write a turn, or raise ConflictError when another process wrote one meanwhile."""
        kill_point("before_alert_commit")
        async with self._core.change() as change:
            await _take_turn(change, turn)
            await self._write(change, turn)
        kill_point("after_alert_commit")

    # -- how far alerts were told as events --------------------------------------------------------------

    async def told(self) -> tuple[ToldPlace | None, ToldPlace]:
        """Return how far alerts were told, None = that was never kept; and how far they were moved."""
        async with self._core.view() as connection:
            marks = {row.name: row.value for row in await connection.execute(sa.select(alert_marks))}
            newest_ms = await connection.scalar(sa.select(sa.func.max(_ALERT.updated_at_ms)))
        moved = ToldPlace(marks.get(TURN, 0), newest_ms or 0)
        return (ToldPlace(marks[TOLD], marks[TOLD_MS]) if TOLD in marks else None), moved

    async def changed(self, place: ToldPlace, *, after: str, limit: int) -> Sequence[AlertRow]:
        """Return alerts that turns behind a place wrote, by their ids, from behind one on."""
        wanted = sa.select(alerts).where(_ALERT.revision > place.turn, _ALERT.alert_id > after)
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted.order_by(_ALERT.alert_id).limit(limit))).mappings().all()
        return [AlertRow(row["tenant_id"], alert_of(row), row["rule_name"], row["live"]) for row in rows]

    async def keep_told(self, place: ToldPlace) -> None:
        """Keep how far alerts were told; it never goes back."""
        async with self._core.change() as change:
            known = await change.connection.scalar(sa.select(_MARK.value).where(_MARK.name == TOLD).with_for_update())
            if known is None or place.turn > known:
                await _move(change, {TOLD: place.turn, TOLD_MS: place.at_ms})

    # -- parts -------------------------------------------------------------------------------------------

    async def _write(self, change: CoreChange, turn: Turn) -> None:
        revision = turn.after + 1
        await put(change, ALERTS, [alert_values(row, now_ms=turn.now_ms, revision=revision) for row in turn.alerts])
        await put(change, GROUPS, [group_values(row) for row in turn.groups])
        await put(change, COUNTS, [count_values(row, row.counted) for row in turn.counts if row.counted is not None])
        await insert(change, HITS, [hit_values(hit) for hit in turn.hits])
        await insert(change, NOTICES, [notice_values(row) for row in turn.notices])
        links = [(name, row.notice.id) for row in turn.notices for name in _about(row.notice)]
        await insert(change, NOTICE_ALERTS, links)
        await _remove(change, _GROUP.group_key, turn.gone_groups)
        await _remove(change, alert_counts.c.count_id, [count_id(row) for row in turn.counts if row.counted is None])
        for order_id, too_late in turn.orders:
            done = sa.update(alert_orders).where(_ORDER.order_id == order_id)
            await change.connection.execute(done.values(done_at_ms=turn.now_ms, too_late=too_late))
        if turn.batches:
            rows = [{"first_row_id": first, "taken_at_ms": taken_ms} for first, taken_ms in turn.batches]
            await change.connection.execute(sa.insert(alert_batches), rows)
        await change.connection.execute(sa.delete(alert_batches).where(_BATCH.first_row_id < turn.forget_before))


async def _take_turn(change: CoreChange, turn: Turn) -> None:
    """Move the marks on, the turn first: it is the lock that another process waits at, or loses to."""
    mine = sa.update(alert_marks).where(_MARK.name == TURN, _MARK.value == turn.after).values(value=turn.after + 1)
    if (await change.connection.execute(mine.returning(_MARK.name))).first() is None:
        if turn.after or await change.connection.scalar(sa.select(_MARK.value).where(_MARK.name == TURN)) is not None:
            raise ConflictError("another process moves alerts on", turn=str(turn.after))
        await change.connection.execute(sa.insert(alert_marks).values(name=TURN, value=1))
    await _move(change, {PLACE: turn.place, **{OPENED + tenant: opened for tenant, opened in turn.opened.items()}})


async def _move(change: CoreChange, marks: Mapping[str, int]) -> None:
    for name, value in marks.items():
        moved = sa.update(alert_marks).where(_MARK.name == name).values(value=value).returning(_MARK.name)
        if (await change.connection.execute(moved)).first() is None:
            await change.connection.execute(sa.insert(alert_marks).values(name=name, value=value))


async def _remove(change: CoreChange, column: sa.Column[str], names: Sequence[str]) -> None:
    for begin in range(0, len(names), MANY):
        chosen = column.in_(names[begin : begin + MANY])
        await change.connection.execute(sa.delete(column.table).where(chosen))


def _kept(loaded: Loaded, tenant: str) -> Kept:
    return loaded.tenants.setdefault(tenant, Kept(state=State(tenant=tenant)))


def _about(notice: Notice) -> set[str]:
    return {*notice.news, *notice.ends, *notice.left}
