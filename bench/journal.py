"""Reads the journal of a running agent from outside, as an auditor would."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gwf.agent.journal.schema import open_for_reading
from gwf.agent.model import FIRST_CLOSED, FileStatus


class JournalWatch:
    """A reader of one journal."""

    def __init__(self, path: Path) -> None:
        """Open the journal for reading."""
        self._connection: sqlite3.Connection = open_for_reading(path)

    def known(self) -> int:
        """Return how many rows were ever made."""
        return self._number("SELECT coalesce(max(id), 0) FROM files")

    def unfinished(self, store: str | None = None) -> int:
        """Return how many files are not finished, for one store or all."""
        statement = f"SELECT count(*) FROM files WHERE state < {FIRST_CLOSED}"
        return self._number(statement) if store is None else self._number(f"{statement} AND store=?", store)

    def done(self, store: str) -> int:
        """Return how many files a store confirmed."""
        return self._number("SELECT count(*) FROM files WHERE state=? AND store=?", int(FileStatus.DONE), store)

    def done_ever(self) -> int:
        """Return how many files were confirmed in all, by the journal's own counter: costs the same for any number."""
        return self._number("SELECT coalesce(sum(value), 0) FROM tallies WHERE name='done'")

    def events(self, kind: str) -> int:
        """Return how many events of a kind there are."""
        return self._number("SELECT count(*) FROM outbox WHERE kind=?", kind)

    def verified_ms(self, store: str, after_id: int = 0) -> list[int]:
        """Return the times at which the store's files were written down as verified, in order."""
        rows = self._connection.execute(
            "SELECT updated_at_ms FROM files WHERE state=? AND store=? AND id>? ORDER BY updated_at_ms",
            (int(FileStatus.DONE), store, after_id),
        )
        return [row[0] for row in rows]

    def since_written_ms(self, after_id: int) -> list[float]:
        """Return for each later file the time from its last change to its verification, in order."""
        rows = self._connection.execute(
            "SELECT updated_at_ms - mtime_ns / 1e6 AS took FROM files WHERE state=? AND id>? ORDER BY took",
            (int(FileStatus.DONE), after_id),
        )
        return [row[0] for row in rows]

    def last_attempt_ms(self) -> float:
        """Return the length of the last finished attempt."""
        return float(
            self._number("SELECT duration_ms FROM files WHERE duration_ms NOT NULL ORDER BY updated_at_ms DESC")
        )

    def close(self) -> None:
        """Release the journal."""
        self._connection.close()

    def _number(self, statement: str, *values: object) -> int:
        return int(self._connection.execute(statement, values).fetchone()[0])
