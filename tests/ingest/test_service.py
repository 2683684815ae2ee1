from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gwf.core.clock import ManualClock
from gwf.core.errors import GwfError, OverloadedError, UnavailableError
from gwf.events.raised import centre_event
from gwf.ingest.gate import GateLimits
from gwf.ingest.model import OutboxBatch, OutboxRow, RejectedRow, Sender
from gwf.ingest.outbox import OutboxGapError, ready_batch
from gwf.ingest.service import IngestService
from tests.ingest.memory_store import MemoryStore

SENDER = Sender(tenant="default", agent_id="ag1")


def batch(first: int, count: int, faults: tuple[RejectedRow, ...] = ()) -> OutboxBatch:
    rows = [OutboxRow(seq, seq, "file.done", seq, 1, {"path": f"/in/{seq}"}) for seq in range(first, first + count)]
    rows = [row for row in rows if row.seq not in {fault.seq for fault in faults}]
    return ready_batch(SENDER, "e1", rows, faults=faults, lost_before=False)


def run(
    story: Callable[[IngestService, MemoryStore], Awaitable[None]],
    *,
    durable: bool = True,
    limits: GateLimits | None = None,
) -> None:
    async def play() -> None:
        store = MemoryStore(durable=durable)
        service = IngestService(store, ManualClock(), limits=limits)
        service.start()
        await story(service, store)
        await service.stop()
        assert (service.gate.bytes_inside, service.gate.events_inside) == (0, 0)

    asyncio.run(play())


def test_a_batch_sent_again_is_stored_and_published_once() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        seen = service.file_events.subscribe(lambda _: True)
        for first, count, acked in ((1, 3, 3), (1, 3, 3), (2, 4, 5)):
            assert (await service.take_batch(batch(first, count))).acked_seq == acked
        assert [event.seq for event in store.files] == [1, 2, 3, 4, 5]
        assert [event.seq for event in (await seen.get()).items] == [1, 2, 3, 4, 5]

    run(story)


def test_a_gap_names_what_is_expected() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        await service.take_batch(batch(1, 3))
        with pytest.raises(OutboxGapError) as caught:
            await service.take_batch(batch(9, 1))
        assert caught.value.expected_seq == 4
        assert service.facts.gaps_total == 1

    run(story)


def test_rejected_rows_are_told_once() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        bad = batch(1, 3, faults=(RejectedRow(2, "bad_event", "no", "{}"),))
        assert [row.seq for row in (await service.take_batch(bad)).rejected] == [2]
        assert (await service.take_batch(bad)).rejected == []

    run(story)


def test_without_a_durable_store_nothing_is_acknowledged_and_nothing_shown_twice() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        for _ in range(2):
            taken = await service.take_batch(batch(1, 3))
            assert (taken.acked_seq, taken.seen_seq) == (0, 3)
        assert [event.seq for event in store.files] == [1, 2, 3]

    run(story, durable=False)


def test_what_comes_while_a_write_runs_shares_the_next_one() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        store.free.clear()
        asked = [asyncio.create_task(service.take_events([centre_event("x", at_ms=n)])) for n in range(10)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        store.free.set()
        await asyncio.gather(*asked)
        assert len(store.calls) <= 2
        assert len(store.events) == 10

    run(story)


def test_a_database_that_is_away_is_told_with_a_wait() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        store.failure = UnavailableError("the database is away")
        with pytest.raises(UnavailableError) as caught:
            await service.emit([centre_event("x", at_ms=1)])
        assert caught.value.retry_after_s == 1.0
        store.failure = None
        await service.emit([centre_event("x", at_ms=1)])
        assert len(store.events) == 1

    run(story)


def test_one_job_that_cannot_be_stored_takes_no_other_with_it() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        store.poison = "bad"
        store.free.clear()
        events = [centre_event("x", at_ms=1, event_id=name) for name in ("a", "bad", "b")]
        asked = [asyncio.create_task(service.emit([event])) for event in events]
        await asyncio.sleep(0)
        store.free.set()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [isinstance(end, GwfError) for end in ends] == [False, True, False]
        assert [event.id for event in store.events] == ["a", "b"]

    run(story)


def test_a_sender_that_hangs_up_leaves_its_work_to_be_stored() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        store.free.clear()
        asked = asyncio.create_task(service.take_batch(batch(1, 2)))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        store.free.set()
        assert (await service.take_batch(batch(1, 2))).acked_seq == 2
        assert len(store.files) == 2

    run(story)


def test_a_full_house_turns_requests_away_until_there_is_room() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        with service.admitted(900), pytest.raises(OverloadedError), service.admitted(200):
            pass
        with service.admitted(200):
            pass

    run(story, limits=GateLimits(max_bytes=1_000))


def test_after_the_stop_nothing_more_is_taken() -> None:
    async def story(service: IngestService, store: MemoryStore) -> None:
        await service.stop()
        with pytest.raises(UnavailableError):
            await service.emit([centre_event("x", at_ms=1)])

    run(story)
