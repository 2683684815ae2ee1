"""The hash chain: the one byte form of a row, and what each hash covers."""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring as quoted

from gwf.audit.changes import canonical_json, storable
from gwf.audit.model import MAX_WORD_CHARS, AuditEntry, AuditRow, Head
from gwf.core.clock import utc_text

HASH_BYTES = 32
_HASH_IN_LINE = len(',"hash":""}\n') + 2 * HASH_BYTES  #: at the end of a line of an export
COLUMNS = AuditRow._fields  #: of a stored row


def genesis(tenant: str) -> Head:
    """Return the place before the first row of a tenant; it differs by tenant, so that no row fits another's chain."""
    return Head(tenant=tenant, seq=0, hash=hashlib.sha256(b"gwf audit chain 1\n" + tenant.encode()).digest())


def seal(entry: AuditEntry, head: Head) -> AuditRow:
    """Return the row that follows `head`. The caller holds the write lock of the chain until both are committed.

    Raises:
        ValueError: The entry is of another tenant than the chain.
    """
    if entry.tenant != head.tenant:
        raise ValueError("entry and chain are of different tenants")
    row = AuditRow(
        tenant=entry.tenant,
        seq=head.seq + 1,
        at_ms=entry.at_ms,
        actor_kind=_word(entry.actor.kind.value),
        actor_id=_word(entry.actor.id),
        address=_word(entry.actor.address),
        action=_word(entry.action),
        resource_kind=_word(entry.resource.kind),
        resource_id=_word(entry.resource.id),
        reason=entry.reason,
        request_id=_word(entry.request_id),
        changes=canonical_json([change.as_json() for change in entry.changes]),
        detail=canonical_json(entry.detail),
        hash=b"",
    )
    return row._replace(hash=hash_of(row, head.hash))


def head_of(row: AuditRow) -> Head:
    """Return the place of a row, for the one that follows it."""
    return Head(tenant=row.tenant, seq=row.seq, hash=row.hash)


def canonical(row: AuditRow) -> bytes:
    """Return the bytes that are hashed: JSON with the keys in this order and the stored JSON texts as they are.

    Raises:
        UnicodeEncodeError: A field holds what is no UTF-8; no row of ours does.
    """
    return _text(row).encode()


def export_line(row: AuditRow) -> bytes:
    """Return a row as a line of an export: the canonical form with the hash behind it."""
    return f'{_text(row)[:-1]},"hash":"{row.hash.hex()}"}}\n'.encode()


def hash_of(row: AuditRow, before: bytes) -> bytes:
    """Return SHA-256 over the hash of the row before and the canonical row."""
    return hash_of_bytes(canonical(row), before)


def hash_of_bytes(row: bytes, before: bytes) -> bytes:
    """Return the same over the canonical bytes of a row, for whoever has them already."""
    return hashlib.sha256(before + row).digest()


def canonical_in(line: bytes) -> bytes:
    """Return the canonical bytes of a row out of its line of an export, which must be exactly ours."""
    return line[:-_HASH_IN_LINE] + b"}"


def _text(row: AuditRow) -> str:
    return (
        f'{{"seq":{row.seq},"at":"{utc_text(row.at_ms)}","tenant":{quoted(row.tenant)},'
        f'"actor":{{"kind":{quoted(row.actor_kind)},"id":{quoted(row.actor_id)},"address":{quoted(row.address)}}},'
        f'"action":{quoted(row.action)},'
        f'"resource":{{"kind":{quoted(row.resource_kind)},"id":{quoted(row.resource_id)}}},'
        f'"reason":{quoted(row.reason)},"request_id":{quoted(row.request_id)},'
        f'"changes":{row.changes},"detail":{row.detail}}}'
    )


def _word(text: str) -> str:
    return storable(text)[:MAX_WORD_CHARS]
