"""What the ingest needs from outside: the store that takes what came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gwf.events.model import Event
from gwf.ingest.model import OutboxBatch, Written


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
