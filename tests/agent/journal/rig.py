"""A journal driven by hand: one turn at a time, with workers that only note what they were given."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.effects import Effects
from gwf.agent.journal.index import JournalIndex
from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.writer import Journal
from gwf.agent.model import Candidate, FileStatus, Outcome, Result, Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass
from gwf.core.settings.model import RetrySettings
from gwf.storage.model import Checksums, ObjectReceipt
from tests.agent.trees import make_tree


class Hands:
    """Takes work up to a number per store and keeps it until told how it ended."""

    def __init__(self) -> None:
        self.capacity: dict[str, int] = {"default": 1000}
        self.held: list[Work] = []
        self.ever: list[Work] = []
        self.abandoned: list[tuple[str, int, str]] = []
        self.suspected: list[tuple[str, int, str]] = []

    def room(self, store: str) -> int:
        return self.capacity.get(store, 0) - sum(work.store == store for work in self.held)

    def deliver(self, store: str, works: list[Work]) -> None:
        assert all(work.store == store for work in works)
        self.held += works
        self.ever += works
        assert self.room(store) >= 0, "more work was handed out than there is room for"

    def abandon(self, store: str, orphan_id: int, upload_state: str) -> None:
        self.abandoned.append((store, orphan_id, upload_state))

    def suspect(self, store: str, orphan_id: int, key: str) -> None:
        self.suspected.append((store, orphan_id, key))


class Rig:
    """A journal in `directory`, its clock and its workers."""

    def __init__(self, directory: Path, *, retry: RetrySettings | None = None, max_pages: int | None = None) -> None:
        self.path = directory / "journal.db"
        self.clock = ManualClock()
        self.hands = Hands()
        self.effects: list[Effects] = []
        self.stores: tuple[str, ...] = ("default",)
        self._retry = RetryPolicy(retry or RetrySettings(), uniform=random.Random(5))
        self.tree = make_tree(directory)
        self.journal = self._open(max_pages)

    def step(self, *, advance_s: float = 0.0) -> None:
        """Let time pass, then let the journal write once."""
        self.clock.advance(advance_s)
        self.journal._turn()

    def crash(self) -> None:
        """End as a killed process does: nothing more is written, nobody holds work; then open again."""
        self.journal._connection.close()
        self.hands.held.clear()
        self.journal = self._open(None)

    def put(self, *names: str, version: int = 1, tree: WatchedTree | None = None, **changes: Any) -> None:
        """Enqueue one version of each name and write it down."""
        self.journal.enqueue([self.candidate(name, version=version, tree=tree, **changes) for name in names])
        self.step()

    def candidate(self, name: str, *, version: int = 1, tree: WatchedTree | None = None, **changes: Any) -> Candidate:
        """Return a finished version; `version` shows in its inode, size and time."""
        tree = tree or self.tree
        made = tree.candidate(tree.root + b"/" + name.encode(), version, 10 * version, version * 10**9)
        for field, value in changes.items():
            setattr(made, field, value)
        return made

    def work(self, name: str) -> Work:
        """Return what is being sent under `name`."""
        (found,) = [work for work in self.hands.held if work.path.endswith(b"/" + name.encode())]
        return found

    def end(self, name: str, result: Result = Result.DONE, **more: Any) -> None:
        """Report how the work in hand ended, and write it down."""
        self.report(self.work(name), result, **more)
        self.step()

    def report(self, work: Work, result: Result = Result.DONE, **more: Any) -> None:
        """Report how work ended."""
        self.hands.held.remove(work)
        if result is Result.FAILED:
            more.setdefault("error_class", ErrorClass.NETWORK)
        receipt = receipt_of(work) if result in {Result.DONE, Result.UNCHANGED} else None
        self.journal.finish(Outcome(work, result, receipt, **more))

    def fail_next_commit(self) -> None:
        """Let the next transaction fail after all its statements, as a full disk would."""
        left = [1]

        def once(*_: object) -> None:
            if left:
                left.clear()
                raise sqlite3.OperationalError("database or disk is full")

        self.journal.submit(once)

    def rows(self, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
        """Return columns of file rows by id, read by a second connection."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(f"SELECT {columns} FROM files WHERE {where} ORDER BY id").fetchall()
        finally:
            connection.close()

    def states(self) -> dict[str, FileStatus]:
        """Return the state of every file by name."""
        return {name.decode(): FileStatus(state) for name, state in self.rows("name, state")}

    def events(self) -> list[tuple[str, int | None]]:
        """Return (kind, version) of all outbox rows in order."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute("SELECT kind, gen FROM outbox ORDER BY seq").fetchall()
        finally:
            connection.close()

    def tallies(self) -> dict[str, int]:
        """Return the lasting counters, without those by day."""
        reads = JournalReads(self.path, self.clock)
        try:
            return {name: tally.value for name, tally in reads.tallies().items() if not name.startswith("day:")}
        finally:
            reads.close()

    def index(self) -> JournalIndex:
        """Return a reader as the reconciler uses it."""
        return JournalIndex(self.path)

    def close(self) -> None:
        """Release the file."""
        self.journal.stop()

    def _open(self, max_pages: int | None) -> Journal:
        journal = Journal(
            self.path, clock=self.clock, retry=self._retry, on_committed=self._committed, max_pages=max_pages
        )
        journal.attach(self.hands, self.stores)
        return journal

    def _committed(self, effects: Effects) -> None:
        self.effects.append(effects)


RigMaker = Callable[..., Rig]


def receipt_of(work: Work, content: str = "ab") -> ObjectReceipt:
    """Return what a store confirms for `work`."""
    sums = Checksums(md5="00" * 16, sha256=content * 32)
    return ObjectReceipt(key=work.key, size_bytes=work.size_bytes, etag="e", checksums=sums)
