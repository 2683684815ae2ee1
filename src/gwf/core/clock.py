"""Time as a value: the real clock and one that tests move by hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Two clocks: one for dates that people read, one for waits that must survive clock jumps."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch, UTC; may jump."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never jumps."""
        ...


class SystemClock:
    """The operating system's clocks."""

    def now_ms(self) -> int:
        """Return wall time in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return the monotonic clock in seconds."""
        return time.monotonic()


class ManualClock:
    """A clock that stands still until told; wall and monotonic time move apart on demand."""

    def __init__(self, *, now_ms: int = 1_700_000_000_000, monotonic_s: float = 1000.0) -> None:
        """Start at fixed instants, so that tests read the same every day."""
        self._now_ms = now_ms
        self._monotonic_s = monotonic_s

    def now_ms(self) -> int:
        """Return the wall time set by hand."""
        return self._now_ms

    def monotonic_s(self) -> float:
        """Return the monotonic time set by hand."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let both clocks run by `seconds`."""
        self._now_ms += round(seconds * 1000)
        self._monotonic_s += seconds

    def jump(self, seconds: float) -> None:
        """Set only the wall clock forward or back, as an administrator or NTP would."""
        self._now_ms += round(seconds * 1000)


def utc_text(at_ms: int) -> str:
    """Return `at_ms` as RFC 3339 UTC with milliseconds, for example 2026-01-02T03:04:05.678Z."""
    moment = _EPOCH + timedelta(milliseconds=at_ms)  # exact, unlike a float of seconds
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
