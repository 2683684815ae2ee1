"""What a person does with the journal: look, replay, drop, check, repair; also while the agent runs."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.schema import FILE_NAME, open_for_reading, open_for_writing
from gwf.agent.lockfile import lock_directory
from gwf.agent.model import FIRST_CLOSED, FileStatus
from gwf.core.clock import SystemClock
from gwf.core.errors import CorruptDataError, InputError, NotFoundError, UnavailableError
from gwf.wire.edge import FilePage, FileState, FileView

REPLAYABLE: tuple[FileState, ...] = ("dead", "waiting")
DROPPABLE: tuple[FileState, ...] = ("dead", "waiting", "ready")
PAGE = 200

_STATES = {
    "dead": FileStatus.DEAD,
    "waiting": FileStatus.WAITING,
    "ready": FileStatus.READY,
}


class JournalAdmin:
    """One person's session with the journal of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        """Open the journal for reading; changing calls open it for writing as long as they last.

        Raises:
            NotFoundError: `data_dir` holds no journal.
            CorruptDataError: It is damaged; `doctor` can rebuild it.
        """
        self._path = data_dir / FILE_NAME
        if not self._path.is_file():
            raise NotFoundError(
                "no journal in this data directory: name the right one with --data or --config", data_dir=str(data_dir)
            )
        self._clock = SystemClock()
        self._reads = JournalReads(self._path, self._clock)

    def summary(self) -> dict[str, int]:
        """Return files by open state, then lasting counters by name."""
        counts = self._reads.counts().files
        tallies = self._reads.tallies()
        sending = counts.get(FileStatus.SENDING, 0) + counts.get(FileStatus.DIRTY, 0)
        open_files = {word: counts.get(status, 0) for word, status in _STATES.items()}
        totals = {
            f"{name}_total": tallies[name].value if name in tallies else 0
            for name in ("done", "dead", "skipped", "superseded", "vanished")
        }
        return {**open_files, "sending": sending, **totals}

    def files(
        self, states: tuple[str, ...], text: str, error_class: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        """Return files, newest change first.

        Raises:
            InputError: A state is unknown, or the cursor is not one of ours.
        """
        known = _known_states(states)
        return self._reads.page(known, text=text, error_class=error_class, cursor=cursor, limit=limit)

    def file(self, file_id: int) -> FileView:
        """Return one file.

        Raises:
            NotFoundError: No file has this id.
        """
        return self._reads.file(file_id)

    def history(self, file_id: int) -> list[dict[str, object]]:
        """Return what happened to a file, oldest first, as far as it is kept."""
        self._reads.file(file_id)
        return self._reads.history(file_id)

    def replay(self, ids: Sequence[int] | None, *, text: str, error_class: str | None, dry_run: bool) -> list[FileView]:
        """Put dead and waiting files back into the queue, with all attempts before them; return which.

        `ids` None = all that match `text` (a part of the path) and `error_class`.

        Raises:
            NotFoundError: An id is unknown.
            InputError: An id is in a state that cannot be replayed.
        """
        chosen = self._choose(ids, REPLAYABLE, text=text, error_class=error_class)
        if not dry_run:
            now_ms = self._clock.now_ms()
            self._change(
                chosen,
                f"UPDATE files SET state={int(FileStatus.READY)}, attempts=0, next_at_ms=?, queued_at_ms=?,"
                " updated_at_ms=?, error_class=NULL, error=NULL WHERE id=? AND state IN (4, 5)",
                (now_ms, now_ms, now_ms),
                event="file.replayed",
                body={},
            )
        return chosen

    def drop(self, ids: Sequence[int], *, reason: str, dry_run: bool) -> list[FileView]:
        """Give up files that wait or are dead; they are sent again only if they change. Return which.

        Raises:
            NotFoundError: An id is unknown.
            InputError: An id is in a state that cannot be dropped, or the reason is blank.
        """
        if not reason.strip():
            raise InputError("a reason is needed: it is kept in the file's history")
        chosen = self._choose(ids, DROPPABLE, text="", error_class=None)
        if not dry_run:
            self._change(
                chosen,
                f"UPDATE files SET state={int(FileStatus.SKIPPED)}, upload_state=NULL, reason='dropped_by_operator',"
                " updated_at_ms=?"
                " WHERE id=? AND state IN (1, 4, 5)",
                (self._clock.now_ms(),),
                event="file.dropped",
                body={"reason": reason.strip()},
                abandon=True,
            )
        return chosen

    def check(self) -> list[str]:
        """Return every problem found in the journal; an empty list means that it is sound."""
        return check_journal(self._path)

    def doctor(self, *, repair: bool) -> list[str]:
        """Return what is wrong and what was (or with `repair` false: would be) done about it."""
        return repair_journal(self._path, repair=repair)

    def close(self) -> None:
        """Release the journal."""
        self._reads.close()

    def _choose(
        self, ids: Sequence[int] | None, states: tuple[FileState, ...], *, text: str, error_class: str | None
    ) -> list[FileView]:
        if ids is not None:
            chosen = [self._reads.file(file_id) for file_id in dict.fromkeys(ids)]
            for item in chosen:
                if item.state not in states:
                    raise InputError("this file is in another state", id=item.id, state=item.state, allowed=states)
            return chosen
        found: list[FileView] = []
        cursor: str | None = None
        while True:
            page = self._reads.page(states, text=text, error_class=error_class, cursor=cursor, limit=PAGE)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    def _change(
        self,
        chosen: list[FileView],
        statement: str,
        values: tuple[object, ...],
        *,
        event: str,
        body: dict[str, object],
        abandon: bool = False,
    ) -> None:
        connection = open_for_writing(self._path)
        try:
            connection.execute("BEGIN IMMEDIATE")
            if abandon:  # the agent aborts them when it starts next
                connection.executemany(
                    "INSERT INTO orphans (store, upload_state)"
                    " SELECT store, upload_state FROM files WHERE id=? AND upload_state IS NOT NULL",
                    [(item.id,) for item in chosen],
                )
            connection.executemany(statement, [(*values, item.id) for item in chosen])
            for item in chosen:
                connection.execute(
                    "INSERT INTO outbox (seq, at_ms, kind, file_id, gen, body)"
                    " SELECT coalesce(max(seq), 0) + 1, ?, ?, ?, NULL, ? FROM outbox",
                    (self._clock.now_ms(), event, item.id, json.dumps({"path": item.path, **body}, ensure_ascii=False)),
                )
            connection.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise UnavailableError("the journal is busy; try again", path=str(self._path), reason=str(exc)) from exc
        finally:
            connection.close()


def open_admin(data_dir: Path) -> JournalAdmin:
    """Open the journal of a data directory for a person's commands.

    Raises:
        NotFoundError: There is none.
        CorruptDataError: It is damaged; `repair_journal` can rebuild it.
    """
    return JournalAdmin(data_dir)


def check_journal(path: Path) -> list[str]:
    """Return every problem of a journal file: page structure, then rules between rows."""
    try:
        connection = open_for_reading(path)
    except CorruptDataError as exc:
        return [str(exc)]
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
        problems = [f"structure: {text}" for text in found if text != "ok"]
        orphans = connection.execute("SELECT count(*) FROM files WHERE dir_id NOT IN (SELECT id FROM dirs)").fetchone()
        if orphans[0]:
            problems.append(f"{orphans[0]} files belong to no directory")
        words = ",".join(str(int(status)) for status in FileStatus)
        odd = connection.execute(f"SELECT count(*) FROM files WHERE state NOT IN ({words})").fetchone()
        if odd[0]:
            problems.append(f"{odd[0]} files are in no known state")
        keyless = connection.execute(f"SELECT count(*) FROM files WHERE key='' AND state<{FIRST_CLOSED}").fetchone()
        if keyless[0]:
            problems.append(f"{keyless[0]} files waiting to be sent have no object key")
    except sqlite3.DatabaseError as exc:
        return [f"structure: {exc}"]
    finally:
        connection.close()
    return problems


def repair_journal(path: Path, *, repair: bool) -> list[str]:
    """Set a damaged journal aside and begin a new one; the next start finds every file on disk again.

    The new journal starts empty: files that the store already holds are recognised by their checksum and
    not sent again. Returns what is wrong and what was, or would be, done.

    Raises:
        ConflictError: An agent works with this journal; stop it first.
    """
    problems = check_journal(path)
    if not problems:
        return []
    if not repair:
        return [*problems, "would set the journal aside and begin a new one; run with --repair"]
    lock = lock_directory(path.parent)
    try:
        return [*problems, f"set aside as {set_aside(path)}; a new journal was begun"]
    finally:
        os.close(lock)


def set_aside(path: Path) -> Path:
    """Rename a damaged journal and begin a new one that asks stores first; return the new name of the old one."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    names = (path.with_name(f"{path.name}.damaged-{stamp}{number or ''}") for number in itertools.count())
    aside = next(name for name in names if not name.exists())
    for ending in ("-wal", "-shm", ""):  # the main file last: a new one must never meet the old one's log
        part = Path(f"{path}{ending}")
        if part.exists():
            os.replace(part, f"{aside}{ending}")
    connection = open_for_writing(path)
    connection.execute("INSERT INTO facts (name, value) VALUES ('rebuilt', 'yes')")
    connection.close()
    return aside


def _known_states(states: tuple[str, ...]) -> tuple[FileState, ...]:
    words: tuple[FileState, ...] = (
        "settling", "ready", "sending", "waiting", "done", "dead", "skipped", "vanished", "superseded",
    )  # fmt: skip
    unknown = sorted(set(states) - set(words))
    if unknown:
        raise InputError("unknown state", states=unknown, allowed=words)
    return tuple(word for word in words if word in states)
