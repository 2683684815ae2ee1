"""The durable list of action runs: what is due, what was done, and what is needed to undo it."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from gwf.agent.actions.model import Planned, Run, RunState, subject_from_json, subject_to_json
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, CorruptDataError, LocalIoError, NotFoundError, UnavailableError
from gwf.core.settings.model import AfterSettings
from gwf.tasks.actions.model import Undo

FILE_NAME = "actions.db"
SCHEMA_VERSION = 1
KEEP_ENDED = 200_000  #: ended runs that are kept, so that they can be undone
MAX_LISTED = 1000

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  file_id INTEGER NOT NULL,
  gen INTEGER NOT NULL,
  step INTEGER NOT NULL,
  spec TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'ready',
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at_ms INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  updated_at_ms INTEGER NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  output TEXT NOT NULL DEFAULT '',
  undo TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX runs_due ON runs (next_at_ms) WHERE state = 'ready';
CREATE INDEX runs_file ON runs (file_id, gen, step);
CREATE INDEX runs_state ON runs (state, id);
"""
_COLUMNS = "id, key, step, spec, subject, state, attempts, next_at_ms, updated_at_ms, summary, output, undo"
_INSERT = """
INSERT INTO runs (key, file_id, gen, step, spec, subject, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING
"""
_CURSOR = "INSERT INTO facts VALUES ('cursor', ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value"
# A step waits for all steps before it.
_CLAIM = f"""
UPDATE runs SET state='running', owner=?, attempts=attempts+1, updated_at_ms=? WHERE id=(
  SELECT id FROM runs AS due WHERE state='ready' AND next_at_ms<=? AND NOT EXISTS (
    SELECT 1 FROM runs AS before WHERE before.file_id=due.file_id AND before.gen=due.gen
      AND before.step<due.step AND before.state<>'done')
  ORDER BY next_at_ms, id LIMIT 1)
RETURNING {_COLUMNS}
"""
_UNDOING = "undo "  #: begins the owner of a run that is being undone: it must not be done again if that is cut off
_ENDED = "('done', 'refused', 'undone')"


class ActionBook:
    """Runs of one data directory. Thread-safe; several processes may use it at a time."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        """Make or open the book.

        Raises:
            LocalIoError: It cannot be opened.
            CorruptDataError: It is damaged.
        """
        self.path = data_dir / FILE_NAME
        self._clock = clock
        self._lock = threading.Lock()
        self._owner = _owner_text(os.getpid())
        try:
            self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10.0)
            os.chmod(self.path, 0o600)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._upgrade()
        except sqlite3.OperationalError as exc:
            raise LocalIoError("the book of actions cannot be opened", path=str(self.path), reason=str(exc)) from exc
        except sqlite3.DatabaseError as exc:
            raise CorruptDataError("the book of actions is damaged", path=str(self.path), reason=str(exc)) from exc

    def close(self) -> None:
        """Release it."""
        with self._lock:
            self._connection.close()

    def cursor(self) -> int | None:
        """Return the last event of the journal that was read; None = none was, from the beginning."""
        row = self._one("SELECT value FROM facts WHERE name='cursor'")
        return None if row is None else int(row[0])

    def enter(self, planned: Sequence[Planned], cursor: int | None = None) -> None:
        """Write runs that became due and how far the journal's events were read, in one transaction.

        Runs that are there already stay as they are; `cursor` None = it stays where it is.
        """
        now_ms = self._clock.now_ms()
        rows = [
            (
                item.key, item.subject.file_id, item.subject.gen, item.step,
                item.spec.model_dump_json(exclude_none=True), subject_to_json(item.subject), now_ms,
            )
            for item in planned
        ]  # fmt: skip
        with self._lock, self._transaction(sync=True) as connection:
            connection.executemany(_INSERT, rows)
            if cursor is not None:
                connection.execute(_CURSOR, (cursor,))

    def claim(self) -> Run | None:
        """Take the next run that is due for this process; None when none is."""
        now_ms = self._clock.now_ms()
        row = self._one(_CLAIM, self._owner, now_ms, now_ms)
        return None if row is None else _run(row)

    def claim_one(self, run_id: int, states: Sequence[RunState], *, undoing: bool = False) -> Run:
        """Take one run, if it is in one of `states`, for this process; `undoing` = to be undone, not done.

        Raises:
            NotFoundError: There is none of this id.
            ConflictError: It is in another state.
        """
        marks = ",".join("?" * len(states))
        row = self._one(
            f"UPDATE runs SET state='running', owner=?, attempts=attempts+1, updated_at_ms=?"
            f" WHERE id=? AND state IN ({marks}) RETURNING {_COLUMNS}",
            (_UNDOING if undoing else "") + self._owner, self._clock.now_ms(), run_id, *states,
        )  # fmt: skip
        if row is None:
            found = self.get(run_id)
            raise ConflictError("this run is in another state", id=run_id, state=found.state, allowed=list(states))
        return _run(row)

    def remember(self, run_id: int, undo: Undo) -> None:
        """Keep what undoes a run, before its point of no return."""
        with self._lock, self._transaction(sync=True) as connection:
            connection.execute("UPDATE runs SET undo=? WHERE id=?", (json.dumps(dict(undo)), run_id))

    def end(self, run: Run) -> None:
        """Write how a run ended: its state, next time, summary, output and undo."""
        now_ms = self._clock.now_ms()
        with self._lock, self._transaction() as connection:
            connection.execute(
                "UPDATE runs SET state=?, attempts=?, next_at_ms=?, owner=NULL, updated_at_ms=?, summary=?, output=?,"
                " undo=? WHERE id=?",
                (
                    run.state, run.attempts, run.next_at_ms, now_ms, run.summary, run.output,
                    json.dumps(dict(run.undo)), run.id,
                ),
            )  # fmt: skip
            if run.state is RunState.REFUSED:
                subject = run.planned.subject
                connection.execute(
                    "UPDATE runs SET state='refused', summary='an earlier step was refused', updated_at_ms=?"
                    " WHERE file_id=? AND gen=? AND step>? AND state='ready'",
                    (now_ms, subject.file_id, subject.gen, run.planned.step),
                )

    def give_back(self) -> int:
        """Put runs back that a process left behind when it died, half-undone ones as done; return how many."""
        rows = self._all("SELECT DISTINCT owner FROM runs WHERE state='running'")
        dead = [owner for (owner,) in rows if owner is None or not _is_alive(str(owner))]
        count = 0
        for owner in dead:
            back = self._all(
                "UPDATE runs SET state=?, owner=NULL WHERE state='running' AND owner IS ? RETURNING id",
                RunState.DONE if str(owner).startswith(_UNDOING) else RunState.READY, owner,
            )  # fmt: skip
            count += len(back)
        return count

    def get(self, run_id: int) -> Run:
        """Return a run.

        Raises:
            NotFoundError: There is none of this id.
        """
        row = self._one(f"SELECT {_COLUMNS} FROM runs WHERE id=?", run_id)
        if row is None:
            raise NotFoundError("no action run has this id", id=run_id)
        return _run(row)

    def of_file(self, file_id: int) -> list[Run]:
        """Return the runs of a file, oldest first."""
        return [_run(row) for row in self._all(f"SELECT {_COLUMNS} FROM runs WHERE file_id=? ORDER BY id", file_id)]

    def recent(self, states: Sequence[RunState], limit: int) -> list[Run]:
        """Return runs, newest first."""
        where = f"WHERE state IN ({','.join('?' * len(states))})" if states else ""
        rows = self._all(f"SELECT {_COLUMNS} FROM runs {where} ORDER BY id DESC LIMIT ?", *states, limit)
        return [_run(row) for row in rows]

    def counts(self) -> dict[RunState, int]:
        """Return how many runs are in each state."""
        found = {
            RunState(state): int(count) for state, count in self._all("SELECT state, count(*) FROM runs GROUP BY 1")
        }
        return {state: found.get(state, 0) for state in RunState}

    def open_counts(self) -> dict[RunState, int]:
        """Return how many runs are ready, running or failed; cost grows with those only."""
        rows = self._all(
            "SELECT state, count(*) FROM runs WHERE state IN ('ready', 'running', 'failed') GROUP BY state"
        )
        return {RunState(state): int(count) for state, count in rows}

    def clear(self) -> None:
        """Forget the oldest ended runs beyond KEEP_ENDED."""
        self._all(
            f"DELETE FROM runs WHERE state IN {_ENDED} AND id <= (SELECT max(id) FROM runs) - ? RETURNING id",
            KEEP_ENDED,
        )

    def _upgrade(self) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise LocalIoError("the book of actions was written by a newer release", path=str(self.path))
        if version < 1:
            self._connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")

    def _transaction(self, *, sync: bool = False) -> _Transaction:
        return _Transaction(self._connection, sync=sync)

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._all(statement, *values)
        return rows[0] if rows else None

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as exc:
            raise UnavailableError("the book of actions is busy or its disk is full", reason=str(exc)) from exc


class _Transaction:
    """One transaction, undone when the block fails.

    `sync` = it survives a crash of the machine. Without, a crash may take back who runs what and how it ended, but
    nothing that was synced: then a run is begun again, which changes nothing.
    """

    def __init__(self, connection: sqlite3.Connection, *, sync: bool) -> None:
        self._connection = connection
        self._sync = sync

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if self._sync else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            raise UnavailableError("the book of actions is busy", reason=str(exc)) from exc
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, _: object) -> None:
        try:
            self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.OperationalError as failure:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise UnavailableError("the book of actions cannot be written", reason=str(failure)) from failure
        if isinstance(exc, sqlite3.OperationalError):
            raise UnavailableError("the book of actions cannot be written", reason=str(exc)) from exc


def _run(row: tuple[Any, ...]) -> Run:
    run_id, key, step, spec, subject, state, attempts, next_at_ms, updated_at_ms, summary, output, undo = row
    planned = Planned(
        key=key, subject=subject_from_json(subject), step=step, spec=AfterSettings.model_validate_json(spec)
    )
    return Run(
        id=run_id, planned=planned, state=RunState(state), attempts=attempts, next_at_ms=next_at_ms,
        updated_at_ms=updated_at_ms, summary=summary, output=output, undo=json.loads(undo),
    )  # fmt: skip


def _owner_text(pid: int) -> str:
    """Return text that names a process for as long as it lives, also after its number is used again."""
    return f"{pid}:{psutil.Process(pid).create_time():.2f}"


def _is_alive(owner: str) -> bool:
    try:
        name = owner.removeprefix(_UNDOING)
        return _owner_text(int(name.partition(":")[0])) == name
    except (psutil.Error, ValueError):
        return False
