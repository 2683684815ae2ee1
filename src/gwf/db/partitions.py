"""Keeps a partition for each day on PostgreSQL: made ahead, dropped as a whole when its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.db.half import Half
from gwf.db.rowids import first_row_id, taken_at_ms
from gwf.db.tables.columns import EVENTS

DAY_MS = 86_400_000
DAYS_AHEAD = 7  #: a centre that is not tended for so long goes on in the partition for the rest
LOCK_WAIT = "5s"  #: longest wait of others behind us; another try comes with the next upkeep
_MAX_DAY_MS = 253_402_300_800_000  #: begin of the year 10000: later rows stay in the partition for the rest
_LOCK = 0x677766_7061  #: PostgreSQL's number for "somebody tends the partitions"

#: tables that are kept by days
DAILY = tuple(
    table.name for table in EVENTS.sorted_tables if table.dialect_options["postgresql"]["partition_by"] is not None
)


def partition_name(table: str, day_ms: int) -> str:
    """Return the name of the partition of the day that begins at `day_ms`, such as events_p_20260131."""
    return f"{table}_p_{datetime.fromtimestamp(day_ms / 1000, UTC):%Y%m%d}"


async def ensure_partitions(events: Half, *, now_ms: int) -> tuple[str, ...]:
    """Make the partitions of yesterday, today and the next days that are missing, and return their names.

    Rows of such a day that went into the partition for the rest are moved. Does nothing on SQLite.

    Raises:
        UnavailableError: Somebody holds the tables; the next call makes up for it.
    """
    if events.is_sqlite:
        return ()
    async with events.change() as change:
        await _take_turn(change.connection)
        present = await _present(change.connection)
        wanted = list(_wanted(now_ms))
        missing = [(table, day_ms) for table, day_ms in wanted if partition_name(table, day_ms) not in present]
        for table, day_ms in missing:
            await _make(change.connection, table, day_ms)
    return tuple(partition_name(table, day_ms) for table, day_ms in missing)


async def drop_partitions(events: Half, table: str, *, before_ms: int) -> tuple[str, ...]:
    """Drop the partitions of `table` whose days ended before `before_ms`, and return their names.

    Raises:
        UnavailableError: Somebody holds the tables; the next call makes up for it.
    """
    if events.is_sqlite:
        return ()
    async with events.change() as change:
        await _take_turn(change.connection)
        present = await _present(change.connection)
        over = sorted(name for name in present if name.startswith(f"{table}_p_") and _ended(name, before_ms))
        for name in over:
            await change.connection.execute(sa.text(f"DROP TABLE {name}"))
    return tuple(over)


async def ensure_days(connection: AsyncConnection, table: str, row_ids: Iterable[int]) -> None:
    """Make the partitions of the days of these rows that are missing; PostgreSQL only."""
    days = {at_ms - at_ms % DAY_MS for at_ms in map(taken_at_ms, row_ids)}
    present = await _present(connection)
    for day_ms in sorted(days):
        if partition_name(table, day_ms) not in present and 0 <= day_ms < _MAX_DAY_MS:
            await _make(connection, table, day_ms)


def _wanted(now_ms: int) -> Iterator[tuple[str, int]]:
    today = now_ms - now_ms % DAY_MS
    for days in range(-1, DAYS_AHEAD + 1):
        for table in DAILY:
            yield table, today + days * DAY_MS


def _ended(name: str, before_ms: int) -> bool:
    _, _, day = name.rpartition("_p_")
    if not day.isdigit():
        return False  # the one for the rest
    begin = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    return round(begin.timestamp() * 1000) + DAY_MS <= before_ms


async def _take_turn(connection: AsyncConnection) -> None:
    await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def _present(connection: AsyncConnection) -> frozenset[str]:
    parents = sa.text(
        "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
        " WHERE inhparent = ANY (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name)"
    )
    return frozenset((await connection.scalars(parents, {"tables": list(DAILY)})).all())


async def _make(connection: AsyncConnection, table: str, day_ms: int) -> None:
    name = partition_name(table, day_ms)
    begin, end = first_row_id(day_ms), first_row_id(day_ms + DAY_MS)
    rows = f"row_id >= {begin} AND row_id < {end}"
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"WITH moved AS (DELETE FROM {table}_p_rest WHERE {rows} RETURNING *) INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})",
    ):
        await connection.execute(sa.text(statement))
