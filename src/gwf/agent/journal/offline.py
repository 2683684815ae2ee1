"""Writes to a journal whose agent does not run, or beside it, in transactions like the agent's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gwf.agent.journal.effects import Memory
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.schema import open_for_writing
from gwf.agent.journal.switches import Orders, load_switches
from gwf.agent.journal.turn import Turn
from gwf.agent.model import Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import Clock
from gwf.core.errors import UnavailableError
from gwf.core.settings.model import RetrySettings

_RETRY = RetryPolicy(RetrySettings())  # never asked: nothing is sent here


@contextmanager
def offline_turn(connection: sqlite3.Connection, clock: Clock, *, verify_first: bool = False) -> Generator[Turn]:
    """Yield one transaction in which nothing is handed out; it is committed at the end of the block.

    Only with the data directory locked may it make rows of files: a running agent counts their ids itself.

    Raises:
        UnavailableError: The journal cannot be written now.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        next_id = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM files").fetchone()[0])
        memory = Memory(
            next_id=next_id,
            verify_first=verify_first,
            switches=load_switches(connection),
            orders=Orders(connection),
        )
        turn = Turn(connection, memory, _NoDispatcher(), decide_failed=_RETRY.decide, now_ms=clock.now_ms())
        yield turn
        turn.close()
        connection.execute("COMMIT")
    except sqlite3.OperationalError as exc:
        raise UnavailableError("the journal cannot be written now; try again", reason=str(exc)) from exc
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def write_beside(path: Path, clock: Clock, statement: Statement) -> None:
    """Write one statement to the journal at `path`, also while an agent works with it.

    Raises:
        UnavailableError: It cannot be written now.
        InputError: It cannot be opened.
    """
    connection = open_for_writing(path)
    try:
        with offline_turn(connection, clock) as turn:
            statement(turn, connection)
    finally:
        connection.close()


class _NoDispatcher:
    """Nobody sends anything here."""

    def room(self, store: str) -> int:  # noqa: ARG002 — of Dispatcher
        return 0

    def deliver(self, store: str, works: list[Work]) -> None:
        raise RuntimeError(f"nothing is handed out here, but {len(works)} pieces for {store} were")

    def abandon(self, store: str, orphan_id: int, upload_state: str) -> None:
        """Leave it to the agent: the row stays until it starts."""

    def suspect(self, store: str, orphan_id: int, key: str) -> None:
        """Leave it to the agent, as above."""
