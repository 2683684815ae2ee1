"""Pieces of a transaction that the edge hands to the journal's writer: wake what waits, tell an event."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from gwf.agent.journal import statements as sql
from gwf.agent.journal.turn import Turn
from gwf.agent.model import show_path
from gwf.core.errors import UnavailableError

PATIENCE_S = 60.0  #: how long a note may take to be written
TAKEN_BACK = "taken_back"  #: reason of a SKIPPED row whose object was removed again
WAKE_MOST = 5000  #: files woken at once when a store comes back; the others keep their own, spread times

log = logging.getLogger("gwf.agent.journal")

Statement = Callable[[Turn, sqlite3.Connection], None]
"""Runs inside a transaction of the journal's writer."""


class Writes(Protocol):
    """The journal's writer as far as it takes statements."""

    def submit(self, statement: Statement) -> None:
        """Let a statement be written soon."""
        ...


def wake_one(store: str) -> Statement:
    """End the wait of one file of `store`, to try the store with it."""
    return _wake(sql.WAKE_ONE, store)


def wake_all(store: str) -> Statement:
    """End the waits of files that failed because `store` was away: it answers again."""
    return _wake(sql.WAKE, store, WAKE_MOST)


def undefer(store: str) -> Statement:
    """End the waits for a rate limit: the limits changed."""
    return _wake(sql.UNDEFER, store)


def archived(file_id: int, gen: int, where: str) -> Statement:
    """Note that a file whose object is verified was archived at `where`, "" = deleted; only for this version."""

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        if connection.execute(sql.ARCHIVED, (turn.now_ms, turn.now_ms, file_id, gen)).rowcount:
            turn.event("file.archived", file_id, gen, {"where": show_path(os.fsencode(where))})
            turn.tally("archived")

    return write


def restored(file_id: int, gen: int, ino: int) -> Statement:
    """Note that an archived file is back under another inode, so that it is not taken for a new version."""

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        if connection.execute(sql.RESTORED, (ino, file_id, gen)).rowcount:
            turn.event("file.restored", file_id, gen, {})

    return write


def taken_back(file_id: int, gen: int, path: bytes) -> Statement:
    """Note that the object of a file was removed again: it is sent when somebody orders it, or when it changes."""

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        if connection.execute(sql.TAKEN_BACK, (TAKEN_BACK, turn.now_ms, file_id, gen)).rowcount:
            turn.event("file.skipped", file_id, gen, {"path": show_path(path), "reason": TAKEN_BACK})
            turn.tally("skipped")

    return write


def decided_anew(mark: str, then: Callable[[], None]) -> Statement:
    """Forget which files rules kept from being sent, unless those that `mark` names did so; "" names rules that do not.

    `then` runs once that is durable, if there were any: a walk has to find these files.
    """

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        row = connection.execute(sql.IGNORING).fetchone()
        before = "" if row is None else str(row[0])
        if before == mark:
            return
        connection.execute(sql.FACT, (sql.IGNORING_RULES, mark))
        ignored = connection.execute(sql.IGNORED_BEFORE).fetchall() if before else []
        for directory_id in {row[0] for row in ignored}:
            connection.execute(sql.NO_FINGERPRINT, (directory_id,))
        if ignored:
            log.info("ignored_files_decided_anew", extra={"files": len(ignored)})
            turn.effects.callbacks.append(then)

    return write


def event(kind: str, body: Mapping[str, object]) -> Statement:
    """Add an outbox event that is about no single file."""
    return lambda turn, _: turn.event(kind, None, None, body)


def durable(journal: Writes, statement: Statement) -> None:
    """Let `statement` be written and return when it is on disk.

    Raises:
        UnavailableError: The journal stopped, or could not be written for too long.
    """
    done = threading.Event()

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        statement(turn, connection)
        turn.effects.callbacks.append(done.set)

    journal.submit(write)
    if not done.wait(PATIENCE_S):
        raise UnavailableError("the journal did not take a note in time")


def _wake(statement: str, *values: object) -> Statement:
    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        if connection.execute(statement, values).rowcount:
            turn.effects.ready.add(str(values[0]))

    return write
