"""The answers that were given under idempotency keys, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.audit.answers import KEEP_MS, KeptAnswer
from gwf.audit.deed import Key
from gwf.audit.model import AuditEntry, AuditRow, Resource
from gwf.audit.ports import AuditFilter
from gwf.db.audit_store import SqlAuditReads
from gwf.db.half import CoreHalf
from gwf.db.kept_keys import same
from gwf.db.tables.desk import kept_answers

#: what is done to a thing of these kinds is recorded at its parts, which name it
_NAMED_IN = {"config_layer": frozenset({"config_layer.", "config_version.", "rollout."})}
_LOOKED_BACK = 5_000  #: entries: a conflict is about what happened just now


class SqlAnswers:
    """Speaks the port `AnswerStore`."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    async def find(self, key: Key) -> KeptAnswer | None:
        """Return what is kept under a key."""
        wanted = sa.select(kept_answers).where(*same(key), kept_answers.c.at_ms > key.at_ms - KEEP_MS)
        async with self._core.view() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        if row is None:
            return None
        return KeptAnswer(
            fingerprint=bytes(row.fingerprint),
            status=row.status,
            media_type=row.media_type,
            body=row.body,
            at_ms=row.at_ms,
        )

    async def keep(self, key: Key, *, status: int, media_type: str, body: str) -> None:
        """Keep what was answered; the row may be there from the change, or not when nothing was to be changed."""
        insert = sqlite.insert if self._core.is_sqlite else postgresql.insert
        answer = {"status": status, "media_type": media_type, "body": body}
        values = {
            "tenant_id": key.tenant,
            "owner_id": key.owner,
            "key_hash": key.hash,
            "fingerprint": key.fingerprint,
            "request_id": key.request_id,
            "at_ms": key.at_ms,
        }
        statement = insert(kept_answers).values(values | answer)
        statement = statement.on_conflict_do_update(
            index_elements=["tenant_id", "owner_id", "key_hash"],
            set_=answer,
            where=kept_answers.c.request_id == key.request_id,
        )
        async with self._core.change() as change:
            await change.connection.execute(statement)

    async def purge(self, *, before_ms: int) -> int:
        """Remove what was kept before a moment."""
        async with self._core.change() as change:
            old = sa.delete(kept_answers).where(kept_answers.c.at_ms < before_ms)
            return (await change.connection.execute(old)).rowcount

    async def record(self, entry: AuditEntry) -> None:
        """Write an entry."""
        async with self._core.change() as change:
            change.record(entry)

    async def last_changes(self, tenant: str, resource: Resource, *, limit: int) -> Sequence[AuditRow]:
        """Return what was done to a thing, newest first."""
        wanted = AuditFilter(resource_kinds=frozenset({resource.kind}), resource_id=resource.id)
        async with self._core.view() as connection:
            reads = SqlAuditReads(connection, tenant)
            if resource.kind not in _NAMED_IN:
                return await reads.page(wanted, below=None, limit=limit)
            last = (await reads.ends()).last_seq
            wanted = AuditFilter(actions=_NAMED_IN[resource.kind], text=resource.id)
            return await reads.text_page(wanted, span=(max(1, last - _LOOKED_BACK), last), limit=limit)
