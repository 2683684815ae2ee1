"""Back-pressure: how much may wait to be stored, and how long a sender that is turned away should wait."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.core.errors import OverloadedError

MIN_RATE = 50.0  #: events/s that are assumed while nothing was measured, or the database crawls
MIN_WAIT_S = 1.0
MAX_WAIT_S = 60.0
WEIGHT = 0.2  #: of the newest write in the measured rate


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """What may be held in memory at once."""

    max_bytes: int = 64 * 1024 * 1024  #: of unpacked requests
    max_events: int = 200_000


class Gate:
    """Counts what was let in and is not stored yet. Used in one event loop."""

    def __init__(self, limits: GateLimits) -> None:
        """Begin empty, with a cautious idea of the speed."""
        self._limits = limits
        self._rate: float | None = None
        self.bytes_inside = 0
        self.events_inside = 0
        #: requests that were turned away since the start
        self.refused_total = 0

    def enter(self, size_bytes: int, events: int) -> None:
        """Let a request in; something is always let into an empty house, however large.

        Raises:
            OverloadedError: There is no room; `retry_after_s` says when there will be.
        """
        limits = self._limits
        full = self.bytes_inside + size_bytes > limits.max_bytes or self.events_inside + events > limits.max_events
        if full and self.bytes_inside:
            self.refused_total += 1
            raise OverloadedError(
                "too much waits to be stored; send it again later",
                waiting_events=self.events_inside,
                waiting_bytes=self.bytes_inside,
                retry_after_s=self.wait_s(),
            )
        self.bytes_inside += size_bytes
        self.events_inside += events

    def count(self, events: int) -> None:
        """Note how many events a request that was let in turned out to have."""
        self.events_inside += events

    def leave(self, size_bytes: int, events: int) -> None:
        """Let a request out: it is stored, or has failed."""
        self.bytes_inside -= size_bytes
        self.events_inside -= events

    def measured(self, events: int, took_s: float) -> None:
        """Learn from one write."""
        if took_s <= 0 or not events:
            return
        rate = events / took_s
        self._rate = rate if self._rate is None else (1 - WEIGHT) * self._rate + WEIGHT * rate

    @property
    def rate(self) -> float:
        """Events/s that are stored, as measured lately."""
        return max(MIN_RATE, self._rate or 0.0)

    def wait_s(self) -> float:
        """Return how long it takes until what waits now is stored, within bounds."""
        return min(MAX_WAIT_S, max(MIN_WAIT_S, self.events_inside / self.rate))
