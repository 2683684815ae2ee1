"""What the journal knows of unfinished uploads, for comparison with what a store lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from gwf.agent.journal.schema import open_for_reading
from gwf.agent.journal.upload_state import state_from_json
from gwf.core.errors import CorruptDataError, UnavailableError

KEYS = 200  #: keys asked for at a time


class JournalUploads:
    """A reader of the journal for one thread; each question reads all rows once."""

    def __init__(self, path: Path) -> None:
        """Open the journal file for reading."""
        self._connection = open_for_reading(path)

    def ids(self) -> set[str]:
        """Return the ids of all uploads, to whatever store, that will be gone on with or aborted.

        Raises:
            UnavailableError: The journal cannot be read now.
        """
        texts = self._texts(
            "SELECT upload_state FROM files WHERE upload_state IS NOT NULL UNION ALL SELECT upload_state FROM orphans",
            (),
        )
        found: set[str] = set()
        for text in texts:
            try:
                found.add(state_from_json(text).upload_id)
            except CorruptDataError:  # the mark of a key without an id, or a state that nothing can be done with
                continue
        return found

    def files_with_keys(self, store: str, keys: Collection[str]) -> set[str]:
        """Return those of `keys` under which a file was, or is to be, sent to a store.

        Raises:
            UnavailableError: The journal cannot be read now.
        """
        found: set[str] = set()
        rest = iter(keys)
        while some := list(islice(rest, KEYS)):
            marks = ",".join("?" * len(some))
            found.update(self._texts(f"SELECT key FROM files WHERE store=? AND key IN ({marks})", (store, *some)))
        return found

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()

    def _texts(self, statement: str, values: tuple[str, ...]) -> list[str]:
        try:
            return [str(row[0]) for row in self._connection.execute(statement, values)]
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc
