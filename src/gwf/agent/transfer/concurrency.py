"""How many files a destination sends at a time: as many as help, not as many as are allowed.

"Threads" below means files at a time; where small files can be begun one after the other, one thread has several
(`flights`). To wait for the others' interpreter lock costs the same there.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

FEWEST = 3  #: files at a time that are always allowed; enough to keep a store on the same host busy
WINDOW_S = 0.05
MIN_SAMPLES = 5  #: fewer small files in a window say nothing about their pace
SMALL_BYTES = 64 * 1024  #: up to here the time of a transfer is the store's answer, not the bytes
FEW_QUEUED, MANY_QUEUED = 1.5, 3.0  #: threads that only wait for one another: fewer = grow, more = shrink
BUSY = 0.7  #: CPU used by the process, in CPUs, from which threads get into each other's way
REMEMBER_WINDOWS = 200  #: how long the quickest answer is believed: 10 s of work
STALLED_S = 0.4  #: nothing was finished for so long: all threads are held by slow transfers


class ConcurrencyLimit:
    """Grows while more threads finish more, shrinks when they only wait for one another.

    With small files and a near store, 16 threads carry less than 4 at twice the CPU, because each waits for the
    others' interpreter lock; with a store 30 ms away, 128 carry thirty times as much as 4. The time of one transfer
    tells the two apart: what it takes longer than the quickest is time spent queueing (as in TCP Vegas). Queueing
    for anything but the CPU (a disk that syncs, a slow service) costs us nothing and is let be.
    Thread-safe; `value` may be read at any time.
    """

    def __init__(self, most: int, *, cpu_s: Callable[[], float] = time.process_time) -> None:
        """`most` is the configured number of workers; `cpu_s` returns the CPU time used by the process."""
        self._most = most
        self._fewest = min(FEWEST, most)
        self._lock = threading.Lock()
        self._cpu_s = cpu_s
        self._began_s = 0.0
        self._began_cpu_s = cpu_s()
        self._small = 0
        self._small_took_s = 0.0
        self._quickest_s: deque[float] = deque(maxlen=REMEMBER_WINDOWS)
        #: threads that may work now
        self.value = self._fewest

    def sent(self, size_bytes: int, took_s: float, now_s: float, *, waiting: int) -> bool:
        """Count one finished transfer; return True if more threads may work now. `waiting` = work not begun."""
        if size_bytes <= SMALL_BYTES:
            self._small += 1
            self._small_took_s += took_s
        if now_s - self._began_s < WINDOW_S or not self._lock.acquire(blocking=False):
            return False
        try:
            return self._decide(now_s, waiting)
        finally:
            self._lock.release()

    def resize(self, most: int) -> None:
        """Allow at most `most` threads from now on."""
        with self._lock:
            self._most = most
            self._fewest = min(FEWEST, most)
            self.value = max(self._fewest, min(self.value, most))

    def stalled(self, now_s: float) -> bool:
        """Let more threads work if nothing was finished for long although work waits; True if so."""
        with self._lock:
            if self.value >= self._most or now_s - self._began_s < STALLED_S:
                return False
            self.value = min(self._most, 2 * self.value)
            return True

    def _decide(self, now_s: float, waiting: int) -> bool:
        before, queued, cpu_s = self.value, self._queued(), self._cpu_s()
        busy = (cpu_s - self._began_cpu_s) / (now_s - self._began_s) > BUSY
        self._began_s, self._began_cpu_s, self._small, self._small_took_s = now_s, cpu_s, 0, 0.0
        if busy and queued > MANY_QUEUED:
            self.value = max(self._fewest, before - max(1, before // 8))
        elif waiting > before and (queued < FEW_QUEUED or not busy):
            self.value = min(self._most, before + max(1, before // 4))
        return self.value > before

    def _queued(self) -> float:
        """Return how many of the threads only waited for others in the window; 0 when too little is known."""
        if self._small < MIN_SAMPLES:
            return 0.0
        mean_s = self._small_took_s / self._small
        self._quickest_s.append(mean_s)
        return self.value * (1 - min(self._quickest_s) / mean_s)
