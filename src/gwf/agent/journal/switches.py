"""Files that wait for a person: switches that keep files from being sent by themselves, and orders to send one now."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from gwf.agent.model import FIRST_CLOSED, Candidate, FileStatus, Work, show_path
from gwf.core.errors import UnavailableError

HELD = "auto_upload_off"  #: reason of a SKIPPED row whose path was switched off; a person may still send it
WAIT_S = 30.0  #: longest wait for the journal
AGAIN_S = 10.0  #: when a caller who waited for that long may ask again

_SET = "INSERT INTO switches (path, enabled) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET enabled=excluded.enabled"
_UNSET_BELOW = "DELETE FROM switches WHERE path>? AND path<?"
_ORDER = "INSERT INTO orders (file_id, gen) VALUES (?, ?) ON CONFLICT (file_id) DO UPDATE SET gen=excluded.gen"
_DONE = "DELETE FROM orders WHERE file_id=?"


# What came to its end in another way: a newer version took its place, or the row is gone.
_CLEAR = f"""
DELETE FROM orders WHERE NOT EXISTS
  (SELECT 1 FROM files WHERE files.id=orders.file_id AND files.gen=orders.gen AND state<{FIRST_CLOSED})
RETURNING file_id, gen
"""


class AutoSwitches:
    """Which paths are sent by themselves: the switch of the path, else of the nearest directory above, else yes.

    Read by many threads; changes replace the table whole.
    """

    def __init__(self, switches: Mapping[bytes, bool]) -> None:
        """Take the stored table."""
        self.table: Mapping[bytes, bool] = dict(switches)
        self.any_off = not all(self.table.values())

    def allows(self, path: bytes) -> bool:
        """Return whether the file or directory at `path` is sent by itself."""
        if not self.any_off:
            return True
        table = self.table
        while path:
            switch = table.get(path)
            if switch is not None:
                return switch
            if path == b"/":
                return True
            path = path.rpartition(b"/")[0] or b"/"
        return True

    def put(self, path: bytes, *, enabled: bool, whole: bool) -> None:
        """Set one switch; `whole` forgets all below it first."""
        table = dict(self.table)
        if whole:
            below = _below(path)[0]
            table = {other: value for other, value in table.items() if not other.startswith(below)}
        table[path] = enabled
        self.table = table
        self.any_off = not all(table.values())


class Orders:
    """Versions of files that a person wants sent, whatever the switches say; kept until they are done."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read those that are open."""
        self._gens: dict[int, int] = dict(connection.execute("SELECT file_id, gen FROM orders").fetchall())

    def __len__(self) -> int:
        return len(self._gens)

    def holds(self, work: Work) -> bool:
        """Tell whether this version was asked for by a person."""
        return bool(self._gens) and self._gens.get(work.file_id) == work.gen

    def give(self, sql: sqlite3.Cursor, file_id: int, gen: int) -> Callable[[], None]:
        """Write down an order; return what is to be called once it is committed."""
        sql.execute(_ORDER, (file_id, gen))
        return lambda: self._gens.__setitem__(file_id, gen)

    def end(self, sql: sqlite3.Cursor, file_id: int) -> Callable[[], None]:
        """Forget an order; return what is to be called once that is committed."""
        sql.execute(_DONE, (file_id,))
        return lambda: self._forget(file_id)

    def clear(self, connection: sqlite3.Connection) -> Callable[[], None]:
        """Forget orders that nothing waits for any more; return what is to be called once that is committed."""
        past = connection.execute(_CLEAR).fetchall()

        def forget() -> None:
            for file_id, gen in past:
                if self._gens.get(file_id) == gen:  # a newer version may have been asked for since
                    self._forget(file_id)

        return forget

    def _forget(self, file_id: int) -> None:
        self._gens.pop(file_id, None)


class EnqueuesNow(Protocol):
    """A transaction that takes candidates and calls back once it is committed."""

    def enqueue(self, batch: list[Candidate]) -> None:
        """Write finished versions."""
        ...

    def note(self, kind: str, body: Mapping[str, object]) -> None:
        """Add an outbox row that is about no single version."""
        ...

    def when_committed(self, callback: Callable[[], None]) -> None:
        """Call `callback` after the commit."""
        ...


Submit = Callable[[Callable[[EnqueuesNow, sqlite3.Connection], None]], None]


class SwitchDesk:
    """Where people hand in switches and orders; every call returns when it is durable."""

    def __init__(self, submit: Submit, switches: AutoSwitches, orders: Orders) -> None:
        """`submit` puts a statement into the journal's next transaction."""
        self._submit = submit
        self._switches = switches
        self._orders = orders

    def allows(self, path: bytes) -> bool:
        """Return whether the file or directory at `path` is sent by itself."""
        return self._switches.allows(path)

    def table(self) -> AutoSwitches:
        """Return the switches as they are now; later changes do not show in it."""
        return AutoSwitches(self._switches.table)

    def may_send(self, work: Work) -> bool:
        """Return whether `work` may be sent now: its path is on, or a person asked for it."""
        return not self._switches.any_off or self._orders.holds(work) or self._switches.allows(work.path)

    def put(self, path: bytes, *, enabled: bool, whole: bool, author: str) -> None:
        """Set the switch of `path`; `whole` = a directory: switches below it are forgotten.

        Raises:
            UnavailableError: The journal stopped, or could not be written for too long.
        """

        def write(turn: EnqueuesNow, connection: sqlite3.Connection) -> None:
            if whole:
                connection.execute(_UNSET_BELOW, _below(path))
            connection.execute(_SET, (path, enabled))
            turn.note("switch.set", {"path": show_path(path), "enabled": enabled, "author": author})
            turn.when_committed(lambda: self._switches.put(path, enabled=enabled, whole=whole))

        self._durably(write)

    def order(self, candidate: Candidate, *, author: str) -> None:
        """Send a file now, known or not, whatever the switches say.

        Raises:
            UnavailableError: The journal stopped, or could not be written for too long.
        """
        candidate.ordered, candidate.status, candidate.reason = True, FileStatus.READY, None
        path = show_path(candidate.directory + b"/" + candidate.name)

        def write(turn: EnqueuesNow, _: sqlite3.Connection) -> None:
            turn.enqueue([candidate])
            turn.note("file.ordered", {"path": path, "author": author})

        self._durably(write)

    def _durably(self, statement: Callable[[EnqueuesNow, sqlite3.Connection], None]) -> None:
        done = threading.Event()

        def write(turn: EnqueuesNow, connection: sqlite3.Connection) -> None:
            statement(turn, connection)
            turn.when_committed(done.set)

        self._submit(write)
        if not done.wait(WAIT_S):
            raise UnavailableError("the journal did not take it in time; it may still do so", retry_after_s=AGAIN_S)


def load_switches(connection: sqlite3.Connection) -> AutoSwitches:
    """Return the stored switches."""
    rows = connection.execute("SELECT path, enabled FROM switches").fetchall()
    return AutoSwitches({bytes(path): bool(enabled) for path, enabled in rows})


def hold(switches: AutoSwitches, item: Candidate) -> None:
    """Let a finished version wait for a person if its path is switched off and nobody asked for it."""
    if item.ordered or item.status is not FileStatus.READY or switches.allows(item.directory + b"/" + item.name):
        return
    item.status, item.reason = FileStatus.SKIPPED, HELD


def _below(path: bytes) -> tuple[bytes, bytes]:
    stem = path.rstrip(b"/")
    return stem + b"/", stem + b"0"
