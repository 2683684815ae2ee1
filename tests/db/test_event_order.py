"""Recorded events of both kinds in the order in which they were taken, whatever the portions are."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from gwf.core.clock import ManualClock
from gwf.db import event_scan
from gwf.db.address import DatabaseAddress
from gwf.db.database import open_database
from gwf.db.event_scan import EventScan
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.events.files import FileEventStatus
from gwf.events.model import Event
from gwf.ingest.model import OutboxRow, Sender
from gwf.ingest.outbox import ready_batch
from gwf.rules.decided import Stretch

T0 = 1_767_323_045_678
SENDER = Sender(tenant="default", agent_id="ag1", labels={})
WHOLE = Stretch(tenant="default", first_row_id=0, last_row_id=2**63 - 1)
FILE: dict[str, Any] = {"path": "/in/a.log", "store": "main", "key": "k", "size_bytes": 7, "duration_ms": 30}


def test_events_and_file_events_come_as_they_were_taken(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    monkeypatch.setattr(event_scan, "PORTION", 5)

    async def run() -> None:
        clock = ManualClock(now_ms=T0)
        async with await open_database(address, fallback=False, clock=clock) as database:
            labels = LabelSets(database.events, clock=clock)
            rows, scan, seq = IngestRows(database, labels, clock), EventScan(database.events, labels), 1
            for number in range(30):
                clock.advance(chance.choice((0.0, 0.5, 60.0)))
                if chance.random() < 0.5:
                    event = Event(id=str(number), source="/t", type="a.b", at_ms=clock.now_ms(), labels={})
                    await rows.write((), [event])
                    continue
                kind = chance.choice(("file.done", "file.failed"))
                row = OutboxRow(seq, T0, kind, seq, 1, FILE)
                await rows.write([ready_batch(SENDER, "e", [row], faults=(), lost_before=False)], ())
                seq += 1
            everything = [facts async for portion in scan.of_stretch(WHOLE) for facts in portion]
            ordered = [facts async for portion in scan.in_order(WHOLE) for facts in portion]
            assert [one.ref for one in ordered] == sorted((one.ref for one in everything), key=lambda ref: ref.row_id)
            assert len(ordered) == 30 == await scan.count(WHOLE)
            moments = [scan.taken_at_ms(one) for one in ordered]
            assert moments == sorted(moments)
            for statuses in (frozenset[FileEventStatus](), frozenset({FileEventStatus.FAILED})):
                some = [one async for portion in scan.in_order(WHOLE, statuses=statuses) for one in portion]
                wanted = [one.ref for one in ordered if one.file is None or one.file.status in statuses]
                assert [one.ref for one in some] == wanted
                assert len(wanted) == await scan.count(WHOLE, statuses=statuses)

    asyncio.run(run())
