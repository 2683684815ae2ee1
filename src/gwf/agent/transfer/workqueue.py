"""Work that waits for a thread, taken in the order of its priority, then of its arrival."""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue

from gwf.agent.model import Work

LANES = 10  #: priorities 0 (first) to 9 (last)


class WorkQueue:
    """A blocking queue for many threads; putting and taking cost about a microsecond."""

    def __init__(self) -> None:
        """Start empty."""
        self._lanes = tuple(deque[Work]() for _ in range(LANES))
        # One token for each piece of work, or None = stop. The C queue does the waiting.
        self._tokens: SimpleQueue[int | None] = SimpleQueue()

    def put(self, work: Work) -> None:
        """Add one piece of work."""
        self._lanes[work.priority].append(work)
        self._tokens.put(work.priority)

    def get(self) -> Work | None:
        """Wait for the most urgent work; None = stop."""
        return None if self._tokens.get() is None else self._most_urgent()

    def qsize(self) -> int:
        """Return how much waits."""
        return sum(map(len, self._lanes))

    def take_rest(self) -> list[Work]:
        """Return what no thread took yet, without waiting; call before `close`."""
        rest: list[Work] = []
        while True:
            try:
                self._tokens.get_nowait()
            except Empty:
                return rest
            rest.append(self._most_urgent())

    def _most_urgent(self) -> Work:
        while True:  # work is put before its token, so there is some; another thread may be quicker at one lane
            for lane in self._lanes:
                if lane:
                    try:
                        return lane.popleft()
                    except IndexError:
                        continue

    def close(self, threads: int) -> None:
        """Let `threads` waiting threads stop, after what was put before."""
        for _ in range(threads):
            self._tokens.put(None)
