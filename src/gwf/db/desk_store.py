"""Preferences and saved views in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.model import AuditEntry
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.desk import preferences, saved_views, view_defaults
from gwf.identity.desk import SavedView

_VIEW = saved_views.c


class SqlDesk:
    """Speaks the port `DeskStore` of identity."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlDeskReads]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield SqlDeskReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlDeskChange]:
        """Open a transaction."""
        async with self._core.change() as change:
            yield SqlDeskChange(change)


class SqlDeskReads:
    """Speaks the port `DeskReads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def preferences(self, tenant: str, owner: str) -> Mapping[str, object]:
        """Return what somebody chose."""
        mine = sa.and_(preferences.c.tenant_id == tenant, preferences.c.owner_id == owner)
        return await self._connection.scalar(sa.select(preferences.c.chosen).where(mine)) or {}

    async def view_of(self, tenant: str, view_id: str) -> SavedView | None:
        """Return a view."""
        wanted = sa.select(saved_views).where(_VIEW.tenant_id == tenant, _VIEW.view_id == view_id)
        row = (await self._connection.execute(wanted)).mappings().one_or_none()
        return None if row is None else _view(row)

    async def views(self, tenant: str, owner: str, list_name: str | None) -> Sequence[SavedView]:
        """Return the views that somebody may see, by name."""
        wanted = sa.select(saved_views).where(_VIEW.tenant_id == tenant, sa.or_(_VIEW.owner_id == owner, _VIEW.shared))
        if list_name is not None:
            wanted = wanted.where(_VIEW.list_name == list_name)
        rows = (await self._connection.execute(wanted.order_by(_VIEW.name, _VIEW.view_id))).mappings()
        return [_view(row) for row in rows]

    async def defaults(self, tenant: str, owner: str) -> Mapping[str, str]:
        """Return the view that each list of somebody begins with."""
        table = view_defaults.c
        wanted = sa.select(table.list_name, table.view_id).where(table.tenant_id == tenant, table.owner_id == owner)
        return {row.list_name: row.view_id for row in await self._connection.execute(wanted)}

    async def count_views(self, tenant: str, owner: str) -> int:
        """Return how many views somebody has."""
        mine = sa.and_(_VIEW.tenant_id == tenant, _VIEW.owner_id == owner)
        return await self._connection.scalar(sa.select(sa.func.count()).select_from(saved_views).where(mine)) or 0


class SqlDeskChange(SqlDeskReads):
    """Speaks the port `DeskChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    async def put_preferences(self, tenant: str, owner: str, chosen: Mapping[str, object], *, at_ms: int) -> None:
        """Write what somebody chose."""
        values = {"tenant_id": tenant, "owner_id": owner, "chosen": dict(chosen), "updated_at_ms": at_ms}
        await self._put(preferences, values)

    async def put_view(self, view: SavedView) -> None:
        """Write a view."""
        await self._put(saved_views, _values(view))

    async def delete_view(self, tenant: str, view_id: str) -> None:
        """Remove a view."""
        for table in (saved_views, view_defaults):
            mine = sa.and_(table.c.tenant_id == tenant, table.c.view_id == view_id)
            await self._connection.execute(sa.delete(table).where(mine))

    async def put_default(self, tenant: str, owner: str, list_name: str, *, view_id: str | None) -> None:
        """Let a list begin with a view, or with none."""
        if view_id is not None:
            values = {"tenant_id": tenant, "owner_id": owner, "list_name": list_name, "view_id": view_id}
            await self._put(view_defaults, values)
            return
        table = view_defaults.c
        mine = sa.and_(table.tenant_id == tenant, table.owner_id == owner, table.list_name == list_name)
        await self._connection.execute(sa.delete(view_defaults).where(mine))

    async def _put(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        names = [column.name for column in table.primary_key]
        statement = insert(table).values(values)
        changed = {name: statement.excluded[name] for name in values if name not in names}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed))


def _view(row: sa.RowMapping) -> SavedView:
    columns = row["columns"]
    return SavedView(
        id=row["view_id"],
        tenant=row["tenant_id"],
        owner=row["owner_id"],
        owner_name=row["owner_name"],
        list_name=row["list_name"],
        name=row["name"],
        shared=row["shared"],
        query=row["query"],
        columns=None if columns is None else tuple(columns),
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        revision=row["revision"],
    )


def _values(view: SavedView) -> dict[str, Any]:
    return {
        "tenant_id": view.tenant,
        "view_id": view.id,
        "owner_id": view.owner,
        "owner_name": view.owner_name,
        "list_name": view.list_name,
        "name": view.name,
        "shared": view.shared,
        "query": {name: list(values) for name, values in view.query.items()},
        "columns": None if view.columns is None else list(view.columns),
        "created_at_ms": view.created_at_ms,
        "updated_at_ms": view.updated_at_ms,
        "revision": view.revision,
    }
