"""Adds audit entries to the chains of their tenants, under the lock of each chain."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.chain import genesis, head_of, seal
from gwf.audit.model import AuditEntry, AuditRow, Head
from gwf.db.tables.audit import audit_heads, audit_logs


async def append(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> tuple[AuditRow, ...]:
    """Store `entries` in their order and return the rows; the chains stay locked until the transaction ends.

    Tenants are taken in the order of their ids, so that two transactions never wait for each other.
    """
    rows: list[AuditRow] = []
    for tenant in sorted({entry.tenant for entry in entries}):
        head = await _locked_head(connection, tenant)
        for entry in entries:
            if entry.tenant == tenant:
                rows.append(seal(entry, head))
                head = head_of(rows[-1])
        await connection.execute(
            sa.update(audit_heads).where(audit_heads.c.tenant_id == tenant).values(seq=head.seq, hash=head.hash)
        )
    if rows:
        await connection.execute(sa.insert(audit_logs), [_values(row) for row in rows])
    return tuple(rows)


async def _locked_head(connection: AsyncConnection, tenant: str) -> Head:
    wanted = sa.select(audit_heads).where(audit_heads.c.tenant_id == tenant).with_for_update()
    found = (await connection.execute(wanted)).one_or_none()
    if found is None:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        first = genesis(tenant)
        values = {"tenant_id": tenant, "seq": first.seq, "hash": first.hash}
        await connection.execute(insert(audit_heads).values(values).on_conflict_do_nothing())
        found = (await connection.execute(wanted)).one()  # another process may have been first
    return Head(tenant=tenant, seq=found.seq, hash=found.hash)


def _values(row: AuditRow) -> dict[str, object]:
    values = row._asdict()
    values["tenant_id"] = values.pop("tenant")
    return values
