from __future__ import annotations

import asyncio
from itertools import pairwise

from gwf.db.address import DatabaseAddress
from gwf.db.database import open_database
from gwf.db.rowids import BLOCK, first_row_id, taken_at_ms

NOW = 1_700_000_000_000


def test_a_number_tells_when_its_row_was_taken(address: DatabaseAddress) -> None:
    async def run() -> list[int]:
        async with await open_database(address, fallback=False) as database:
            return list(await database.row_ids.take(3, now_ms=NOW))

    ids = asyncio.run(run())
    assert [taken_at_ms(row_id) for row_id in ids] == [NOW] * 3
    assert min(ids) >= first_row_id(NOW)
    assert max(ids) < first_row_id(NOW + 1) < 2**63


def test_numbers_grow_whatever_the_clock_does(address: DatabaseAddress) -> None:
    async def run() -> list[int]:
        async with await open_database(address, fallback=False) as database:
            taken: list[int] = []
            for now_ms in (NOW, NOW, NOW + 5, NOW - 60_000, NOW + 6):
                taken.extend(await database.row_ids.take(300_000, now_ms=now_ms))
            return taken

    ids = asyncio.run(run())
    assert all(one < other for one, other in pairwise(ids))


def test_two_processes_on_one_server_never_take_the_same_number(postgres_address: DatabaseAddress) -> None:
    async def run() -> list[int]:
        databases = [await open_database(postgres_address, fallback=False) for _ in range(2)]
        taken: list[int] = []
        for _ in range(5):
            for database in databases:
                taken.extend(await database.row_ids.take(BLOCK - 7, now_ms=NOW))
        for database in databases:
            await database.close()
        return taken

    ids = asyncio.run(run())
    assert len(ids) == len(set(ids)) == 10 * (BLOCK - 7)
