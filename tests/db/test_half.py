from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.chain import COLUMNS, genesis, head_of
from gwf.audit.model import SYSTEM, AuditEntry, AuditRow, Resource
from gwf.audit.verify import ChainVerifier
from gwf.core.errors import ConflictError, LocalIoError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import Database, open_database
from gwf.db.tables.audit import audit_heads, audit_logs
from gwf.db.tables.identity import tenants

Result = TypeVar("Result")
MEMORY = parse_address("memory", data_dir=Path("/nonexistent"))


def with_database(address: DatabaseAddress, work: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with await open_database(address, fallback=False) as database:
            return await work(database)

    return asyncio.run(run())


def tenant(name: str) -> dict[str, object]:
    return {"tenant_id": name, "name": name, "created_at_ms": 1}


def entry(number: int, tenant_id: str = "default") -> AuditEntry:
    return AuditEntry(
        tenant=tenant_id,
        actor=SYSTEM,
        action="tenant.create",
        resource=Resource(kind="tenant", id=f"t{number}"),
        at_ms=1_700_000_000_000 + number,
        detail={"number": number, "wort": "中文"},
    )


async def names(connection: AsyncConnection) -> list[str]:
    return list((await connection.scalars(sa.select(tenants.c.name).order_by(tenants.c.name))).all())


async def rows_of(connection: AsyncConnection, tenant_id: str = "default") -> list[AuditRow]:
    wanted = sa.select(audit_logs).where(audit_logs.c.tenant_id == tenant_id).order_by(audit_logs.c.seq)
    rows = [dict(row) for row in (await connection.execute(wanted)).mappings()]
    return [AuditRow(tenant=row.pop("tenant_id"), **row) for row in rows]


async def stored_rows(database: Database, tenant_id: str = "default") -> list[AuditRow]:
    async with database.core.view() as connection:
        return await rows_of(connection, tenant_id)


def test_a_change_is_there_after_its_block_and_after_opening_anew(address: DatabaseAddress) -> None:
    async def write(database: Database) -> None:
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(tenants), tenant("a"))

    async def read(database: Database) -> list[str]:
        async with database.core.view() as connection:
            return await names(connection)

    with_database(address, write)
    assert with_database(address, read) == ["a"]


@pytest.mark.parametrize("where", ["there", "memory"])
def test_a_change_that_raises_leaves_nothing(address: DatabaseAddress, where: str) -> None:
    async def run(database: Database) -> list[str]:
        async def fail() -> None:
            async with database.core.change() as change:
                await change.connection.execute(sa.insert(tenants), tenant("a"))
                change.record(entry(1))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        async with database.core.view() as connection:
            return await names(connection)

    assert with_database(address if where == "there" else MEMORY, run) == []


def test_a_row_that_exists_already_is_a_conflict(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        for _ in range(2):
            async with database.core.change() as change:
                await change.connection.execute(sa.insert(tenants), tenant("a"))

    with pytest.raises(ConflictError):
        with_database(address, run)


def test_a_view_sees_one_moment_while_a_change_goes_on(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[list[str]]:
        seen = []
        async with database.core.view() as connection:
            seen.append(await names(connection))
            await asyncio.create_task(add(database))
            seen.append(await names(connection))
        async with database.core.view() as connection:
            return [*seen, await names(connection)]

    async def add(database: Database) -> None:
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(tenants), tenant("a"))

    assert with_database(address, run) == [[], [], ["a"]]


def test_a_view_cannot_write(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        async with database.core.view() as connection:
            await connection.execute(sa.insert(tenants), tenant("a"))

    with pytest.raises((LocalIoError, sa.exc.DBAPIError), match=r"readonly|read-only"):
        with_database(address, run)


def test_a_change_or_view_inside_a_change_is_a_bug_that_shows(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        async with database.core.change():
            with pytest.raises(RuntimeError, match="go on with the connection"):
                async with database.core.view():
                    pass
            with pytest.raises(RuntimeError, match="go on with the connection"):
                async with database.core.change():
                    pass
            async with database.events.change():
                pass

    with_database(address, run)


def test_a_task_begun_inside_a_change_may_read_once_the_change_is_over(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[str]:
        over = asyncio.Event()

        async def later() -> list[str]:
            await over.wait()
            async with database.core.view() as connection:
                return await names(connection)

        async with database.core.change() as change:
            task = asyncio.create_task(later())
            await change.connection.execute(sa.insert(tenants), tenant("a"))
        over.set()
        return await task

    assert with_database(address, run) == ["a"]


@pytest.mark.parametrize("where", ["there", "memory"])
def test_changes_at_the_same_time_make_one_unbroken_chain_per_tenant(address: DatabaseAddress, where: str) -> None:
    async def one(database: Database, number: int) -> None:
        async with database.core.change() as change:
            change.record(entry(number, "b"))
            change.record(entry(number, "a"))
            change.record(entry(number + 100, "b"))

    async def run(database: Database) -> dict[str, list[AuditRow]]:
        await asyncio.gather(*(one(database, number) for number in range(20)))
        return {tenant_id: await stored_rows(database, tenant_id) for tenant_id in ("a", "b")}

    rows = with_database(address if where == "there" else MEMORY, run)
    for tenant_id, count in (("a", 20), ("b", 40)):
        verifier = ChainVerifier(genesis(tenant_id))
        for row in rows[tenant_id]:
            verifier.feed(row)
        assert verifier.finish(head_of(rows[tenant_id][-1])).fault is None
        assert [row.seq for row in rows[tenant_id]] == list(range(1, count + 1))


def test_the_head_of_a_chain_moves_with_its_rows(address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[object, AuditRow]:
        for number in range(3):
            async with database.core.change() as change:
                change.record(entry(number))
        async with database.core.view() as connection:
            head = (await connection.execute(sa.select(audit_heads))).one()
        return head, (await stored_rows(database))[-1]

    head, last = with_database(address, run)
    assert head == (last.tenant, last.seq, last.hash)


def test_the_table_has_exactly_the_fields_of_a_row() -> None:
    assert ["tenant_id", *COLUMNS[1:]] == [column.name for column in audit_logs.columns]


def test_a_cancelled_change_frees_its_turn(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[str]:
        begun = asyncio.Event()

        async def never() -> None:
            async with database.core.change() as change:
                await change.connection.execute(sa.insert(tenants), tenant("lost"))
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(never())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.core.change() as change:
            await change.connection.execute(sa.insert(tenants), tenant("kept"))
        async with database.core.view() as connection:
            return await names(connection)

    assert with_database(address, run) == ["kept"]
