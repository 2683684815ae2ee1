"""How much work a destination fetches ahead of its threads: some seconds' worth, so that urgent work finds room."""

from __future__ import annotations

MOST = 4096  #: pieces of work fetched ahead at most, in the order of its priority (about 700 bytes each)
FIRST = 1024  #: before anything is known about the pace
AHEAD_S = 4.0  #: what is fetched ahead lasts about so long
MEASURE_S = 0.25  #: shortest time over which the pace is measured


class FetchAhead:
    """Follows the pace of a destination. Work in hand no longer changes its order, so little of it should be old.

    Called by the journal's thread only.
    """

    def __init__(self, least: int) -> None:
        """`least` is always fetched, enough to keep all threads busy."""
        self.least = least
        self._level = max(least, FIRST)
        self._began_s = 0.0
        self._ended = 0
        self._was_busy = False

    def room(self, in_hand: int, ended: int, now_s: float) -> int:
        """Return how many more pieces may be fetched; `ended` counts those that ended since the start."""
        busy = in_hand >= self.least
        if now_s - self._began_s >= MEASURE_S:
            if busy and self._was_busy:  # a pause says nothing about the pace
                level = round((ended - self._ended) / (now_s - self._began_s) * AHEAD_S)
                self._level = max(self.least, min(MOST, level))
            self._began_s, self._ended, self._was_busy = now_s, ended, busy
        self._was_busy &= busy
        free = self._level - in_hand
        return free if free * 4 >= self._level else 0
