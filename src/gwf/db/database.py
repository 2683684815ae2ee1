"""The centre's database: opens what was configured, or memory when that fails, and says which."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from gwf.core.clock import Clock, SystemClock
from gwf.core.errors import ConfigError, CorruptDataError, LocalIoError, UnavailableError
from gwf.core.mounts import is_network, real_path
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.engines import postgresql, sqlite_memory, sqlite_readers, sqlite_writer
from gwf.db.faults import translated
from gwf.db.half import CoreHalf, Half
from gwf.db.history import CORE_HISTORY, EVENTS_HISTORY, History, move
from gwf.db.labelsets import LabelSets
from gwf.db.partitions import ensure_partitions
from gwf.db.rowids import RowIds

log = logging.getLogger("gwf.db")

CORE_FILE, EVENTS_FILE = "core.db", "events.db"
Unusable = UnavailableError | LocalIoError | CorruptDataError


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What health, pages and logs tell about the database."""

    #: where the data lies now
    backend: Backend
    #: as configured, without a password
    address: str
    #: what is stored is still there after a restart
    durable: bool
    #: why memory is used instead of what was configured; None = it is not
    fallback: str | None


class Database:
    """Both halves, ready for use: `core` for what people and agents decide, `events` for what happened."""

    def __init__(self, core: CoreHalf, events: Half, facts: DatabaseFacts) -> None:
        """Take the opened halves; `open_database` makes them."""
        self.core = core
        self.events = events
        self.facts = facts
        self.row_ids = RowIds(events)
        self.label_sets = LabelSets(events)

    @property
    def durable(self) -> bool:
        """Whether what is stored is still there after a restart."""
        return self.facts.durable

    async def __aenter__(self) -> Self:
        """Close at the end of the block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close all connections; on SQLite the write-ahead log goes back into the file."""
        await self.core.close()
        await self.events.close()


async def open_database(address: DatabaseAddress, *, clock: Clock | None = None, fallback: bool = True) -> Database:
    """Return the database at `address` with its tables at the newest revision.

    What cannot be opened is replaced by memory, said in the facts and in the log; with `fallback` off its error is
    raised. What an operator has to decide is raised in any case.

    Raises:
        ConfigError: SQLite cannot work there.
        InputError: The database was written by a newer release.
    """
    try:
        return await _opened(address, None, clock or SystemClock())
    except (UnavailableError, LocalIoError, CorruptDataError) as exc:
        if not fallback or address.backend is Backend.MEMORY:
            raise
        log.error("database_replaced_by_memory", extra={"database": str(address), "error": str(exc)})
        memory = DatabaseAddress(backend=Backend.MEMORY)
        return await _opened(memory, (address, exc), clock or SystemClock())


def connect(address: DatabaseAddress) -> tuple[CoreHalf, Half]:
    """Return the halves without a look at their tables.

    Raises:
        ConfigError: SQLite cannot work there.
        LocalIoError: The directory or a file in it cannot be made.
    """
    if address.url is not None:
        engine = postgresql(address.url)
        views = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return CoreHalf("core", engine, views), Half("events", engine, views)
    if address.directory is None:
        return CoreHalf("core", sqlite_memory(), None), Half("events", sqlite_memory(), None)
    core, events = _files(address.directory)
    return (
        CoreHalf("core", sqlite_writer(core, synchronous="FULL"), sqlite_readers(core)),
        Half("events", sqlite_writer(events, synchronous="NORMAL"), sqlite_readers(events)),
    )


async def _opened(
    address: DatabaseAddress, instead_of: tuple[DatabaseAddress, Unusable] | None, clock: Clock
) -> Database:
    core, events = connect(address)
    wanted, problem = instead_of or (address, None)
    facts = DatabaseFacts(
        backend=address.backend,
        address=str(wanted),
        durable=address.backend is not Backend.MEMORY,
        fallback=None if problem is None else str(problem),
    )
    try:
        for half, history in ((core, CORE_HISTORY), (events, EVENTS_HISTORY)):
            if steps := await upgrade(half.writer, history):
                log.info("tables_upgraded", extra={"half": history.name, "revisions": list(steps)})
        database = Database(core, events, facts)
        await ensure_partitions(events, now_ms=clock.now_ms())
    except BaseException:
        await core.close()
        await events.close()
        raise
    return database


async def upgrade(engine: AsyncEngine, history: History, target: str = "head") -> tuple[str, ...]:
    """Bring one half to a revision and return those on the way.

    Raises:
        InputError: There is no such revision, or the tables are of a newer release.
        UnavailableError: The database did not answer.
        LocalIoError: The disk of a SQLite file failed.
        CorruptDataError: The SQLite file is damaged.
    """
    with translated(history.name):
        async with engine.begin() as connection:
            return await connection.run_sync(lambda plain: move(plain, history, target))


def _files(directory: Path) -> tuple[Path, Path]:
    if is_network(real_path(directory)):
        problem = f"SQLite loses data on a network file system: {directory}; name a local directory or PostgreSQL"
        raise ConfigError("SQLite cannot lie on a network file system", problems=(problem,), directory=str(directory))
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise LocalIoError("the directory of the database cannot be made", path=str(directory)) from exc
    return directory / CORE_FILE, directory / EVENTS_FILE
