"""Which events of the journal the centre has, which are kept until it has them, and how they are numbered for it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gwf.agent.journal import statements as sql
from gwf.agent.journal.notes import Statement, Writes, durable
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.journal.turn import Turn
from gwf.agent.model import show_path
from gwf.core.errors import UnavailableError

REPORT = "report"  #: fact of the journal: a Position
KEPT = "report_kept"  #: fact of the journal: events up to here need not be kept for the centre
KEPT_FOR_NOBODY = str(2**63 - 1)  #: its value where there is no centre
ROW_BYTES = 60  #: of an event in the file, besides its body
SAMPLE = 1000  #: events whose bodies are measured to estimate the size of all

_EVENTS = """
SELECT o.seq, o.at_ms, o.kind, o.file_id, o.gen, o.body, d.path, f.name
FROM outbox o LEFT JOIN files f ON f.id=o.file_id LEFT JOIN dirs d ON d.id=f.dir_id
WHERE o.seq>? ORDER BY o.seq LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far the centre has this journal. For the centre, events are numbered from 1 on within an epoch."""

    #: names this journal; another one when it was rebuilt, or went back to an older state
    epoch: str
    #: sequence in the journal that is number 0 for the centre
    base: int
    #: sequence in the journal up to which the centre has everything
    acked: int
    #: events after `acked` were dropped before the centre had them
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """First and last event that the journal has; first > last when it has none."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Events that the centre does not have yet."""

    events: int = 0
    #: estimated
    size_bytes: int = 0
    #: when the first of them was written; None when there is none
    oldest_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event as it goes to the centre."""

    #: number within the epoch
    number: int
    at_ms: int
    kind: str
    #: row and version of the file that it is about; None for others
    file: tuple[int, int] | None
    body: dict[str, object]


def heeding(position: Position, extent: Extent, stored: int, *, new_epoch: Callable[[], str]) -> Position:
    """Return the position after the centre said that it has everything up to number `stored`. Pure.

    A centre that has more than there is met this journal in a later state: from here on it is another journal. One
    that has less than it had was set back, or is another centre: it gets what is still kept.
    """
    seq = position.base + stored
    if seq > extent.last:
        acked = min(position.acked, extent.last)
        return Position(epoch=new_epoch(), base=acked, acked=acked, lost=position.lost)
    kept_from = min(extent.first, extent.last + 1) - 1
    if position.lost:  # what was given up stays so, also while its rows are still there
        kept_from = max(kept_from, position.acked)
    if seq >= kept_from:
        return replace(position, acked=seq, lost=position.lost and seq == position.acked)
    if stored == 0 and not position.lost:  # it never heard of this journal: what it was not promised is not lost
        return Position(epoch=new_epoch(), base=kept_from, acked=kept_from)
    return replace(position, acked=kept_from, lost=True)


class Reporting:
    """Reads events for the centre and notes what it has. Used by one thread; `position` may be read by others."""

    def __init__(self, journal: Path, writer: Writes, *, new_epoch: Callable[[], str] | None = None) -> None:
        """Begin where the journal says, or at its first event.

        Raises:
            UnavailableError: The journal cannot be used now.
        """
        self._writer = writer
        self._new_epoch = new_epoch or (lambda: str(uuid.uuid4()))
        self._connection = open_for_reading(journal)
        self.position = self._remembered() or self._first()

    def close(self) -> None:
        """Release the journal."""
        self._connection.close()

    def extent(self) -> Extent:
        """Return which events there are."""
        first, last = self._ask("SELECT min(seq), max(seq) FROM outbox")[0]
        return Extent(first=1, last=0) if first is None else Extent(first=int(first), last=int(last))

    def last_number(self) -> int:
        """Return the number of the last event."""
        return max(0, self.extent().last - self.position.base)

    def acked_number(self) -> int:
        """Return the number up to which the centre has everything."""
        return max(0, self.position.acked - self.position.base)

    def heed(self, stored: int) -> bool:
        """Go on after number `stored`, which is what the centre says it has; return whether that is news.

        Raises:
            UnavailableError: The journal cannot be used now.
        """
        before, now = self.position, heeding(self.position, self.extent(), stored, new_epoch=self._new_epoch)
        if now == before:
            return False
        self._move(now, certain=now.epoch != before.epoch)
        return True

    def hold(self) -> None:
        """Let the journal keep what the centre does not have, after it was kept for nobody."""
        self._writer.submit(_noting(self.position))

    def acknowledged(self, number: int) -> None:
        """Note that the centre has everything up to `number`. What gets lost of this is only sent again."""
        seq = self.position.base + number
        if seq > self.position.acked or self.position.lost:
            self._move(replace(self.position, acked=max(seq, self.position.acked), lost=False), certain=False)

    def events(self, most: int) -> list[Told]:
        """Return the next events that the centre does not have, at most `most`.

        Raises:
            UnavailableError: The journal cannot be read now.
        """
        base = self.position.base
        return [_told(row, base) for row in self._ask(_EVENTS, self.position.acked, most)]

    def backlog(self) -> Backlog:
        """Return how much the centre does not have."""
        extent, acked = self.extent(), self.position.acked
        events = max(0, extent.last - max(acked, extent.first - 1))
        if not events:
            return Backlog()
        oldest = self._ask("SELECT at_ms FROM outbox WHERE seq>? ORDER BY seq LIMIT 1", acked)[0][0]
        mean = self._ask("SELECT avg(length(body)) FROM outbox WHERE seq>?", extent.last - SAMPLE)[0][0] or 0.0
        return Backlog(events=events, size_bytes=round(events * (ROW_BYTES + mean)), oldest_at_ms=int(oldest))

    def give_up(self, events: int) -> None:
        """Let the journal clear the oldest `events` that the centre does not have; it is told that there is a gap.

        Raises:
            UnavailableError: The journal cannot be written now.
        """
        position = self.position
        upto = min(position.acked + events, self.extent().last)
        body = {"events": upto - position.acked, "first_seq": position.acked + 1, "last_seq": upto}
        now = replace(position, acked=upto, lost=True)

        def write(turn: Turn, connection: sqlite3.Connection) -> None:
            _noting(now)(turn, connection)
            turn.note("report.dropped", body)

        durable(self._writer, write)
        self.position = now

    def _move(self, position: Position, *, certain: bool) -> None:
        if certain:  # nothing may be sent under an epoch that a crash would forget
            durable(self._writer, _noting(position))
        else:
            self._writer.submit(_noting(position))
        self.position = position

    def _first(self) -> Position:
        begin = self.extent().first - 1
        position = Position(epoch=self._new_epoch(), base=begin, acked=begin)
        durable(self._writer, _noting(position))
        return position

    def _remembered(self) -> Position | None:
        rows = self._ask("SELECT value FROM facts WHERE name=?", REPORT)
        if not rows:
            return None
        position = Position(**json.loads(str(rows[0][0])))
        self._writer.submit(_noting(position))  # kept for nobody until now, perhaps
        return position

    def _ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc


def keep_for_nobody(writer: Writes) -> None:
    """Let the journal keep no more events than for people: there is no centre that waits for them."""
    writer.submit(lambda _, connection: _fact(connection, KEPT, KEPT_FOR_NOBODY))


def _noting(position: Position) -> Statement:
    def write(_: Turn, connection: sqlite3.Connection) -> None:
        _fact(connection, REPORT, json.dumps(asdict(position)))
        _fact(connection, KEPT, str(position.acked))

    return write


def _fact(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute(sql.FACT, (name, value))


def _told(row: tuple[Any, ...], base: int) -> Told:
    seq, at_ms, kind, file_id, gen, text, directory, name = row
    body: dict[str, object] = json.loads(text)
    if directory is not None and "path" not in body:
        body["path"] = show_path(directory + b"/" + name)
    file = None if file_id is None or gen is None else (int(file_id), int(gen))
    return Told(number=seq - base, at_ms=at_ms, kind=kind, file=file, body=body)
