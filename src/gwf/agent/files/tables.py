"""Reads a directory from the disk and from the journal, and lays the two over each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gwf.agent.files.level import kind_of
from gwf.agent.files.nodes import Thing
from gwf.agent.inputs.files.settle import Settling
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.reads import STATE_WORDS
from gwf.agent.model import FileStatus
from gwf.core.errors import UnavailableError
from gwf.wire.agentfiles import NodeState

LOOK_EVERY = 1_000  #: entries between two looks whether anybody still waits

_ROWS = """
SELECT name, size_bytes, mtime_ns, state, attempts, error_class, store, gone_at_ms IS NOT NULL FROM files
WHERE dir_id=(SELECT id FROM dirs WHERE path=?)
"""

Rows = Callable[[str, tuple[object, ...]], list[tuple[Any, ...]]]


@dataclass(kw_only=True)
class TableMaker:
    """Reads for one answer; made anew for each."""

    #: reads the journal
    rows: Rows
    #: files that are seen and not finished
    settling: Callable[[], Sequence[Settling]]
    tree_of: Callable[[bytes], WatchedTree | None]
    #: whether a resolved path may be looked at
    is_open: Callable[[bytes], bool]
    #: directories that were looked at, and whether they are entered
    _entered: dict[bytes, bool] = field(default_factory=dict[bytes, bool])

    @cached_property
    def _settling(self) -> Mapping[bytes, Settling]:
        return {entry.path: entry for entry in self.settling()}

    def settling_entry(self, path: bytes) -> Settling | None:
        """Return a file that is not finished yet."""
        return self._settling.get(path)

    def things(self, directory: bytes, descriptor: int, *, stopped: Callable[[], bool]) -> list[Thing]:
        """Return everything in an open directory, and what the journal still knows of it.

        Raises:
            UnavailableError: Nobody waits any more, or the journal cannot be read.
            OSError: As getdents(2).
        """
        known = {row[0]: row for row in self.rows(_ROWS, (directory,))}
        found: list[Thing] = []
        with os.scandir(descriptor) as entries:
            for number, entry in enumerate(entries):
                if number % LOOK_EVERY == 0 and stopped():
                    raise UnavailableError("nobody waits for this directory any more")
                name = os.fsencode(entry.name)
                if not self.is_open(directory + b"/" + name):
                    continue  # a directory of this process itself
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # gone since the directory was read
                    continue
                found.append(self._thing(directory, name, status, row=known.pop(name, None)))
        found += [thing for name, row in known.items() if (thing := _gone(name, row)) is not None]
        return found

    def thing(self, directory: bytes, name: bytes) -> Thing | None:
        """Return one thing, None if neither the disk nor the journal has it.

        Raises:
            UnavailableError: The journal cannot be read.
        """
        rows = self.rows(_ROWS + " AND name=?", (directory, name))
        row = rows[0] if rows else None
        try:
            status = os.lstat(directory + b"/" + name)
        except OSError:
            return None if row is None else _gone(name, row)
        return self._thing(directory, name, status, row=row)

    def _thing(self, directory: bytes, name: bytes, status: os.stat_result, *, row: tuple[Any, ...] | None) -> Thing:
        kind = kind_of(status.st_mode)
        thing = Thing(name, kind, on_disk=True, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns)
        if kind == "dir":
            thing.size_bytes = None
            return thing
        if row is not None:
            _, _, _, state, thing.attempts, thing.error_class, thing.store, gone = row
            thing.in_journal = True
            if not gone:
                thing.state = STATE_WORDS[FileStatus(state)]
        path = directory + b"/" + name
        if path in self._settling:
            thing.state = "settling"
        if thing.state is None and kind == "file":
            thing.state = self._unknown(path, name)
        if not thing.store:
            tree = self.tree_of(path)
            thing.store = "" if tree is None else tree.settings.store
        return thing

    def _unknown(self, path: bytes, name: bytes) -> NodeState:
        tree = self.tree_of(path)
        if tree is None:
            return "excluded"
        selector = tree.selector
        # the patterns last: they cost most, and a directory that is left out need not be asked file by file
        taken = selector.wants_name(name) and self._enters(tree, path) and selector.wants_path(path)
        return "unseen" if taken else "excluded"

    def _enters(self, tree: WatchedTree, path: bytes) -> bool:
        directory = path.rpartition(b"/")[0]
        known = self._entered.get(directory)
        if known is None:
            above, known = directory, True
            while known and above.startswith(tree.root + b"/"):
                known = tree.selector.enters(above)
                above = above.rpartition(b"/")[0]
            self._entered[directory] = known
        return known


def _gone(name: bytes, row: tuple[Any, ...]) -> Thing | None:
    _, size_bytes, mtime_ns, state, attempts, error_class, store, _ = row
    status = FileStatus(state)
    if status is FileStatus.VANISHED and not store:
        return None  # a temporary file that came and went
    return Thing(
        name,
        "file",
        on_disk=False,
        size_bytes=size_bytes,
        mtime_ns=mtime_ns,
        state=STATE_WORDS[status],
        error_class=error_class,
        attempts=attempts,
        store=store,
        in_journal=True,
    )
