"""Changes of the watched trees while files settle: who keeps what, decided in the input's thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from gwf.agent.inputs.files.settle import Settling
from gwf.agent.inputs.files.tree import Rules, WatchedTree
from gwf.core.errors import UnavailableError

PATIENCE_S = 30.0  #: a disk that hangs longer than this keeps the trees as they are


class TreeChange:
    """Rules that are to be watched by from now on, handed to the input's thread."""

    def __init__(self, wanted: Sequence[Rules], *, interval_s: float, stores: Collection[str]) -> None:
        """`stores` are those that take files from now on; `interval_s` lies between two walks of a tree."""
        self.wanted = tuple(wanted)
        self.interval_s = interval_s
        self.stores = frozenset(stores)
        self._lock = threading.Lock()
        self._state = "waiting"
        self._done = threading.Event()
        self._error: Exception | None = None

    def begin(self) -> bool:
        """Tell whether it is still wanted; True must be followed by `end`."""
        with self._lock:
            if self._state == "waiting":
                self._state = "begun"
            return self._state == "begun"

    def end(self, error: Exception | None = None) -> None:
        """Say that it is in force, or why not."""
        self._error = error
        self._done.set()

    def wait(self) -> None:
        """Return when it is in force.

        Raises:
            UnavailableError: The input did not come to it in PATIENCE_S; it will not happen any more.
        """
        if not self._done.wait(PATIENCE_S):
            with self._lock:
                if self._state == "waiting":
                    self._state = "dropped"
            if self._state == "dropped":
                raise UnavailableError("reading the watched directories hangs; the trees stay as they are")
            self._done.wait()
        if self._error is not None:
            raise self._error


@dataclass(slots=True)
class Shift:
    """How one set of trees becomes another."""

    #: all that are watched afterwards, in the order of the configuration
    trees: tuple[WatchedTree, ...]
    added: list[WatchedTree] = field(default_factory=list[WatchedTree])
    removed: list[WatchedTree] = field(default_factory=list[WatchedTree])
    #: (tree, rules it will go by)
    changed: list[tuple[WatchedTree, Rules]] = field(default_factory=list[tuple[WatchedTree, Rules]])

    def to_walk(self) -> list[WatchedTree]:
        """Return the trees in which there may be files that no event told of."""
        around = [tree for tree in self.trees if any(is_below(old.root, tree.root) for old in self.removed)]
        return list(dict.fromkeys([*self.added, *(tree for tree, _ in self.changed), *around]))


def shift(trees: Sequence[WatchedTree], wanted: Sequence[Rules]) -> Shift:
    """Return what must happen to `trees` so that exactly `wanted` is watched; a tree is known by its root. Pure."""
    left = {tree.root: tree for tree in trees}
    found: list[WatchedTree] = []
    result = Shift(trees=())
    for rules in wanted:
        tree = left.pop(rules.route.root, None)
        if tree is None:
            tree = WatchedTree(rules)
            result.added.append(tree)
        elif not tree.rules.same_as(rules):
            result.changed.append((tree, rules))
        found.append(tree)
    result.trees, result.removed = tuple(found), list(left.values())
    return result


def owner_after(
    tree_of: Callable[[bytes], WatchedTree | None], changed: Collection[WatchedTree], stores: Collection[str]
) -> Callable[[Settling], WatchedTree | None]:
    """Return what decides which tree a settling file belongs to after a change; None = it is not wanted any more.

    A file whose tree is no longer watched was seen before the change: it goes on by the rules it was seen under, as
    long as its store takes files. A file of a tree that is watched must pass the filters that hold now.
    """

    def owner(entry: Settling) -> WatchedTree | None:
        tree = tree_of(entry.path)
        if tree is None:
            return entry.tree if entry.tree.settings.store in stores else None
        if tree is entry.tree and tree not in changed:
            return tree
        return tree if wants(tree, entry.path) else None

    return owner


def wants(tree: WatchedTree, path: bytes) -> bool:
    """Tell whether a file below the root of `tree` passes its filters."""
    directory, _, name = path.rpartition(b"/")
    selector = tree.selector
    return selector.wants_name(name) and selector.wants_path(path) and selector.enters(directory)


def leaves_out(tree: WatchedTree, directory: bytes) -> bool:
    """Tell whether `tree` does not enter a directory below its root."""
    return directory != tree.root and not tree.selector.enters(directory)


def is_below(path: bytes, root: bytes) -> bool:
    """Tell whether `path` lies inside `root`."""
    return path.startswith(root + os.sep.encode())
