from __future__ import annotations

import sqlalchemy as sa

from gwf.db.address import DatabaseAddress
from gwf.db.bulk import Target, add_up, insert, insert_new
from gwf.db.database import Database
from gwf.db.tables.events import event_keys, outbox_marks
from gwf.db.tables.rollups import file_rollups
from tests.db.test_half import with_database

KEYS = Target(event_keys, ("digest", "row_id"))
MARKS = Target(outbox_marks, [column.name for column in outbox_marks.columns])


def test_many_rows_are_added_as_they_are(address: DatabaseAddress) -> None:
    rows = [("a\tb\\n\n中文", f"e{number}", "default", number, 2**62 + number) for number in range(3_000)]

    async def run(database: Database) -> list[tuple[object, ...]]:
        async with database.events.change() as change:
            await insert(change, MARKS, rows)
            await insert(change, MARKS, [])
        async with database.events.view() as connection:
            found = await connection.execute(sa.select(outbox_marks).order_by(outbox_marks.c.acked_seq))
            return [tuple(row) for row in found]

    assert with_database(address, run) == rows


def test_only_rows_with_new_keys_are_added_and_told(address: DatabaseAddress) -> None:
    def rows(numbers: range) -> list[tuple[bytes, int]]:
        return [(number.to_bytes(16, "big"), number) for number in numbers]

    async def run(database: Database) -> tuple[int, int, int]:
        async with database.events.change() as change:
            first = await insert_new(change, KEYS, rows(range(20_000)))
        async with database.events.change() as change:
            again = await insert_new(change, KEYS, rows(range(19_990, 20_005)))
            none = await insert_new(change, KEYS, [])
        assert again == {key for key, _ in rows(range(20_000, 20_005))}
        async with database.events.view() as connection:
            count = await connection.scalar(sa.select(sa.func.count()).select_from(event_keys))
        return len(first), len(none), int(count or 0)

    assert with_database(address, run) == (20_000, 0, 20_005)


def test_of_rows_with_one_key_the_first_is_added(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[int]:
        async with database.events.change() as change:
            await insert_new(change, KEYS, [(b"k", 1), (b"k", 2)])
        async with database.events.view() as connection:
            return list((await connection.scalars(sa.select(event_keys.c.row_id))).all())

    assert with_database(address, run) == [1]


def test_sums_grow_and_maxima_keep_the_higher(address: DatabaseAddress) -> None:
    key = (60_000, 120_000, "default", "agt-1", 1, "main", 1, "")

    async def run(database: Database) -> tuple[object, ...]:
        for events, longest in ((3, 70), (4, 20)):
            async with database.events.change() as change:
                row = (*key, events, 10, events, 100, longest)
                sums = ("events", "size_bytes", "timed", "duration_ms")
                await add_up(change, file_rollups, [row], sums=sums, maxima=("max_duration_ms",))
                await add_up(change, file_rollups, [], sums=sums, maxima=("max_duration_ms",))
        async with database.events.view() as connection:
            return tuple((await connection.execute(sa.select(file_rollups))).one())

    assert with_database(address, run) == (*key, 7, 20, 7, 200, 70)
