"""Writes many rows at once by each driver's fastest way, inside a change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, cast

import aiosqlite
import psycopg
import sqlalchemy as sa
from psycopg import sql

from gwf.db.half import Change

Row = Sequence[Any]  #: values in the order of the columns; plain ones, as the database has them
MAX_VALUES = 30_000  #: placeholders of one statement on SQLite


class Target(NamedTuple):
    """Where rows go."""

    table: sa.Table
    #: names of the columns, in the order of the rows' values
    columns: Sequence[str]


async def insert(change: Change, target: Target, rows: Collection[Row]) -> None:
    """Add `rows`, all of which must be new: COPY on PostgreSQL, one prepared statement on SQLite."""
    if not rows:
        return
    driver = await _driver(change)
    if isinstance(driver, psycopg.AsyncConnection):
        await _copy(driver, target, rows)
        return
    cursor = await driver.executemany(f"{_into(target)} VALUES {_marks(target.columns)}", rows)
    await cursor.close()


async def insert_new(change: Change, target: Target, rows: Sequence[Row]) -> set[Any]:
    """Add those of `rows` whose first column, the key, is not there yet; return the keys that were added.

    Of several rows with one key the first is taken.
    """
    by_key = {row[0]: row for row in reversed(rows)}
    rows = sorted(by_key.values(), key=lambda row: row[0])  # in one order everywhere: no two changes wait in a circle
    if not rows:
        return set()
    driver = await _driver(change)
    key = target.columns[0]
    head, end = _into(target), f"ON CONFLICT ({key}) DO NOTHING RETURNING {key}"
    if isinstance(driver, psycopg.AsyncConnection):
        cursor = await driver.execute(f"{head} {_unnested(target)} {end}".encode(), _turned(rows))
        return {key for (key,) in await cursor.fetchall()}
    added: set[Any] = set()
    for part in _parts(rows, len(target.columns)):
        values = ",".join([_marks(target.columns)] * len(part))
        found = await driver.execute_fetchall(f"{head} VALUES {values} {end}", [value for row in part for value in row])
        added.update(key for (key,) in found)
    return added


async def put(change: Change, target: Target, rows: Sequence[Row]) -> None:
    """Add `rows` or write them over those with the same first column, the key. No two of them may have one key."""
    key, *others = target.columns
    rows = sorted(rows, key=lambda row: row[0])  # in one order everywhere, see above
    if not rows:
        return
    driver = await _driver(change)
    changed = ", ".join(f"{name} = excluded.{name}" for name in others)
    head, end = _into(target), f"ON CONFLICT ({key}) DO UPDATE SET {changed}"
    if isinstance(driver, psycopg.AsyncConnection):
        await driver.execute(f"{head} {_unnested(target)} {end}".encode(), _turned(rows))
        return
    cursor = await driver.executemany(f"{head} VALUES {_marks(target.columns)} {end}", rows)
    await cursor.close()


async def add_up(
    change: Change, table: sa.Table, rows: Sequence[Row], *, sums: Sequence[str], maxima: Sequence[str]
) -> None:
    """Add numbers to the rows with these keys, or begin them.

    The columns of a row are those of the table's primary key, then `sums`, which grow by the value, then `maxima`,
    which keep the higher value. No two of `rows` may have one key.
    """
    keys = [column.name for column in table.primary_key]
    target = Target(table, [*keys, *sums, *maxima])
    driver = await _driver(change)
    greatest = "GREATEST" if isinstance(driver, psycopg.AsyncConnection) else "MAX"
    grow = [f"{name} = {table.name}.{name} + excluded.{name}" for name in sums]
    keep = [f"{name} = {greatest}({table.name}.{name}, excluded.{name})" for name in maxima]
    head, end = _into(target), f"ON CONFLICT ({_names(keys)}) DO UPDATE SET {', '.join(grow + keep)}"
    rows = sorted(rows, key=lambda row: tuple(row[: len(keys)]))  # in one order everywhere, see above
    if not rows:
        return
    if isinstance(driver, psycopg.AsyncConnection):
        await driver.execute(f"{head} {_unnested(target)} {end}".encode(), _turned(rows))
        return
    cursor = await driver.executemany(f"{head} VALUES {_marks(target.columns)} {end}", rows)
    await cursor.close()


async def _copy(driver: psycopg.AsyncConnection[Any], target: Target, rows: Collection[Row]) -> None:
    names = sql.SQL(",").join(map(sql.Identifier, target.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(target.table.name), names)
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


async def _driver(change: Change) -> aiosqlite.Connection | psycopg.AsyncConnection[Any]:
    raw = await change.connection.get_raw_connection()
    return cast("aiosqlite.Connection | psycopg.AsyncConnection[Any]", raw.driver_connection)


def _names(columns: Sequence[str]) -> str:
    return ",".join(f'"{name}"' for name in columns)


def _into(target: Target) -> str:
    return f"INSERT INTO {target.table.name} ({_names(target.columns)})"


def _marks(columns: Sequence[str]) -> str:
    return f"({','.join('?' * len(columns))})"


def _unnested(target: Target) -> str:
    """Return a SELECT over one array for each column.

    Text goes in binary: as text each value would be searched for what must be escaped, which takes JSON forty times as
    long. Numbers do not: an array of nothing but NULL would have no type.
    """
    kinds = [_kind(target.table.c[name].type) for name in target.columns]
    arrays = ", ".join(f"{'%b' if kind == 'text' else '%s'}::{kind}[]" for kind in kinds)
    return f"SELECT * FROM unnest({arrays})"


def _kind(kind: sa.types.TypeEngine[Any]) -> str:
    if isinstance(kind, sa.LargeBinary):
        return "bytea"
    if isinstance(kind, sa.Boolean):
        return "boolean"
    return "bigint" if isinstance(kind, sa.BigInteger) else "text"


def _turned(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(values) for values in zip(*rows, strict=True)]


def _parts(rows: Sequence[Row], width: int) -> list[Sequence[Row]]:
    size = max(1, MAX_VALUES // width)
    return [rows[at : at + size] for at in range(0, len(rows), size)]
