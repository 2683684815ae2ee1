"""The audit's chains in SQL: pages for people, rows in their order for the verifier."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.chain import COLUMNS
from gwf.audit.changes import storable
from gwf.audit.model import AuditRow, Head
from gwf.audit.ports import AuditFilter, Ends
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.audit import audit_heads, audit_logs

_ROW = audit_logs.c
_COLUMNS = [_ROW[{"tenant": "tenant_id"}.get(name, name)] for name in COLUMNS]
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
        holds = sa.or_(*(column.icontains(storable(wanted.text), autoescape=True) for column in _TEXTS))
        query = self._chosen(wanted).where(_ROW.seq.between(*span), holds)
        return await self._rows(query.order_by(_ROW.seq.desc()).limit(limit))

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

    def _all(self) -> sa.Select[Any]:
        return sa.select(*_COLUMNS).where(_ROW.tenant_id == self._tenant)

    def _chosen(self, wanted: AuditFilter) -> sa.Select[Any]:
        query = self._all()
        for column, value in (
            (_ROW.actor_kind, wanted.actor_kind),
            (_ROW.actor_id, wanted.actor_id),
            (_ROW.resource_id, wanted.resource_id),
        ):
            if value:
                query = query.where(column == storable(value))
        for column, values in ((_ROW.resource_kind, wanted.resource_kinds), (_ROW.action, wanted.actions)):
            if values:
                query = query.where(column.in_(sorted(map(storable, values))))
        return query.where(*_of_action(wanted.action), *_between(wanted))

    async def _rows(self, query: sa.Select[Any]) -> Sequence[AuditRow]:
        return [_row(item) for item in (await self._connection.execute(query)).all()]


def _of_action(action: str) -> list[sa.ColumnElement[bool]]:
    if not action:
        return []
    name = storable(action)
    return [_ROW.action.startswith(name, autoescape=True) if name.endswith(".") else _ROW.action == name]


def _between(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    since = [] if wanted.since_ms is None else [_ROW.at_ms >= wanted.since_ms]
    return since if wanted.until_ms is None else [*since, _ROW.at_ms < wanted.until_ms]


def _row(item: Any) -> AuditRow:
    """Return a row; its columns are taken by their order, because a check takes a million of them."""
    (
        tenant, seq, at_ms, actor_kind, actor_id, address, action, resource_kind, resource_id, reason, request_id,
        changes, detail, digest,
    ) = item  # fmt: skip
    return AuditRow(
        tenant=tenant,
        seq=seq,
        at_ms=at_ms,
        actor_kind=actor_kind,
        actor_id=actor_id,
        address=address,
        action=action,
        resource_kind=resource_kind,
        resource_id=resource_id,
        reason=reason,
        request_id=request_id,
        changes=changes,
        detail=detail,
        hash=bytes(digest),
    )
