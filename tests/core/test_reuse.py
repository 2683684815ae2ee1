"""An answer is given again as long as it is worth, made once for all who ask, and never kept when it failed."""

from __future__ import annotations

import asyncio

import pytest

from gwf.core.reuse import KEPT, Reuse


class Maker:
    """Makes numbered answers, each at a price on a clock of its own."""

    def __init__(self, price_s: float) -> None:
        self.price_s, self.at_s, self.made = price_s, 0.0, 0
        self.reuse: Reuse[str, int] = Reuse(share=0.1, longest_s=5.0, now_s=lambda: self.at_s)

    async def make(self) -> int:
        await asyncio.sleep(0)
        self.at_s += self.price_s
        self.made += 1
        return self.made

    async def get(self, key: str = "a") -> int:
        return await self.reuse.get(key, self.make)


@pytest.mark.parametrize(("price_s", "good_s"), [(0.2, 2.0), (0.01, 0.1), (3.0, 5.0)])
def test_an_answer_is_good_for_ten_times_its_price_and_five_seconds_at_most(price_s: float, good_s: float) -> None:
    async def run() -> None:
        maker = Maker(price_s)
        assert await maker.get() == 1
        maker.at_s += good_s - 0.001
        assert await maker.get() == 1
        maker.at_s += 0.002
        assert await maker.get() == 2

    asyncio.run(run())


def test_all_who_ask_meanwhile_share_one_answer_and_other_keys_do_not() -> None:
    async def run() -> None:
        maker = Maker(1.0)
        assert list(await asyncio.gather(maker.get(), maker.get(), maker.get())) == [1, 1, 1]
        assert await maker.get("b") == 2

    asyncio.run(run())


def test_one_who_goes_away_does_not_take_the_answer_along() -> None:
    async def run() -> None:
        maker = Maker(1.0)
        gone, waits = asyncio.ensure_future(maker.get()), asyncio.ensure_future(maker.get())
        await asyncio.sleep(0)
        gone.cancel()
        assert await waits == 1
        assert gone.cancelled()

    asyncio.run(run())


def test_what_failed_is_told_to_all_and_made_anew() -> None:
    async def run() -> None:
        maker = Maker(1.0)

        async def fail() -> int:
            await asyncio.sleep(0)
            raise ValueError("no")

        both = await asyncio.gather(*(maker.reuse.get("a", fail) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in both] == [ValueError, ValueError]
        assert await maker.get() == 1

    asyncio.run(run())


def test_only_so_many_are_kept() -> None:
    async def run() -> None:
        maker = Maker(1.0)
        for number in range(KEPT + 1):
            await maker.get(str(number))
        assert await maker.get(str(KEPT)) == KEPT + 1
        assert await maker.get("0") == KEPT + 2

    asyncio.run(run())
