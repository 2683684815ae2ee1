"""A store of the ingest in memory that can be held up and made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gwf.events.files import FileEvent
from gwf.events.model import Event
from gwf.ingest.mark import Gap, Take, place
from gwf.ingest.model import OutboxBatch, RejectedRow, Written


class MemoryStore:
    def __init__(self, *, durable: bool = True) -> None:
        self.durable = durable
        self.files: list[FileEvent] = []
        self.events: list[Event] = []
        self.aside: dict[tuple[str, str, int], RejectedRow] = {}
        self.calls: list[int] = []
        self.failure: Exception | None = None
        self.poison: str | None = None
        self.free = asyncio.Event()
        self.free.set()
        self._marks: dict[tuple[str, str], int] = {}
        self._ids: set[tuple[str, str, str]] = set()

    async def write(self, batches: Sequence[OutboxBatch], events: Sequence[Event]) -> Written:
        await self.free.wait()
        self.calls.append(len(batches) + len(events))
        if self.failure is not None:
            raise self.failure
        if any(event.id == self.poison for event in events):
            raise ZeroDivisionError
        return Written(placed=[self._place(batch) for batch in batches], fresh=[self._keep(event) for event in events])

    async def readmit(self, batch: OutboxBatch) -> Written | None:
        if self.aside.pop((batch.sender.agent_id, batch.epoch, batch.first_seq), None) is None:
            return None
        self.files += batch.files
        return Written(placed=[Take(from_seq=batch.first_seq)], fresh=[])

    async def set_aside(self, agent_id: str, epoch: str, seq: int) -> RejectedRow | None:
        return self.aside.get((agent_id, epoch, seq))

    def _place(self, batch: OutboxBatch) -> Take | Gap:
        name = (batch.sender.agent_id, batch.epoch)
        placed = place(self._marks.get(name, 0), batch.first_seq, lost_before=batch.lost_before)
        if isinstance(placed, Take):
            self.files += [event for event in batch.files if event.seq >= placed.from_seq]
            self.aside |= {(*name, row.seq): row for row in batch.rejected}
            self._marks[name] = max(batch.last_seq, placed.from_seq - 1)
        return placed

    def _keep(self, event: Event) -> bool:
        name = (event.tenant, event.source, event.id)
        if name in self._ids:
            return False
        self._ids.add(name)
        self.events.append(event)
        return True
