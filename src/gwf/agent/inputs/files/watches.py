"""The set of watched directories: which descriptor is which path, and back."""

from __future__ import annotations

import enum
import errno
import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from gwf.agent.inputs.files.inotify import IN_DONT_FOLLOW, WATCH_MASK, Inotify

Owner = TypeVar("Owner")


class Added(enum.Enum):
    """How an attempt to watch a directory ended."""

    WATCHED = enum.auto()
    #: the system's watch limit is reached: only scans see this directory
    REFUSED = enum.auto()
    #: the same directory is already watched under another name (a link)
    DUPLICATE = enum.auto()


class WatchSet(Generic[Owner]):
    """Maps watch descriptors to (directory, owner). `add` and `remove_tree` may be called from any thread."""

    def __init__(self, inotify: Inotify) -> None:
        """Start without watches."""
        self._inotify = inotify
        self._lock = threading.Lock()
        self._entry_of: dict[int, tuple[bytes, Owner]] = {}
        self._descriptor_of: dict[bytes, int] = {}
        #: directories that could not be watched because the system's limit is reached
        self.refused = 0

    def __len__(self) -> int:
        return len(self._descriptor_of)

    def add(self, path: bytes, owner: Owner, *, follow: bool) -> Added:
        """Watch a directory; watching it again is harmless.

        Raises:
            OSError: The directory is gone or may not be read.
        """
        mask = WATCH_MASK if follow else WATCH_MASK | IN_DONT_FOLLOW
        with self._lock:
            try:
                descriptor = self._inotify.add(path, mask)
            except OSError as exc:
                if exc.errno != errno.ENOSPC:
                    raise
                self.refused += 1
                return Added.REFUSED
            old = self._entry_of.get(descriptor)
            if old is not None and old[0] != path:
                if _same(old[0], path):
                    return Added.DUPLICATE
                self._descriptor_of.pop(old[0], None)
            self._entry_of[descriptor] = (path, owner)
            self._descriptor_of[path] = descriptor
            return Added.WATCHED

    def get(self, descriptor: int) -> tuple[bytes, Owner] | None:
        """Return directory and owner of a descriptor, or None if it is not (or no longer) ours."""
        entry = self._entry_of.get(descriptor)
        if entry is None:
            with self._lock:  # an `add` in another thread may be about to enter it
                entry = self._entry_of.get(descriptor)
        return entry

    def remove_tree(self, path: bytes) -> None:
        """Stop watching a directory and everything below it."""
        below = path + b"/"
        with self._lock:
            for known in [item for item in self._descriptor_of if item == path or item.startswith(below)]:
                descriptor = self._descriptor_of.pop(known)
                self._entry_of.pop(descriptor, None)
                self._inotify.remove(descriptor)

    def remove_where(self, unwanted: Callable[[bytes, Owner], bool]) -> None:
        """Stop watching every directory of which `unwanted(directory, owner)` is true."""
        with self._lock:
            for descriptor, (path, owner) in list(self._entry_of.items()):
                if unwanted(path, owner):
                    del self._entry_of[descriptor]
                    self._descriptor_of.pop(path, None)
                    self._inotify.remove(descriptor)

    def dropped(self, descriptor: int) -> bytes | None:
        """Forget a descriptor that the kernel dropped by itself; return the path it had."""
        with self._lock:
            entry = self._entry_of.pop(descriptor, None)
            if entry is None:
                return None
            if self._descriptor_of.get(entry[0]) == descriptor:
                del self._descriptor_of[entry[0]]
            return entry[0]


def _same(one: bytes, other: bytes) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
