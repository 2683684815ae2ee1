"""Rate limits as token buckets that say how long to wait."""

from __future__ import annotations

import threading

from gwf.core.clock import Clock


class TokenBucket:
    """Lets `rate_per_s` tokens through on average, and up to `burst` at once. Thread-safe."""

    def __init__(self, rate_per_s: float, clock: Clock, *, burst: float | None = None) -> None:
        """Start full; `burst` defaults to one second's worth, at least one token."""
        self._rate_per_s = rate_per_s
        self._burst = max(1.0, rate_per_s if burst is None else burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._at_s = clock.monotonic_s()

    def reserve_s(self, tokens: float) -> float:
        """Take `tokens` (more than the burst is allowed: it goes into debt) and return the seconds to wait first."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._rate_per_s)
            self._at_s = now_s
            self._tokens -= tokens
            return 0.0 if self._tokens >= 0 else -self._tokens / self._rate_per_s


class Pace:
    """The files and the bytes per second that one scope allows; either may have no limit. Thread-safe.

    `reconfigure` may be called while work goes on. A limit whose number stays keeps its bucket, so that a change of
    something else gives nobody a new burst.
    """

    def __init__(
        self, clock: Clock, *, max_files_per_s: float | None = None, max_bytes_per_s: float | None = None
    ) -> None:
        """None = no limit."""
        self._clock = clock
        self._files: TokenBucket | None = None
        self._bytes: TokenBucket | None = None
        self.max_files_per_s: float | None = None
        self.max_bytes_per_s: float | None = None
        self.reconfigure(max_files_per_s, max_bytes_per_s)

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self._files is not None or self._bytes is not None

    def reconfigure(self, max_files_per_s: float | None, max_bytes_per_s: float | None) -> bool:
        """Keep other numbers from now on; return whether they differ from before."""
        before = (self.max_files_per_s, self.max_bytes_per_s)
        if before[0] != max_files_per_s:
            self._files = TokenBucket(max_files_per_s, self._clock) if max_files_per_s else None
            self.max_files_per_s = max_files_per_s
        if before[1] != max_bytes_per_s:
            self._bytes = TokenBucket(max_bytes_per_s, self._clock) if max_bytes_per_s else None
            self.max_bytes_per_s = max_bytes_per_s
        return before != (max_files_per_s, max_bytes_per_s)

    def reserve_s(self, files: int, size_bytes: int) -> float:
        """Reserve room for `files` files of `size_bytes` in all; return the seconds to wait before they begin."""
        by_files, by_bytes = self._files, self._bytes  # read once: they may be replaced at any time
        wait_s = by_files.reserve_s(files) if by_files is not None and files else 0.0
        if by_bytes is not None and size_bytes:
            wait_s = max(wait_s, by_bytes.reserve_s(size_bytes))
        return wait_s

    def time_for_s(self, files: int, size_bytes: int) -> float:
        """Return how long that much takes at this pace."""
        by_files = files / self.max_files_per_s if self.max_files_per_s else 0.0
        return max(by_files, size_bytes / self.max_bytes_per_s if self.max_bytes_per_s else 0.0)
