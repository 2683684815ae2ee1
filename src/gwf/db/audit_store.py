"""The audit's chains in SQL: pages for people, rows in their order for the verifier."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.chain import COLUMNS
from gwf.audit.changes import canonical_json, storable
from gwf.audit.model import AuditRow, Head
from gwf.audit.ports import AuditFilter, Ends, Of, Summary, Value, ValueWish
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.audit import audit_heads, audit_logs

_ROW = audit_logs.c
_COLUMNS = [_ROW[{"tenant": "tenant_id"}.get(name, name)] for name in COLUMNS]
_DAY_MS = 86_400_000
_COLUMN_OF: Mapping[Of, str] = {Of.ACTOR: "actor_id"} | {of: of.value for of in Of if of is not Of.ACTOR}
_MOST = 100  #: different actors, actions and kinds that a summary names
_TEXTS = (_ROW.action, _ROW.resource_id, _ROW.actor_id, _ROW.reason, _ROW.changes, _ROW.detail, _ROW.request_id)


class SqlAuditStore:
    """Reads the chains; what is recorded goes through the change that it belongs to."""

    def __init__(self, core: CoreHalf) -> None:
        """Read from the half that holds what people and agents decide."""
        self._core = core

    @asynccontextmanager
    async def view(self, tenant: str) -> AsyncGenerator[SqlAuditReads]:
        """Read one state of a tenant's chain."""
        async with self._core.view() as connection:
            yield SqlAuditReads(connection, tenant)

    def change(self) -> AbstractAsyncContextManager[CoreChange]:
        """Begin a transaction."""
        return self._core.change()


class SqlAuditReads:
    """Reads of one tenant's chain over one connection."""

    def __init__(self, connection: AsyncConnection, tenant: str) -> None:
        """Read through `connection`, also inside a change."""
        self._connection = connection
        self._tenant = tenant

    async def page(self, wanted: AuditFilter, *, below: int | None, limit: int) -> Sequence[AuditRow]:
        """Return rows that fit, newest first, below a place."""
        query = self._chosen(wanted)
        if below is not None:
            query = query.where(_ROW.seq < below)
        return await self._rows(query.order_by(_ROW.seq.desc()).limit(limit))

    async def text_page(self, wanted: AuditFilter, *, span: tuple[int, int], limit: int) -> Sequence[AuditRow]:
        """Return rows that fit and hold the text, newest first."""
        query = self._chosen(wanted).where(_ROW.seq.between(*span), *_holding(wanted))
        return await self._rows(query.order_by(_ROW.seq.desc()).limit(limit))

    async def summary(self, wanted: AuditFilter, *, span: tuple[int, int], shift_ms: int, limit: int) -> Summary:
        """Return what there is among the newest `limit` rows that fit within `span`."""
        some = self._newest(wanted, span, limit=limit).c

        async def counted(*columns: sa.ColumnElement[Any]) -> list[tuple[Any, ...]]:
            count = sa.func.count().label("n")
            query = sa.select(*columns, count).group_by(*columns).order_by(sa.desc("n"), *columns).limit(_MOST)
            return [tuple(row) for row in await self._connection.execute(query)]

        day = ((some.at_ms + shift_ms) // _DAY_MS).label("day")
        kinds = sa.select(day, some.actor_kind, sa.func.count()).group_by(day, some.actor_kind).order_by(day)
        days = [(int(number), kind, count) for number, kind, count in await self._connection.execute(kinds)]
        total = sum(count for _, _, count in days)
        return Summary(
            total=total,
            complete=total < limit,
            days=days,
            actors=[(kind, name, count) for kind, name, count in await counted(some.actor_kind, some.actor_id)],
            actions=[(action, count) for action, count in await counted(some.action)],
            resource_kinds=[(kind, count) for kind, count in await counted(some.resource_kind)],
        )

    async def values(
        self, wanted: AuditFilter, wish: ValueWish, *, span: tuple[int, int], limit: int
    ) -> Sequence[Value]:
        """Return the values among the newest `limit` rows that fit within `span`, most frequent first."""
        some = self._newest(wanted, span, limit=limit).c
        value = some[_COLUMN_OF[wish.of]]
        kind = some.actor_kind if wish.of is Of.ACTOR else sa.literal("")
        count = sa.func.count().label("n")
        query = sa.select(kind.label("kind"), value.label("value"), count).where(value != "")
        query = query.group_by("kind", "value").order_by(sa.desc("n"), "kind", "value")
        if wish.text:
            query = query.where(value.icontains(storable(wish.text), autoescape=True))
        rows = await self._connection.execute(query.limit(wish.most))
        return [Value(kind=row.kind, value=row.value, count=row.n) for row in rows]

    async def find(self, seq: int) -> AuditRow | None:
        """Return one row."""
        rows = await self._rows(self._all().where(_ROW.seq == seq))
        return rows[0] if rows else None

    async def rows(self, *, after: int, limit: int) -> Sequence[AuditRow]:
        """Return the rows behind a place in their order."""
        return await self._rows(self._all().where(_ROW.seq > after).order_by(_ROW.seq).limit(limit))

    async def ends(self) -> Ends:
        """Return where the chain ends."""
        last = sa.select(sa.func.max(_ROW.seq)).where(_ROW.tenant_id == self._tenant).scalar_subquery()
        head = sa.select(audit_heads.c.seq, audit_heads.c.hash).where(audit_heads.c.tenant_id == self._tenant)
        found = (await self._connection.execute(head)).one_or_none()
        last_seq = (await self._connection.execute(sa.select(last))).scalar_one()
        at = None if found is None else Head(tenant=self._tenant, seq=found.seq, hash=bytes(found.hash))
        return Ends(head=at, last_seq=last_seq or 0)

    def _newest(self, wanted: AuditFilter, span: tuple[int, int], *, limit: int) -> sa.CTE:
        names = ("at_ms", "actor_kind", "actor_id", "action", "resource_kind", "address")
        fit = self._chosen(wanted, *(_ROW[name] for name in names)).where(_ROW.seq.between(*span), *_holding(wanted))
        return fit.order_by(_ROW.seq.desc()).limit(limit).cte("some")

    def _all(self) -> sa.Select[Any]:
        return sa.select(*_COLUMNS).where(_ROW.tenant_id == self._tenant)

    def _chosen(self, wanted: AuditFilter, *columns: sa.Column[Any]) -> sa.Select[Any]:
        query = self._all() if not columns else sa.select(*columns).where(_ROW.tenant_id == self._tenant)
        for column, value in (
            (_ROW.actor_kind, wanted.actor_kind),
            (_ROW.actor_id, wanted.actor_id),
            (_ROW.resource_id, wanted.resource_id),
        ):
            if value:
                query = query.where(column == storable(value))
        for column, values in ((_ROW.resource_kind, wanted.resource_kinds), (_ROW.actor_kind, wanted.actor_kinds)):
            if values:
                query = query.where(column.in_(sorted(map(storable, values))))
        if wanted.with_changes:
            query = query.where(_ROW.changes != "[]")
        return query.where(*_of_actions(wanted), *_between(wanted))

    async def _rows(self, query: sa.Select[Any]) -> Sequence[AuditRow]:
        return list(map(AuditRow._make, (await self._connection.execute(query)).all()))


def _of_actions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    one = [_of_action(wanted.action)] if wanted.action else []
    return [*one, sa.or_(*map(_of_action, sorted(wanted.actions)))] if wanted.actions else one


def _of_action(action: str) -> sa.ColumnElement[bool]:
    name = storable(action)
    return _ROW.action.startswith(name, autoescape=True) if name.endswith(".") else _ROW.action == name


def _holding(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    text = [column.icontains(storable(wanted.text), autoescape=True) for column in _TEXTS] if wanted.text else []
    rest = [_path_ends(storable(wanted.field))] if wanted.field else []
    rest += [_has_value(storable(wanted.value))] if wanted.value else []
    rest += [_came_from(storable(wanted.address))] if wanted.address else []
    return [sa.or_(*text), *rest] if text else rest


def _path_ends(part: str) -> sa.ColumnElement[bool]:
    """Tell whether a changed path ends with a text: `path` is the last key of a change, and values escape quotes."""
    inside = _plain(canonical_json(part.lstrip("/"))[1:-1])
    return _ROW.changes.ilike(f'%/{inside}"}}%', escape="!")


def _has_value(text: str) -> sa.ColumnElement[bool]:
    """Tell whether a field had or got a value: the text, or what the text is in JSON. A further key follows on it."""
    words = {canonical_json(text)}
    with suppress(ValueError):
        words.add(canonical_json(json.loads(text)))
    sides = [f'%"{side}":{_plain(word)},"%' for side in ("after", "before") for word in sorted(words)]
    return sa.or_(*(_ROW.changes.ilike(side, escape="!") for side in sides))


def _came_from(address: str) -> sa.ColumnElement[bool]:
    if address.endswith((".", ":")):
        return _ROW.address.startswith(address, autoescape=True)
    return _ROW.address == address


def _plain(text: str) -> str:
    for mark in ("!", "%", "_"):
        text = text.replace(mark, f"!{mark}")
    return text


def _between(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    since = [] if wanted.since_ms is None else [_ROW.at_ms >= wanted.since_ms]
    return since if wanted.until_ms is None else [*since, _ROW.at_ms < wanted.until_ms]
