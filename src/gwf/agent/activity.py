"""What happened lately, as the Go version's charts show it: points by event, files finished in the last minute."""

from __future__ import annotations

import threading
import time
from collections import deque

import msgspec

from gwf.agent.journal.effects import Effects
from gwf.agent.model import DELIVERED, FileStatus
from gwf.core.clock import Clock

POINTS = 32  #: points shown
MINUTE_S = 60.0
_FIRST_LABELS = ("00:00", "04:00", "08:00", "12:00", "16:00", "20:00")


class ChartPoint(msgspec.Struct, frozen=True, gc=False):
    """Counts of this process at one moment."""

    label: str
    uploads: int
    failures: int
    #: files waiting or being sent
    queue: int


class Activity:
    """Fed by the journal after each commit, read by views in other threads."""

    def __init__(self, clock: Clock) -> None:
        """Begin with the points that the Go version begins with."""
        self._clock = clock
        self._lock = threading.Lock()
        self._points: deque[ChartPoint] = deque((ChartPoint(label, 0, 0, 0) for label in _FIRST_LABELS), maxlen=POINTS)
        self._finished: deque[tuple[float, int]] = deque()
        self._uploads = 0
        self._failures = 0
        self._queue = 0

    def mark(self) -> None:
        """Add a point without an event: the pool of workers was started or changed."""
        with self._lock:
            self._add(self._label())

    def count(self, queue: int) -> None:
        """Correct the number of files that wait or are being sent: rows also leave the queue unseen."""
        self._queue = queue

    def committed(self, effects: Effects) -> None:
        """Take in one commit."""
        if not effects.queued and not effects.finished:
            return
        with self._lock:
            label = self._label()
            for _ in range(min(effects.queued, POINTS)):
                self._add(label)
            self._queue += effects.queued
            ended = 0
            for result, _outcome, decision in effects.finished:
                if decision is not None and decision.status is not FileStatus.DEAD:
                    continue  # it is tried again
                self._queue = max(0, self._queue - 1)
                if result in DELIVERED:
                    self._uploads += 1
                elif decision is not None:
                    self._failures += 1
                else:
                    continue
                ended += 1
                self._add(label)
            if ended:
                self._finished.append((self._clock.monotonic_s(), ended))
                self._forget()

    def points(self) -> list[ChartPoint]:
        """Return the points, oldest first."""
        with self._lock:
            return list(self._points)

    def per_minute(self) -> int:
        """Return how many files were finished, well or badly, in the last minute."""
        with self._lock:
            self._forget()
            return sum(count for _, count in self._finished)

    def _forget(self) -> None:
        limit_s = self._clock.monotonic_s() - MINUTE_S
        while self._finished and self._finished[0][0] < limit_s:
            self._finished.popleft()

    def _label(self) -> str:
        return time.strftime("%H:%M", time.localtime(self._clock.now_ms() / 1000))

    def _add(self, label: str) -> None:
        self._points.append(ChartPoint(label, self._uploads, self._failures, self._queue))
