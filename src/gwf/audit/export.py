"""An export: one JSON line for each row between a first line that says where it begins and a last one with the head."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from msgspec import Raw, Struct
from msgspec.json import Decoder

from gwf.audit.chain import HASH_BYTES, canonical_in, export_line, genesis, head_of
from gwf.audit.changes import canonical_json
from gwf.audit.model import AuditRow, Head
from gwf.audit.verify import ChainVerifier, Fault, FaultKind, Verdict
from gwf.core.clock import utc_text
from gwf.core.errors import CorruptDataError

FORMAT = 1
MAX_LINE_BYTES = 8 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOWHERE = Head(tenant="", seq=0, hash=b"")


class _Actor(Struct, forbid_unknown_fields=True):
    kind: str
    id: str
    address: str


class _Resource(Struct, forbid_unknown_fields=True):
    kind: str
    id: str


class _Line(Struct, forbid_unknown_fields=True):
    """A row as it stands in a line; the two JSON texts stay as they are written."""

    seq: int
    at: str
    tenant: str
    actor: _Actor
    action: str
    resource: _Resource
    reason: str
    request_id: str
    changes: Raw
    detail: Raw
    hash: str


_decode = Decoder(_Line).decode


class ExportWriter:
    """Makes the lines of one export; the last line covers all bytes before it."""

    def __init__(self, begin: Head, *, at_ms: int) -> None:
        """Begin behind `begin`: the genesis of the tenant, or the place before the first row that is exported."""
        self._begin = begin
        self._last = begin
        self._at_ms = at_ms
        self._bytes = hashlib.sha256()

    def first_line(self) -> bytes:
        """Return the line that says what this is and where it begins."""
        return self._counted(_first_line(self._begin, utc_text(self._at_ms)))

    def line(self, row: AuditRow) -> bytes:
        """Return the line of the next row."""
        self._last = head_of(row)
        return self._counted(export_line(row))

    def last_line(self) -> bytes:
        """Return the line with the head; an export without it was cut off."""
        return _last_line(self._last, self._last.seq - self._begin.seq, self._bytes.hexdigest())

    def _counted(self, line: bytes) -> bytes:
        self._bytes.update(line)
        return line


def export_lines(rows: Iterable[AuditRow], begin: Head, *, at_ms: int) -> Iterator[bytes]:
    """Yield all lines of an export."""
    writer = ExportWriter(begin, at_ms=at_ms)
    yield writer.first_line()
    yield from map(writer.line, rows)
    yield writer.last_line()


def lines_in(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of an export in a file; one longer than any of ours comes in pieces, which fit nothing."""
    while line := file.readline(MAX_LINE_BYTES):
        yield line


def verify_export(
    lines: Iterable[bytes], *, known: Mapping[int, bytes] | None = None, watch: Callable[[int], None] | None = None
) -> Verdict:
    """Return what the lines of an export prove. Every line must be there byte by byte as it was written.

    `watch` is told the number of bytes of each line. The rows are held one at a time.
    """
    each = iter(lines)
    first = next(each, b"")
    begin = _begin_in(first)
    if begin is None:
        says = "the first line is not that of an audit export"
        return Verdict(tenant="", rows=0, head=_NOWHERE, fault=Fault(kind=FaultKind.ENVELOPE, seq=0, says=says))
    verifier = ChainVerifier(begin, known)
    digest = hashlib.sha256(first)
    previous = b""
    for line in itertools.chain(each, (b"",)):  # one line behind: the last one is no row
        if previous and line:
            digest.update(previous)
            _feed(verifier, previous)
        if verifier.fault is not None:
            break
        previous = line or previous
        if watch is not None:
            watch(len(line))
    return _finished(verifier, previous, digest.hexdigest())


def row_from_line(line: bytes) -> AuditRow:
    """Return the row of an export's line.

    Raises:
        CorruptDataError: The line is not, byte by byte, what we write for a row.
    """
    try:
        said = _decode(line)
        row = AuditRow(
            tenant=said.tenant,
            seq=said.seq,
            at_ms=_ms(said.at),
            actor_kind=said.actor.kind,
            actor_id=said.actor.id,
            address=said.actor.address,
            action=said.action,
            resource_kind=said.resource.kind,
            resource_id=said.resource.id,
            reason=said.reason,
            request_id=said.request_id,
            changes=bytes(said.changes).decode(),
            detail=bytes(said.detail).decode(),
            hash=bytes.fromhex(said.hash),
        )
        exact = export_line(row) == line
    except (ValueError, TypeError, OverflowError, RecursionError) as exc:
        raise CorruptDataError("line of the audit export cannot be read") from exc
    if not exact:
        raise CorruptDataError("line of the audit export is not in our form")
    return row


def _feed(verifier: ChainVerifier, line: bytes) -> None:
    try:
        row = row_from_line(line)
    except CorruptDataError:
        verifier.feed_unreadable()
    else:
        verifier.feed(row, canonical_in(line))  # byte by byte ours, so it needs not be written once more


def _finished(verifier: ChainVerifier, last: bytes, digest: str) -> Verdict:
    head = None if verifier.fault is not None else _head_in(last, verifier.at.tenant)
    if verifier.fault is None and head is None:
        _feed(verifier, last)  # a cut between two lines leaves a row in the place of the last line
        verdict = verifier.finish(None)
        says = "the last line with the head is missing or damaged: the end of the export was cut off"
        at = verdict.head.seq
        if verdict.fault is None or verdict.fault.kind is FaultKind.HEAD or not last.endswith(b"\n"):
            return _with(verdict, Fault(kind=FaultKind.TRUNCATED, seq=at + 1, says=says))
        return verdict
    verdict = verifier.finish(head)
    if verdict.sound and last != _last_line(verdict.head, verdict.rows, digest):
        says = "the first or the last line was changed; the rows between them hold"
        return _with(verdict, Fault(kind=FaultKind.ENVELOPE, seq=0, says=says))
    return verdict


def _with(verdict: Verdict, fault: Fault) -> Verdict:
    return Verdict(tenant=verdict.tenant, rows=verdict.rows, head=verdict.head, fault=fault)


def _first_line(begin: Head, at: str) -> bytes:
    place = {"seq": begin.seq, "hash": begin.hash.hex()}
    return (
        f"{canonical_json({'gwf_audit_export': FORMAT, 'tenant': begin.tenant, 'begin': place, 'at': at})}\n".encode()
    )


def _last_line(head: Head, rows: int, digest: str) -> bytes:
    place = {"seq": head.seq, "hash": head.hash.hex()}
    return f"{canonical_json({'head': place, 'rows': rows, 'sha256': digest})}\n".encode()


def _begin_in(line: bytes) -> Head | None:
    """Return where an export begins, or None when this is not its first line."""
    try:
        said = json.loads(line)
        begin = Head(tenant=said["tenant"], seq=said["begin"]["seq"], hash=bytes.fromhex(said["begin"]["hash"]))
        exact = _first_line(begin, said["at"]) == line
        proper = begin.seq > 0 or begin == genesis(begin.tenant)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return begin if exact and proper else None


def _head_in(line: bytes, tenant: str) -> Head | None:
    try:
        said = json.loads(line)
        head = Head(tenant=tenant, seq=int(said["head"]["seq"]), hash=bytes.fromhex(said["head"]["hash"]))
    except (ValueError, KeyError, TypeError):
        return None
    return head if len(head.hash) == HASH_BYTES else None


def _ms(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
