"""Measures how late an event loop comes to what is due: what waits in it, waits as long."""

from __future__ import annotations

import asyncio
from collections import deque

EVERY_S = 0.05
SPAN_S = 3.0  #: what was longer ago does not count
SHARE = 0.9  #: of the looks that were not later than what is told


class LoopLag:
    """Of the loop in which `run` goes on."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        """Know nothing yet: not late."""
        self._every_s = every_s
        self._late_s: deque[float] = deque(maxlen=max(1, round(SPAN_S / every_s)))

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + self._every_s
            await asyncio.sleep(self._every_s)
            self.take(loop.time() - due_s)

    def take(self, late_s: float) -> None:
        """Take note of one look that was so late; one that spans several counts as often as they would have."""
        looks = min(1 + int(max(0.0, late_s) / self._every_s), self._late_s.maxlen or 1)
        self._late_s.extend([max(0.0, late_s)] * looks)

    @property
    def usual_s(self) -> float:
        """How late nine looks of ten were at most."""
        late = sorted(self._late_s)
        return late[int(SHARE * (len(late) - 1))] if late else 0.0
