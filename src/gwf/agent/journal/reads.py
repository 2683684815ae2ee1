"""Questions of people to the journal: counts, lists, one file, its history."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gwf.agent.journal.schema import open_for_reading
from gwf.agent.model import FIRST_CLOSED, SHA256_PLACEHOLDER, FileStatus, show_path
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import InputError, NotFoundError, UnavailableError
from gwf.wire.edge import FilePage, FileState, FileView, Reason

MAX_TOTAL = 10_000  #: counting stops here; a larger total is shown as this number

_CURSOR = re.compile(r"[0-9]{1,16}\.[0-9]{1,18}")
FILE_COLUMNS = """f.id, (SELECT path FROM dirs WHERE dirs.id=f.dir_id) AS directory, f.name, f.size_bytes, f.mtime_ns,
f.state, f.next_at_ms, f.reason, f.error_class, f.error, f.attempts, f.updated_at_ms, f.store, f.key, f.etag, f.sha256,
f.duration_ms, f.priority"""

#: a state of a row as it is sent
STATE_WORDS: dict[int, FileState] = {
    FileStatus.READY: "ready",
    FileStatus.SENDING: "sending",
    FileStatus.DIRTY: "sending",
    FileStatus.WAITING: "waiting",
    FileStatus.DEAD: "dead",
    FileStatus.DONE: "done",
    FileStatus.SKIPPED: "skipped",
    FileStatus.VANISHED: "vanished",
    FileStatus.SUPERSEDED: "superseded",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """A lasting counter and when it last grew."""

    value: int
    at_ms: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many files the journal holds in each open state."""

    files: dict[FileStatus, int]
    #: bytes of files ready, sending and waiting
    pending_bytes: int
    #: wall time at which the oldest unsent file was queued; None when nothing waits
    oldest_queued_at_ms: int | None
    #: open files by error class of their last failure
    by_class: dict[str, int]
    #: (failed attempts, files) of WAITING files, fewest attempts first
    retries: list[tuple[int, int]]


class JournalReads:
    """Reads the journal beside its writer. Thread-safe."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the journal for reading.

        Raises:
            InputError: There is no journal at `path`.
        """
        self._connection = open_for_reading(path)
        self._lock = threading.Lock()
        self._clock = clock
        #: (version of the journal, counts) as they were counted last; the same for the lasting counters
        self._counts: tuple[int, QueueCounts] | None = None
        self._tallies: tuple[int, dict[str, Tally]] | None = None

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()

    def tallies(self) -> dict[str, Tally]:
        """Return all lasting counters by name; read only after somebody wrote."""
        version, known = self._version(), self._tallies
        if known is None or known[0] != version:
            self._tallies = known = (version, self._read_tallies())
        return known[1]

    def counts(self) -> QueueCounts:
        """Return how many files are in each open state; counted only after somebody wrote, all open files are then."""
        version, known = self._version(), self._counts
        if known is None or known[0] != version:
            self._counts = known = (version, self._count())
        return known[1]

    def _version(self) -> int:
        """Return a number that changes with each transaction of others: this connection writes nothing."""
        return int(self.rows("PRAGMA data_version", ())[0][0])

    def _read_tallies(self) -> dict[str, Tally]:
        rows = self.rows("SELECT name, value, at_ms, note FROM tallies", ())
        return {str(row[0]): Tally(row[1], row[2], row[3]) for row in rows}

    def _count(self) -> QueueCounts:
        rows = self.rows(
            f"SELECT state, count(*), sum(size_bytes) FROM files WHERE state<{FIRST_CLOSED} GROUP BY state", ()
        )
        files = {FileStatus(row[0]): int(row[1]) for row in rows}
        pending = sum(int(row[2]) for row in rows if row[0] != FileStatus.DEAD)
        oldest = None
        if any(count for state, count in files.items() if state is not FileStatus.DEAD):
            oldest = self.rows(
                f"SELECT min(queued_at_ms) FROM (SELECT queued_at_ms FROM files"
                f" WHERE state IN (1, 2, 3, 4) AND state<{FIRST_CLOSED} LIMIT 20000)",
                (),
            )[0][0]
        by_class: dict[str, int] = {}
        retries: list[tuple[int, int]] = []
        if files.get(FileStatus.WAITING) or files.get(FileStatus.DEAD):
            rows = self.rows(
                f"SELECT error_class, count(*) FROM files WHERE state IN (4, 5) AND state<{FIRST_CLOSED}"
                " GROUP BY error_class",
                (),
            )
            by_class = {str(row[0]): int(row[1]) for row in rows if row[0]}
        if files.get(FileStatus.WAITING):
            retries = self.rows(
                f"SELECT attempts, count(*) FROM files WHERE state=4 AND state<{FIRST_CLOSED}"
                " AND error_class IS NOT NULL GROUP BY attempts ORDER BY attempts LIMIT 100",
                (),
            )
        return QueueCounts(files, pending, oldest, by_class, retries)

    def page(
        self,
        states: Sequence[FileState],
        *,
        text: str = "",
        store: str | None = None,
        error_class: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> FilePage:
        """Return files, newest change first.

        Raises:
            InputError: The cursor is not one of ours.
        """
        where, values = _filter(states, text, store, error_class)
        total = self.rows(f"SELECT count(*) FROM (SELECT 1 FROM files f{where} LIMIT {MAX_TOTAL})", values)[0][0]
        if cursor is not None:
            where += " AND " if where else " WHERE "
            where += "(f.updated_at_ms, f.id) < (?, ?)"
            values += cursor_values(cursor)
        rows = self.rows(
            f"SELECT {FILE_COLUMNS} FROM files f{where} ORDER BY f.updated_at_ms DESC, f.id DESC LIMIT ?",
            (*values, limit + 1),
        )
        now_ms = self._clock.now_ms()
        more = len(rows) > limit
        next_cursor = f"{rows[limit - 1][11]}.{rows[limit - 1][0]}" if more else None
        items = [file_view(row) for row in rows[:limit]]
        return FilePage(items=items, next_cursor=next_cursor, total=int(total), as_of=utc_text(now_ms))

    def file(self, file_id: int) -> FileView:
        """Return one file.

        Raises:
            NotFoundError: No file has this id.
        """
        rows = self.rows(f"SELECT {FILE_COLUMNS} FROM files f WHERE f.id=?", (file_id,))
        if not rows:
            raise NotFoundError("no file has this id", id=file_id)
        return file_view(rows[0])

    def history(self, file_id: int) -> list[dict[str, object]]:
        """Return what happened to a file, oldest first, as far as it is kept."""
        rows = self.rows("SELECT seq, at_ms, kind, gen, body FROM outbox WHERE file_id=? ORDER BY seq", (file_id,))
        return [
            {"seq": row[0], "at": utc_text(row[1]), "kind": row[2], "version": row[3], **json.loads(row[4])}
            for row in rows
        ]

    def rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; meant for other readers of this package's tables.

        Raises:
            UnavailableError: The journal cannot be read now.
        """
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc


def state_numbers(states: Sequence[FileState]) -> list[int]:
    """Return the row values of state words; `settling` has none, it is not in the journal."""
    return [number for number, word in STATE_WORDS.items() if word in states]


def _filter(
    states: Sequence[FileState], text: str, store: str | None, error_class: str | None
) -> tuple[str, tuple[object, ...]]:
    parts: list[str] = []
    values: list[object] = []
    if states:
        numbers = state_numbers(states)
        parts.append(f"f.state IN ({','.join(str(number) for number in numbers)})")
        if numbers and max(numbers) < FIRST_CLOSED:
            parts.append(f"f.state<{FIRST_CLOSED}")
    if text:
        parts.append("instr((SELECT path FROM dirs WHERE dirs.id=f.dir_id) || x'2f' || f.name, ?) > 0")
        values.append(text.encode("utf-8", "surrogateescape"))
    if store:
        parts.append("f.store=?")
        values.append(store)
    if error_class:
        parts.append("f.error_class=?")
        values.append(error_class)
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


def cursor_values(cursor: str) -> tuple[int, int]:
    """Return time and id of the last row of the page before.

    Raises:
        InputError: The cursor is not one of ours.
    """
    at, _, file_id = cursor.partition(".")
    if not _CURSOR.fullmatch(cursor):
        raise InputError("cursor is not one of ours; begin again without it", cursor=cursor[:40])
    return int(at), int(file_id)


def file_view(row: tuple[Any, ...]) -> FileView:
    """Return one row of FILE_COLUMNS for people."""
    (
        file_id, directory, name, size_bytes, mtime_ns, state, next_at_ms, reason, error_class, error, attempts,
        updated_at_ms, store, key, etag, sha256, duration_ms, priority,
    ) = row  # fmt: skip
    status = FileStatus(state)
    return FileView(
        id=file_id,
        path=show_path(directory + b"/" + name),
        size_bytes=size_bytes,
        modified_at=utc_text(mtime_ns // 1_000_000),
        state=STATE_WORDS[status],
        reason=_reason(status, reason, error_class, error),
        error_class=error_class,
        attempts=attempts,
        next_at=utc_text(next_at_ms) if status is FileStatus.WAITING else None,
        updated_at=utc_text(updated_at_ms),
        store=store,
        key=key.replace(SHA256_PLACEHOLDER, "{sha256}"),
        etag=etag,
        sha256=sha256.hex() if sha256 is not None and status is FileStatus.DONE else None,
        duration_ms=duration_ms,
        priority=priority,
    )


def _reason(status: FileStatus, reason: str | None, error_class: str | None, error: str | None) -> Reason | None:
    if status in {FileStatus.WAITING, FileStatus.DEAD, FileStatus.SENDING, FileStatus.READY} and error_class:
        return Reason(code=f"failed_{error_class}", params={}, message=error or "")
    if reason and (status >= FIRST_CLOSED or status is FileStatus.WAITING):
        return Reason(code=reason, params={}, message=reason.replace("_", " "))
    return None
