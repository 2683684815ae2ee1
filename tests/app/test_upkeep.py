from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.app.upkeep import FAILING_S, Upkeep
from gwf.core.clock import ManualClock
from gwf.core.settings.server import KeepSettings
from gwf.db.address import parse_address
from gwf.db.database import Database, open_database
from gwf.db.rowids import first_row_id
from gwf.db.tables.events import event_keys

MEMORY = parse_address("memory", data_dir=Path("/nonexistent"))
DAY_S = 86_400


async def keys(database: Database) -> int:
    async with database.events.view() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(event_keys)) or 0)


def test_what_was_kept_long_enough_goes_as_the_settings_say() -> None:
    clock = ManualClock()

    async def run() -> tuple[int, int]:
        async with await open_database(MEMORY) as database:
            upkeep = Upkeep(database, KeepSettings(events=2 * DAY_S), clock)
            async with database.events.change() as change:
                await change.connection.execute(
                    sa.insert(event_keys), {"digest": b"k", "row_id": first_row_id(clock.now_ms())}
                )
            clock.advance(1.9 * DAY_S)
            await upkeep.once()
            before = await keys(database)
            clock.advance(0.2 * DAY_S)
            await upkeep.once()
            return before, await keys(database)

    assert asyncio.run(run()) == (1, 0)


def test_it_is_told_when_it_goes_on_failing_and_no_more_once_it_went_well() -> None:
    clock = ManualClock()

    async def run() -> list[list[str]]:
        async with await open_database(MEMORY) as database:
            upkeep = Upkeep(database, KeepSettings(), clock)
            told = [[reason.code for reason in upkeep.reasons()]]
            clock.advance(FAILING_S)
            told.append([reason.code for reason in upkeep.reasons()])
            await upkeep.once()
            return [*told, [reason.code for reason in upkeep.reasons()]]

    assert asyncio.run(run()) == [[], ["upkeep_failing"], []]


def test_it_runs_at_once_and_ends_with_its_block(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    caplog.set_level(logging.INFO)

    async def run() -> int:
        async with await open_database(MEMORY) as database:
            async with database.events.change() as change:
                await change.connection.execute(sa.insert(event_keys), {"digest": b"k", "row_id": 0})
            async with Upkeep(database, KeepSettings(), clock).running():
                while "events_removed" not in caplog.messages:  # noqa: ASYNC110 - the only sign from outside
                    await asyncio.sleep(0)
            return await keys(database)

    assert asyncio.run(run()) == 0
