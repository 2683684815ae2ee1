from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import ConflictError, CorruptDataError, InputError, LocalIoError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.backup import back_up, new_file
from gwf.db.checkup import HalfChecked, look_over
from gwf.db.database import Database, connect, open_database
from gwf.db.dump import DumpReader
from gwf.db.history import HISTORIES
from gwf.db.restore import restore
from gwf.db.rowids import first_row_id
from gwf.db.tables.events import events as events_table
from tests.conftest import PostgresServer
from tests.db import rows
from tests.db.test_half import with_database

NOW = 1_764_000_000_000
DAY_MS = 86_400_000

Content = dict[str, list[tuple[object, ...]]]


def content(address: DatabaseAddress) -> Content:
    async def run(database: Database) -> Content:
        found: Content = {}
        for half, history in zip((database.core, database.events), HISTORIES, strict=True):
            async with half.view() as connection:
                found |= await connection.run_sync(rows.held, history.metadata)
        return found

    return with_database(address, run)


def fill(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        for half, history in zip((database.core, database.events), HISTORIES, strict=True):
            async with half.change() as change:
                await change.connection.run_sync(rows.fill, history.metadata)
        async with database.events.change() as change:
            table = events_table
            many = [rows.row(table, number) for number in range(10, 6_000)]
            for number, one in enumerate(many):
                one["row_id"] = first_row_id(NOW - number % 5 * DAY_MS) + number
            await change.connection.execute(sa.insert(table), many)

    with_database(address, run)


def backup(address: DatabaseAddress) -> bytes:
    async def run(database: Database) -> bytes:
        file = io.BytesIO()
        await back_up(database.core, database.events, file, now_ms=NOW, told=lambda _: None)
        return file.getvalue()

    return with_database(address, run)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Content]:
    address = parse_address("sqlite", data_dir=tmp_path_factory.mktemp("made"))
    fill(address)
    return backup(address), content(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseAddress]:
    """A database without tables."""
    if request.param == "sqlite":
        yield parse_address("sqlite:restored", data_dir=tmp_path)
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    address = postgres.create(empty=True)
    yield address
    postgres.drop(address)


def test_what_was_backed_up_comes_back_on_either_database(address: DatabaseAddress, target: DatabaseAddress) -> None:
    fill(address)
    told: list[str] = []
    restored = asyncio.run(restore(target, io.BytesIO(backup(address)), told=told.append))
    assert content(target) == content(address)
    assert restored.made_at_ms == NOW
    assert restored.rows["events"] == 5_993
    assert set(told) == {name for history in HISTORIES for name in history.metadata.tables}


def test_restored_events_lie_in_the_partitions_of_their_days(
    made: tuple[bytes, Content], postgres: PostgresServer
) -> None:
    address = postgres.create(empty=True)
    asyncio.run(restore(address, io.BytesIO(made[0]), told=lambda _: None))

    async def rest(database: Database) -> int:
        async with database.events.view() as connection:
            return int(await connection.scalar(sa.text("SELECT count(*) FROM events_p_rest")) or 0)

    assert with_database(address, rest) == 0
    postgres.drop(address)


def test_numbers_go_on_behind_those_that_were_restored(made: tuple[bytes, Content], target: DatabaseAddress) -> None:
    asyncio.run(restore(target, io.BytesIO(made[0]), told=lambda _: None))
    before = max(row[0] for row in made[1]["label_sets"])  # type: ignore[type-var] # a number

    async def give(database: Database) -> int:
        return await database.label_sets.number("default", {"new": "one"})

    assert with_database(target, give) > before  # type: ignore[operator] # a number


def test_a_database_that_was_only_opened_may_be_filled(made: tuple[bytes, Content], address: DatabaseAddress) -> None:
    content(address)
    asyncio.run(restore(address, io.BytesIO(made[0]), told=lambda _: None))
    assert content(address) == made[1]


def test_a_database_with_data_is_left_alone(made: tuple[bytes, Content], address: DatabaseAddress) -> None:
    fill(address)
    before = content(address)
    with pytest.raises(ConflictError, match="holds data"):
        asyncio.run(restore(address, io.BytesIO(made[0]), told=lambda _: None))
    assert content(address) == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_off_leaves_an_empty_database(
    made: tuple[bytes, Content], target: DatabaseAddress, share: float
) -> None:
    cut = made[0][: int(len(made[0]) * share)]
    with pytest.raises(CorruptDataError):
        asyncio.run(restore(target, io.BytesIO(cut), told=lambda _: None))
    assert content(target) == {}


@given(place=st.floats(0, 1, exclude_max=True), what=st.sampled_from(["drop", "double", "swap", "byte"]))
def test_a_line_that_was_changed_is_found(made: tuple[bytes, Content], place: float, what: str) -> None:
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(made[0]).splitlines(keepends=True)
    at = int(place * (len(lines) - 1))
    if what == "drop":
        del lines[at]
    elif what == "double":
        lines.insert(at, lines[at])
    elif what == "swap":
        if lines[at] == lines[at + 1]:
            return
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        lines[at] = lines[at][:-2] + bytes([lines[at][-2] ^ 1]) + b"\n"
    damaged = zstandard.ZstdCompressor().compress(b"".join(lines))
    with pytest.raises(CorruptDataError):
        list(DumpReader(io.BytesIO(damaged)).parts(1_000))


def test_what_is_no_backup_is_refused(target: DatabaseAddress) -> None:
    for junk in (b"", b"junk", zstandard.compress(b"junk\n"), zstandard.compress(b'{"format":"x"}\n')):
        with pytest.raises(CorruptDataError):
            asyncio.run(restore(target, io.BytesIO(junk), told=lambda _: None))


def test_a_backup_of_a_newer_release_is_refused(made: tuple[bytes, Content], target: DatabaseAddress) -> None:
    text = zstandard.ZstdDecompressor().decompressobj().decompress(made[0])
    newer = text.replace(b'"core":"core_', b'"core":"core_9', 1)
    with pytest.raises(InputError, match="newer release"):
        asyncio.run(restore(target, io.BytesIO(zstandard.compress(newer)), told=lambda _: None))


def test_nothing_is_written_over_and_nothing_unfinished_left(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(b"half" * (1 // 0))
    assert list(tmp_path.iterdir()) == []
    with new_file(path) as file:
        file.write(b"whole")
    assert (path.read_bytes(), oct(path.stat().st_mode)[-3:]) == (b"whole", "600")
    with pytest.raises(ConflictError), new_file(path):
        pass
    with pytest.raises(LocalIoError), new_file(tmp_path / "no" / "where"):
        pass


def looked_over(address: DatabaseAddress) -> tuple[HalfChecked, HalfChecked]:
    async def run() -> tuple[HalfChecked, HalfChecked]:
        core, events = connect(address)
        try:
            return await look_over(core, events)
        finally:
            await core.close()
            await events.close()

    return asyncio.run(run())


def test_a_sound_database_has_no_faults(address: DatabaseAddress) -> None:
    content(address)
    core, events = looked_over(address)
    assert (core.faults, events.faults, core.is_current, events.is_current) == ((), (), True, True)
    assert min(core.size_bytes, events.size_bytes) > 4_096


def test_tables_that_differ_are_told(address: DatabaseAddress) -> None:
    async def break_it(database: Database) -> None:
        async with database.core.change() as change:
            await change.connection.execute(sa.text("ALTER TABLE users ADD COLUMN extra TEXT"))

    with_database(address, break_it)
    core, _ = looked_over(address)
    assert ["extra" in fault for fault in core.faults] == [True]


def test_a_damaged_page_is_told(tmp_path: Path) -> None:
    address = parse_address("sqlite", data_dir=tmp_path)
    fill(address)
    path = tmp_path / "events.db"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    _, events = looked_over(address)
    assert events.faults


def test_a_database_without_tables_is_no_fault_but_not_current(target: DatabaseAddress) -> None:
    core, _ = looked_over(target)
    assert (core.revision, core.is_current, core.faults) == (None, False, ())


def test_opening_again_after_a_restore_finds_the_tables_current(
    made: tuple[bytes, Content], target: DatabaseAddress
) -> None:
    asyncio.run(restore(target, io.BytesIO(made[0]), told=lambda _: None))

    async def run() -> bool:
        async with await open_database(target, fallback=False) as database:
            return database.durable

    assert asyncio.run(run())
    assert all(half.is_current for half in looked_over(target))
