"""What the ingest needs from outside: the store that takes what came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gwf.events.model import Event
from gwf.ingest.model import OutboxBatch, RejectedRow, Written


class IngestStore(Protocol):
    """Takes batches and events, each call one transaction."""

    @property
    def durable(self) -> bool:
        """Whether what is stored is still there after a restart; only then may an agent forget it."""
        ...

    async def write(self, batches: Sequence[OutboxBatch], events: Sequence[Event]) -> Written:
        """Store all of it or nothing.

        In the same transaction: the mark of each (agent, epoch) is compared, see `gwf.ingest.mark`, and moved; file
        events, events, rejected rows and the sums of `gwf.ingest.rollup` are written; history that an agent lost
        becomes an event. Of `events`, those whose (tenant, source, id) is known are passed over.

        Raises:
            UnavailableError: The database did not take it; writing it again is safe.
        """
        ...

    async def readmit(self, batch: OutboxBatch) -> Written | None:
        """Store the one row of `batch` that was set aside before, in its place; None when it is not set aside.

        Raises:
            UnavailableError: The database did not take it; asking again is safe.
        """
        ...

    async def set_aside(self, agent_id: str, epoch: str, seq: int) -> RejectedRow | None:
        """Return a row that was set aside; None when it is not kept."""
        ...
