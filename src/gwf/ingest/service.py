"""The way in: what arrives is bounded, stored in few transactions and then published."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gwf.core.clock import Clock
from gwf.core.errors import GwfError, UnavailableError
from gwf.events.bus import Bus
from gwf.events.files import FileEvent
from gwf.events.model import Event
from gwf.ingest.gate import Gate, GateLimits
from gwf.ingest.mark import Gap, Take
from gwf.ingest.model import EventsTaken, OutboxBatch, OutboxTaken, RejectedRow, Written
from gwf.ingest.outbox import OutboxGapError
from gwf.ingest.ports import IngestStore

GATHER_S = 0.005  #: the longest wait for what is stored together; measured by `bench inputs`, 870 -> 1,270 singles/s
FEW_ROWS = 1_000  #: a transaction of more is worth its cost as it is
MAX_ROWS = 10_000  #: of one transaction: bounds how long others wait for the database
EVENT_BYTES = 512  #: assumed size of an event that the centre itself raises

log = logging.getLogger("gwf.ingest")


@dataclass(slots=True)
class IngestFacts:
    """Counters for metrics and health."""

    file_events_total: int = 0
    events_total: int = 0
    duplicates_total: int = 0
    rejected_total: int = 0
    gaps_total: int = 0
    write_failures_total: int = 0
    #: length of the last write in seconds
    last_write_s: float = 0.0


@dataclass(slots=True, eq=False)
class _Job:
    batches: Sequence[OutboxBatch]
    events: Sequence[Event]
    done: asyncio.Future[Written]

    @property
    def rows(self) -> int:
        return len(self.events) + sum(batch.last_seq - batch.first_seq + 1 for batch in self.batches)


class IngestService:
    """Takes batches and events; used in one event loop. It is also the sink of the centre's own events."""

    def __init__(self, store: IngestStore, clock: Clock, *, limits: GateLimits | None = None) -> None:
        """Nothing is stored before `start`."""
        self._store = store
        self._clock = clock
        self.gate = Gate(limits or GateLimits())
        self.facts = IngestFacts()
        #: events as they are stored
        self.events: Bus[Event] = Bus()
        #: file events as they are stored
        self.file_events: Bus[FileEvent] = Bus()
        #: told the name of each transaction's events once they are stored; nobody waits for it
        self.on_stored: Callable[[int], None] | None = None
        self._jobs: deque[_Job] = deque()
        self._some = asyncio.Event()
        self._closed = False
        self._writer: asyncio.Task[None] | None = None

    @property
    def durable(self) -> bool:
        """Whether what is taken is still there after a restart."""
        return self._store.durable

    def now_ms(self) -> int:
        """Return the time of the clock that events are judged by."""
        return self._clock.now_ms()

    def start(self) -> None:
        """Begin to write; call it in the event loop."""
        self._writer = asyncio.create_task(self._run(), name="ingest-writer")

    async def stop(self) -> None:
        """Store what was let in, then end."""
        self._closed = True
        self._some.set()
        if self._writer is not None:
            await self._writer

    @contextmanager
    def admitted(self, size_bytes: int) -> Generator[None]:
        """Hold room for a request of `size_bytes` while it is read, checked and stored.

        Raises:
            OverloadedError: There is no room; `retry_after_s` says when there will be.
        """
        self.gate.enter(size_bytes, 0)
        try:
            yield
        finally:
            self.gate.leave(size_bytes, 0)

    async def take_batch(self, batch: OutboxBatch) -> OutboxTaken:
        """Store a batch of an agent's outbox, once; the agent is told what is durable.

        Raises:
            OutboxGapError: It does not follow what is stored.
            UnavailableError: It could not be stored; sending it again is safe.
        """
        placed = (await self._write([batch], ())).placed[0]
        if isinstance(placed, Gap):
            self.facts.gaps_total += 1
            raise OutboxGapError(placed.expected_seq)
        seen_seq = max(batch.last_seq, placed.from_seq - 1)
        fresh = [row for row in batch.rejected if row.seq >= placed.from_seq]
        return OutboxTaken(
            acked_seq=seen_seq if self.durable else batch.first_seq - 1, seen_seq=seen_seq, rejected=fresh
        )

    async def take_events(self, events: Sequence[Event]) -> EventsTaken:
        """Store events whose (tenant, source, id) is new.

        Raises:
            UnavailableError: They could not be stored; sending them again is safe.
        """
        if not events:
            return EventsTaken(accepted=0, duplicates=0)
        fresh = sum((await self._write((), events)).fresh)
        return EventsTaken(accepted=fresh, duplicates=len(events) - fresh)

    async def emit(self, events: Sequence[Event]) -> None:
        """Store events of the centre's own and publish them.

        Raises:
            UnavailableError: They could not be stored; raising them again is safe.
        """
        await self.take_events(events)

    async def readmit(self, batch: OutboxBatch) -> bool:
        """Store the one row of `batch` that was set aside before; false when it is not set aside any more.

        Raises:
            UnavailableError: It could not be stored; asking again is safe.
        """
        written = await self._store.readmit(batch)
        if written is None:
            return False
        self._publish(_Job([batch], (), asyncio.get_running_loop().create_future()), written)
        if written.batch is not None and self.on_stored is not None:
            self.on_stored(written.batch)
        return True

    async def set_aside(self, agent_id: str, epoch: str, seq: int) -> RejectedRow | None:
        """Return a row that was set aside; None when it is not kept.

        Raises:
            UnavailableError: The database did not answer.
        """
        return await self._store.set_aside(agent_id, epoch, seq)

    async def _write(self, batches: Sequence[OutboxBatch], events: Sequence[Event]) -> Written:
        if self._closed:
            raise UnavailableError("the centre is stopping", retry_after_s=5.0)
        job = _Job(batches, events, asyncio.get_running_loop().create_future())
        with self._counted(job):
            self._jobs.append(job)
            self._some.set()
            return await asyncio.shield(job.done)

    @contextmanager
    def _counted(self, job: _Job) -> Generator[None]:
        self.gate.count(job.rows)
        try:
            yield
        finally:
            self.gate.leave(0, job.rows)

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._jobs:
                jobs = self._next()
                await self._store_some(jobs)
                # many come at a time, each with little: those who were just answered ask again in a moment
                if len(jobs) > 1 and sum(job.rows for job in jobs) < FEW_ROWS:
                    await asyncio.sleep(min(GATHER_S, self.facts.last_write_s))
            if self._closed and not self._jobs:
                return

    def _next(self) -> list[_Job]:
        jobs, rows = [self._jobs.popleft()], 0
        rows = jobs[0].rows
        while self._jobs and rows + self._jobs[0].rows <= MAX_ROWS:
            jobs.append(self._jobs.popleft())
            rows += jobs[-1].rows
        return jobs

    async def _store_some(self, jobs: list[_Job]) -> None:
        began_s = self._clock.monotonic_s()
        batches = [batch for job in jobs for batch in job.batches]
        events = [event for job in jobs for event in job.events]
        try:
            written = await self._store.write(batches, events)
        except UnavailableError as exc:
            self._failed(jobs, exc)
            return
        except Exception as exc:  # noqa: BLE001  # the edge of the writer: told, and one job takes no other with it
            await self._store_singly(jobs, exc)
            return
        self.facts.last_write_s = self._clock.monotonic_s() - began_s
        self.gate.measured(sum(job.rows for job in jobs), self.facts.last_write_s)
        self._hand_out(jobs, written)
        if written.batch is not None and self.on_stored is not None:
            self.on_stored(written.batch)

    async def _store_singly(self, jobs: list[_Job], error: Exception) -> None:
        if len(jobs) == 1:
            log.error("ingest_write_crashed", exc_info=error, extra={"rows": jobs[0].rows})
            self._failed(jobs, error)
            return
        for job in jobs:
            await self._store_some([job])

    def _failed(self, jobs: Sequence[_Job], error: Exception) -> None:
        self.facts.write_failures_total += 1
        if isinstance(error, UnavailableError):
            log.warning("ingest_write_failed", extra={"error": str(error), "jobs": len(jobs)})
            error.retry_after_s = error.retry_after_s or self.gate.wait_s()
        for job in jobs:
            if not job.done.done():
                job.done.set_exception(error if isinstance(error, GwfError) else _unstored(error))
                job.done.exception()  # whoever asked may be gone: then nobody else looks at it

    def _hand_out(self, jobs: Sequence[_Job], written: Written) -> None:
        placed, fresh = iter(written.placed), iter(written.fresh)
        for job in jobs:
            mine = Written(placed=[next(placed) for _ in job.batches], fresh=[next(fresh) for _ in job.events])
            self._publish(job, mine)
            if not job.done.done():
                job.done.set_result(mine)

    def _publish(self, job: _Job, written: Written) -> None:
        facts = self.facts
        new = [event for event, fresh in zip(job.events, written.fresh, strict=True) if fresh]
        facts.duplicates_total += len(job.events) - len(new)
        for batch, placed in zip(job.batches, written.placed, strict=True):
            if isinstance(placed, Take):
                files = [event for event in batch.files if event.seq >= placed.from_seq]
                new += [event for seq, event in batch.events if seq >= placed.from_seq]
                facts.file_events_total += len(files)
                facts.rejected_total += sum(row.seq >= placed.from_seq for row in batch.rejected)
                self.file_events.publish(files)
        facts.events_total += len(new)
        self.events.publish(new)


def _unstored(error: Exception) -> GwfError:
    return GwfError("this could not be stored; the log says why", reason=type(error).__name__)
