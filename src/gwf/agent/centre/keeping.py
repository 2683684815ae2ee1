"""How many events are kept while the centre is away: a bound by bytes and free space, told before it is met. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.agent.journal.reporting import Backlog

NEAR = 0.7  #: share of the bound from which health and an alarm tell of it
GIVEN_UP = 0.1  #: share of the events that is given up when the bound is met


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How far the events that the centre does not have are from their bound."""

    backlog: Backlog
    bound_bytes: int

    @property
    def share(self) -> float:
        """Return how much of the bound is used, 1 = all of it."""
        return self.backlog.size_bytes / self.bound_bytes if self.bound_bytes else 0.0

    @property
    def too_many(self) -> int:
        """Return how many of the oldest events are to be given up; 0 while there is room."""
        return max(1, round(self.backlog.events * GIVEN_UP)) if self.share >= 1.0 and self.backlog.events else 0


def room_for(backlog: Backlog, *, keep_bytes: int, free_bytes: int) -> Room:
    """Return the room: `keep_bytes`, but never more than half of what would be free without these events.

    So files always find as much space in the journal as the events that wait, however long the centre is away.
    """
    half = (backlog.size_bytes + max(0, free_bytes)) // 2
    return Room(backlog=backlog, bound_bytes=max(1, min(keep_bytes, half)))
