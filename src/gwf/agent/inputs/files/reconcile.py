"""Walks the watched trees at start, now and then, and after lost events, and hands on what differs."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from gwf.agent.inputs.files.compare import DirectoryComparer
from gwf.agent.inputs.files.tree import TreeState, WatchedTree
from gwf.agent.ports import Index, Intake
from gwf.core.clock import Clock

FoundFile = tuple[WatchedTree, bytes, int, int, int]
"""(tree, path, inode, size, mtime_ns)"""

MAX_CHUNKS = 8  #: chunks of found files that may wait for the consumer before the walk pauses
CHUNK = 500  #: files in a chunk
RETRY_MISSING_S = 2.0  #: how often a missing root is looked for
POLL_MIN_S, POLL_MAX_S = 2.0, 60.0  #: pause between walks of a tree that the kernel does not report on

log = logging.getLogger("gwf.agent.scan")


class Reconciler(threading.Thread):
    """The thread that makes nothing depend on never missing an event."""

    def __init__(
        self,
        trees: Sequence[WatchedTree],
        *,
        open_index: Callable[[], Index],
        intake: Intake,
        watch: Callable[[WatchedTree, bytes], bool],
        wake: Callable[[], None],
        clock: Clock,
        interval_s: float,
    ) -> None:
        """`watch` starts watching a directory and says whether the walk goes into it; `wake` tells of found files."""
        super().__init__(name="gwf-reconcile", daemon=True)
        self._trees = tuple(trees)
        self._open_index = open_index
        self._intake = intake
        self._watch = watch
        self._wake = wake
        self._clock = clock
        self._interval_s = interval_s
        self._halt = threading.Event()
        self._nudge = threading.Event()
        self._room = threading.Event()
        self._found: deque[list[FoundFile]] = deque()
        self._chunk: list[FoundFile] = []
        self._directories: deque[tuple[WatchedTree, bytes]] = deque()
        self._full_asked = threading.Event()
        self._due_s: dict[bytes, float] = {}
        self._asked: set[bytes] = set()
        self._roots = {tree.root for tree in trees}
        #: walks that ended by an error in the program; see the log
        self.crashes_total = 0
        #: set once every tree was walked or found missing for the first time
        self.first_pass_done = threading.Event()

    def take_found(self) -> list[FoundFile]:
        """Return the next chunk of found files, or an empty list; making room lets the walk go on."""
        if not self._found:
            return []
        chunk = self._found.popleft()
        self._room.set()
        return chunk

    def has_found(self) -> bool:
        """Tell whether there is a chunk to take."""
        return bool(self._found)

    def handed_on(self) -> bool:
        """Tell whether the first walk of all trees is done and everything it found was taken."""
        return self.first_pass_done.is_set() and not self._found

    def request_all(self) -> None:
        """Ask for a walk of every tree soon (events were lost)."""
        self._full_asked.set()
        self._nudge.set()

    def request_directory(self, tree: WatchedTree, directory: bytes) -> None:
        """Ask for a walk of one directory and all below it soon."""
        if (tree, directory) not in self._directories:
            self._directories.append((tree, directory))
        self._nudge.set()

    def change(self, trees: Sequence[WatchedTree], walk: Iterable[WatchedTree], *, interval_s: float) -> None:
        """Walk these trees from now on, those in `walk` soon; retired ones are left where a walk is. Thread-safe."""
        self._roots = {tree.root for tree in trees}
        self._trees = tuple(trees)
        if interval_s < self._interval_s:
            latest_s = self._clock.monotonic_s() + interval_s
            self._due_s = {root: min(due_s, latest_s) for root, due_s in self._due_s.copy().items()}
        self._interval_s = interval_s
        self._asked.update(tree.root for tree in walk)
        self._nudge.set()

    def run(self) -> None:
        """Walk whatever is due until stopped."""
        index = self._open_index()
        comparer = DirectoryComparer(
            index, self._intake, self._note_found, other_roots=lambda path: path in self._roots
        )
        try:
            while not self._halt.is_set():
                try:
                    self._walk_due(index, comparer)
                    if not self.first_pass_done.is_set():
                        self.first_pass_done.set()
                        self._wake()  # what is found from now on was not there before
                except Exception:  # the edge of the thread: it shows in health and walks again
                    log.exception("reconcile_crashed")
                    self.crashes_total += 1
                self._nudge.wait(RETRY_MISSING_S)
                self._nudge.clear()
        finally:
            index.close()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._halt.set()
        self._nudge.set()
        self._room.set()
        if self.is_alive():
            self.join()

    def _walk_due(self, index: Index, comparer: DirectoryComparer) -> None:
        everything = self._full_asked.is_set()
        if everything:
            self._full_asked.clear()
        for tree in self._trees:
            if self._halt.is_set():
                return
            if not tree.retired and (everything or self._is_due(tree)):
                self._walk_tree(tree, index, comparer)
        while self._directories and not self._halt.is_set():
            tree, directory = self._directories.popleft()
            if not tree.retired:
                self._walk(tree, directory, comparer)
                self._flush()

    def _is_due(self, tree: WatchedTree) -> bool:
        if tree.facts.state in {TreeState.MISSING, TreeState.DENIED}:
            return os.path.isdir(tree.root)
        return tree.root in self._asked or self._clock.monotonic_s() >= self._due_s.get(tree.root, 0.0)

    def _walk_tree(self, tree: WatchedTree, index: Index, comparer: DirectoryComparer) -> None:
        started_s = self._clock.monotonic_s()
        self._asked.discard(tree.root)  # before the walk: who asks while it is under way gets another
        try:
            os.scandir(tree.root).close()
        except OSError as exc:
            self._mark_missing(tree, exc)
            return
        tree.facts.state = TreeState.SCANNING
        seen = self._walk(tree, tree.root, comparer)
        self._flush()
        if seen is None or tree.retired or self._halt.is_set():
            return
        for directory_id, path in index.directories(tree.root):
            if directory_id not in seen and not self._belongs_elsewhere(tree, path) and not os.path.isdir(path):
                comparer.forget(path, directory_id)
        if tree.facts.state is not TreeState.SCANNING:
            return  # the root went away meanwhile; it is looked for at once, also if it is there again
        self._finish(tree, index, started_s)

    def _finish(self, tree: WatchedTree, index: Index, started_s: float) -> None:
        facts = tree.facts
        now_s = self._clock.monotonic_s()
        facts.reconcile_ms = (now_s - started_s) * 1000
        facts.reconciled_at_ms = self._clock.now_ms()
        facts.state = TreeState.WATCHING
        self._wake()
        wait_s = self._interval_s
        if facts.mode == "poll":
            wait_s = min(wait_s, max(POLL_MIN_S, min(POLL_MAX_S, 10 * (now_s - started_s))))
        self._due_s[tree.root] = now_s + wait_s * random.uniform(0.9, 1.1)  # noqa: S311 — jitter, no secret
        mark = baseline_name(tree)
        if index.recall(mark) is None:
            self._intake.remember(mark, str(facts.reconciled_at_ms))
        log.info(
            "tree_reconciled",
            extra={
                "root": os.fsdecode(tree.root),
                "directories": facts.directories,
                "files": facts.files,
                "duration_ms": round(facts.reconcile_ms),
            },
        )

    def _walk(self, tree: WatchedTree, top: bytes, comparer: DirectoryComparer) -> set[int] | None:
        """Compare `top` and all below it; return the journal ids seen, or None if `top` is not there."""
        seen: set[int] = set()
        stack, directories, files, unreadable = [top], 0, 0, 0
        while stack and not tree.retired and not self._halt.is_set():
            directory = stack.pop()
            try:
                if not self._watch(tree, directory):
                    continue
                directory_id, listing = comparer.compare(tree, directory)
            except OSError as exc:
                if directory == tree.root:
                    self._mark_missing(tree, exc)
                    return None
                unreadable += not isinstance(exc, (FileNotFoundError, NotADirectoryError))
                continue
            seen.add(directory_id)
            directories, files = directories + 1, files + listing.files
            stack.extend(listing.subdirectories)
        if top == tree.root:
            tree.facts.directories, tree.facts.files, tree.facts.unreadable = directories, files, unreadable
        return seen

    def _belongs_elsewhere(self, tree: WatchedTree, path: bytes) -> bool:
        return any(path == root or path.startswith(root + b"/") for root in self._roots if len(root) > len(tree.root))

    def _mark_missing(self, tree: WatchedTree, exc: OSError) -> None:
        state = TreeState.DENIED if isinstance(exc, PermissionError) else TreeState.MISSING
        if tree.facts.state != state:
            log.warning("tree_missing", extra={"root": os.fsdecode(tree.root), "state": state, "error": exc.strerror})
        tree.facts.state, tree.facts.problem = state, exc.strerror or ""
        self._due_s[tree.root] = 0.0

    def _note_found(self, tree: WatchedTree, path: bytes, ino: int, size_bytes: int, mtime_ns: int) -> None:
        self._chunk.append((tree, path, ino, size_bytes, mtime_ns))
        if len(self._chunk) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        if not self._chunk:
            return
        while len(self._found) >= MAX_CHUNKS and not self._halt.is_set():
            self._room.clear()
            self._room.wait(0.1)
        self._found.append(self._chunk)
        self._chunk = []
        self._wake()


def baseline_name(tree: WatchedTree) -> str:
    """Return the name under which the journal keeps when a tree was first walked to its end."""
    return "baseline:" + tree.root.decode("utf-8", "backslashreplace")
