from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from gwf.core.clock import ManualClock
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.database import Database, open_database
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.db.rowids import taken_at_ms
from gwf.db.tables.events import events, file_events, outbox_marks, outbox_rejects
from gwf.db.tables.rollups import file_rollups
from gwf.events.model import Event
from gwf.events.raised import centre_event
from gwf.ingest.mark import Gap, Take
from gwf.ingest.model import OutboxBatch, OutboxRow, RejectedRow, Sender
from gwf.ingest.outbox import ready_batch

NOW_MS = 1_767_323_045_678
SENDER = Sender(tenant="default", agent_id="ag1", labels={"env": "prod"})


@dataclass
class Place:
    database: Database
    store: IngestRows

    async def rows(self, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
        async with self.database.events.view() as connection:
            wanted = sa.select(*(table.c[name] for name in columns)).order_by(*table.primary_key)
            return [tuple(row) for row in await connection.execute(wanted)]


Story = Callable[[Place], Awaitable[None]]


def play(address: DatabaseAddress, story: Story) -> None:
    async def run() -> None:
        async with await open_database(address, fallback=False) as database:
            clock = ManualClock(now_ms=NOW_MS)
            store = IngestRows(database, LabelSets(database.events, clock=clock), clock)
            await story(Place(database, store))

    asyncio.run(run())


def batch(
    first: int,
    count: int,
    *,
    kind: str = "file.done",
    sender: Sender = SENDER,
    faults: Sequence[RejectedRow] = (),
    lost_before: bool = False,
) -> OutboxBatch:
    told: dict[str, Any] = {"path": "/in/中文.log", "store": "main", "key": "k", "size_bytes": 7, "duration_ms": 30}
    rows = [
        OutboxRow(seq, NOW_MS + seq, kind, None if kind == "alert.raised" else seq, 1, told)
        for seq in range(first, first + count)
        if seq not in {fault.seq for fault in faults}
    ]
    return ready_batch(sender, "e1", rows, faults=faults, lost_before=lost_before)


def test_a_batch_becomes_rows_sums_and_a_mark(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        written = await place.store.write([batch(1, 3), batch(4, 1, kind="alert.raised")], ())
        assert written.placed == [Take(from_seq=1), Take(from_seq=4)]
        rows = await place.rows(file_events, "seq", "at_ms", "status", "path", "size_bytes", "row_id", "extra")
        assert [row[:5] for row in rows] == [(seq, NOW_MS + seq, 1, "/in/中文.log", 7) for seq in (1, 2, 3)]
        assert {taken_at_ms(row[5]) for row in rows} == {NOW_MS}
        assert await place.rows(events, "type", "source", "subject", "severity") == [
            ("gwf.alert.raised", "/gwf/agents/ag1", "/in/中文.log", 40)
        ]
        assert await place.rows(outbox_marks, "agent_id", "epoch", "acked_seq") == [("ag1", "e1", 4)]
        sums = await place.rows(file_rollups, "step_ms", "store", "events", "size_bytes", "timed", "duration_ms")
        assert sums == [(step, "main", 3, 21, 3, 90) for step in (60_000, 3_600_000, 86_400_000)]

    play(address, story)


def test_what_is_sent_again_is_stored_once(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        await place.store.write([batch(1, 5)], ())
        assert (await place.store.write([batch(1, 5)], ())).placed == [Take(from_seq=6)]
        assert (await place.store.write([batch(3, 5), batch(3, 6)], ())).placed == [Take(from_seq=6), Take(from_seq=8)]
        assert [row[0] for row in await place.rows(file_events, "seq")] == list(range(1, 9))
        sums = await place.rows(file_rollups, "step_ms", "events")
        assert sums == [(60_000, 8), (3_600_000, 8), (86_400_000, 8)]

    play(address, story)


def test_a_gap_stores_nothing_of_its_batch_and_all_of_the_others(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        other = replace(SENDER, agent_id="ag2")
        written = await place.store.write([batch(9, 1), batch(1, 2, sender=other)], ())
        assert written.placed == [Gap(expected_seq=1), Take(from_seq=1)]
        assert await place.rows(file_events, "agent_id", "seq") == [("ag2", 1), ("ag2", 2)]
        assert await place.rows(outbox_marks, "agent_id", "acked_seq") == [("ag1", 0), ("ag2", 2)]

    play(address, story)


def test_history_that_an_agent_lost_becomes_an_event(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        await place.store.write([batch(1, 2)], ())
        written = await place.store.write([batch(11, 2, lost_before=True)], ())
        assert written.placed == [Take(from_seq=11, lost=(3, 10))]
        ((kind, agent_id, data),) = await place.rows(events, "type", "agent_id", "data")
        assert (kind, agent_id) == ("gwf.outbox.lost", "ag1")
        assert '"events":8' in data

    play(address, story)


def test_rejected_rows_are_kept_aside_once(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        bad = batch(1, 3, faults=[RejectedRow(2, "bad_event", "kind: wrong", '{"seq":2}')])
        for _ in range(2):
            await place.store.write([bad], ())
        assert await place.rows(outbox_rejects, "agent_id", "epoch", "seq", "code", "content") == [
            ("ag1", "e1", 2, "bad_event", '{"seq":2}')
        ]
        assert await place.rows(outbox_marks, "acked_seq") == [(3,)]

    play(address, story)


def test_events_are_stored_once_by_tenant_source_and_id(address: DatabaseAddress) -> None:
    one = centre_event("agent.offline", at_ms=5, event_id="a", data={"n": "\x00中"})
    other = replace(one, tenant="acme")

    async def story(place: Place) -> None:
        assert (await place.store.write((), [one, other, one])).fresh == [True, True, False]
        second: Event = replace(one, id="b", labels={"env": "prod"}, extensions={"x": 1})
        assert (await place.store.write((), [one, second])).fresh == [False, True]
        assert await place.rows(events, "tenant_id", "event_id", "extensions") == [
            ("default", "a", None),
            ("acme", "a", None),
            ("default", "b", {"x": 1}),
        ]

    play(address, story)


def test_a_write_that_fails_leaves_nothing_behind(address: DatabaseAddress) -> None:
    async def story(place: Place) -> None:
        odd = centre_event("x", at_ms=1, data={"n": object()})
        with pytest.raises(TypeError):
            await place.store.write([batch(1, 2)], [odd])
        for table in (file_events, events, outbox_marks, file_rollups):
            assert await place.rows(table, "tenant_id") == []

    play(address, story)


def test_two_servers_store_each_row_once(postgres_address: DatabaseAddress) -> None:
    async def run() -> list[int]:
        clock = ManualClock(now_ms=NOW_MS)
        databases = [await open_database(postgres_address, fallback=False) for _ in range(2)]
        stores = [IngestRows(database, LabelSets(database.events, clock=clock), clock) for database in databases]
        for first in range(1, 101, 10):
            await asyncio.gather(*(store.write([batch(first, 10)], ()) for store in stores))
        seqs = [row[0] for row in await Place(databases[0], stores[0]).rows(file_events, "seq")]
        for database in databases:
            await database.close()
        return seqs

    assert sorted(asyncio.run(run())) == list(range(1, 101))


def test_in_memory_nothing_counts_as_durable() -> None:
    async def story(place: Place) -> None:
        assert not place.store.durable
        await place.store.write([batch(1, 2)], ())
        assert [row[0] for row in await place.rows(file_events, "seq")] == [1, 2]

    play(DatabaseAddress(backend=Backend.MEMORY), story)
