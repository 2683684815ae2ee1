"""Writes the idempotency key of a request with the change that it asked for: both are there, or neither."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.answers import KEEP_MS, AlreadyDoneError
from gwf.audit.deed import Key
from gwf.db.tables.desk import kept_answers

_KEPT = kept_answers.c


async def keep_key(connection: AsyncConnection, key: Key) -> None:
    """Write a key down; a second change of the same request finds its own.

    Raises:
        AlreadyDoneError: Another request wrote it: the transaction must be undone.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "tenant_id": key.tenant,
        "owner_id": key.owner,
        "key_hash": key.hash,
        "fingerprint": key.fingerprint,
        "request_id": key.request_id,
        "at_ms": key.at_ms,
    }
    statement = insert(kept_answers).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "owner_id", "key_hash"],
        set_={**values, "status": None, "media_type": "", "body": ""},
        where=_KEPT.at_ms <= key.at_ms - KEEP_MS,  # what is so old does not count any more
    )
    if (await connection.execute(statement.returning(_KEPT.at_ms))).one_or_none() is not None:
        return
    first = await connection.scalar(sa.select(_KEPT.request_id).where(*same(key)))
    if first != key.request_id:
        raise AlreadyDoneError("a request with this Idempotency-Key was first: send it again to get its answer")


def same(key: Key) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that find the row of a key."""
    return (_KEPT.tenant_id == key.tenant, _KEPT.owner_id == key.owner, _KEPT.key_hash == key.hash)
