"""Rows for any table, made from the kinds of its columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gwf.db.tables.columns import Json


def row(table: sa.Table, number: int) -> dict[str, Any]:
    """Return the row `number` of `table`: every column has a value, and no two rows share one."""
    return {column.name: _value(column, number) for column in table.columns}


def fill(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Empty every table and put three rows into it."""
    for table in metadata.sorted_tables:
        connection.execute(sa.delete(table))
        connection.execute(sa.insert(table), [row(table, number) for number in (1, 2, 3)])


def held(connection: sa.Connection, metadata: sa.MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table that has any."""
    found = {
        table.name: [tuple(item) for item in connection.execute(sa.select(table).order_by(*table.primary_key))]
        for table in metadata.sorted_tables
    }
    return {name: rows for name, rows in found.items() if rows}


def _value(column: sa.Column[Any], number: int) -> object:
    kind = column.type
    if isinstance(kind, Json):
        return {"n": number, "wort": "Zürich \u4e2d\u6587 \x00", "list": [1.5, None, True]}
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Double):
        return number / 4
    if isinstance(kind, sa.LargeBinary):
        return bytes([number, 0, 255])
    if isinstance(kind, sa.BigInteger):
        return 2**62 + number
    return f"{column.name} {number} \u4e2d\u6587"
