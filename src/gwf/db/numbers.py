"""Numbers for ids that people read, such as tsk-000001: each is given out once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.db.tables.work import counters

EVERYBODY = ""  #: the ids are unique over all tenants, so their numbers are


async def next_number(connection: AsyncConnection, name: str) -> int:
    """Return the next number of its kind, from 1; other transactions wait for theirs until this one has ended."""
    return await _raised(connection, name, 1)


async def take_numbers(connection: AsyncConnection, name: str, count: int) -> int:
    """Take `count` numbers of a kind at once and return the first of them."""
    last = await _raised(connection, name, count)
    return last - count + 1


async def at_least(connection: AsyncConnection, name: str, number: int) -> None:
    """Give out only numbers above `number` from now on: ids up to it came from elsewhere."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    raised = insert(counters).values(tenant_id=EVERYBODY, name=name, value=number)
    raised = raised.on_conflict_do_update(
        index_elements=[counters.c.tenant_id, counters.c.name],
        set_={"value": sa.case((counters.c.value < number, number), else_=counters.c.value)},
    )
    await connection.execute(raised)


async def _raised(connection: AsyncConnection, name: str, by: int) -> int:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    counted = insert(counters).values(tenant_id=EVERYBODY, name=name, value=by)
    counted = counted.on_conflict_do_update(
        index_elements=[counters.c.tenant_id, counters.c.name], set_={"value": counters.c.value + by}
    )
    number: int = (await connection.execute(counted.returning(counters.c.value))).scalar_one()
    return number
