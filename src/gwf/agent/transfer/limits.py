"""The rate limits of an edge: over all, per store and per watched tree, changeable while work goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.agent.model import Work
from gwf.core.clock import Clock
from gwf.core.limits import Pace
from gwf.core.settings.model import StoreSettings, TransferSettings, WatchSettings

Roots = Sequence[tuple[bytes, WatchSettings]]
"""Resolved root of each watched tree, and its settings."""


@dataclass(slots=True)
class LimitWaits:
    """How often, and how long in all, work of one store had to wait for a limit."""

    times: int = 0
    seconds: float = 0.0


class StoreLimits:
    """What limits the work of one store."""

    def __init__(self, everywhere: Pace, own: Pace) -> None:
        """Share `everywhere` with all other stores."""
        self._shared = (everywhere, own)
        #: (root with a slash, its pace or None) of the trees, innermost first; empty when no tree is limited
        self._trees: tuple[tuple[bytes, Pace | None], ...] = ()
        self._changed = threading.Event()
        #: whether anything is limited at all; while not, nothing else here is asked
        self.active = everywhere.limited or own.limited
        self.waits = LimitWaits()
        #: files of at least this size are sent in parts, each of which pays for itself
        self.multipart_bytes = 1 << 62

    def reconfigure(self, trees: Iterable[tuple[bytes, Pace]]) -> None:
        """Take the paces of the trees; call after those of the edge and the store were set."""
        placed = [(root.rstrip(b"/") + b"/", pace if pace.limited else None) for root, pace in trees]
        some = any(pace is not None for _, pace in placed)
        self._trees = tuple(sorted(placed, key=lambda tree: -len(tree[0]))) if some else ()
        self.active = bool(self._trees) or any(pace.limited for pace in self._shared)
        self._changed.set()  # whoever waits by the old numbers goes on
        self._changed = threading.Event()

    def pace_of(self, path: bytes) -> Pace | None:
        """Return the pace of the innermost tree that `path` lies in; None without a limit."""
        return next((pace for root, pace in self._trees if path.startswith(root)), None)

    def reserve_s(self, files: int, size_bytes: int) -> float:
        """Reserve room at this store and over all stores; return the seconds to wait first."""
        return max(pace.reserve_s(files, size_bytes) for pace in self._shared)

    def is_large(self, work: Work) -> bool:
        """Tell whether `work` is sent in parts."""
        return work.size_bytes >= self.multipart_bytes

    def due_at_once(self, work: Work) -> int:
        """Return the bytes to reserve before `work` begins."""
        return 0 if self.is_large(work) else work.size_bytes

    def count_wait(self, wait_s: float) -> None:
        """Note that work waits."""
        self.waits.times += 1
        self.waits.seconds += wait_s

    def pay_part(self, work: Work, size_bytes: int) -> None:
        """Wait until one part of a large file may be sent. Called by the threads of that upload, which hold no slot."""
        if not self.active:
            return
        pace, changed = self.pace_of(work.path), self._changed
        wait_s = max(self.reserve_s(0, size_bytes), pace.reserve_s(0, size_bytes) if pace is not None else 0.0)
        if wait_s > 0:
            self.count_wait(wait_s)
            changed.wait(wait_s)


class EdgeLimits:
    """All limits of an edge. `reconfigure` keeps what did not change, so that nobody gets a new burst."""

    def __init__(self, clock: Clock) -> None:
        """Start without limits."""
        self._clock = clock
        self._everywhere = Pace(clock)
        self._stores: dict[str, tuple[Pace, StoreLimits]] = {}
        self._trees: dict[bytes, Pace] = {}

    def of_store(self, name: str) -> StoreLimits:
        """Return what limits the work of a store; the same object for the same name."""
        return self._entry(name)[1]

    def reconfigure(self, transfer: TransferSettings, stores: Mapping[str, StoreSettings], roots: Roots) -> bool:
        """Take other settings from now on; return whether any limit differs from before."""
        changed = self._everywhere.reconfigure(transfer.max_files_per_s, transfer.max_bytes_per_s)
        for root, watch in roots:
            pace = self._trees.setdefault(root, Pace(self._clock))
            changed |= pace.reconfigure(watch.max_files_per_s, watch.max_bytes_per_s)
        self._trees = {root: self._trees[root] for root, _ in roots}
        for name, settings in stores.items():
            pace, limits = self._entry(name)
            changed |= pace.reconfigure(settings.max_files_per_s, settings.max_bytes_per_s)
            limits.reconfigure(self._trees.items())
        return changed

    def _entry(self, name: str) -> tuple[Pace, StoreLimits]:
        if name not in self._stores:
            pace = Pace(self._clock)
            self._stores[name] = (pace, StoreLimits(self._everywhere, pace))
        return self._stores[name]
