"""Numbers for ids that people read, such as tsk-000001: each is given out once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.db.tables.work import counters

EVERYBODY = ""  #: the ids are unique over all tenants, so their numbers are


async def next_number(connection: AsyncConnection, name: str) -> int:
    """Return the next number of its kind, from 1; other transactions wait for theirs until this one has ended."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    counted = insert(counters).values(tenant_id=EVERYBODY, name=name, value=1)
    counted = counted.on_conflict_do_update(
        index_elements=[counters.c.tenant_id, counters.c.name], set_={"value": counters.c.value + 1}
    )
    number: int = (await connection.execute(counted.returning(counters.c.value))).scalar_one()
    return number


async def at_least(connection: AsyncConnection, name: str, number: int) -> None:
    """Give out only numbers above `number` from now on: ids up to it came from elsewhere."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    raised = insert(counters).values(tenant_id=EVERYBODY, name=name, value=number)
    raised = raised.on_conflict_do_update(
        index_elements=[counters.c.tenant_id, counters.c.name],
        set_={"value": sa.case((counters.c.value < number, number), else_=counters.c.value)},
    )
    await connection.execute(raised)
