import asyncio
import logging

import pytest

from gwf.app.beside import beside


async def forever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise RuntimeError("a bug")


def test_work_goes_on_until_the_block_ends() -> None:
    async def run() -> tuple[bool, bool]:
        async with beside(forever(), name="waiting"):
            await asyncio.sleep(0)
            before = any(task.get_name() == "waiting" for task in asyncio.all_tasks())
        return before, any(task.get_name() == "waiting" for task in asyncio.all_tasks())

    assert asyncio.run(run()) == (True, False)


def test_an_error_is_told_when_it_happens_and_raised_where_the_block_ends(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    async def run() -> None:
        async with beside(broken(), name="upkeep"):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            told.extend(record.message for record in caplog.records)

    with caplog.at_level(logging.ERROR, "gwf.app"), pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(run())
    assert told == ["work_ended_early"]
