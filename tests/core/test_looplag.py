from __future__ import annotations

import asyncio
import time

from gwf.core.looplag import SPAN_S, LoopLag


def test_a_loop_is_as_late_as_nine_looks_of_ten() -> None:
    lag = LoopLag(every_s=0.1)
    assert lag.usual_s == 0
    for late_s in (0.0,) * 16 + (0.05,) * 4:
        lag.take(late_s)
    assert lag.usual_s == 0.05


def test_a_long_stop_counts_for_as_long_as_it_lasted() -> None:
    lag = LoopLag(every_s=0.1)
    for _ in range(round(SPAN_S / 0.1)):
        lag.take(0.0)
    lag.take(0.5)
    assert lag.usual_s == 0.5
    for _ in range(round(SPAN_S / 0.1)):
        lag.take(-0.001)
    assert lag.usual_s == 0


def hold_up() -> None:
    time.sleep(0.1)


def test_what_holds_up_the_loop_is_seen() -> None:
    async def work() -> float:
        lag = LoopLag(every_s=0.01)
        measuring = asyncio.create_task(lag.run())
        while not lag.usual_s:
            await asyncio.sleep(0.001)
            hold_up()
        measuring.cancel()
        return lag.usual_s

    assert asyncio.run(work()) > 0.02
