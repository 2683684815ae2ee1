"""Removes what was kept long enough: whole days on PostgreSQL, small portions on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gwf.db.half import Half
from gwf.db.partitions import DAY_MS, drop_partitions, ensure_partitions
from gwf.db.rowids import first_row_id
from gwf.db.tables.events import event_keys, events, file_events, outbox_rejects
from gwf.db.tables.rollups import file_rollups

PORTION = 5_000  #: rows of one transaction: others wait for the writer no longer than that takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how long what happened is kept, in days since the centre took it."""

    events_days: int = 90
    file_events_days: int = 30
    #: of sums by minute, by hour and by day
    minutes_days: int = 8
    hours_days: int = 400
    days_days: int = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What one run removed."""

    #: of PostgreSQL, whole
    partitions: tuple[str, ...]
    #: rows of each table, beside those in `partitions`
    rows: dict[str, int]


async def tend(half: Half, keep: Keep, *, now_ms: int) -> Removed:
    """Make the partitions of the next days, and remove what is older than `keep` says; run it every hour or so.

    Raises:
        UnavailableError: The database did not answer, or somebody holds the tables. The next run makes up for it.
        LocalIoError: The disk of a SQLite file failed.
    """
    await ensure_partitions(half, now_ms=now_ms)
    partitions: list[str] = []
    rows: dict[str, int] = {}
    for table, days in ((events, keep.events_days), (file_events, keep.file_events_days)):
        before_ms = now_ms - days * DAY_MS
        partitions += await drop_partitions(half, table.name, before_ms=before_ms)
        rows[table.name] = await _remove(half, table, table.c.row_id < first_row_id(before_ms))
    old_key = event_keys.c.row_id < first_row_id(now_ms - keep.events_days * DAY_MS)
    rows[event_keys.name] = await _remove(half, event_keys, old_key)
    old_reject = outbox_rejects.c.received_at_ms < now_ms - keep.events_days * DAY_MS
    rows[outbox_rejects.name] = await _remove(half, outbox_rejects, old_reject)
    steps = ((60_000, keep.minutes_days), (3_600_000, keep.hours_days), (DAY_MS, keep.days_days))
    old_sums = [
        sa.and_(file_rollups.c.step_ms == step_ms, file_rollups.c.at_ms < now_ms - days * DAY_MS)
        for step_ms, days in steps
    ]
    rows[file_rollups.name] = await _remove(half, file_rollups, *old_sums)
    return Removed(partitions=tuple(partitions), rows={name: count for name, count in rows.items() if count})


async def _remove(half: Half, table: sa.Table, *old: sa.ColumnElement[bool]) -> int:
    """Delete the rows that any of `old` is true of, portion by portion, and return how many there were."""
    removed = 0
    for condition in old:
        statement = portion_of(table, condition)
        while (count := await _portion(half, statement)) > 0:
            removed += count
            if count < PORTION:
                break
    return removed


def portion_of(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Delete:
    """Return the statement that deletes the next rows of which `condition` is true."""
    key: Sequence[sa.Column[Any]] = list(table.primary_key)
    first = sa.select(*key).where(condition).limit(PORTION)
    return sa.delete(table).where(sa.tuple_(*key).in_(first) if len(key) > 1 else key[0].in_(first))


async def _portion(half: Half, statement: sa.Delete) -> int:
    async with half.change() as change:
        return (await change.connection.execute(statement)).rowcount
