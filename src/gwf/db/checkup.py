"""Looks a database over: revisions, tables, damage, size, rows where they do not belong."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.core.errors import CorruptDataError
from gwf.db.half import Half
from gwf.db.history import HISTORIES, History, current, differences, newest
from gwf.db.partitions import DAILY

_MAX_FAULTS = 20  #: that SQLite lists


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfChecked:
    """What one half is like."""

    half: str
    #: of its tables; None = there are none
    revision: str | None
    #: what this release works with
    newest: str
    size_bytes: int
    #: one line each; none = sound
    faults: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether this release can work with it as it is."""
        return self.revision == self.newest


async def look_over(core: Half, events: Half) -> tuple[HalfChecked, HalfChecked]:
    """Return what both halves are like; on SQLite every page is read.

    Raises:
        UnavailableError: The database did not answer.
        LocalIoError: The disk of a SQLite file failed.
    """
    return await _checked(core, HISTORIES[0]), await _checked(events, HISTORIES[1])


async def _checked(half: Half, history: History) -> HalfChecked:
    try:
        return await _read(half, history)
    except CorruptDataError as exc:  # so damaged that SQLite cannot even say where
        return HalfChecked(half=half.name, revision=None, newest=newest(history), size_bytes=0, faults=(str(exc),))


async def _read(half: Half, history: History) -> HalfChecked:
    async with half.view() as connection:
        revision = await connection.run_sync(current, history)
        faults: list[str] = []
        if half.is_sqlite:
            faults += await _damage(connection)
        if revision == newest(history):
            faults += await connection.run_sync(differences, history)
            faults += await _strays(connection, half, history)
        elif revision is not None:
            faults.append(f"tables of revision {revision}, this release needs {newest(history)}: gwf db upgrade")
        size_bytes = await _size(connection, half, history)
    return HalfChecked(
        half=half.name, revision=revision, newest=newest(history), size_bytes=size_bytes, faults=tuple(faults)
    )


async def _damage(connection: AsyncConnection) -> list[str]:
    lines = (await connection.scalars(sa.text(f"PRAGMA integrity_check({_MAX_FAULTS})"))).all()
    return [str(line) for line in lines if line != "ok"]


async def _strays(connection: AsyncConnection, half: Half, history: History) -> list[str]:
    """Tell rows in the partitions for the rest: their days have none of their own."""
    if half.is_sqlite:
        return []
    faults: list[str] = []
    for name in DAILY:
        if name in history.metadata.tables:
            count = await connection.scalar(sa.select(sa.func.count()).select_from(sa.table(f"{name}_p_rest")))
            if count:
                faults.append(f"{name}: {count} rows lie outside all days; the next upkeep moves those of these days")
    return faults


async def _size(connection: AsyncConnection, half: Half, history: History) -> int:
    if half.is_sqlite:
        pages = await connection.scalar(sa.text("PRAGMA page_count"))
        return int(pages or 0) * int(await connection.scalar(sa.text("PRAGMA page_size")) or 0)
    names = list(history.metadata.tables)
    wanted = sa.text(
        "WITH ours AS (SELECT CAST(to_regclass(name) AS oid) AS oid FROM unnest(CAST(:names AS text[])) AS name)"
        " SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM (SELECT oid FROM ours WHERE oid IS NOT NULL"
        " UNION ALL SELECT inhrelid FROM pg_inherits JOIN ours ON oid = inhparent) AS kept"
    )
    return int(await connection.scalar(wanted, {"names": names}) or 0)
