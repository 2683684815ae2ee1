"""Pieces of a transaction that the edge hands to the journal's writer: wake what waits, tell an event."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from gwf.agent.journal import statements as sql
from gwf.agent.journal.turn import Turn

WAKE_MOST = 5000  #: files woken at once when a store comes back; the others keep their own, spread times

Statement = Callable[[Turn, sqlite3.Connection], None]
"""Runs inside a transaction of the journal's writer."""


def wake_one(store: str) -> Statement:
    """End the wait of one file of `store`, to try the store with it."""
    return _wake(sql.WAKE_ONE, store)


def wake_all(store: str) -> Statement:
    """End the waits of files that failed because `store` was away: it answers again."""
    return _wake(sql.WAKE, store, WAKE_MOST)


def undefer(store: str) -> Statement:
    """End the waits for a rate limit: the limits changed."""
    return _wake(sql.UNDEFER, store)


def event(kind: str, body: Mapping[str, object]) -> Statement:
    """Add an outbox event that is about no single file."""
    return lambda turn, _: turn.event(kind, None, None, body)


def _wake(statement: str, *values: object) -> Statement:
    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        if connection.execute(statement, values).rowcount:
            turn.effects.ready.add(str(values[0]))

    return write
