"""Ten lanes of waiting work: urgent lanes first, but every lane gets its share."""

from __future__ import annotations

from collections import deque

from gwf.agent.model import AGED_EVERY, Work

LANES = 10  #: priorities 0 (first) to 9 (last)


class Lanes:
    """Takes by priority, then by arrival; each AGED_EVERY-th time what has waited longest, whatever its lane.

    So nothing starves: a file is taken at the latest after AGED_EVERY times as many others as are older than it.
    Ageing by rank (each minute of waiting counts as one priority) was not taken: after an outage all that waits is
    old, and an urgent file would stand behind all of it just when it matters.
    Puts and takes may come from many threads at once.
    """

    __slots__ = ("_lanes", "_taken")

    def __init__(self) -> None:
        """Start empty."""
        self._lanes = tuple(deque[Work]() for _ in range(LANES))
        self._taken = 0

    def put(self, work: Work) -> None:
        """Add one piece of work."""
        self._lanes[work.priority].append(work)

    def take(self) -> Work | None:
        """Remove and return what is next. None = nothing here, or other threads were quicker: look again."""
        self._taken += 1
        if self._taken % AGED_EVERY == 0:
            lane = self._longest_waiting()
            if lane is not None:
                try:
                    return lane.popleft()
                except IndexError:
                    pass  # another thread took it; take the usual way
        for lane in self._lanes:
            if lane:
                try:
                    return lane.popleft()
                except IndexError:
                    continue
        return None

    def first(self) -> Work | None:
        """Return the most urgent work without removing it."""
        for lane in self._lanes:
            try:
                return lane[0]
            except IndexError:
                continue
        return None

    def oldest_ms(self) -> int | None:
        """Return when the work that has waited longest was queued."""
        lane = self._longest_waiting()
        try:
            return lane[0].queued_at_ms if lane is not None else None
        except IndexError:
            return None

    def clear(self) -> list[Work]:
        """Remove and return everything."""
        rest = [work for lane in self._lanes for work in lane]
        for lane in self._lanes:
            lane.clear()
        return rest

    def __len__(self) -> int:
        """Return how much waits."""
        return sum(map(len, self._lanes))

    def _longest_waiting(self) -> deque[Work] | None:
        found: deque[Work] | None = None
        oldest_ms = 0
        for lane in self._lanes:
            try:
                queued_ms = lane[0].queued_at_ms
            except IndexError:
                continue
            if found is None or queued_ms < oldest_ms:
                found, oldest_ms = lane, queued_ms
        return found
