from __future__ import annotations

import asyncio
import time

import pytest

from gwf.core import turns
from gwf.core.turns import Turns, pieces


def _work(seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        pass


def test_everything_is_yielded_once_and_in_order() -> None:
    async def found() -> list[list[int]]:
        return [list(piece) async for piece in pieces(range(7), at_once=3)]

    assert asyncio.run(found()) == [[0, 1, 2], [3, 4, 5], [6]]


def test_what_needs_the_loop_several_times_is_done_between_two_pieces() -> None:
    seen: list[str] = []

    async def request() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        seen.append("answered")

    async def long() -> None:
        beside = asyncio.create_task(request())
        async for (number,) in pieces(range(2), at_once=1):
            _work(0.05)
            seen.append(str(number))
        await beside

    asyncio.run(long())
    assert seen == ["0", "answered", "1"]


def test_short_work_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "KEEP_S", 60.0)

    async def given() -> bool:
        beside = asyncio.create_task(asyncio.sleep(0))
        await Turns().give()
        return beside.done()

    assert not asyncio.run(given())
