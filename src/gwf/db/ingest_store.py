"""Stores what came in: rows, marks, keys, sums and rejected rows, each call in one transaction."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from gwf.core.clock import Clock
from gwf.core.faults import kill_point
from gwf.db.bulk import Target, add_up, insert, insert_new
from gwf.db.database import Database
from gwf.db.decision_store import add_batch
from gwf.db.half import Change
from gwf.db.labelsets import LabelSets
from gwf.db.marks import hold_marks, move_marks
from gwf.db.tables.events import event_keys, events, file_events, outbox_rejects
from gwf.db.tables.rollups import file_rollups
from gwf.events.files import FileEvent
from gwf.events.model import Event
from gwf.ingest.mark import Gap, Take, place
from gwf.ingest.model import OutboxBatch, RejectedRow, Written
from gwf.ingest.outbox import lost_event
from gwf.ingest.rollup import Bucket, Sums, add, all_steps, minutes

#: `FileEvent` follows three columns of ours, in the order of its fields
_FILES = Target(
    file_events,
    (
        "row_id", "received_at_ms", "label_set_id", "tenant_id", "agent_id", "epoch", "seq", "at_ms", "status",
        "file_ref", "file_id", "gen", "path", "store", "key", "size_bytes", "etag", "sha256", "attempt", "duration_ms",
        "reason", "error_class", "error_code", "message", "extra",
    ),
)  # fmt: skip
_EVENTS = Target(
    events,
    (
        "row_id", "received_at_ms", "label_set_id", "tenant_id", "event_id", "source", "type", "subject", "at_ms",
        "agent_id", "severity", "data", "content_type", "data_schema", "extensions",
    ),
)  # fmt: skip
_KEYS = Target(event_keys, ("digest", "row_id"))
_REJECTS = Target(
    outbox_rejects, ("agent_id", "epoch", "seq", "tenant_id", "received_at_ms", "code", "message", "content")
)
_SUMS = ("events", "size_bytes", "timed", "duration_ms")
_seq_of = itemgetter(FileEvent._fields.index("seq"))
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Rows:
    """What one transaction adds."""

    now_ms: int
    #: numbers for rows, the lowest first
    numbers: Iterator[int]
    files: list[Sequence[Any]] = field(default_factory=list[Sequence[Any]])
    events: list[Sequence[Any]] = field(default_factory=list[Sequence[Any]])
    rejects: list[Sequence[Any]] = field(default_factory=list[Sequence[Any]])
    sums: dict[Bucket, Sums] = field(default_factory=dict[Bucket, Sums])

    def add_files(self, found: Sequence[FileEvent], label_set: int) -> None:
        """Add file events and their sums."""
        now_ms, numbers = self.now_ms, self.numbers
        self.files += [(next(numbers), now_ms, label_set, *event) for event in found]
        for bucket, sums in minutes(found, label_set).items():
            before = self.sums.get(bucket)
            self.sums[bucket] = sums if before is None else add(before, sums)

    def add_event(self, event: Event, label_set: int, number: int | None = None) -> None:
        """Add an event, under the number that was taken for it if there is one."""
        row_id = next(self.numbers) if number is None else number
        self.events.append(
            (
                row_id, self.now_ms, label_set, event.tenant, event.id, event.source, event.type, event.subject,
                event.at_ms, event.agent_id, int(event.severity), _text(event.data), event.content_type,
                event.data_schema, _text(dict(event.extensions)) if event.extensions else None,
            )
        )  # fmt: skip

    def add_batch(self, batch: OutboxBatch, where: Take, label_set: int) -> None:
        """Add what is new of a batch."""
        begin = bisect_left(batch.files, where.from_seq, key=_seq_of)
        self.add_files(batch.files[begin:], label_set)
        for seq, event in batch.events:
            if seq >= where.from_seq:
                self.add_event(event, label_set)
        sender = batch.sender
        self.rejects += [
            (sender.agent_id, batch.epoch, row.seq, sender.tenant, self.now_ms, row.code, row.message, row.content)
            for row in batch.rejected
            if row.seq >= where.from_seq
        ]
        if where.lost is not None:
            self.add_event(lost_event(sender, batch.epoch, where.lost, now_ms=self.now_ms), label_set)


class IngestRows:
    """Implements `gwf.ingest.ports.IngestStore` over the half of what happened."""

    def __init__(self, database: Database, labels: LabelSets, clock: Clock) -> None:
        """Write to `database`."""
        self._database = database
        self._labels = labels
        self._clock = clock

    @property
    def durable(self) -> bool:
        """Whether what is stored is still there after a restart."""
        return self._database.durable

    async def write(self, batches: Sequence[OutboxBatch], events: Sequence[Event]) -> Written:
        """Store all of it or nothing."""
        now_ms = self._clock.now_ms()
        label_sets = await self._numbered(batches, events)
        most = len(events) + sum(len(batch.files) + len(batch.events) + 1 for batch in batches)
        rows = _Rows(now_ms, iter(await self._database.row_ids.take(most, now_ms=now_ms)))
        async with self._database.events.change() as change:
            placed = await _place(change, rows, list(zip(batches, label_sets, strict=False)))
            fresh = await _keep_new(change, rows, list(zip(events, label_sets[len(batches) :], strict=True)))
            await insert(change, _FILES, rows.files)
            await insert(change, _EVENTS, rows.events)
            await insert(change, _REJECTS, rows.rejects)
            sums = [(*bucket, *sums) for bucket, sums in all_steps(rows.sums).items()]
            await add_up(change, file_rollups, sums, sums=_SUMS, maxima=("max_duration_ms",))
            stored = [row[0] for row in (*rows.files, *rows.events)]
            batch = await add_batch(change, stored, now_ms=now_ms)
            kill_point("before_ingest_commit")
        kill_point("after_ingest_commit")
        return Written(placed=placed, fresh=fresh, batch=batch)

    async def readmit(self, batch: OutboxBatch) -> Written | None:
        """Store the one row of `batch` in place of what was set aside."""
        now_ms = self._clock.now_ms()
        (label_set,) = await self._numbered([batch], ())
        rows = _Rows(now_ms, iter(await self._database.row_ids.take(1, now_ms=now_ms)))
        row = outbox_rejects.c
        gone = (
            sa.delete(outbox_rejects)
            .where(
                row.agent_id == batch.sender.agent_id,
                row.epoch == batch.epoch,
                row.seq == batch.first_seq,
                row.tenant_id == batch.sender.tenant,
            )
            .returning(row.seq)
        )
        async with self._database.events.change() as change:
            if (await change.connection.execute(gone)).first() is None:
                return None
            rows.add_files(batch.files, label_set)
            for _, event in batch.events:
                rows.add_event(event, label_set)
            await insert(change, _FILES, rows.files)
            await insert(change, _EVENTS, rows.events)
            sums = [(*bucket, *sums) for bucket, sums in all_steps(rows.sums).items()]
            await add_up(change, file_rollups, sums, sums=_SUMS, maxima=("max_duration_ms",))
            name = await add_batch(change, [row[0] for row in (*rows.files, *rows.events)], now_ms=now_ms)
        return Written(placed=[Take(from_seq=batch.first_seq)], fresh=[], batch=name)

    async def set_aside(self, agent_id: str, epoch: str, seq: int) -> RejectedRow | None:
        """Return a row that was set aside; None when it is not kept."""
        row = outbox_rejects.c
        query = sa.select(outbox_rejects).where(row.agent_id == agent_id, row.epoch == epoch, row.seq == seq)
        async with self._database.events.view() as view:
            found = (await view.execute(query)).first()
        return None if found is None else RejectedRow(found.seq, found.code, found.message, found.content)

    async def _numbered(self, batches: Sequence[OutboxBatch], events: Sequence[Event]) -> list[int]:
        """Return the numbers of the label sets of the batches, then of the events."""
        number = self._labels.number
        of_batches = [await number(batch.sender.tenant, batch.sender.labels) for batch in batches]
        return of_batches + [await number(event.tenant, event.labels) for event in events]


async def _place(change: Change, rows: _Rows, batches: Sequence[tuple[OutboxBatch, int]]) -> list[Take | Gap]:
    """Add what is new of batches with the numbers of their label sets, and move the marks."""
    marks = await hold_marks(change, [(batch.sender, batch.epoch) for batch, _ in batches], now_ms=rows.now_ms)
    placed: list[Take | Gap] = []
    for batch, label_set in batches:
        name = (batch.sender.agent_id, batch.epoch)
        where = place(marks[name], batch.first_seq, lost_before=batch.lost_before)
        placed.append(where)
        if isinstance(where, Take) and where.from_seq <= batch.last_seq:
            rows.add_batch(batch, where, label_set)
            marks[name] = batch.last_seq
    await move_marks(change, marks, now_ms=rows.now_ms)
    return placed


async def _keep_new(change: Change, rows: _Rows, found: Sequence[tuple[Event, int]]) -> list[bool]:
    """Add those events whose key is new, with the numbers of their label sets; of several with one key the first."""
    keys = [(_digest(event), next(rows.numbers)) for event, _ in found]
    added = await insert_new(change, _KEYS, keys)
    fresh: list[bool] = []
    for (event, label_set), (digest, number) in zip(found, keys, strict=True):
        fresh.append(digest in added)
        if digest in added:
            added.discard(digest)
            rows.add_event(event, label_set, number)
    return fresh


def _digest(event: Event) -> bytes:
    return hashlib.blake2b(f"{event.tenant}\0{event.source}\0{event.id}".encode(), digest_size=16).digest()


def _text(value: object) -> str | None:
    return None if value is None else _encode(value).decode()
