"""Writes files of a Go version into the journal, so that the agent asks the store before it sends any of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from gwf.agent.journal import statements as sql
from gwf.agent.journal.index import JournalIndex
from gwf.agent.journal.offline import offline_turn
from gwf.agent.journal.schema import FILE_NAME, open_for_writing
from gwf.agent.lockfile import lock_directory
from gwf.agent.migrate.survey import Found
from gwf.core.clock import Clock

BATCH = 1000  #: files in one transaction


class Takeover:
    """The journal of a data directory while files are entered; no agent may run in it."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        """Make or open the journal.

        Raises:
            ConflictError: An agent works in this data directory.
            InputError: The journal cannot be opened.
            CorruptDataError: It is damaged.
            LocalIoError: The directory cannot be used.
        """
        self._clock = clock
        self._lock = lock_directory(data_dir)
        try:
            self._connection = open_for_writing(data_dir / FILE_NAME)
            self._connection.execute(sql.ASK_FIRST)
        except BaseException:
            os.close(self._lock)
            raise
        #: files that were entered, and that the journal knew
        self.entered = 0
        self.known = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        os.close(self._lock)

    def enter(self, batch: Sequence[Found]) -> None:
        """Write files as rows that wait, in one transaction; known versions stay as they are.

        Raises:
            UnavailableError: The journal cannot be written.
        """
        connection = self._connection
        with offline_turn(connection, self._clock, verify_first=True) as turn:
            turn.enqueue([found.candidate for found in batch])
            entered = turn.effects.queued + sum(self._wake(found) for found in batch)
            if entered:
                turn.event("migration.entered", None, None, {"files": entered})
        self.entered += entered
        self.known += len(batch) - entered

    def _wake(self, found: Found) -> int:
        item, now_ms = found.candidate, self._clock.now_ms()
        place, version = (item.directory, item.name), (item.ino, item.size_bytes, item.mtime_ns)
        values = (item.key, now_ms, now_ms, now_ms, *place, *version)
        return self._connection.execute(sql.TAKE_AFTER_ALL, values).rowcount


class KnownFiles:
    """Tells which files the journal knows already; for a dry run."""

    def __init__(self, data_dir: Path) -> None:
        """Open the journal, if there is one."""
        path = data_dir / FILE_NAME
        self._index = JournalIndex(path) if path.is_file() else None

    def knows(self, found: Found) -> bool:
        """Tell whether this version of a file would be left as the journal has it."""
        if self._index is None:
            return False
        item = found.candidate
        directory_id, _ = self._index.fingerprint(item.directory)
        version = self._index.versions(directory_id, [item.name]).get(item.name)
        if version != (item.ino, item.size_bytes, item.mtime_ns):
            return False
        return self._index.reason(directory_id, item.name) != sql.LEFT_ALONE

    def close(self) -> None:
        """Release the journal."""
        if self._index is not None:
            self._index.close()
