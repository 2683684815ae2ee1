"""Walks a chain row by row and names the first row that is not as it was written, and what was done to it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.json import Decoder

from gwf.audit.chain import hash_of, hash_of_bytes, head_of
from gwf.audit.model import AuditRow, Head

_LIST = Decoder(list[object])
_OBJECT = Decoder(dict[str, object])


class FaultKind(enum.StrEnum):
    """What seems to have been done to the record."""

    CHANGED = "changed"  #: content or hash of one row
    MISSING = "missing"  #: rows were taken out
    INSERTED = "inserted"  #: a row that was not there, or one a second time
    SWAPPED = "swapped"  #: a row stands in another one's place
    REWRITTEN = "rewritten"  #: a row was changed and its hash computed anew
    TRUNCATED = "truncated"  #: the newest rows were cut off
    HEAD = "head"  #: the record of the newest row itself
    ENVELOPE = "envelope"  #: first or last line of an export


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first thing that is wrong with a chain."""

    kind: FaultKind
    #: the first bad row: its place in the chain, counted from 1
    seq: int
    #: one sentence for people
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk along a chain found."""

    tenant: str
    #: how many rows hold, counted from the beginning of the walk
    rows: int
    #: the last place that holds
    head: Head
    #: None when everything holds
    fault: Fault | None

    @property
    def sound(self) -> bool:
        """Tell whether every row and the head hold."""
        return self.fault is None


class ChainVerifier:
    """Takes the rows of one tenant in stored order, one at a time, and remembers no more than two of them.

    A row that does not fit is judged together with the one behind it: that tells a changed row from one that was
    put in or taken out.
    """

    def __init__(self, begin: Head, known: Mapping[int, bytes] | None = None) -> None:
        """Begin behind `begin`; `known` are hashes of places that somebody wrote down outside of the database."""
        self._begin = begin
        self._at = begin
        self._known = known or {}
        self._suspect: AuditRow | None = None
        self._fault = _against_known(begin, self._known)

    @property
    def fault(self) -> Fault | None:
        """What was found, as soon as it is certain; further rows change nothing."""
        return self._fault

    @property
    def at(self) -> Head:
        """The last place that holds."""
        return self._at

    def feed(self, row: AuditRow, canonical: bytes | None = None) -> None:
        """Take the next stored row, with its canonical bytes where they are at hand."""
        if self._fault is not None:
            return
        if self._suspect is not None:
            self._fault = _judged(self._at, self._suspect, row)
        elif not _follows(row, self._at, canonical):
            self._suspect = row
        else:
            self._at = head_of(row)
            self._fault = _against_known(self._at, self._known)

    def feed_unreadable(self) -> None:
        """Take a stored row that cannot be read at all."""
        if self._fault is None:
            seq = self._at.seq + 1
            self._fault = self._pending(None) or Fault(
                kind=FaultKind.CHANGED, seq=seq, says=f"row {seq} cannot be read: its form is not ours"
            )

    def finish(self, head: Head | None) -> Verdict:
        """Compare the end with the recorded head (None: there is no such record) and return the verdict."""
        fault = self._fault or self._pending(None) or self._against_head(head) or self._unseen()
        return Verdict(tenant=self._begin.tenant, rows=self._at.seq - self._begin.seq, head=self._at, fault=fault)

    def _pending(self, following: AuditRow | None) -> Fault | None:
        return _judged(self._at, self._suspect, following) if self._suspect is not None else None

    def _against_head(self, head: Head | None) -> Fault | None:
        last = self._at
        if head is None:
            return Fault(kind=FaultKind.HEAD, seq=last.seq, says="the record of the newest row is missing")
        if head.seq > last.seq:
            return _truncated(last.seq, head.seq)
        if head.seq < last.seq:
            says = f"the record of the newest row names row {head.seq}, and there are rows up to {last.seq}"
            return Fault(kind=FaultKind.HEAD, seq=head.seq + 1, says=says)
        if head != last:
            says = f"row {last.seq} is not the one that was recorded as the newest: it or that record was rewritten"
            return Fault(kind=FaultKind.HEAD, seq=last.seq, says=says)
        return None

    def _unseen(self) -> Fault | None:
        newest = max(self._known, default=0)
        return _truncated(self._at.seq, newest) if newest > self._at.seq else None


def _follows(row: AuditRow, place: Head, canonical: bytes | None = None) -> bool:
    if row.tenant != place.tenant or row.seq != place.seq + 1:
        return False
    digest = _hashed(row, place.hash) if canonical is None else hash_of_bytes(canonical, place.hash)
    return digest == row.hash and _is_json(row)


def _hashed(row: AuditRow, before: bytes) -> bytes:
    """Return the hash of a row that may hold anything; no hash at all for what no row of ours can hold."""
    try:
        return hash_of(row, before)
    except (UnicodeEncodeError, OverflowError):
        return b""


def _is_json(row: AuditRow) -> bool:
    """Tell whether both JSON texts end where they end: their bytes could be divided otherwise with the same hash."""
    if row.changes == "[]" and row.detail == "{}":
        return True
    try:
        _LIST.decode(row.changes)
        _OBJECT.decode(row.detail)
    except (ValueError, RecursionError):
        return False
    return True


def _judged(place: Head, suspect: AuditRow, following: AuditRow | None) -> Fault:
    """Return what was done, from the row that does not follow `place` and the one behind it."""
    seq = place.seq + 1
    if following is not None and following.seq == seq + 1:
        if _hashed(following, suspect.hash) == following.hash:
            return Fault(kind=FaultKind.CHANGED, seq=seq, says=_misfit(seq))
        if _hashed(following, _hashed(suspect, place.hash)) == following.hash:
            return Fault(kind=FaultKind.CHANGED, seq=seq, says=f"the hash of row {seq} was changed; its content holds")
    if following is not None and _follows(following, place):
        if suspect.seq == seq + 1:
            return Fault(kind=FaultKind.SWAPPED, seq=seq, says=f"rows {seq} and {seq + 1} stand in each other's place")
        return Fault(kind=FaultKind.INSERTED, seq=seq, says=f"a row was put in before row {seq}")
    if suspect.tenant != place.tenant:
        return Fault(kind=FaultKind.INSERTED, seq=seq, says=f"a row of another tenant stands before row {seq}")
    return _judged_by_number(seq, suspect, following)


def _misfit(seq: int) -> str:
    """Say that one row does not fit; the rows behind it cannot tell a changed one from a forged one before it."""
    either = f", or row {seq - 1} was changed and its hash computed anew" if seq > 1 else ""
    return f"row {seq} was changed: it does not fit its hash{either}"


def _judged_by_number(seq: int, suspect: AuditRow, following: AuditRow | None) -> Fault:
    if suspect.seq < seq:
        return Fault(kind=FaultKind.INSERTED, seq=seq, says=f"row {suspect.seq} stands there again before row {seq}")
    if suspect.seq > seq and following is not None and following.seq <= suspect.seq:
        return Fault(kind=FaultKind.SWAPPED, seq=seq, says=f"row {suspect.seq} stands in the place of row {seq}")
    if suspect.seq > seq:
        rows = f"row {seq} is" if suspect.seq == seq + 1 else f"rows {seq} to {suspect.seq - 1} are"
        return Fault(kind=FaultKind.MISSING, seq=seq, says=f"{rows} missing")
    if following is None:
        return Fault(kind=FaultKind.CHANGED, seq=seq, says=f"row {seq}, the last one, was changed")
    says = f"row {seq} does not follow row {seq - 1}: one of them was rewritten and its hash computed anew"
    return Fault(kind=FaultKind.REWRITTEN, seq=seq, says=says)


def _against_known(place: Head, known: Mapping[int, bytes]) -> Fault | None:
    expected = known.get(place.seq)
    if expected is None or expected == place.hash:
        return None
    says = f"row {place.seq} has another hash than was written down: rows up to it were rewritten"
    return Fault(kind=FaultKind.REWRITTEN, seq=place.seq, says=says)


def _truncated(last: int, newest: int) -> Fault:
    rows = f"row {newest} is" if newest == last + 1 else f"rows {last + 1} to {newest} are"
    return Fault(kind=FaultKind.TRUNCATED, seq=last + 1, says=f"{rows} missing: the end of the record was cut off")
