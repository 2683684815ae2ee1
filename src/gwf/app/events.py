"""Events put together: what comes in, where it is kept, and the lists of it."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.centre import HotRoute
from gwf.api.names import Members, Names
from gwf.api.v1.cloudevents import cloudevents_route
from gwf.api.v1.events import event_routes
from gwf.api.v1.file_events import file_event_routes
from gwf.api.v1.outbox import AgentDoor, outbox_route
from gwf.core.clock import Clock
from gwf.db.database import Database
from gwf.db.events_reads import StoredEvents
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.ingest.inputs.news import InputNews
from gwf.ingest.metrics import IngestCollector
from gwf.ingest.service import IngestService

#: new objects between two looks for garbage in a circle. A batch is 10,000 objects without any: with the usual 700 the
#: looks took a third of the time of the ingest (measured by `bench ingest`)
COLLECT_EVERY = 50_000


class Events:
    """The services around events, and their routes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Put the services together; `ingest` is the sink of what the centre itself tells."""
        labels = self.labels = LabelSets(database.events, clock=clock)
        self.ingest = IngestService(IngestRows(database, labels, clock), clock)
        self.collector = IngestCollector(self.ingest)
        self.reads = StoredEvents(database.events, labels)
        self._clock = clock

    def hear(self, *listeners: Callable[[int], None]) -> None:
        """Tell listeners of each batch that was stored, by its name."""

        def told(first_row_id: int) -> None:
            for listener in listeners:
                listener(first_row_id)

        self.ingest.on_stored = told

    def v1(self, names: Names, members: Members) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        parts = (self.reads, names, self._clock)
        return [event_routes(*parts, members=members), file_event_routes(*parts, members=members)]

    def hot(self, door: AgentDoor, news: InputNews) -> Sequence[HotRoute]:
        """Return the plain routes; `door` recognises agents, `news` hears how events came in."""
        return [outbox_route(self.ingest, door), cloudevents_route(self.ingest, self._clock, news)]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take events until the block ends; what was let in is stored then."""
        gc.set_threshold(COLLECT_EVERY)
        self.ingest.start()
        try:
            yield
        finally:
            await self.ingest.stop()
