"""Writes files of a Go version into the journal, so that the agent asks the store before it sends any of them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from gwf.agent.journal import statements as sql
from gwf.agent.journal.effects import Memory
from gwf.agent.journal.index import JournalIndex
from gwf.agent.journal.schema import FILE_NAME, open_for_writing
from gwf.agent.journal.switches import Orders, load_switches
from gwf.agent.journal.turn import Turn
from gwf.agent.lockfile import lock_directory
from gwf.agent.migrate.survey import Found
from gwf.agent.model import Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import Clock
from gwf.core.errors import LocalIoError
from gwf.core.settings.model import RetrySettings

BATCH = 1000  #: files in one transaction
_RETRY = RetryPolicy(RetrySettings())  # never asked: nothing is sent here


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
            LocalIoError: The journal cannot be written.
        """
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            next_id = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM files").fetchone()[0])
            memory = Memory(
                next_id=next_id, verify_first=True, switches=load_switches(connection), orders=Orders(connection)
            )
            turn = Turn(connection, memory, _NoDispatcher(), decide_failed=_RETRY.decide, now_ms=self._clock.now_ms())
            turn.enqueue([found.candidate for found in batch])
            woken = sum(self._wake(found) for found in batch)
            entered = turn.effects.queued + woken
            if entered:
                turn.event("migration.entered", None, None, {"files": entered})
            turn.close()
            connection.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise LocalIoError("the journal cannot be written", reason=str(exc)) from exc
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


class _NoDispatcher:
    """Nobody sends anything while files are taken over."""

    def room(self, store: str) -> int:  # noqa: ARG002 — of Dispatcher
        return 0

    def deliver(self, store: str, works: list[Work]) -> None:
        raise RuntimeError(f"nothing is handed out here, but {len(works)} pieces for {store} were")

    def abandon(self, store: str, orphan_id: int, upload_state: str) -> None:
        """Leave it to the agent: the row stays until it starts."""

    def suspect(self, store: str, orphan_id: int, key: str) -> None:
        """Leave it to the agent, as above."""
