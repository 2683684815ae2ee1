"""A clock that never jumps, and the way between its moments and the times that people read."""

from __future__ import annotations

from gwf.core.clock import Clock

NOISE_MS = 5  #: two clocks that are read one after the other differ by so much without either being moved


class Steady:
    """Milliseconds that begin as the wall clock's and then never jump; and the way between the two."""

    def __init__(self, clock: Clock) -> None:
        """Begin at the wall clock's time."""
        self._clock = clock
        self._begin_ms = clock.now_ms()
        self._begin_s = clock.monotonic_s()
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Return the moment."""
        return self._begin_ms + round(1000 * (self._clock.monotonic_s() - self._begin_s))

    def ahead_ms(self) -> int:
        """Return how far the wall clock has been moved ahead since the beginning.

        What is within the noise of reading two clocks counts as no move, so that a moment has one time on the wall.
        """
        ahead_ms = self._clock.now_ms() - self.now_ms()
        if abs(ahead_ms - self._ahead_ms) > NOISE_MS:
            self._ahead_ms = ahead_ms
        return self._ahead_ms

    def wall_ms(self, moment_ms: int) -> int:
        """Return a moment in the wall clock's time."""
        return moment_ms + self.ahead_ms()

    def moment_ms(self, wall_ms: int) -> int:
        """Return a time of the wall clock as a moment; what lies ahead counts as now."""
        return min(wall_ms - self.ahead_ms(), self.now_ms())
