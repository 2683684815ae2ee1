"""Sealed secrets in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.model import AuditEntry
from gwf.core.clock import Clock
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.secrets import secret_rings, secrets
from gwf.vault.model import Owner, SealedSecret, SecretId

EVERYBODY = ""  #: one ring for all tenants
_MANY = 500


class SqlSecrets:
    """Where they are kept (gwf.vault.ports.SecretStore)."""

    def __init__(self, core: CoreHalf, clock: Clock) -> None:
        """Keep them in the core half."""
        self._core = core
        self._clock = clock

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SecretRows]:
        """Give reads of one moment."""
        async with self._core.view() as connection:
            yield SecretRows(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SecretRowsChange]:
        """Run a transaction."""
        async with self._core.change() as change:
            yield SecretRowsChange(change, self._clock)


class SecretRows:
    """Reads within one transaction or moment (gwf.vault.ports.SecretReads)."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read by `connection`."""
        self._connection = connection

    async def sealed(self, tenant: str, ids: Collection[SecretId]) -> Sequence[SealedSecret]:
        """Return those of `ids` that there are."""
        found, wanted = list[SealedSecret](), sorted(ids)
        for at in range(0, len(wanted), _MANY):
            some = secrets.c.secret_id.in_(wanted[at : at + _MANY])
            rows = await self._connection.execute(sa.select(secrets).where(secrets.c.tenant_id == tenant, some))
            found += map(_secret_of, rows)
        return found

    async def ring(self) -> str | None:
        """Return the id of the key that secrets are sealed with now; None = none was ever registered."""
        wanted = sa.select(secret_rings.c.key_id).where(secret_rings.c.tenant_id == EVERYBODY)
        return await self._connection.scalar(wanted)

    async def count_by_key(self) -> Mapping[str, int]:
        """Return how many secrets were sealed with each key, of all tenants."""
        wanted = sa.select(secrets.c.key_id, sa.func.count().label("amount")).group_by(secrets.c.key_id)
        return {row.key_id: row.amount for row in await self._connection.execute(wanted)}

    async def owners_beyond(self, keys: Collection[str], limit: int) -> Sequence[Owner]:
        """Return some owners of secrets that were sealed with none of `keys`."""
        table = secrets
        beyond = table.c.key_id.not_in(sorted(keys))
        wanted = sa.select(table.c.owner_kind, table.c.owner_id).where(beyond).distinct()
        rows = await self._connection.execute(wanted.order_by(table.c.owner_kind, table.c.owner_id).limit(limit))
        return [Owner(kind=kind, id=owner) for kind, owner in rows]

    async def sealed_beyond(self, key_id: str, limit: int, *, after: str = "") -> Sequence[SealedSecret]:
        """Return secrets of any tenant that were sealed with another key than this, by id from `after` on."""
        wanted = sa.select(secrets).where(secrets.c.key_id != key_id, secrets.c.secret_id > after)
        rows = await self._connection.execute(wanted.order_by(secrets.c.secret_id).limit(limit))
        return [_secret_of(row) for row in rows]


class SecretRowsChange(SecretRows):
    """Reads and writes of one transaction (gwf.vault.ports.SecretChange)."""

    def __init__(self, change: CoreChange, clock: Clock) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change
        self._clock = clock

    async def register(self, key_id: str) -> str:
        """Make this the key of the database if it has none; return the one it has."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        values = {"tenant_id": EVERYBODY, "key_id": key_id, "changed_at_ms": self._clock.now_ms()}
        await self._connection.execute(insert(secret_rings).values(values).on_conflict_do_nothing())
        return await self.ring() or key_id

    async def put_ring(self, key_id: str) -> None:
        """Make this the key of the database."""
        await self.register(key_id)
        values = {"key_id": key_id, "changed_at_ms": self._clock.now_ms()}
        await self._connection.execute(
            sa.update(secret_rings).where(secret_rings.c.tenant_id == EVERYBODY).values(values)
        )

    async def add(self, new: Sequence[SealedSecret]) -> None:
        """Store new secrets."""
        if new:
            await self._connection.execute(sa.insert(secrets), [_values_of(secret) for secret in new])

    async def reseal(self, changed: Sequence[SealedSecret]) -> None:
        """Store secrets under another key; their texts stay the same."""
        if not changed:
            return
        statement = (
            sa.update(secrets)
            .where(secrets.c.secret_id == sa.bindparam("the_id"))
            .values(key_id=sa.bindparam("the_key"), sealed=sa.bindparam("the_text"))
        )
        rows = [{"the_id": one.id, "the_key": one.key_id, "the_text": one.sealed} for one in changed]
        await self._connection.execute(statement, rows)

    async def remove_of(self, tenant: str, owner: Owner) -> int:
        """Remove all secrets of an owner; return how many there were."""
        table = secrets
        mine = sa.and_(table.c.tenant_id == tenant, table.c.owner_kind == owner.kind, table.c.owner_id == owner.id)
        removed = await self._connection.execute(sa.delete(table).where(mine).returning(table.c.secret_id))
        return len(removed.all())

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written to the audit with this transaction."""
        self._change.record(entry)


def _secret_of(row: sa.Row[Any]) -> SealedSecret:
    return SealedSecret(
        id=SecretId(row.secret_id),
        tenant=row.tenant_id,
        owner=Owner(kind=row.owner_kind, id=row.owner_id),
        key_id=row.key_id,
        sealed=row.sealed,
        created_at_ms=row.created_at_ms,
    )


def _values_of(secret: SealedSecret) -> dict[str, Any]:
    return {
        "secret_id": secret.id,
        "tenant_id": secret.tenant,
        "owner_kind": secret.owner.kind,
        "owner_id": secret.owner.id,
        "key_id": secret.key_id,
        "sealed": secret.sealed,
        "created_at_ms": secret.created_at_ms,
    }
