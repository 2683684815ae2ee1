"""Circuit breaker: gives a destination that fails a rest, and probes it before trusting it again."""

from __future__ import annotations

import enum
import random
import threading
from collections import deque

from gwf.core.clock import Clock
from gwf.core.settings.model import BreakerSettings


class BreakerState(enum.StrEnum):
    """Whether work is let through."""

    CLOSED = "closed"
    OPEN = "open"
    #: a probe succeeded; one piece of work at a time until it is proved
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Driven by outcomes: opens on the failure ratio of a sliding window, or at once on a fatal error.

    Thread-safe. While open nothing is let through; after `open_for` (doubled after each failed probe, with
    jitter) `probe_due` turns true and whoever asks reports the probe's result.
    """

    def __init__(self, settings: BreakerSettings, clock: Clock, *, uniform: random.Random | None = None) -> None:
        """Start closed."""
        self._settings = settings
        self._clock = clock
        self._random = uniform or random.Random()  # noqa: S311 — jitter, no secret
        self._lock = threading.Lock()
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._state = BreakerState.CLOSED
        self._probe_at_s = 0.0
        self._opened_in_a_row = 0
        self._trial = False
        #: why it opened last, for people; "" while closed
        self.reason = ""
        #: times it opened since the start
        self.opened_total = 0

    @property
    def state(self) -> BreakerState:
        """Present state."""
        return self._state

    def admits(self) -> bool:
        """Tell whether work may be fetched for this destination now (it reserves nothing)."""
        return self._state is BreakerState.CLOSED or (self._state is BreakerState.HALF_OPEN and not self._trial)

    def enter(self) -> bool:
        """Ask to start one piece of work; True must be followed by `record` or `leave`."""
        if self._state is BreakerState.CLOSED:
            return True
        with self._lock:
            if self._state is BreakerState.HALF_OPEN and not self._trial:
                self._trial = True
                return True
            return self.state is BreakerState.CLOSED

    def leave(self) -> None:
        """Give back an `enter` without an outcome that says anything about the destination."""
        with self._lock:
            self._trial = False

    def record(self, *, ok: bool, reason: str = "") -> None:
        """Note the outcome of one piece of work."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._trial = False
            if self._state is BreakerState.HALF_OPEN:
                if ok:
                    self._close()
                else:
                    self._open(now_s, reason)
                return
            self._outcomes.append((now_s, ok))
            self._failures += not ok
            self._forget(now_s)
            if not ok and self._state is BreakerState.CLOSED and self._too_many():
                self._open(now_s, reason)

    def trip(self, reason: str) -> None:
        """Open at once: the error leaves no doubt (wrong credentials, no such bucket)."""
        with self._lock:
            self._trial = False
            if self._state is not BreakerState.OPEN:
                self._open(self._clock.monotonic_s(), reason)

    def probe_due(self) -> bool:
        """Tell whether the rest is over and somebody should probe the destination."""
        return self._state is BreakerState.OPEN and self._clock.monotonic_s() >= self._probe_at_s

    def probe_in_s(self) -> float | None:
        """Return the seconds until the next probe, or None unless open."""
        if self._state is not BreakerState.OPEN:
            return None
        return max(0.0, self._probe_at_s - self._clock.monotonic_s())

    def probed(self, *, ok: bool, reason: str = "") -> None:
        """Note the result of a probe of an open breaker."""
        with self._lock:
            if self._state is not BreakerState.OPEN:
                return
            if ok:
                self._state = BreakerState.HALF_OPEN
                self._trial = False
            else:
                self._rest(self._clock.monotonic_s(), reason)

    def trust_probe(self) -> None:
        """Close a half-open breaker on the word of its probes alone: there is no work that could prove it."""
        with self._lock:
            if self._state is BreakerState.HALF_OPEN and not self._trial:
                self._close()

    def _too_many(self) -> bool:
        total = len(self._outcomes)
        return total >= self._settings.min_outcomes and self._failures / total >= self._settings.failure_ratio

    def _forget(self, now_s: float) -> None:
        oldest_s = now_s - self._settings.window
        outcomes = self._outcomes
        while outcomes and (outcomes[0][0] < oldest_s or len(outcomes) > 1000):
            self._failures -= not outcomes.popleft()[1]

    def _open(self, now_s: float, reason: str) -> None:
        self.opened_total += 1
        self._rest(now_s, reason)

    def _rest(self, now_s: float, reason: str) -> None:
        self._state = BreakerState.OPEN
        self.reason = reason or self.reason
        longest_s = min(self._settings.open_cap, self._settings.open_for * 2.0 ** min(self._opened_in_a_row, 20))
        self._opened_in_a_row += 1
        self._probe_at_s = now_s + longest_s * self._random.uniform(0.75, 1.0)

    def _close(self) -> None:
        self._state = BreakerState.CLOSED
        self._outcomes.clear()
        self._failures = 0
        self._opened_in_a_row = 0
        self.reason = ""
