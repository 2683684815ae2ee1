"""Counts the journal's files below every directory, now and then: what a tree shows beside its nodes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gwf.agent.model import FileStatus
from gwf.wire.agentfiles import FileCounts

LEAST_AGE_S = 3.0  #: counts are used for at least so long
PRICE = 20  #: and for so many times as long as they took

_FAILED = f"state={int(FileStatus.DEAD)} OR (state={int(FileStatus.WAITING)} AND error_class IS NOT NULL)"
_PENDING = ",".join(
    str(int(state)) for state in (FileStatus.READY, FileStatus.SENDING, FileStatus.DIRTY, FileStatus.WAITING)
)
_COUNT = f"""
SELECT d.path, count(*), sum({_FAILED}), sum(f.state IN ({_PENDING})), sum(f.size_bytes)
FROM files f JOIN dirs d ON d.id=f.dir_id
WHERE f.gone_at_ms IS NULL AND f.state<>{int(FileStatus.VANISHED)} GROUP BY f.dir_id
"""

Rows = Callable[[str, tuple[object, ...]], list[tuple[Any, ...]]]


class Census:
    """Counts by directory, each with all that lies below it. Thread-safe; one thread counts, others take the last."""

    def __init__(self, rows: Rows, *, monotonic_s: Callable[[], float]) -> None:
        """Count with `rows`, which reads the journal."""
        self._rows = rows
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._roots: Sequence[bytes] = ()
        self._counts: Mapping[bytes, FileCounts] = {}
        self._until_s = -1.0

    def counts(self, roots: Sequence[bytes]) -> Mapping[bytes, FileCounts]:
        """Return counts of every directory at or below the roots.

        Raises:
            UnavailableError: The journal cannot be read now.
        """
        if self._monotonic_s() < self._until_s and list(roots) == list(self._roots):
            return self._counts
        if not self._lock.acquire(blocking=not self._counts):  # somebody counts: the last ones will do
            return self._counts
        try:
            began_s = self._monotonic_s()
            self._counts, self._roots = summed(self._rows(_COUNT, ()), roots), list(roots)
            now_s = self._monotonic_s()
            self._until_s = now_s + max(LEAST_AGE_S, PRICE * (now_s - began_s))
            return self._counts
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Count anew when asked next."""
        self._until_s = -1.0


def summed(rows: Sequence[tuple[Any, ...]], roots: Sequence[bytes]) -> dict[bytes, FileCounts]:
    """Add the counts of each directory to all directories above it, up to its root. Pure."""
    sums: dict[bytes, list[int]] = {}
    for path, *counts in rows:
        inside = [root for root in roots if path == root or path.startswith(root + b"/")]
        if not inside:
            continue
        top = min(inside, key=len)
        while True:
            above = sums.setdefault(path, [0, 0, 0, 0])
            for at, count in enumerate(counts):
                above[at] += int(count or 0)
            if path == top:
                break
            path = path.rpartition(b"/")[0]  # noqa: PLW2901 — climbs
    return {
        path: FileCounts(files=files, failed=failed, pending=pending, size_bytes=size_bytes)
        for path, (files, failed, pending, size_bytes) in sums.items()
    }
