"""The watched trees of an edge as whoever asks about its files meets them: where they are, and what they carry."""

from __future__ import annotations

import os

from gwf.agent.engine import Edge
from gwf.agent.files.paths import Land
from gwf.agent.inputs.files.tree import WatchedTree


def land_of(edge: Edge) -> Land:
    """Return the watched directories as they are now."""
    return Land(
        grounds=edge.grounds(),
        names=[(os.fsencode(os.path.abspath(tree.settings.path)), tree.root) for tree in edge.trees],
    )


def tree_of(edge: Edge, path: bytes) -> WatchedTree | None:
    """Return the tree that a resolved path belongs to: the innermost of those that hold it."""
    inside = [tree for tree in edge.trees if path == tree.root or path.startswith(tree.root + b"/")]
    return max(inside, key=lambda tree: len(tree.root), default=None)


def enters(tree: WatchedTree, directory: bytes) -> bool:
    """Tell whether a directory at or below the root of a tree is watched, and all between the two."""
    while directory != tree.root:
        if not tree.selector.enters(directory):
            return False
        directory = directory.rpartition(b"/")[0]
    return True
