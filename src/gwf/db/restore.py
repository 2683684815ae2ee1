"""Fills an empty database from a backup, of whatever kind of database the backup was made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.core.errors import ConflictError, CorruptDataError, InputError, LocalIoError
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.bulk import Target, insert
from gwf.db.database import CORE_FILE, EVENTS_FILE, connect
from gwf.db.dump import DumpReader, Part
from gwf.db.faults import translated
from gwf.db.half import Change, Half
from gwf.db.history import HISTORIES, current, move, revisions
from gwf.db.partitions import DAILY, ensure_days

_ROWS = 5_000  #: of one table, written at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came out of a backup."""

    #: when the backup was made
    made_at_ms: int
    #: of each table
    rows: dict[str, int]


async def restore(address: DatabaseAddress, file: BinaryIO, *, told: Callable[[str], None]) -> Restored:
    """Fill the empty database at `address`, then bring it to this release; on an error it is as empty as before.

    `told` gets the name of each table before it is filled.

    Raises:
        ConflictError: The database holds data.
        CorruptDataError: The backup is damaged.
        InputError: The backup is of a newer release, or memory was named.
        LocalIoError: A file could not be written.
        UnavailableError: The database did not answer.
    """
    reader = DumpReader(file)
    _check_revisions(reader)
    if address.backend is Backend.MEMORY:
        raise InputError("memory keeps nothing: name a database that does")
    if address.directory is not None:
        return await _into_files(address.directory, reader, told)
    core, events = connect(address)
    try:
        await _refuse_data((core, events))
        with translated("restore"):
            async with core.writer.begin() as connection:  # all of it or nothing
                return await _fill({"core": connection, "events": connection}, reader, told)
    finally:
        await core.close()
        await events.close()


async def _into_files(directory: Path, reader: DumpReader, told: Callable[[str], None]) -> Restored:
    """Fill files beside the real ones, and put them in place once everything is in them."""
    if any((directory / name).exists() for name in (CORE_FILE, EVENTS_FILE)):
        core, events = connect(DatabaseAddress(backend=Backend.SQLITE, directory=directory))
        try:
            await _refuse_data((core, events))
        finally:
            await core.close()
            await events.close()
    beside = directory / ".restore-unfinished"
    try:
        shutil.rmtree(beside, ignore_errors=True)
        restored = await _fill_files(beside, reader, told)
        for name in (EVENTS_FILE, CORE_FILE):
            for suffix in ("-wal", "-shm"):
                (directory / f"{name}{suffix}").unlink(missing_ok=True)
            os.replace(beside / name, directory / name)
    except OSError as exc:
        raise LocalIoError("the files of the database could not be written", path=str(directory)) from exc
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return restored


async def _fill_files(directory: Path, reader: DumpReader, told: Callable[[str], None]) -> Restored:
    core, events = connect(DatabaseAddress(backend=Backend.SQLITE, directory=directory))
    try:
        with translated("restore"):
            async with core.writer.begin() as first, events.writer.begin() as second:
                return await _fill({"core": first, "events": second}, reader, told)
    finally:
        await core.close()
        await events.close()


async def _fill(halves: dict[str, AsyncConnection], reader: DumpReader, told: Callable[[str], None]) -> Restored:
    for history in HISTORIES:
        await halves[history.name].run_sync(move, history, reader.head.revisions[history.name])
    rows: dict[str, int] = {}
    for part in _parts(reader):
        name = part.table.table
        if name not in rows:
            told(name)
        await _write(halves[part.table.half], part)
        rows[name] = rows.get(name, 0) + len(part.rows)
    for history in HISTORIES:
        await halves[history.name].run_sync(move, history)
    await _continue_counting(halves["events"])
    return Restored(made_at_ms=reader.head.made_at_ms, rows=rows)


async def _write(connection: AsyncConnection, part: Part) -> None:
    name = part.table.table
    if name in DAILY and connection.dialect.name == "postgresql":
        key = [column for column, _ in part.table.columns].index("row_id")
        await ensure_days(connection, name, {row[key] for row in part.rows})
    (table,) = (history.metadata.tables[name] for history in HISTORIES if name in history.metadata.tables)
    await insert(Change(connection), Target(table, [column for column, _ in part.table.columns]), part.rows)


def _parts(reader: DumpReader) -> Iterator[Part]:
    known = {
        (history.name, table.name): {column.name for column in table.columns}
        for history in HISTORIES
        for table in history.metadata.sorted_tables
    }
    for part in reader.parts(_ROWS):
        columns = known.get((part.table.half, part.table.table), set())
        if not {column for column, _ in part.table.columns} <= columns:
            raise CorruptDataError("the backup has a table that this release does not know", table=part.table.table)
        yield part


def _check_revisions(reader: DumpReader) -> None:
    for history in HISTORIES:
        revision = reader.head.revisions.get(history.name)
        if revision not in revisions(history):
            release = reader.head.release
            raise InputError("the backup is of a newer release", half=history.name, revision=revision, release=release)


async def _refuse_data(halves: tuple[Half, Half]) -> None:
    for half, history in zip(halves, HISTORIES, strict=True):
        async with half.view() as connection:
            if await connection.run_sync(current, history) is None:
                continue
            for table in history.metadata.sorted_tables:
                if (await connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first():
                    raise ConflictError("the database holds data: restore into an empty one", table=table.name)


async def _continue_counting(connection: AsyncConnection) -> None:
    """Let numbers that the database gives out go on behind those that were restored."""
    if connection.dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('label_sets', 'label_set_id')"
        highest = "(SELECT COALESCE(MAX(label_set_id), 0) + 1 FROM label_sets)"
        await connection.execute(sa.text(f"SELECT setval({sequence}, {highest}, false)"))
