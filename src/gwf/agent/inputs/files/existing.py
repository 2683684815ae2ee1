"""Remembers which trees are watched for the very first time, and so which of their files are left alone."""

from __future__ import annotations

from collections.abc import Callable

from gwf.agent.inputs.files.reconcile import baseline_name
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.ports import Index
from gwf.core.clock import Clock
from gwf.core.settings.model import Existing


class FirstLook:
    """Answers for `existing: skip`. Not thread-safe: the input's thread owns it."""

    def __init__(self, open_index: Callable[[], Index], clock: Clock) -> None:
        """Know no tree."""
        self._open_index = open_index
        self._clock = clock
        #: by root: since when it is watched, in ns of the wall clock, while its first walk is not handed on
        self._since_ns: dict[bytes, int] = {}

    def begin(self, tree: WatchedTree, since_ns: int | None = None) -> None:
        """Note that `tree` is watched from now (or `since_ns`) on, and whether it ever was before."""
        self._since_ns.pop(tree.root, None)
        if tree.settings.existing is not Existing.SKIP:
            return
        index = self._open_index()
        try:
            if index.recall(baseline_name(tree)) is None:
                self._since_ns[tree.root] = self._clock.now_ms() * 1_000_000 if since_ns is None else since_ns
        finally:
            index.close()

    def skipping(self, tree: WatchedTree, handed_on: Callable[[], bool]) -> bool:
        """Tell whether what is found now may have been there before: during the first walk of a new tree only."""
        if tree.root in self._since_ns and tree.facts.reconciled_at_ms is not None and handed_on():
            del self._since_ns[tree.root]
        return tree.root in self._since_ns

    def was_there(self, tree: WatchedTree, mtime_ns: int) -> bool:
        """Tell whether a file last changed at `mtime_ns` lay there before its tree was watched."""
        since_ns = self._since_ns.get(tree.root)
        return since_ns is not None and mtime_ns < since_ns
