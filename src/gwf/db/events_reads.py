"""Reads events and file events for people: pages, single rows, and how file events are spread."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.core.errors import NotFoundError
from gwf.db.events_filters import MAX_ARRAY_PROBES, MAX_PROBES, event_wish, file_glance, file_wish
from gwf.db.half import Half
from gwf.db.labelsets import LabelSets
from gwf.db.tables.events import events, file_events
from gwf.db.tables.rollups import file_rollups
from gwf.db.timeline_sql import STEER, Statement, Wish, counts_of, newest_of, page_among, rows_of
from gwf.events.files import FileEvent, FileEventStatus
from gwf.events.model import Event, Severity, StoredEvent
from gwf.events.ports import (
    FACETS_MOST,
    EventFacets,
    EventFilter,
    EventPage,
    FileEventFacets,
    FileEventFilter,
    FileEventPage,
    LabelTest,
    PageWish,
    Span,
    StoredFileEvent,
)
from gwf.ingest.rollup import step_for

MAX_COUNTED = 10_000  #: newest events that are counted where no sums help

Labels = Mapping[int, Mapping[str, str]]
Row = sa.RowMapping


class StoredEvents:
    """Implements `gwf.events.ports.EventReads` over the half of what happened."""

    def __init__(self, half: Half, labels: LabelSets) -> None:
        """Read from `half`."""
        self._half = half
        self._most = MAX_PROBES if half.is_sqlite else MAX_ARRAY_PROBES
        self._labels = labels

    async def events(self, wanted: EventFilter, page: PageWish) -> EventPage:
        """Return one page."""
        sets = await self._sets(wanted.tenant, wanted.labels)
        if sets is not None and not sets:
            return EventPage(items=[], more=False)
        rows = await self._rows(event_wish(wanted, sets, page))
        labels = await self._labels.labels(wanted.tenant, {row["label_set_id"] for row in rows})
        shown, more = _cut(rows, page)
        return EventPage(items=[_event(row, labels) for row in shown], more=more)

    async def event(self, tenant: str, row_id: int) -> StoredEvent:
        """Return one event."""
        row = await self._one(events, tenant, row_id)
        return _event(row, await self._labels.labels(tenant, {row["label_set_id"]}))

    async def event_facets(self, wanted: EventFilter) -> EventFacets:
        """Return how events are spread over the newest of them."""
        sets = await self._sets(wanted.tenant, wanted.labels)
        if sets is not None and not sets:
            return _event_facets(())
        wish = event_wish(wanted, sets, PageWish(limit=MAX_COUNTED - 1))
        counted = counts_of(wish, ("type", "severity", "source", "agent_id"), sqlite=self._half.is_sqlite)
        async with self._half.view() as connection:
            if not self._half.is_sqlite:
                await connection.execute(sa.text(STEER))
            rows = await _run(connection, counted)
        return _event_facets(rows)

    async def file_events(self, wanted: FileEventFilter, page: PageWish) -> FileEventPage:
        """Return one page."""
        sets = await self._sets(wanted.tenant, wanted.labels)
        if sets is not None and not sets:
            return FileEventPage(items=[], more=False)
        rows = await self._rows(
            file_wish(wanted, sets, page, most=self._most), glance=file_glance(wanted, sets, page, most=self._most)
        )
        labels = await self._labels.labels(wanted.tenant, {row["label_set_id"] for row in rows})
        shown, more = _cut(rows, page)
        return FileEventPage(items=[_file_event(row, labels) for row in shown], more=more)

    async def file_event(self, tenant: str, row_id: int) -> StoredFileEvent:
        """Return one file event."""
        row = await self._one(file_events, tenant, row_id)
        return _file_event(row, await self._labels.labels(tenant, {row["label_set_id"]}))

    async def file_event_facets(self, wanted: FileEventFilter) -> FileEventFacets:
        """Return how file events are spread; where texts are searched only the newest are counted."""
        sets = await self._sets(wanted.tenant, wanted.labels)
        if sets is not None and not sets:
            return _spread({}, wanted.span, exact=True)
        if wanted.text is None and wanted.path_prefix is None and wanted.file_ref is None:
            async with self._half.view() as connection:
                return await _summed(connection, wanted, sets)
        rows = await self._rows(file_wish(wanted, sets, PageWish(limit=MAX_COUNTED - 1), most=self._most))
        counts = Counter((row["status"], row["error_class"] or "", row["store"] or "", row["agent_id"]) for row in rows)
        return _spread(counts, wanted.span, exact=len(rows) < MAX_COUNTED)

    async def _sets(self, tenant: str, wanted: LabelTest | None) -> Sequence[int] | None:
        return None if wanted is None else await self._labels.matching(tenant, wanted)

    async def _rows(self, wish: Wish, *, glance: Wish | None = None) -> Sequence[Row]:
        async with self._half.view() as connection:
            if not self._half.is_sqlite:
                await connection.execute(sa.text(STEER))
            if glance is not None:
                newest = await _run(connection, newest_of(glance, sqlite=self._half.is_sqlite))
                if (page := page_among(newest, glance)) is not None:
                    return page
            return await _run(connection, rows_of(wish, sqlite=self._half.is_sqlite))

    async def _one(self, table: sa.Table, tenant: str, row_id: int) -> Row:
        chosen = sa.select(table).where(table.c.row_id == row_id, table.c.tenant_id == tenant)
        async with self._half.view() as connection:
            row = (await connection.execute(chosen)).mappings().first()
        if row is None:
            raise NotFoundError("no event has this id", row_id=str(row_id))
        return row


async def _run(connection: AsyncConnection, statement: Statement) -> Sequence[Row]:
    return (await connection.execute(sa.text(statement.text), statement.parameters)).mappings().all()


def _cut(rows: Sequence[Row], page: PageWish) -> tuple[Sequence[Row], bool]:
    """Return the rows of a page, newest first, and whether there are more behind them."""
    shown = rows[: page.limit]
    return (shown[::-1] if page.newer else shown), len(rows) > page.limit


async def _summed(connection: AsyncConnection, wanted: FileEventFilter, sets: Sequence[int] | None) -> FileEventFacets:
    step = step_for(wanted.span.until_ms - wanted.span.since_ms)
    since_ms = wanted.span.since_ms - wanted.span.since_ms % step
    until_ms = -(-wanted.span.until_ms // step) * step
    table = file_rollups.c
    conditions: list[sa.ColumnElement[bool]] = [
        table.tenant_id == wanted.tenant,
        table.step_ms == int(step),
        table.at_ms >= since_ms,
        table.at_ms < until_ms,
    ]
    narrowed: tuple[tuple[sa.ColumnElement[Any], Sequence[str | int]], ...] = (
        (table.status, [int(status) for status in wanted.statuses]),
        (table.store, wanted.stores),
        (table.agent_id, wanted.agents),
        (table.error_class, wanted.error_classes),
        (table.label_set_id, sets or ()),
    )
    conditions += [column.in_(values) for column, values in narrowed if values]
    by = (table.status, table.error_class, table.store, table.agent_id)
    chosen = sa.select(*by, sa.func.sum(table.events).label("events")).where(*conditions).group_by(*by)
    counts = {(row[0], row[1], row[2], row[3]): int(row[4]) for row in await connection.execute(chosen)}
    return _spread(counts, replace(wanted.span, since_ms=since_ms, until_ms=until_ms), exact=True)


def _spread(counts: Mapping[tuple[int, str, str, str], int], span: Span, *, exact: bool) -> FileEventFacets:
    facets: list[Counter[Any]] = [Counter(), Counter(), Counter(), Counter()]
    for values, count in counts.items():
        for facet, value in zip(facets, values, strict=True):
            if value != "":
                facet[value] += count
    statuses, classes, stores, agents = (facet.most_common(FACETS_MOST) for facet in facets)
    return FileEventFacets(
        statuses=[(FileEventStatus(status), count) for status, count in statuses], error_classes=classes,
        stores=stores, agents=agents, exact=exact, counted=sum(counts.values()), span=span,
    )  # fmt: skip


def _event(row: Row, labels: Labels) -> StoredEvent:
    return StoredEvent(
        row_id=row["row_id"],
        received_at_ms=row["received_at_ms"],
        event=Event(
            id=row["event_id"],
            source=row["source"],
            type=row["type"],
            at_ms=row["at_ms"],
            subject=row["subject"],
            tenant=row["tenant_id"],
            agent_id=row["agent_id"],
            labels=labels.get(row["label_set_id"], {}),
            severity=Severity(row["severity"]),
            data=_json(row["data"]),
            content_type=row["content_type"],
            data_schema=row["data_schema"],
            extensions=_json(row["extensions"]) or {},
        ),
    )


def _file_event(row: Row, labels: Labels) -> StoredFileEvent:
    values = {name: row[name] for name in FileEvent._fields if name not in {"tenant", "status"}}
    return StoredFileEvent(
        row_id=row["row_id"],
        received_at_ms=row["received_at_ms"],
        labels=labels.get(row["label_set_id"], {}),
        event=FileEvent(tenant=row["tenant_id"], status=FileEventStatus(row["status"]), **values),
    )


def _event_facets(rows: Sequence[Row]) -> EventFacets:
    facets: dict[str, Counter[Any]] = {name: Counter() for name in ("type", "severity", "source", "agent_id")}
    for row in rows:
        for name, facet in facets.items():
            if row[name] is not None:
                facet[row[name]] += int(row["events"])
    counted = sum(int(row["events"]) for row in rows)
    severities = sorted(facets["severity"].items(), reverse=True)
    return EventFacets(
        types=facets["type"].most_common(FACETS_MOST),
        severities=[(Severity(value), count) for value, count in severities],
        sources=facets["source"].most_common(FACETS_MOST),
        agents=facets["agent_id"].most_common(FACETS_MOST),
        exact=counted < MAX_COUNTED,
        counted=counted,
    )


def _json(text: object) -> Any:
    return json.loads(text) if isinstance(text, str) else text
