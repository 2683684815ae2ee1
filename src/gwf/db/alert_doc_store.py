"""Documents of alerts and silences in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.alerts.documents.record import DocHead, DocKind, DocVersion, StoredDoc
from gwf.alerts.silences.model import StoredSilence
from gwf.audit.changes import storable
from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.core.errors import ConflictError, NotFoundError
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.alert_documents import alert_document_versions, alert_documents, alert_plans, silences
from gwf.db.versioned_rows import head_columns, head_fields, version_columns, version_fields
from gwf.rules.versioned import VersionState

_MANY = 400  #: pairs of one statement
_HEAD, _VERSION, _SILENCE, _PLAN = alert_documents.c, alert_document_versions.c, silences.c, alert_plans.c


class SqlAlertDocs:
    """Speaks the ports `DocStore` and `SilenceStore`."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlDocReads]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield SqlDocReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlDocChange]:
        """Open a transaction."""
        async with self._core.change() as change:
            yield SqlDocChange(change)


class SqlDocReads:
    """Speaks the ports `DocReads` and `SilenceReads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def heads(self, tenant: str, kind: DocKind) -> Sequence[DocHead]:
        """Return all documents of a kind, by name."""
        wanted = sa.select(alert_documents).where(_HEAD.tenant_id == tenant, _HEAD.kind == kind.value)
        rows = await self._connection.execute(wanted.order_by(_HEAD.name, _HEAD.doc_id))
        return [_head(row) for row in rows.mappings()]

    async def head(self, tenant: str, kind: DocKind, doc_id: str) -> DocHead:
        """Return a document, or raise NotFoundError."""
        return await self._find(tenant, kind, doc_id, locked=False)

    async def _find(self, tenant: str, kind: DocKind, doc_id: str, *, locked: bool) -> DocHead:
        wanted = sa.select(alert_documents).where(
            _HEAD.tenant_id == tenant, _HEAD.kind == kind.value, _HEAD.doc_id == storable(doc_id)
        )
        row = (await self._connection.execute(wanted.with_for_update() if locked else wanted)).mappings().first()
        if row is None:
            raise NotFoundError(f"no such {kind.words}", id=doc_id)
        return _head(row)

    async def versions_of(self, tenant: str, refs: Sequence[DocVersion]) -> Sequence[StoredDoc]:
        """Return those versions that there are."""
        found: list[StoredDoc] = []
        pair = sa.tuple_(_VERSION.doc_id, _VERSION.version)
        for at in range(0, len(refs), _MANY):
            some = [tuple(ref) for ref in refs[at : at + _MANY]]
            wanted = sa.select(alert_document_versions).where(_VERSION.tenant_id == tenant, pair.in_(some))
            found += [_stored(row) for row in (await self._connection.execute(wanted)).mappings()]
        return found

    async def history(self, tenant: str, doc_id: str, *, before: int | None, limit: int) -> Sequence[StoredDoc]:
        """Return versions, newest first."""
        wanted = sa.select(alert_document_versions).where(
            _VERSION.tenant_id == tenant, _VERSION.doc_id == storable(doc_id)
        )
        if before is not None:
            wanted = wanted.where(_VERSION.version < before)
        wanted = wanted.order_by(_VERSION.version.desc()).limit(limit)
        return [_stored(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def in_force(self, tenant: str) -> Sequence[StoredDoc]:
        """Return the versions that are in force, by kind and id."""
        same = sa.and_(_VERSION.doc_id == _HEAD.doc_id, _VERSION.version == _HEAD.published_version)
        wanted = (
            sa.select(alert_document_versions).join(alert_documents, same).where(_HEAD.tenant_id == tenant)
        ).order_by(_VERSION.kind, _VERSION.doc_id)
        return [_stored(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def plan_numbers(self) -> Mapping[str, int]:
        """Return by tenant how often something was changed."""
        return {row.tenant_id: row.number for row in await self._connection.execute(sa.select(alert_plans))}

    async def silences_after(self, tenant: str, at_ms: int) -> Sequence[StoredSilence]:
        """Return the silences that end after a moment, by id."""
        wanted = sa.select(silences).where(_SILENCE.tenant_id == tenant, _SILENCE.ends_at_ms > at_ms)
        rows = await self._connection.execute(wanted.order_by(_SILENCE.silence_id))
        return [_silence(row) for row in rows.mappings()]

    async def newest_silences(self, tenant: str, *, limit: int) -> Sequence[StoredSilence]:
        """Return silences, the one that ends last first."""
        wanted = sa.select(silences).where(_SILENCE.tenant_id == tenant)
        rows = await self._connection.execute(
            wanted.order_by(_SILENCE.ends_at_ms.desc(), _SILENCE.silence_id.desc()).limit(limit)
        )
        return [_silence(row) for row in rows.mappings()]

    async def silence(self, tenant: str, silence_id: str) -> StoredSilence:
        """Return a silence, or raise NotFoundError."""
        return await self._find_silence(tenant, silence_id, locked=False)

    async def _find_silence(self, tenant: str, silence_id: str, *, locked: bool) -> StoredSilence:
        wanted = sa.select(silences).where(_SILENCE.tenant_id == tenant, _SILENCE.silence_id == storable(silence_id))
        row = (await self._connection.execute(wanted.with_for_update() if locked else wanted)).mappings().first()
        if row is None:
            raise NotFoundError("no such silence", silence_id=silence_id)
        return _silence(row)


class SqlDocChange(SqlDocReads):
    """Speaks the ports `DocChange` and `SilenceChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    async def head(self, tenant: str, kind: DocKind, doc_id: str) -> DocHead:
        """Return a document that nobody else changes before this transaction ends, or raise NotFoundError."""
        return await self._find(tenant, kind, doc_id, locked=True)

    async def add_head(self, head: DocHead) -> None:
        """Store a new document, or raise ConflictError."""
        await self._check_name(head)
        await self._connection.execute(sa.insert(alert_documents).values(_head_values(head)))

    async def put_head(self, head: DocHead) -> None:
        """Store what changed of a document."""
        check_revision(Resource(kind=head.kind.value, id=head.doc_id), head.revision - 1)
        await self._check_name(head)
        mine = sa.and_(_HEAD.tenant_id == head.tenant, _HEAD.doc_id == head.doc_id)
        changed = sa.update(alert_documents).where(mine, _HEAD.revision == head.revision - 1).values(_head_values(head))
        if (await self._connection.execute(changed.returning(_HEAD.revision))).first() is None:
            raise ConflictError(f"the {head.kind.words} was changed meanwhile: look at it again", id=head.doc_id)

    async def put_version(self, stored: StoredDoc) -> None:
        """Store a version; one that is there is written over."""
        values = _version_values(stored)
        statement = self._insert(alert_document_versions).values(values)
        changed = {name: statement.excluded[name] for name in values if name not in {"doc_id", "version"}}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[_VERSION.doc_id, _VERSION.version], set_=changed)
        )

    async def drop_version(self, stored: StoredDoc) -> None:
        """Remove a draft."""
        mine = sa.and_(
            _VERSION.tenant_id == stored.tenant,
            _VERSION.doc_id == stored.ref.doc_id,
            _VERSION.version == stored.ref.version,
            _VERSION.state == VersionState.DRAFT.value,
        )
        await self._connection.execute(sa.delete(alert_document_versions).where(mine))

    async def count_plan(self, tenant: str, *, now_ms: int) -> None:
        """Count a change of what is in force; others of the tenant wait until this one is committed."""
        statement = self._insert(alert_plans).values(tenant_id=tenant, number=1, updated_at_ms=now_ms)
        again = {"number": _PLAN.number + 1, "updated_at_ms": now_ms}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=[_PLAN.tenant_id], set_=again))

    async def silence(self, tenant: str, silence_id: str) -> StoredSilence:
        """Return a silence that nobody else changes before this transaction ends, or raise NotFoundError."""
        return await self._find_silence(tenant, silence_id, locked=True)

    async def add_silence(self, silence: StoredSilence) -> None:
        """Store a new silence."""
        await self._connection.execute(sa.insert(silences).values(_silence_values(silence)))

    async def put_silence(self, silence: StoredSilence) -> None:
        """Store what changed of a silence."""
        check_revision(Resource(kind="silence", id=silence.silence_id), silence.revision - 1)
        mine = sa.and_(_SILENCE.tenant_id == silence.tenant, _SILENCE.silence_id == silence.silence_id)
        changed = sa.update(silences).where(mine, _SILENCE.revision == silence.revision - 1)
        done = await self._connection.execute(changed.values(_silence_values(silence)).returning(_SILENCE.revision))
        if done.first() is None:
            what = "the silence was changed meanwhile: look at it again"
            raise ConflictError(what, silence_id=silence.silence_id)

    async def _check_name(self, head: DocHead) -> None:
        known = await self._connection.scalar(
            sa.select(_HEAD.doc_id).where(
                _HEAD.tenant_id == head.tenant,
                _HEAD.kind == head.kind.value,
                _HEAD.name == head.name,
                _HEAD.doc_id != head.doc_id,
            )
        )
        if known is not None:
            raise ConflictError(f"another {head.kind.words} has this name", field="document/name", id=known)

    def _insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self._connection.dialect.name == "sqlite" else postgresql.insert(table)


def _head(row: sa.RowMapping) -> DocHead:
    return DocHead(doc_id=row["doc_id"], kind=DocKind(row["kind"]), **head_fields(row))


def _head_values(head: DocHead) -> dict[str, Any]:
    return {"doc_id": head.doc_id, "kind": head.kind.value, **head_columns(head)}


def _stored(row: sa.RowMapping) -> StoredDoc:
    ref, kind = DocVersion(row["doc_id"], row["version"]), DocKind(row["kind"])
    return StoredDoc(ref=ref, kind=kind, document=row["document"], **version_fields(row))


def _version_values(stored: StoredDoc) -> dict[str, Any]:
    own = {"doc_id": stored.ref.doc_id, "kind": stored.kind.value, "document": dict(stored.document)}
    return own | version_columns(stored)


def _silence(row: sa.RowMapping) -> StoredSilence:
    return StoredSilence(
        silence_id=row["silence_id"],
        tenant=row["tenant_id"],
        selector=row["selector"],
        begins_at_ms=row["begins_at_ms"],
        ends_at_ms=row["ends_at_ms"],
        reason=row["reason"],
        author=row["author"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        expired_at_ms=row["expired_at_ms"],
        revision=row["revision"],
    )


def _silence_values(silence: StoredSilence) -> dict[str, Any]:
    return {
        "silence_id": silence.silence_id,
        "tenant_id": silence.tenant,
        "selector": silence.selector,
        "begins_at_ms": silence.begins_at_ms,
        "ends_at_ms": silence.ends_at_ms,
        "reason": silence.reason,
        "author": silence.author,
        "expired_at_ms": silence.expired_at_ms,
        "revision": silence.revision,
        "created_at_ms": silence.created_at_ms,
        "updated_at_ms": silence.updated_at_ms,
    }
