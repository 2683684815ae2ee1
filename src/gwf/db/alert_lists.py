"""Lists alerts in SQL: pages, counts by column, over time and summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.alerts.life.model import AlertStatus
from gwf.alerts.run.model import AlertFilter, AlertSum, Between, GroupBy, KeptAlert, Telling
from gwf.audit.changes import storable
from gwf.db.alert_rows import alert_of
from gwf.db.tables.alerts import alerts
from gwf.db.tables.columns import json_text, json_value_of
from gwf.events.model import Severity

MAX_VALUES = 100  #: values that a facet names
_ROW = alerts.c
_FACETS = {"status": _ROW.status, "severity": _ROW.severity, "rule": _ROW.rule_id, "owner": _ROW.owner}
_SUMMED = {GroupBy.RULE: _ROW.rule_id, GroupBy.GROUP: _ROW.group_key, GroupBy.FINGERPRINT: _ROW.fingerprint}
_IS = {
    Telling.TOLD: _ROW.told.is_not(None),
    Telling.HELD: sa.and_(_ROW.told.is_(None), _ROW.held_by != ""),
    Telling.NOTED: sa.and_(_ROW.told.is_(None), _ROW.held_by == ""),
}
_TELLING = sa.case(
    (_ROW.told.is_not(None), Telling.TOLD.value), (_ROW.held_by != "", Telling.HELD.value), else_=Telling.NOTED.value
)


class SqlAlertLists:
    """Speaks the part of the port `gwf.alerts.run.ports.AlertReads` that is about many alerts."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def page(
        self, tenant: str, wanted: AlertFilter, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptAlert]:
        """Return a part of the alerts that fit, those seen last before others."""
        query = sa.select(alerts).where(*_conditions(tenant, wanted))
        if after is not None:
            at_ms, name = after
            behind = sa.and_(_ROW.seen_at_ms == at_ms, _ROW.alert_id < storable(name))
            query = query.where(_ROW.seen_at_ms <= at_ms, sa.or_(_ROW.seen_at_ms < at_ms, behind))
        return await self._alerts(query.order_by(_ROW.seen_at_ms.desc(), _ROW.alert_id.desc()).limit(limit))

    async def count(self, tenant: str, wanted: AlertFilter) -> int:
        """Return how many fit."""
        counted = sa.select(sa.func.count()).select_from(alerts).where(*_conditions(tenant, wanted))
        return int(await self._connection.scalar(counted) or 0)

    async def facets(self, tenant: str, wanted: AlertFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many that fit have each value."""
        columns = list(_FACETS.values())
        query = sa.select(*columns, sa.func.count()).where(*_conditions(tenant, wanted)).group_by(*columns)
        counts = {name: Counter[Any]() for name in _FACETS}
        for *values, amount in await self._connection.execute(query):  # once for all: an index has all of them
            for one, value in zip(counts.values(), values, strict=True):
                one[value] += amount
        found = {name: dict(one.most_common(MAX_VALUES)) for name, one in counts.items()}
        found["severity"] = {Severity(value).word: amount for value, amount in found["severity"].items()}
        return {name: {value: amount for value, amount in one.items() if value} for name, one in found.items()}

    async def begun(
        self, tenant: str, wanted: AlertFilter, time: Between, *, step_ms: int
    ) -> Mapping[tuple[int, Telling], int]:
        """Return how many that fit began in each slot of a time, by the slot's number and what was told."""
        slot = ((_ROW.started_at_ms - time.since_ms) // step_ms).label("slot")
        telling, amount = _TELLING.label("telling"), sa.func.count().label("amount")
        between = (_ROW.started_at_ms >= time.since_ms, _ROW.started_at_ms < time.until_ms)
        query = sa.select(slot, telling, amount).where(*_conditions(tenant, wanted), *between)
        rows = await self._connection.execute(query.group_by("slot", "telling"))
        return {(int(row.slot), Telling(row.telling)): row.amount for row in rows}

    async def sums(self, tenant: str, wanted: AlertFilter, by: GroupBy, *, limit: int) -> Sequence[AlertSum]:
        """Return alerts that fit summed up, the worst and most first."""
        key = _SUMMED[by]
        open_ = _ROW.ended_at_ms.is_(None)
        amount, worst = sa.func.count().label("amount"), sa.func.max(_ROW.severity).label("worst")
        query = sa.select(
            key.label("key"), sa.func.max(_ROW.rule_id).label("rule_id"), sa.func.max(_ROW.rule_name).label("name"),
            sa.func.max(_ROW.title).label("title"), sa.func.max(sa.cast(_ROW.labels, sa.Text)).label("labels"),
            amount, worst, _many(_ROW.status == AlertStatus.FIRING.value).label("firing"),
            _many(_ROW.status == AlertStatus.ACKNOWLEDGED.value).label("acknowledged"),
            _many(sa.and_(open_, _ROW.held_by != "")).label("held"),
            sa.func.sum(_ROW.happenings).label("happenings"), sa.func.min(_ROW.started_at_ms).label("first_ms"),
            sa.func.max(_ROW.seen_at_ms).label("last_ms"),
        ).where(*_conditions(tenant, wanted))  # fmt: skip
        rows = await self._connection.execute(
            query.group_by(key).order_by(worst.desc(), amount.desc(), key).limit(limit)
        )
        return [
            AlertSum(
                key=row.key, rule_id=row.rule_id, rule_name=row.name, title=row.title,
                labels=json_value_of(row.labels), alerts=row.amount, firing=int(row.firing),
                acknowledged=int(row.acknowledged), held=int(row.held), happenings=int(row.happenings),
                worst=Severity(row.worst), first_started_ms=row.first_ms, last_seen_ms=row.last_ms,
            )
            for row in rows
        ]  # fmt: skip

    async def days(
        self, tenant: str, fingerprints: Sequence[str], since_ms: int, *, day_ms: int
    ) -> Mapping[str, Mapping[int, int]]:
        """Return how many alerts of fingerprints began on each day since a moment, by the day's number from there."""
        day = ((_ROW.started_at_ms - since_ms) // day_ms).label("day")
        names = {storable(name): name for name in fingerprints}
        query = sa.select(_ROW.fingerprint, day, sa.func.count().label("amount")).where(
            _ROW.tenant_id == tenant, _ROW.fingerprint.in_(list(names)), _ROW.started_at_ms >= since_ms
        )
        found: dict[str, dict[int, int]] = {}
        for row in await self._connection.execute(query.group_by(_ROW.fingerprint, "day")):
            found.setdefault(names[row.fingerprint], {})[int(row.day)] = row.amount
        return found

    async def _alerts(self, query: sa.Select[*tuple[Any, ...]]) -> Sequence[KeptAlert]:
        rows = (await self._connection.execute(query)).mappings()
        return [
            KeptAlert(
                alert=alert_of(row),
                rule_name=row["rule_name"],
                updated_at_ms=row["updated_at_ms"],
                revision=row["revision"],
            )
            for row in rows
        ]


def _many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _conditions(tenant: str, wanted: AlertFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_ROW.tenant_id == tenant]
    if wanted.statuses:
        found.append(_ROW.status.in_(sorted(one.value for one in wanted.statuses)))
    if wanted.severities:
        found.append(_ROW.severity.in_(sorted(int(one) for one in wanted.severities)))
    columns = ((_ROW.rule_id, wanted.rules), (_ROW.owner, wanted.owners), (_ROW.group_key, wanted.groups))
    for column, values in columns:
        if values:
            found.append(column.in_(sorted(storable(value) for value in values)))
    for name, value in wanted.labels:
        pair = f"{json_text(storable(name))}:{json_text(storable(value))}"
        found.append(sa.cast(_ROW.labels, sa.Text).contains(pair, autoescape=True))
    return [*found, *_narrowed(wanted)]


def _narrowed(wanted: AlertFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.text:
        part = storable(wanted.text)
        columns = (_ROW.title, _ROW.alert_id, _ROW.rule_name)
        found.append(sa.or_(*(column.icontains(part, autoescape=True) for column in columns)))
    if wanted.since_ms is not None:
        found.append(_ROW.seen_at_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        found.append(_ROW.seen_at_ms < wanted.until_ms)
    if wanted.began_since_ms is not None:
        found.append(_ROW.started_at_ms >= wanted.began_since_ms)
    if wanted.began_until_ms is not None:
        found.append(_ROW.started_at_ms < wanted.began_until_ms)
    if wanted.tellings:
        found.append(sa.or_(*(_IS[one] for one in sorted(wanted.tellings))))
    if wanted.held is not None:
        found.append(_ROW.held_by != "" if wanted.held else _ROW.held_by == "")
    return found
