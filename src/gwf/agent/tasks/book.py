"""The durable list of the centre's tasks on this host: what was given, what undoes it, how it ended."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gwf.core.errors import LocalIoError, UnavailableError
from gwf.wire.agenttasks import GivenTask, HeldTask, TaskReport

FILE_NAME = "tasks.db"
_TABLE = """
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY,
  token INTEGER NOT NULL,
  given TEXT NOT NULL,
  memory TEXT NOT NULL DEFAULT '{}',
  report TEXT
) WITHOUT ROWID
"""
_PUT = """
INSERT INTO tasks (id, token, given) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET token=excluded.token, given=excluded.given, report=NULL WHERE token<>excluded.token
"""

Memory = Mapping[str, object]
"""What an attempt before left for the next one, as JSON: which version of a file it began with, what undoes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A task that is to be worked on."""

    task: GivenTask
    memory: Memory = field(default_factory=dict[str, object])


class TaskBook:
    """Tasks of one data directory. Thread-safe; every write is synced before it returns."""

    def __init__(self, data_dir: Path) -> None:
        """Make or open the book.

        Raises:
            LocalIoError: It cannot be opened, or is damaged: the centre gives its tasks to others then.
        """
        self.path = data_dir / FILE_NAME
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10.0)
            os.chmod(self.path, 0o600)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_TABLE)
        except sqlite3.Error as exc:
            raise LocalIoError("the book of tasks cannot be opened", path=str(self.path), reason=str(exc)) from exc

    def close(self) -> None:
        """Release it."""
        with self._lock:
            self._connection.close()

    def enter(self, task: GivenTask) -> None:
        """Keep a task that was given; under another lease it is begun anew with what is remembered of it."""
        self._run(_PUT, task.id, task.token, msgspec.json.encode(task).decode())

    def open(self) -> Sequence[Entry]:
        """Return the tasks that have not ended."""
        rows = self._run("SELECT given, memory FROM tasks WHERE report IS NULL ORDER BY id")
        return [
            Entry(task=msgspec.json.decode(given, type=GivenTask), memory=json.loads(memory)) for given, memory in rows
        ]

    def held(self) -> list[HeldTask]:
        """Return the same as the centre is told."""
        rows = self._run("SELECT id, token FROM tasks WHERE report IS NULL")
        return [HeldTask(id=str(name), token=int(token)) for name, token in rows]

    def remember(self, task: GivenTask, memory: Memory) -> None:
        """Keep what the next attempt, or undoing, needs; before the point of no return."""
        self._run("UPDATE tasks SET memory=? WHERE id=? AND token=?", json.dumps(dict(memory)), task.id, task.token)

    def end(self, report: TaskReport) -> None:
        """Write how a task ended; it is told until it was heard."""
        text = msgspec.json.encode(report).decode()
        self._run("UPDATE tasks SET report=? WHERE id=? AND token=?", text, report.id, report.token)

    def reports(self, *, limit: int) -> list[TaskReport]:
        """Return what is still to be told."""
        rows = self._run("SELECT report FROM tasks WHERE report IS NOT NULL ORDER BY id LIMIT ?", limit)
        return [msgspec.json.decode(text, type=TaskReport) for (text,) in rows]

    def forget(self, names: Sequence[tuple[str, int]]) -> None:
        """Forget tasks whose end was heard, or that are somebody else's, under these leases."""
        for name, token in names:
            self._run("DELETE FROM tasks WHERE id=? AND token=?", name, token)

    def _run(self, statement: str, *values: object) -> list[tuple[str, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise UnavailableError("the book of tasks is busy or its disk is full", reason=str(exc)) from exc
