"""What the journal's writer does now and then: wake waiting rows, notice others' changes, clear old rows."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable
from functools import partial

from gwf.agent.journal import statements as sql
from gwf.agent.journal.days import clear_days
from gwf.agent.journal.effects import Memory
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.turn import Turn
from gwf.core.clock import Clock

LOOK_AGAIN_S = 1.0  #: longest pause between two looks at rows that wait: the wall clock may be set
PROMOTE_AGAIN_S = 0.25  #: pause between two portions of waiting rows
HOUSEKEEPING_S = 30.0
COUNT_EVERY_S = 2.0  #: counting a million waiting files takes some 30 ms
OUTBOX_KEEP = 200_000  #: events kept for the history of files (about 60 MB)
PURGE_MOST = 300_000  #: events cleared at a time, about a second: 10,000 a second
SUSPECT = "key:"  #: begins an orphan of which only the key is known
CLOCK_JUMP_MS = 2_000  #: a smaller step of the wall clock back is left alone
SEEN_KEEP_MS = 86_400_000  #: how long files that vanished before they were finished are remembered
GONE_KEEP_MS = 30 * 86_400_000  #: how long the row of a finished file outlives the file

log = logging.getLogger("gwf.agent.journal")


class Upkeep:
    """Runs inside the writer's transactions."""

    def __init__(self, clock: Clock, memory: Memory) -> None:
        """Everything is due at once."""
        self._clock = clock
        self._memory = memory
        self._stores: tuple[str, ...] = ()
        self._data_version = 0
        #: when the next waiting row is to be looked at
        self._look_at_s = 0.0
        self._housekeeping_at_s = 0.0
        self._count_at_s = 0.0
        self._pending = 0
        #: something was written since files were counted
        self._uncounted = True
        self._wall_ahead_ms = clock.now_ms() - clock.monotonic_s() * 1000

    def attach(self, connection: sqlite3.Connection, stores: tuple[str, ...]) -> list[tuple[int, str, str]]:
        """Forget rows of stores that are no longer configured; return (id, store, state) of abandoned uploads."""
        self._stores = stores
        self._forget_strays(connection)
        return connection.execute(sql.ORPHANS).fetchall()

    def serving(self, stores: tuple[str, ...]) -> Statement:
        """Return the statement that goes on with other stores; new ones are told of their abandoned uploads."""

        def write(turn: Turn, connection: sqlite3.Connection) -> None:
            added = set(stores) - set(self._stores)
            self._stores = stores
            turn.effects.ready.update(stores)
            for orphan_id, store, upload_state in connection.execute(sql.ORPHANS).fetchall() if added else ():
                # uploads of which only the key is known are ended at a start, before any work: here some may be alive
                if store in added and not upload_state.startswith(SUSPECT):
                    turn.effects.orphans.append((store, orphan_id, upload_state))

        return write

    def forgetting(self, then: Callable[[], None]) -> Statement:
        """Return the statement that forgets waiting rows of stores that are not there; `then` runs if there were."""

        def write(turn: Turn, connection: sqlite3.Connection) -> None:
            if self._forget_strays(connection):
                turn.effects.callbacks.append(then)

        return write

    def _forget_strays(self, connection: sqlite3.Connection) -> int:
        """Forget rows of stores that are not there, so that a walk queues their files anew; return how many."""
        marks = ",".join("?" * len(self._stores))
        strays = connection.execute(sql.STRAYS.format(stores=marks), self._stores).fetchall()
        for directory_id in {row[0] for row in strays}:
            connection.execute(sql.NO_FINGERPRINT, (directory_id,))
        if strays:
            connection.execute(sql.FACT, (sql.STRAYS_FORGOTTEN, "yes"))
            log.warning("store_no_longer_configured", extra={"files": len(strays)})
        return len(strays)

    def due(self, connection: sqlite3.Connection, now_s: float) -> bool:
        """Tell whether there is something to do; costs a glance at the file."""
        return now_s >= self.due_s() or _version(connection) != self._data_version

    def due_s(self) -> float:
        """Return when there is something to do, whatever others write."""
        due_s = min(self._look_at_s, self._housekeeping_at_s)
        return min(due_s, self._count_at_s) if self._uncounted else due_s

    def run(self, turn: Turn, connection: sqlite3.Connection, now_s: float, *, wrote: bool) -> int:
        """Do what is due; return how many files waited at the last count. `wrote` = the turn changed rows before."""
        now_ms, next_at_ms = turn.now_ms, turn.effects.next_at_ms
        if next_at_ms is not None:
            self._look_at_s = min(self._look_at_s, now_s + (next_at_ms - now_ms) / 1000)
        self._uncounted |= wrote
        version = _version(connection)
        if version != self._data_version:  # `gwf queue` changed something
            turn.when_committed(partial(self._seen, version))
            self._forget_strays(connection)  # replayed for a store that is no longer there: nothing else frees them
            self._memory.backlog.update(self._stores)
            self._look_at_s, self._uncounted = now_s, True
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + self._promote(connection, now_ms)
        if self._uncounted and now_s >= self._count_at_s:
            self._count_at_s = now_s + COUNT_EVERY_S
            self._pending = int(connection.execute(sql.PENDING).fetchone()[0])
            self._uncounted = False
        if now_s >= self._housekeeping_at_s:
            self._housekeeping_at_s = now_s + HOUSEKEEPING_S
            self._clear(turn, connection, now_ms)
        return self._pending

    def _seen(self, version: int) -> None:
        self._data_version = version

    def _promote(self, connection: sqlite3.Connection, now_ms: int) -> float:
        """Make waiting rows ready whose time has come; return the seconds until the next ones are to be looked at."""
        pause_s = math.inf
        for store, priority, next_at_ms in connection.execute(sql.WAITING_LANES).fetchall():
            if next_at_ms > now_ms:
                pause_s = min(pause_s, LOOK_AGAIN_S, (next_at_ms - now_ms) / 1000)
                continue
            connection.execute(sql.PROMOTE, (store, priority, now_ms))
            self._memory.backlog.add(store)
            self._uncounted = True
            pause_s = min(pause_s, PROMOTE_AGAIN_S)
        return pause_s

    def heed_clock(self, turn: Turn, connection: sqlite3.Connection, now_s: float) -> None:
        """Pull waits forward by as much as the wall clock was set back; call before any are written by the new time."""
        ahead_ms = turn.now_ms - now_s * 1000
        back_ms = round(self._wall_ahead_ms - ahead_ms)
        if back_ms <= CLOCK_JUMP_MS:
            self._wall_ahead_ms = ahead_ms
            return
        connection.execute(sql.PULL_FORWARD, (back_ms,))
        self._look_at_s = now_s
        turn.when_committed(partial(self._pulled, back_ms, ahead_ms))

    def _pulled(self, back_ms: int, ahead_ms: float) -> None:
        self._wall_ahead_ms = ahead_ms
        log.warning("clock_set_back", extra={"seconds": back_ms / 1000})

    def _clear(self, turn: Turn, connection: sqlite3.Connection, now_ms: int) -> None:
        connection.execute(sql.PURGE_GONE, (now_ms - GONE_KEEP_MS, now_ms - SEEN_KEEP_MS))
        connection.execute(sql.PURGE_PARTS)
        clear_days(connection, now_ms)
        turn.when_committed(self._memory.orders.clear(connection))
        connection.execute(sql.PURGE_EVENTS, (OUTBOX_KEEP, PURGE_MOST))
        if len(self._memory.directories) > 50_000:
            self._memory.directories.clear()


def _version(connection: sqlite3.Connection) -> int:
    """Return a number that changes when another connection writes."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
