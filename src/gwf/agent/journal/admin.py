"""What a person does with the journal: look, replay, drop, check, repair; also while the agent runs."""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import DeadLetters, Order, Target
from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.schema import FILE_NAME, open_for_reading, open_for_writing
from gwf.agent.lockfile import lock_directory
from gwf.agent.model import FIRST_CLOSED, FileStatus
from gwf.core.clock import SystemClock
from gwf.core.errors import CorruptDataError, InputError, NotFoundError
from gwf.wire.deadletters import ChangedFiles
from gwf.wire.edge import FilePage, FileState, FileView

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
        #: files that wait for a person
        self.letters = DeadLetters(self._path, self._clock)

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

    def replay(self, choice: Choice, target: Target, order: Order, *, stores: Collection[str]) -> ChangedFiles:
        """See DeadLetters.replay."""
        return self.letters.replay(choice, target, order, stores=stores)

    def drop(self, choice: Choice, order: Order) -> ChangedFiles:
        """See DeadLetters.drop."""
        return self.letters.drop(choice, order)

    def check(self) -> list[str]:
        """Return every problem found in the journal; an empty list means that it is sound."""
        return check_journal(self._path)

    def doctor(self, *, repair: bool) -> list[str]:
        """Return what is wrong and what was (or with `repair` false: would be) done about it."""
        return repair_journal(self._path, repair=repair)

    def close(self) -> None:
        """Release the journal."""
        self.letters.close()
        self._reads.close()


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
