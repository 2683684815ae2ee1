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
