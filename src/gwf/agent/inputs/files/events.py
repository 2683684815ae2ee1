"""Turns kernel events into what they mean for the settle table and the set of watches."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable

from gwf.agent.inputs.files import inotify as ino
from gwf.agent.inputs.files.settle import SettleTable
from gwf.agent.inputs.files.tree import TreeState, WatchedTree
from gwf.agent.inputs.files.watches import WatchSet

_APPEARED = ino.IN_CREATE | ino.IN_MOVED_TO
_LEFT = ino.IN_DELETE | ino.IN_MOVED_FROM
_FINISHED = ino.IN_CLOSE_WRITE | ino.IN_MOVED_TO
_SELF_LEFT = ino.IN_DELETE_SELF | ino.IN_MOVE_SELF | ino.IN_UNMOUNT

log = logging.getLogger("gwf.agent.watch")


class EventInterpreter:
    """Applies event buffers. Not thread-safe: the input's thread owns it."""

    def __init__(
        self,
        watches: WatchSet[WatchedTree],
        table: SettleTable,
        *,
        vanished: Callable[[bytes], None],
        no_room: Callable[[WatchedTree, bytes], None],
        owner_of_root: Callable[[bytes], WatchedTree | None],
    ) -> None:
        """`no_room` is told of a directory with a file that found no place in the table.

        `owner_of_root` returns the tree whose root a directory is, if it is one.
        """
        self._watches = watches
        self._table = table
        self._vanished = vanished
        self._no_room = no_room
        self._owner_of_root = owner_of_root
        #: directories that appeared and wait to be watched and scanned, in that order
        self.new_directories: deque[tuple[WatchedTree, bytes]] = deque()
        #: events seen since the start
        self.total = 0

    def apply(self, buffer: bytes, now_s: float) -> bool:
        """Apply one buffer; return False if it says that the kernel lost events."""
        complete = True
        for descriptor, mask, name in ino.parse_events(buffer):
            self.total += 1
            if mask & ino.IN_Q_OVERFLOW:
                complete = False
            elif mask & ino.IN_IGNORED:
                self._watches.dropped(descriptor)
            else:
                self._apply_one(descriptor, mask, name, now_s)
        return complete

    def appeared(self, tree: WatchedTree, path: bytes) -> None:
        """Note a directory below `tree` that is to be watched and scanned, unless it is left out."""
        owner = self._owner_of_root(path)
        if owner is not None:
            self.new_directories.append((owner, path))
        elif tree.selector.enters(path):
            self.new_directories.append((tree, path))

    def forget_retired(self) -> None:
        """Leave out new directories of trees that are no longer watched."""
        self.new_directories = deque(item for item in self.new_directories if not item[0].retired)

    def _apply_one(self, descriptor: int, mask: int, name: bytes, now_s: float) -> None:
        watched = self._watches.get(descriptor)
        if watched is None:
            return
        directory, tree = watched
        if not name:
            self._apply_self(mask, directory, tree)
        elif mask & ino.IN_ISDIR:
            self._apply_directory(mask, directory + b"/" + name, tree)
        elif tree.selector.wants_name(name):
            self._apply_file(mask, directory, directory + b"/" + name, tree, now_s)

    def _apply_self(self, mask: int, directory: bytes, tree: WatchedTree) -> None:
        if mask & _SELF_LEFT and directory == tree.root:
            self._watches.remove_tree(directory)
            tree.facts.state, tree.facts.problem = TreeState.MISSING, "the directory was removed or moved away"
            log.warning("tree_missing", extra={"root": os.fsdecode(directory), "state": "missing"})

    def _apply_directory(self, mask: int, path: bytes, tree: WatchedTree) -> None:
        if mask & _APPEARED:
            self.appeared(tree, path)
        elif mask & _LEFT:
            self._watches.remove_tree(path)

    def _apply_file(self, mask: int, directory: bytes, path: bytes, tree: WatchedTree, now_s: float) -> None:
        table = self._table
        if mask & _LEFT:
            if table.gone(path) is not None:
                self._vanished(path)
        elif path not in table and (table.full() or not tree.selector.wants_path(path)):
            if table.full():
                self._no_room(tree, directory)
        else:
            table.written(path, tree, now_s, closed=bool(mask & _FINISHED))
