"""Opens engines: SQLite files with one writer beside several readers, PostgreSQL pools, memory."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool

BUSY_MS = 15_000  #: wait for another process that writes to the same file
READERS = 4  #: connections that read a SQLite file at once
POOL, POOL_MORE = 10, 20  #: connections to PostgreSQL that are kept, and how many more come under load
CONNECT_S = 10


def sqlite_writer(path: Path, *, synchronous: str) -> AsyncEngine:
    """Return an engine with the one connection that writes; its transactions begin with the write lock.

    `synchronous` is FULL where a commit must survive a power failure, NORMAL where only the program's death.
    """
    _prepare(path)
    return _sqlite(
        path.as_posix(),
        begin="BEGIN IMMEDIATE",
        pragmas=(
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "cache_size=-32000",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
        ),
        pool_size=1,
    )


def sqlite_readers(path: Path) -> AsyncEngine:
    """Return an engine whose connections see a moment of a SQLite file each and never wait for the writer."""
    return _sqlite(
        path.as_posix(),
        begin="BEGIN",
        pragmas=(f"busy_timeout={BUSY_MS}", "query_only=ON", "cache_size=-16000", "temp_store=MEMORY"),
        pool_size=READERS,
    )


def sqlite_memory() -> AsyncEngine:
    """Return an engine with one connection to a database that ends with it."""
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    _hook(engine, "BEGIN IMMEDIATE", ("foreign_keys=ON",))
    return engine


def postgresql(url: sa.URL, *, pool_size: int = POOL, pool_more: int = POOL_MORE) -> AsyncEngine:
    """Return an engine with a pool; a connection that the server closed meanwhile is replaced before use."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_more,
        pool_timeout=30,
        pool_pre_ping=True,
        pool_use_lifo=True,  # who was used last knows the partitions already
        connect_args={"connect_timeout": CONNECT_S, "application_name": "gwf"},
    )


def _sqlite(path: str, *, begin: str, pragmas: tuple[str, ...], pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=path),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
    )
    _hook(engine, begin, pragmas)
    return engine


def _hook(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Take transactions into our own hands: the driver would begin one only before the first write."""

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def began(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", began)


def _prepare(path: Path) -> None:
    """Make the file with its rights, and let it have a write-ahead log.

    A file that is there is not opened by us: closing it would end SQLite's locks on it. The log is switched on here,
    without waiting inside SQLite: two connections that both do so would each wait for the other to let go of the file.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    give_up_s = time.monotonic() + BUSY_MS / 1000
    while not _has_log(path) and time.monotonic() < give_up_s:
        time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - spreads attempts, hides nothing


def _has_log(path: Path) -> bool:
    """Tell whether the log is on, or will not come to be by trying again."""
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as exc:  # what is no lock of others is met, and told, by the first connection of the engine
        return getattr(exc, "sqlite_errorcode", 0) & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return True
