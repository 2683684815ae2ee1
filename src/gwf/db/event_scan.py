"""Reads stored events as the rules see them: those of a batch, recorded ones by the thousand, a single one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gwf.core.errors import NotFoundError
from gwf.db.half import Half
from gwf.db.labelsets import LabelSets
from gwf.db.rowids import first_row_id, taken_at_ms
from gwf.db.tables.columns import json_value_of
from gwf.db.tables.events import events, file_events
from gwf.db.timeline_sql import STEER
from gwf.events.files import FileEvent, FileEventStatus, file_ref
from gwf.events.model import Event, Severity
from gwf.rules.decided import Batch, Stretch
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts, event_facts, file_facts

PORTION = 4_000
_FILE_COLUMNS = ("tenant_id", *FileEvent._fields[1:])
_STATUS = FileEvent._fields.index("status")
_FILES = sa.select(
    file_events.c.row_id, file_events.c.label_set_id, *(file_events.c[name] for name in _FILE_COLUMNS)
).order_by(file_events.c.row_id)
_EVENTS = sa.select(
    events.c.row_id, events.c.label_set_id, events.c.tenant_id, events.c.event_id, events.c.source, events.c.type,
    events.c.subject, events.c.at_ms, events.c.agent_id, events.c.severity, events.c.data, events.c.content_type,
    events.c.extensions,
).order_by(events.c.row_id)  # fmt: skip
_TABLES = ((file_events, _FILES, EventKind.FILE), (events, _EVENTS, EventKind.EVENT))
_STEER = sa.text(STEER)  #: else PostgreSQL sorts all that is left of a stretch for each portion
_SEVERITIES = {int(severity): severity for severity in Severity}

Row = Sequence[Any]
_FILE = file_events.c


class EventScan:
    """Speaks the port `gwf.rules.decided.Events`."""

    def __init__(self, half: Half, labels: LabelSets) -> None:
        """Read from `half`."""
        self._half = half
        self._labels = labels

    async def of_batch(
        self, batch: Batch, tenants: Sequence[str], *, statuses: Collection[FileEventStatus] | None = None
    ) -> AsyncIterator[Sequence[Facts]]:
        """Yield the events of a batch that are of some tenants, in portions; of files only those with `statuses`."""
        for first, last in batch.ranges:
            for tenant in tenants:
                stretch = Stretch(tenant=tenant, first_row_id=first, last_row_id=last)
                async for portion in self.of_stretch(stretch, statuses=statuses):
                    yield portion

    async def of_stretch(
        self, stretch: Stretch, *, statuses: Collection[FileEventStatus] | None = None
    ) -> AsyncIterator[Sequence[Facts]]:
        """Yield recorded events in portions; each is read in a view of its own, so that none is held for long.

        `statuses`: only those of the events of files; None = all.
        """
        for source in self._sources(stretch, statuses):
            async for portion in source:
                yield portion

    async def in_order(
        self, stretch: Stretch, *, statuses: Collection[FileEventStatus] | None = None
    ) -> AsyncIterator[Sequence[Facts]]:
        """Yield as `of_stretch`, events of both kinds in the order in which they were taken."""
        sources = self._sources(stretch, statuses)
        waiting: list[list[Facts]] = [[] for _ in sources]
        while True:
            for at, source in enumerate(sources):
                if not waiting[at]:
                    found = await anext(source, None)
                    waiting[at] = [] if found is None else list(found)
            if not any(waiting):
                return
            upto = min(portion[-1].ref.row_id for portion in waiting if portion)
            due = [facts for portion in waiting for facts in portion if facts.ref.row_id <= upto]
            waiting = [[facts for facts in portion if facts.ref.row_id > upto] for portion in waiting]
            yield sorted(due, key=lambda facts: facts.ref.row_id)

    def taken_at_ms(self, facts: Facts) -> int:
        """Return when the centre took an event."""
        return taken_at_ms(facts.ref.row_id)

    def _sources(
        self, stretch: Stretch, statuses: Collection[FileEventStatus] | None
    ) -> Sequence[AsyncGenerator[Sequence[Facts]]]:
        found: list[AsyncGenerator[Sequence[Facts]]] = []
        for table, wanted, kind in _TABLES:
            if table is not file_events or statuses is None:
                found.append(self._of_table(table, wanted, kind, stretch=stretch))
            elif statuses:
                found.append(self._of_table(table, wanted.where(_of_status(statuses)), kind, stretch=stretch))
        return found

    async def _of_table(
        self, table: sa.Table, wanted: sa.Select[*tuple[Any, ...]], kind: EventKind, *, stretch: Stretch
    ) -> AsyncGenerator[Sequence[Facts]]:
        after = stretch.first_row_id - 1
        while True:
            some = wanted.where(
                _of_tenant(table, stretch.tenant), table.c.row_id > after, table.c.row_id <= stretch.last_row_id
            )
            async with self._half.view() as connection:
                if not self._half.is_sqlite:
                    await connection.execute(_STEER)
                rows = (await connection.execute(some.limit(PORTION))).all()
            if rows:
                yield await self._facts(stretch.tenant, rows, kind)
                after = rows[-1][0]
            if len(rows) < PORTION:
                break

    def taken(self, tenant: str, since_ms: int, until_ms: int) -> Stretch:
        """Return the stretch of what the centre took between two moments, the second excluded."""
        return Stretch(tenant=tenant, first_row_id=first_row_id(since_ms), last_row_id=first_row_id(until_ms) - 1)

    async def count(self, stretch: Stretch, *, statuses: Collection[FileEventStatus] | None = None) -> int:
        """Return how many events there are; of those of files only with `statuses`, None = all."""
        total = 0
        async with self._half.view() as connection:
            for table, _, _ in _TABLES:
                counted = sa.select(sa.func.count()).where(
                    _of_tenant(table, stretch.tenant),
                    table.c.row_id >= stretch.first_row_id,
                    table.c.row_id <= stretch.last_row_id,
                    *(() if table is not file_events or statuses is None else (_of_status(statuses),)),
                )
                total += int(await connection.scalar(counted) or 0)
        return total

    async def find_of_file(self, tenant: str, agent_id: str, path: str) -> Facts | None:
        """Return the newest event of a file, or None."""
        mine = (_FILE.file_ref == file_ref(agent_id, path), _FILE.agent_id == agent_id, _FILE.tenant_id == tenant)
        newest = _FILES.where(*mine).order_by(None).order_by(_FILE.at_ms.desc(), _FILE.row_id.desc()).limit(1)
        async with self._half.view() as connection:
            rows = (await connection.execute(newest)).all()
        return (await self._facts(tenant, rows, EventKind.FILE))[0] if rows else None

    async def one(self, ref: EventRef) -> Facts:
        """Return an event, or raise NotFoundError."""
        table, wanted, kind = _TABLES[0 if ref.kind is EventKind.FILE else 1]
        chosen = wanted.where(table.c.row_id == ref.row_id, table.c.tenant_id == ref.tenant)
        async with self._half.view() as connection:
            rows = (await connection.execute(chosen)).all()
        if not rows:
            raise NotFoundError("no event has this id", row_id=str(ref.row_id))
        return (await self._facts(ref.tenant, rows, kind))[0]

    async def some(self, tenant: str, refs: Sequence[EventRef]) -> Sequence[Facts]:
        """Return those of some events that there still are."""
        found: list[Facts] = []
        for table, wanted, kind in _TABLES:
            ids = sorted(ref.row_id for ref in refs if ref.kind is kind)
            for at in range(0, len(ids), PORTION):
                chosen = wanted.where(table.c.row_id.in_(ids[at : at + PORTION]), _of_tenant(table, tenant))
                async with self._half.view() as connection:
                    rows = (await connection.execute(chosen)).all()
                found += await self._facts(tenant, rows, kind)
        return found

    async def _facts(self, tenant: str, rows: Sequence[Row], kind: EventKind) -> list[Facts]:
        labels = await self._labels.labels(tenant, {row[1] for row in rows})
        made = _of_file if kind is EventKind.FILE else _of_event
        return [made(row, labels[row[1]]) for row in rows]


def _of_status(statuses: Collection[FileEventStatus]) -> sa.ColumnElement[bool]:
    return _FILE.status.in_(sorted(int(status) for status in statuses))


def _of_tenant(table: sa.Table, tenant: str) -> sa.ColumnElement[bool]:
    """Return the condition, written so that no planner takes an index by tenant and sorts it all for each portion."""
    return table.c.tenant_id.op("||")("") == tenant


def _of_file(row: Row, labels: Mapping[str, str]) -> Facts:
    values = list(row[2:])
    values[_STATUS] = FileEventStatus(values[_STATUS])
    return file_facts(row[0], FileEvent(*values), labels)


def _of_event(row: Row, labels: Mapping[str, str]) -> Facts:
    row_id, _, tenant, event_id, source, kind, subject, at_ms, agent_id, severity, data, content_type, extensions = row
    event = Event(
        id=event_id, source=source, type=kind, at_ms=at_ms, subject=subject, tenant=tenant, agent_id=agent_id,
        labels=labels, severity=_SEVERITIES[severity], content_type=content_type, extensions=_plain(extensions),
    )  # fmt: skip
    return event_facts(row_id, event, data_text=data)


def _plain(extensions: Any) -> Mapping[str, str | int | bool]:
    found: Mapping[str, str | int | bool] = (
        json_value_of(extensions) if isinstance(extensions, str) else extensions or {}
    )
    return found
