"""Follows the journal's events and enters the steps of verified files into the book, each exactly once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from gwf.agent.actions.book import ActionBook
from gwf.agent.actions.model import Planned
from gwf.agent.actions.plan import Steps, rows_of
from gwf.agent.journal.schema import open_for_reading
from gwf.core.errors import UnavailableError

EVENTS = 2000  #: events read at a time
TELL_EVERY = 5000  #: events between two such facts
READ = "actions_read"  #: fact of the journal: events up to here need not be kept for us
READ_BY_NOBODY = str(2**63 - 1)  #: its value where there are no actions


class EventFeed:
    """Reads events after the book's cursor. One thread."""

    def __init__(self, journal: Path, book: ActionBook, *, remember: Callable[[str, str], None]) -> None:
        """A new book begins at the journal's present end: files carried before are left alone.

        `remember` keeps a fact in the journal.
        """
        self._connection = open_for_reading(journal)
        self._book = book
        self._remember = remember
        last = self._last()
        cursor = book.cursor()
        if cursor is None:
            book.enter([], last)
        elif cursor > last:  # the journal was begun anew: its events count from 1 again
            book.enter([], 0)
        self._told = -TELL_EVERY
        self._tell(book.cursor() or 0)

    def close(self) -> None:
        """Release the journal."""
        self._connection.close()

    def read(self, steps: Steps) -> bool:
        """Enter what became due by some events; return whether there may be more.

        Raises:
            UnavailableError: Journal or book cannot be used now.
        """
        cursor = self._book.cursor() or 0
        try:
            events = self._connection.execute(
                "SELECT seq, kind, file_id, gen FROM outbox WHERE seq>? ORDER BY seq LIMIT ?", (cursor, EVENTS)
            ).fetchall()
            due = self._due(events, steps) if steps else []
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc
        if events:
            read = int(events[-1][0])
            self._book.enter(due, read)
            self._tell(read)
        return len(events) == EVENTS

    def _tell(self, read: int) -> None:
        """Let the journal forget what was read, now and then: a fact that lags only keeps more."""
        if not 0 <= read - self._told < TELL_EVERY:
            self._told = read
            self._remember(READ, str(read))

    def _due(self, events: list[tuple[int, str, int, int]], steps: Steps) -> list[Planned]:
        verified = {file_id: gen for _, kind, file_id, gen in events if kind == "file.done"}
        ids = list(verified)
        rows = [row for at in range(0, len(ids), 500) for row in rows_of(self._connection, ids[at : at + 500])]
        # a newer version that came meanwhile has an event of its own
        return [planned for row in rows if row[1] == verified[row[0]] for planned in steps.due(row)]

    def _last(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone()[0])
