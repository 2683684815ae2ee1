"""Decides when a file that was seen may be examined and when it counts as finished."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from gwf.agent.inputs.files.lease import Probe, Verdict
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.core.settings.model import Finish, WatchSettings

MAX_SETTLING = 100_000  #: files in memory; past it their directories are noted for a later scan
MAX_RECENT = 50_000  #: finished files remembered, to recognise one that is written again and again
MAX_RECHECK_S = 30.0  #: longest wait between two looks at a file that a writer keeps open
MIN_AGE_S = 0.02  #: kernels before 6.13 stamp files with ticks of up to 10 ms; a younger file may change unseen


class Settling(msgspec.Struct, gc=False):
    """One file between being seen and being finished."""

    path: bytes
    tree: WatchedTree
    #: monotonic second before which it is not examined
    due_s: float
    first_seen_s: float
    #: opened for writing again after a close: the whole silence window counts
    rewritten: bool = False
    closed: bool = False
    #: the kernel could not be asked: silence decides
    by_silence: bool = False
    busy_checks: int = 0
    #: size, mtime and inode of the last look
    seen: tuple[int, int, int] | None = None
    seen_at_s: float = 0.0
    #: due time of its one valid heap item; infinite while it has none
    heap_s: float = math.inf

    def moments_ms(self, now_s: float, now_ms: int) -> tuple[int, int]:
        """Return when it was first seen and when it is finished, if that is now, by the wall clock."""
        return now_ms - round(1000 * (now_s - self.first_seen_s)), now_ms


class SettleTable:
    """Files that were seen but are not finished. Not thread-safe: one thread owns it."""

    def __init__(self, *, max_files: int = MAX_SETTLING) -> None:
        """Start empty; `max_files` bounds memory (about 600 bytes a file)."""
        self._max_files = max_files
        self._files: dict[bytes, Settling] = {}
        self._heap: list[tuple[float, int, Settling]] = []
        self._ticket = itertools.count()
        self._recent: OrderedDict[bytes, float] = OrderedDict()
        self._memory_s = 0.0

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: bytes) -> bool:
        return path in self._files

    def full(self) -> bool:
        """Tell whether a further file has no room; its directory must be scanned later instead."""
        return len(self._files) >= self._max_files

    def written(self, path: bytes, tree: WatchedTree, now_s: float, *, closed: bool) -> None:
        """Note a write (`closed=False`) or a close after writing or a move into place (`closed=True`)."""
        entry = self._files.get(path)
        if entry is None:
            entry = self._enter(path, tree, now_s)
        elif entry.closed:
            entry.rewritten = True
        entry.closed = closed or entry.closed
        entry.busy_checks = 0
        entry.seen = None
        entry.due_s = now_s + self._window_s(entry)
        if entry.due_s < entry.heap_s:
            self._push(entry)

    def found(self, path: bytes, tree: WatchedTree, now_s: float, *, age_s: float | None) -> None:
        """Note a file found by a scan. `age_s` is the time since its last change; None = treat as just closed."""
        if path in self._files:
            return
        entry = self._enter(path, tree, now_s)
        if age_s is not None:
            entry.due_s = now_s + max(0.0, tree.settings.silence - max(0.0, age_s))
        self._push(entry)

    def gone(self, path: bytes) -> Settling | None:
        """Forget a file that was deleted or moved away; return it if it was settling."""
        self._recent.pop(path, None)
        return self._files.pop(path, None)

    def next_due_s(self) -> float | None:
        """Return the monotonic second at which the next file is due, or None."""
        return self._heap[0][0] if self._heap else None

    def take_due(self, now_s: float, limit: int) -> list[Settling]:
        """Return up to `limit` files whose quiet time is over; they stay in the table until settled."""
        due: list[Settling] = []
        heap, files = self._heap, self._files
        while heap and heap[0][0] <= now_s and len(due) < limit:
            item_s, _, entry = heapq.heappop(heap)
            if item_s != entry.heap_s or files.get(entry.path) is not entry:
                continue
            if entry.due_s > now_s:
                self._push(entry)
            else:
                entry.heap_s = math.inf
                due.append(entry)
        return due

    def judge(self, entry: Settling, probe: Probe, now_s: float, now_ns: int) -> bool:
        """Decide on a due file: True = finished, False = it was given a new due time.

        `now_ns` is wall time, used only to compare with the file's mtime.
        """
        if probe.verdict is Verdict.BUSY:
            entry.busy_checks += 1
            entry.seen = None
            wait_s = max(self._window_s(entry), 0.05) * 2.0 ** min(entry.busy_checks, 10)
            return self._again(entry, now_s + min(MAX_RECHECK_S, wait_s))
        seen = (probe.size_bytes, probe.mtime_ns, probe.ino)
        age_s = (now_ns - probe.mtime_ns) / 1e9
        if probe.verdict is Verdict.FREE and not entry.rewritten:
            if -1.0 < age_s < MIN_AGE_S and entry.seen != seen:
                entry.seen = seen
                return self._again(entry, now_s + MIN_AGE_S)
            return True
        entry.by_silence = probe.verdict is Verdict.UNKNOWN
        return self._quiet(entry, seen, age_s, now_s)

    def settled(self, entry: Settling, now_s: float) -> None:
        """Take a finished file out and remember it, so that a writer who comes back is recognised."""
        self._files.pop(entry.path, None)
        recent = self._recent
        recent[entry.path] = now_s
        recent.move_to_end(entry.path)
        while len(recent) > MAX_RECENT:
            recent.popitem(last=False)

    def postpone(self, entry: Settling, due_s: float) -> None:
        """Look at a file again at `due_s`."""
        self._again(entry, due_s)

    def rearrange(self, owner: Callable[[Settling], WatchedTree | None]) -> int:
        """Give each file the tree that `owner` names; drop those for which it names none and return their number."""
        before = len(self._files)
        for entry in self.entries():
            tree = owner(entry)
            if tree is None:
                del self._files[entry.path]
            else:
                entry.tree = tree
        return before - len(self._files)

    def retune(self, tree: WatchedTree, before: WatchSettings, now_s: float) -> None:
        """Move the due times of a tree's files by as much as its windows changed from `before`."""
        latest_s = now_s + max(tree.settings.silence, tree.settings.settle)
        for entry in self._files.values():
            if entry.tree is tree and not entry.busy_checks:
                longer_s = self._window_s(entry) - _window_s(entry, before)
                entry.due_s = min(max(now_s, entry.due_s + longer_s), latest_s)
                if entry.due_s < entry.heap_s:
                    self._push(entry)

    def forget_recent(self, now_s: float) -> None:
        """Drop memories older than twice the longest silence window; call now and then."""
        recent = self._recent
        while recent:
            path, at_s = next(iter(recent.items()))
            if now_s - at_s < self._memory_s:
                return
            del recent[path]

    def entries(self) -> list[Settling]:
        """Return a copy of all settling files, for views."""
        return list(self._files.values())

    def _enter(self, path: bytes, tree: WatchedTree, now_s: float) -> Settling:
        entry = Settling(path, tree, now_s, now_s)
        self._memory_s = max(self._memory_s, 2 * tree.settings.silence)
        finished_at_s = self._recent.get(path)
        if finished_at_s is not None and now_s - finished_at_s < 2 * tree.settings.silence:
            entry.rewritten = True
        self._files[path] = entry
        entry.due_s = now_s + self._window_s(entry)
        return entry

    def _push(self, entry: Settling) -> None:
        if len(self._heap) > 2 * len(self._files) + 1000:
            self._forget_stale()
        entry.heap_s = entry.due_s
        heapq.heappush(self._heap, (entry.due_s, next(self._ticket), entry))

    def _forget_stale(self) -> None:
        """Drop heap items of files that are gone: they would stay until their time."""
        self._heap = [
            item for item in self._heap if item[0] == item[2].heap_s and self._files.get(item[2].path) is item[2]
        ]
        heapq.heapify(self._heap)

    def _window_s(self, entry: Settling) -> float:
        return _window_s(entry, entry.tree.settings)

    def _quiet(self, entry: Settling, seen: tuple[int, int, int], age_s: float, now_s: float) -> bool:
        """Judge by silence: unchanged since a look one window ago, or older than the window by its own mtime."""
        silence_s = entry.tree.settings.silence
        if entry.seen == seen and now_s - entry.seen_at_s >= silence_s:
            return True
        if entry.seen is None and age_s >= silence_s and now_s - entry.first_seen_s >= min(silence_s, 1.0):
            return True
        if entry.seen != seen:
            entry.seen, entry.seen_at_s = seen, now_s
        wait_s = silence_s - (age_s if 0 <= age_s < silence_s and not entry.by_silence else 0.0)
        return self._again(entry, now_s + max(wait_s, 0.05))

    def _again(self, entry: Settling, due_s: float) -> bool:
        entry.due_s = due_s
        self._push(entry)
        return False


def _window_s(entry: Settling, settings: WatchSettings) -> float:
    quick = settings.finish is Finish.AUTO and not entry.rewritten and not entry.by_silence
    return settings.settle if quick else settings.silence
