"""Ends a process amid its changes by SIGKILL, again and again: what it was told is stored is there, and on record."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.audit.chain import genesis, head_of
from gwf.audit.verify import ChainVerifier
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database
from gwf.db.tables.audit import audit_heads
from gwf.db.tables.identity import tenants
from tests.db.test_half import rows_of, with_database

PROGRAM = """
import asyncio, sys
from pathlib import Path
import sqlalchemy as sa
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.tables.identity import tenants
from tests.db.test_half import entry, tenant

async def main(url, directory, first):
    async with await open_database(parse_address(url, data_dir=Path(directory)), fallback=False) as database:
        for number in range(first, first + 100_000):
            async with database.core.change() as change:
                await change.connection.execute(sa.insert(tenants), tenant(f"t{number}"))
                change.record(entry(number))
            print(number, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
KILLS = 4


def killed_after(address: DatabaseAddress, first: int, acknowledged: int) -> int:
    """Run the program until it acknowledged so many changes, kill it, and return the last one it told."""
    url = "sqlite" if address.url is None else address.url.set(drivername="postgresql").render_as_string(False)
    command = [sys.executable, "-c", PROGRAM, url, str(address.directory or "/nonexistent"), str(first)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        for _ in range(acknowledged):
            last = process.stdout.readline()
        process.kill()
        told = [line for line in (last, *process.stdout) if line.endswith("\n")]
    return int(told[-1])


@pytest.mark.slow
def test_no_acknowledged_change_is_lost_and_none_is_without_record(address: DatabaseAddress) -> None:
    async def held(database: Database) -> list[str]:
        async with database.core.view() as connection:
            found = list((await connection.scalars(sa.select(tenants.c.tenant_id))).all())
            head = (await connection.execute(sa.select(audit_heads))).one()
            rows = await rows_of(connection)
        verifier = ChainVerifier(genesis("default"))
        for row in rows:
            verifier.feed(row)
        assert verifier.finish(head_of(rows[-1])).sound
        assert head == (rows[-1].tenant, rows[-1].seq, rows[-1].hash)
        assert {row.resource_id for row in rows} == set(found)
        assert len(rows) == len(found)
        return found

    dice = random.Random(7)
    acknowledged: set[str] = set()
    first = 0
    for _ in range(KILLS):
        last = killed_after(address, first, dice.randrange(1, 60))
        acknowledged |= {f"t{number}" for number in range(first, last + 1)}
        found = with_database(address, held)
        assert acknowledged <= set(found)
        first = max(int(name[1:]) for name in found) + 1
        acknowledged = set(found)
