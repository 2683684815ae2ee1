from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from gwf.core.errors import LocalIoError, UnavailableError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.bulk import Target, insert
from gwf.db.database import Database
from gwf.db.tables.events import event_keys
from gwf.db.tables.identity import tenants
from tests.db.test_half import names, tenant, with_database

KEYS = Target(event_keys, ("digest", "row_id"))


def end_connections(address: DatabaseAddress) -> None:
    """Do to all connections of a database what a restart of the server does."""
    assert address.url is not None
    dsn = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_work_goes_on_after_the_server_was_away(postgres_address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[str]:
        async with database.core.view() as connection:
            await names(connection)
        await asyncio.to_thread(end_connections, postgres_address)
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(tenants), tenant("a"))
        async with database.core.view() as connection:
            return await names(connection)

    assert with_database(postgres_address, run) == ["a"]


@pytest.mark.parametrize("way", ["statement", "bulk"])
def test_a_change_whose_connection_breaks_says_so_and_leaves_nothing(
    postgres_address: DatabaseAddress, way: str
) -> None:
    async def broken(database: Database) -> None:
        async with database.events.change() as change:
            await insert(change, KEYS, [(b"a", 1)])
            await asyncio.to_thread(end_connections, postgres_address)
            if way == "bulk":
                await insert(change, KEYS, [(b"b", 2)])
            else:
                await change.connection.execute(sa.select(event_keys))

    async def run(database: Database) -> int:
        with pytest.raises(UnavailableError) as raised:
            await broken(database)
        assert raised.value.retryable
        async with database.events.view() as connection:
            return len((await connection.execute(sa.select(event_keys))).all())

    assert with_database(postgres_address, run) == 0


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    async def fill(database: Database) -> None:
        async with database.events.change() as change:
            await insert(change, KEYS, [(number.to_bytes(900, "big"), number) for number in range(10, 4_000)])

    async def run(database: Database) -> tuple[bool, int]:
        async with database.events.change() as change:
            await insert(change, KEYS, [(b"a", 1)])
            pages = await change.connection.scalar(sa.text("PRAGMA page_count"))
            await change.connection.execute(sa.text(f"PRAGMA max_page_count={int(pages or 0) + 20}"))
        with pytest.raises(LocalIoError) as raised:
            await fill(database)
        async with database.events.change() as change:
            await insert(change, KEYS, [(b"b", 2)])
        async with database.events.view() as connection:
            return raised.value.retryable, len((await connection.execute(sa.select(event_keys))).all())

    assert with_database(parse_address("sqlite", data_dir=tmp_path), run) == (True, 2)


def test_when_no_connection_is_free_the_caller_is_told(tmp_path: Path) -> None:
    async def run(database: Database) -> None:
        database.core.readers.pool._timeout = 0.01  # type: ignore[attr-defined] # thirty seconds otherwise
        async with (
            database.core.view(),
            database.core.view(),
            database.core.view(),
            database.core.view(),
            database.core.view() as fifth,
        ):
            await names(fifth)

    with pytest.raises(UnavailableError, match="all connections"):
        with_database(parse_address("sqlite", data_dir=tmp_path), run)
