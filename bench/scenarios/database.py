"""Times how file events go into the database: SQLite and PostgreSQL, in batches as agents send them."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import sqlalchemy as sa

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.core.clock import SystemClock
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.bulk import Target, insert, insert_new
from gwf.db.database import Database, open_database
from gwf.db.half import Change
from gwf.db.retention import Keep, tend
from gwf.db.tables.events import event_keys, file_events
from gwf.testing.postgres_server import postgres_server

ROWS = 200_000
BATCH = 2_000

COLUMNS = (
    Column("rows", "rows"),
    Column("wall_s", "s", 2, spread=True),
    Column("rows_per_s", "rows/s"),
    Column("us_row", "µs CPU/row", 1),
    Column("server_us_row", "µs CPU/row of the server", 1),
)
GOALS = (
    Goal("sqlite: bulk", "rows_per_s", "at least", 20_000),
    Goal("postgresql: bulk", "rows_per_s", "at least", 20_000),
)

NOTHING = Keep(events_s=-1e6, file_events_s=-1e6, work_s=-1e6, minutes_s=0, hours_s=0, days_s=0)

Write = Callable[[Change, list[tuple[Any, ...]]], Awaitable[None]]


def run(plan: Plan) -> Report:
    """Write as many file events as asked, by the bulk way and row by row through SQLAlchemy, and remove them again."""
    rows = plan.count(ROWS)
    goals = GOALS if rows == ROWS else ()
    report = Report("database", f"{rows:,} file events in batches of {BATCH:,}", COLUMNS, goals=goals)
    home = plan.workplace("database")
    with postgres_server(("shared_buffers=256MB",)) as url:
        server = _server(url)
        for number in range(plan.rounds):
            places = {"sqlite": parse_address("sqlite", data_dir=home / str(number)), "postgresql": _fresh(url, number)}
            for name, address in places.items():
                pids = server if address.url is not None else ()
                for way, write in (("bulk", _bulk), ("bulk, known once", _known), ("statement", _statement)):
                    used = asyncio.run(_timed(address, rows, write, pids))
                    report.row(f"{name}: {way}").add(rows=rows, **used)
    shutil.rmtree(home)
    return report


async def _timed(
    address: DatabaseAddress, rows: int, write: Write, server: tuple[psutil.Process, ...]
) -> dict[str, float]:
    clock = SystemClock()
    async with await open_database(address, fallback=False) as database:
        batches = [await _batch(database, first, clock.now_ms()) for first in range(0, rows, BATCH)]
        cpu_s, server_s, started = time.process_time(), _cpu_s(server), time.perf_counter()
        for batch in batches:
            async with database.events.change() as change:
                await write(change, batch)
        wall_s = time.perf_counter() - started
        cpu_s, server_s = time.process_time() - cpu_s, _cpu_s(server) - server_s
        await tend(database.events, NOTHING, now_ms=clock.now_ms())
    return {
        "wall_s": wall_s,
        "rows_per_s": rows / wall_s,
        "us_row": cpu_s / rows * 1e6,
        "server_us_row": server_s / rows * 1e6,
    }


async def _batch(database: Database, first: int, now_ms: int) -> list[tuple[Any, ...]]:
    ids = await database.row_ids.take(BATCH, now_ms=now_ms)
    return [_row(row_id, first + place, now_ms) for place, row_id in enumerate(ids)]


def _row(row_id: int, number: int, now_ms: int) -> tuple[Any, ...]:
    agent = f"agt-{number // BATCH % 50:026}"
    path = f"/data/line-{number % 7}/2026-01-02/product-{number % 5_000:06}.parquet"
    return (
        row_id, "default", agent, "8d5c0b9e6f7a4d2b", number, now_ms - number % 5_000, now_ms, 1, number % 40 + 1,
        hash(path) >> 1, number, 1, path, "default", f"host-{number % 50}{path}", 102_400 + number % 1_000,
        "9e107d9d372bb6826bd81d3542a419d6", None, 1, 40 + number % 300, None, None, None, None, None,
    )  # fmt: skip


_FILE_EVENTS = Target(file_events, [column.name for column in file_events.columns])
_KEYS = Target(event_keys, ("digest", "row_id"))


async def _bulk(change: Change, rows: list[tuple[Any, ...]]) -> None:
    await insert(change, _FILE_EVENTS, rows)


async def _known(change: Change, rows: list[tuple[Any, ...]]) -> None:
    """Ask the database which rows are new, as for events that are named by an id."""
    new = await insert_new(change, _KEYS, [(row[0].to_bytes(16, "big"), row[0]) for row in rows])
    await insert(change, _FILE_EVENTS, [row for row in rows if row[0].to_bytes(16, "big") in new])


async def _statement(change: Change, rows: list[tuple[Any, ...]]) -> None:
    values = [dict(zip(_FILE_EVENTS.columns, row, strict=True)) for row in rows]
    await change.connection.execute(sa.insert(file_events), values)


def _fresh(url: str, number: int) -> DatabaseAddress:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE bench_{number}".encode())
    return parse_address(url.replace("/postgres?", f"/bench_{number}?"), data_dir=Path(os.devnull))


def _server(url: str) -> tuple[psutil.Process, ...]:
    folder = url.partition("host=")[2]
    pid = int(Path(folder, "data", "postmaster.pid").read_text(encoding="utf-8").split()[0])
    return (psutil.Process(pid),)


def _cpu_s(server: tuple[psutil.Process, ...]) -> float:
    """Return the time of all processes of the server that live, and of those that ended."""
    total = 0.0
    for process in server:
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            used = child.cpu_times()
            total += used.user + used.system
    return total
