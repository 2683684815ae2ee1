"""Writes everything that a database holds into one file, while it is in use."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from gwf import __version__
from gwf.core.errors import ConflictError, InputError, LocalIoError
from gwf.db.dump import FORMAT, VERSION, DumpWriter, Head, TableHead, kind_of
from gwf.db.half import Half
from gwf.db.history import HISTORIES, History, current, newest

Told = Callable[[str], None]
_ROWS = 2_000  #: fetched at once


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """Give a file to write into, readable by its owner only; it lies at `path`, synced, once the block has ended well.

    Raises:
        ConflictError: Something lies at `path` already.
        LocalIoError: The file could not be written.
    """
    if path.exists():
        raise ConflictError("something lies there already", path=str(path))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with open(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        _sync(path.parent)
    except OSError as exc:
        raise LocalIoError("the file could not be written", path=str(path), problem=exc.strerror) from exc
    finally:
        unfinished.unlink(missing_ok=True)


async def back_up(core: Half, events: Half, file: BinaryIO, *, now_ms: int, told: Told) -> dict[str, int]:
    """Write both halves, each as of one moment, and return how many rows of each table were written.

    `told` gets the name of each table before it is written.

    Raises:
        InputError: The tables are not of this release.
        UnavailableError: The database did not answer.
    """
    writer = DumpWriter(file)
    writer.head(
        Head(
            format=FORMAT,
            version=VERSION,
            made_at_ms=now_ms,
            release=__version__,
            backend="sqlite" if core.is_sqlite else "postgresql",
            revisions={history.name: newest(history) for history in HISTORIES},
        )
    )
    rows: dict[str, int] = {}
    for half, history in zip((core, events), HISTORIES, strict=True):
        rows |= await _half(half, history, writer, told=told)
    writer.close()
    return rows


async def _half(half: Half, history: History, writer: DumpWriter, *, told: Told) -> dict[str, int]:
    rows: dict[str, int] = {}
    async with half.view() as connection:
        revision = await connection.run_sync(current, history)
        if revision != newest(history):
            raise InputError(
                "the tables are not of this release: run gwf db upgrade", half=half.name, revision=revision
            )
        for table in history.metadata.sorted_tables:
            name = str(table.name)
            told(name)
            columns = [(str(column.name), kind_of(column)) for column in table.columns]
            writer.table(TableHead(half=half.name, table=name, columns=columns))
            wanted = sa.select(*map(_plain, table.columns)).order_by(*table.primary_key)
            result = await connection.stream(wanted, execution_options={"yield_per": _ROWS})
            rows[name] = 0
            async for part in result.partitions():
                writer.rows([tuple(row) for row in part])
                rows[name] += len(part)
            writer.end_table(rows[name])
    return rows


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return the column as the database has it: JSON as the text that is stored."""
    return sa.type_coerce(column, sa.Text()).label(column.name) if kind_of(column) == "text" else column


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
