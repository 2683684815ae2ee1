"""Finds what is to be taken over: entries of the queue and files in the watched trees, each with its object key."""

from __future__ import annotations

import enum
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gwf.agent.inputs.files.tree import Kind, WatchedTree, rules_of
from gwf.agent.model import Candidate, FileStatus, show_path
from gwf.core.mounts import real_path
from gwf.core.quickio import stored_int
from gwf.core.settings.complete import own_directories
from gwf.core.settings.model import Existing, Settings


class Fate(enum.StrEnum):
    """Why a file or an entry is not taken over now."""

    #: named in the queue, but nothing has this name any more
    MISSING = "missing"
    #: named in the queue, but in no watched directory
    OUTSIDE = "outside"
    #: named in the queue, but no regular file: the Go version queued directories too
    NOT_A_FILE = "not_a_file"
    #: it may not be looked at
    UNREADABLE = "unreadable"
    #: written a moment ago: the agent waits until it is finished
    SETTLING = "settling"
    #: a size rule of the watch leaves it out
    SIZE_RULE = "size_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One path that is not taken over now, and why."""

    path: str
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file to be taken over."""

    candidate: Candidate
    #: it stands in the queue file
    queued: bool
    #: the Go version's key of it cannot be kept: it is too long, or its name is no UTF-8
    renamed: bool

    @property
    def path(self) -> bytes:
        """Absolute path."""
        return self.candidate.directory + b"/" + self.candidate.name


def trees_of(settings: Settings) -> list[WatchedTree]:
    """Return the watched trees of a configuration.

    Raises:
        ConfigError: A directory of this process itself is to be watched.
    """
    own = tuple(real_path(path) for path in own_directories(settings.data_dir, settings.stores))
    return [WatchedTree(rules) for rules in rules_of(settings.agent, own)]


class Survey:
    """Looks at the disk; what is left out is noted on the way."""

    def __init__(self, trees: Sequence[WatchedTree], *, now_ns: int, note: Callable[[LeftOut], None]) -> None:
        """`note` takes everything that is not taken over now."""
        self._trees = trees
        self._roots = {tree.root for tree in trees}
        self._now_ns = now_ns
        self._note = note

    def queued(self, paths: Sequence[bytes]) -> Iterator[Found]:
        """Yield the queue's entries that lie in a watched tree, in their order."""
        for path in paths:
            found = self._entry(path)
            if isinstance(found, Found):
                yield found
            else:
                self._note(LeftOut(path=show_path(path), fate=found))

    def on_disk(self) -> Iterator[Found]:
        """Yield the files of all trees that take files found at their first start."""
        for tree in self._trees:
            if tree.settings.existing is Existing.UPLOAD:
                yield from self._walk(tree)

    def _entry(self, path: bytes) -> Found | Fate:
        real = os.path.realpath(path)
        tree = self._tree_of(real)
        if tree is None:
            return Fate.OUTSIDE
        try:
            status = os.stat(real, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return Fate.MISSING
        except OSError:
            return Fate.UNREADABLE
        if not stat.S_ISREG(status.st_mode):
            return Fate.NOT_A_FILE
        return _found(tree, real, status, queued=True)

    def _walk(self, tree: WatchedTree) -> Iterator[Found]:
        stack = [tree.root]
        while stack:
            directory = stack.pop()
            try:
                with os.scandir(directory) as entries:
                    listed = list(entries)
            except FileNotFoundError:
                continue  # the configuration's note tells of a tree that is not there
            except OSError:
                self._note(LeftOut(path=show_path(directory), fate=Fate.UNREADABLE))
                continue
            for entry in listed:
                if tree.kind(entry) is Kind.DIRECTORY:
                    if tree.selector.enters(entry.path) and entry.path not in self._roots:
                        stack.append(entry.path)
                elif (found := self._file(tree, entry)) is not None:
                    yield found

    def _file(self, tree: WatchedTree, entry: os.DirEntry[bytes]) -> Found | None:
        wanted = tree.selector.wants_name(entry.name) and tree.selector.wants_path(entry.path)
        if not wanted or tree.kind(entry) is not Kind.FILE:
            return None
        try:
            status = entry.stat(follow_symlinks=tree.settings.follow_symlinks)
        except OSError:
            return None  # gone since the directory was read
        fate = None
        if self._now_ns - status.st_mtime_ns < max(tree.settings.silence, tree.settings.settle) * 1e9:
            fate = Fate.SETTLING
        found = _found(tree, entry.path, status, queued=False)
        if found.candidate.status is not FileStatus.READY:
            fate = Fate.SIZE_RULE
        if fate is None:
            return found
        self._note(LeftOut(path=show_path(entry.path), fate=fate))
        return None

    def _tree_of(self, path: bytes) -> WatchedTree | None:
        inside = [tree for tree in self._trees if path.startswith(tree.root + b"/")]
        return max(inside, key=lambda tree: len(tree.root), default=None)


def _found(tree: WatchedTree, path: bytes, status: os.stat_result, *, queued: bool) -> Found:
    candidate = tree.candidate(path, stored_int(status.st_ino), status.st_size, stored_int(status.st_mtime_ns))
    relative = path.removeprefix(tree.root + b"/").decode("utf-8", "surrogateescape")
    return Found(candidate=candidate, queued=queued, renamed=not candidate.key.endswith(f"/{relative}"))
