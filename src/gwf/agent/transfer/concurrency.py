"""How many threads of a destination work at a time: as many as help, not as many as are allowed."""

from __future__ import annotations

import resource
import threading
from collections import deque
from collections.abc import Callable

USUAL = 3  #: threads used, if there is work for them, until something speaks for more or for fewer
WINDOW_S = 0.05
MIN_SAMPLES = 5  #: fewer small files in a window say nothing about their pace
SMALL_BYTES = 16 * 1024  #: up to here the time of a transfer is the store's answer, not the bytes
FEW_QUEUED, MANY_QUEUED = 1.5, 3.0  #: threads that only wait for one another: fewer = grow, more = shrink
BUSY = 0.55  #: CPU used by the process outside the kernel, in CPUs, from which threads get into each other's way
NEAR = 8  #: where so few threads use so much CPU, hardly any of them ever waits for the store
FULL, ROOMY = 0.6, 0.45  #: CPU used by so few: above = fewer do as much, below = more may help
REST_WINDOWS = 20  #: after so few were too many, none is added for so long
REMEMBER_WINDOWS = 200  #: how long the quickest answer is believed: 10 s of work
STALLED_S = 0.4  #: nothing was finished for so long: all threads are held by slow transfers


def user_cpu_s() -> float:
    """Return the CPU time this process used outside the kernel: what the kernel does for it holds no lock of Python."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


class ConcurrencyLimit:
    """Grows while more threads finish more, shrinks when they only wait for one another.

    With small files and a very near store one thread carries more than 4 at three quarters of the CPU, because each
    waits for the others' interpreter lock; with a store 30 ms away, 128 carry thirty times as much as 4. The time of
    one transfer tells the two apart: what it takes longer than the quickest is time spent queueing (as in TCP Vegas).
    Among few threads that tells nothing, because even the quickest queued; there the CPU they use decides. Queueing for
    anything but the CPU (a disk that syncs, a slow service) costs us nothing and is let be.
    Thread-safe; `value` may be read at any time.
    """

    def __init__(self, most: int, *, cpu_s: Callable[[], float] = user_cpu_s) -> None:
        """`most` is the configured number of workers; `cpu_s` returns the CPU time that contends for the lock."""
        self._most = most
        self._lock = threading.Lock()
        self._cpu_s = cpu_s
        self._began_s = 0.0
        self._began_cpu_s = cpu_s()
        self._ended = self._small = 0
        self._small_took_s = 0.0
        self._quickest_s: deque[float] = deque(maxlen=REMEMBER_WINDOWS)
        self._used = 0.0
        self._rest = 0
        #: threads that may work now
        self.value = min(USUAL, most)

    def sent(self, size_bytes: int, took_s: float, now_s: float, *, waiting: int) -> bool:
        """Count one finished transfer; return True if more threads may work now. `waiting` = work not begun."""
        self._ended += 1
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
            self.value = min(max(self.value, USUAL), most)

    def widen(self) -> bool:
        """Let the usual number of threads work again, because one of few takes a large file; True if that is more."""
        with self._lock:
            before, self.value = self.value, max(self.value, min(USUAL, self._most))
            return self.value > before

    def stalled(self, now_s: float) -> bool:
        """Let more threads work if nothing was finished for long although work waits; True if so."""
        with self._lock:
            if self.value >= self._most or now_s - self._began_s < STALLED_S:
                return False
            self.value = min(self._most, 2 * self.value)
            return True

    def _decide(self, now_s: float, waiting: int) -> bool:
        before, queued, cpu_s = self.value, self._queued(), self._cpu_s()
        # one window tells it roughly: systems count it in ticks
        used = self._used = (self._used + (cpu_s - self._began_cpu_s) / (now_s - self._began_s)) / 2
        small = self._small >= MIN_SAMPLES and 2 * self._small >= self._ended
        self._began_s, self._began_cpu_s = now_s, cpu_s
        self._ended, self._small, self._small_took_s = 0, 0, 0.0
        self._rest = max(0, self._rest - 1)
        if small and before <= NEAR:
            full, roomy = used > FULL, used < ROOMY and not self._rest
        else:
            full, roomy = used > BUSY and queued > MANY_QUEUED, queued < FEW_QUEUED or used <= BUSY
        if full:
            self.value = max(1, before - max(1, before // 4))
            self._rest = REST_WINDOWS
        elif roomy and waiting > before:
            self.value = min(self._most, before + max(1, before // 4))
        return self.value > before

    def _queued(self) -> float:
        """Return how many of the threads only waited for others in the window; 0 when too little is known."""
        if self._small < MIN_SAMPLES:
            return 0.0
        mean_s = self._small_took_s / self._small
        self._quickest_s.append(mean_s)
        return self.value * (1 - min(self._quickest_s) / mean_s)
