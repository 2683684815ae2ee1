"""How many threads of a destination work at a time: as many as help, not as many as are allowed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FEWEST = 3  #: threads that are always used; enough to keep a store on the same host busy
WINDOW_S = 0.05
STALLED_S = 0.4  #: all threads are held by slow transfers
BUSY = 0.9  #: share of one CPU used by the process from which the interpreter, not the store, is the limit
IDLE = 0.75
SMALL_BYTES = 256 * 1024  #: mean size below which threads mostly run Python; larger files mostly hash and wait


class ConcurrencyLimit:
    """Grows while work waits and the process has CPU to spare; shrinks when threads only fight for the interpreter.

    With small files and a near store, 16 threads carry half as much as 4, because each waits for the others'
    interpreter lock; with a store 30 ms away, 128 carry thirty times as much as 4. The process's own CPU time tells
    the two apart. Thread-safe; `value` may be read at any time.
    """

    def __init__(self, most: int, *, cpu_s: Callable[[], float] = time.process_time) -> None:
        """`most` is the configured number of workers; `cpu_s` returns the CPU time used by the process."""
        self._most = most
        self._fewest = min(FEWEST, most)
        self._cpu_s = cpu_s
        self._lock = threading.Lock()
        self._began_s = 0.0
        self._began_cpu_s = 0.0
        self._files = 0
        self._bytes = 0
        #: threads that may work now
        self.value = most

    def sent(self, size_bytes: int, now_s: float, *, waiting: int) -> bool:
        """Count one finished transfer; return True if more threads may work now. `waiting` = work not begun."""
        self._files += 1
        self._bytes += size_bytes
        if now_s - self._began_s < WINDOW_S or not self._lock.acquire(blocking=False):
            return False
        try:
            return self._decide(now_s, waiting)
        finally:
            self._lock.release()

    def stalled(self, now_s: float) -> bool:
        """Let more threads work if nothing was finished for long although work waits; True if so."""
        with self._lock:
            if self.value >= self._most or now_s - self._began_s < STALLED_S:
                return False
            self.value = min(self._most, 2 * self.value)
            return True

    def _decide(self, now_s: float, waiting: int) -> bool:
        elapsed_s, cpu_s = now_s - self._began_s, self._cpu_s()
        busy = (cpu_s - self._began_cpu_s) / elapsed_s
        small = self._files > 0 and self._bytes / self._files < SMALL_BYTES
        fresh = elapsed_s > 20 * WINDOW_S  # the window began before a pause: it says nothing
        self._began_s, self._began_cpu_s, self._files, self._bytes = now_s, cpu_s, 0, 0
        before = self.value
        if fresh:
            return False
        if small and busy > BUSY:
            self.value = max(self._fewest, before - max(1, before // 8))
        elif waiting > before and (busy < IDLE or not small):
            self.value = min(self._most, before + max(1, before // 4))
        return self.value > before
