from __future__ import annotations

import asyncio

from gwf.events.bus import Bus


def test_a_subscriber_gets_what_it_wants_in_order() -> None:
    async def run() -> tuple[list[int], int]:
        bus: Bus[int] = Bus()
        even = bus.subscribe(lambda value: value % 2 == 0)
        bus.publish([1, 2, 3])
        bus.publish([4])
        delivery = await even.get()
        return list(delivery.items), delivery.missed

    assert asyncio.run(run()) == ([2, 4], 0)


def test_a_slow_subscriber_keeps_the_newest_and_hears_how_many_it_missed() -> None:
    async def run() -> list[tuple[list[int], int]]:
        bus: Bus[int] = Bus()
        slow = bus.subscribe(lambda _: True, max_waiting=3)
        bus.publish(range(2))
        bus.publish(range(2, 10))
        first = await slow.get()
        bus.publish([10])
        second = await slow.get()
        return [(list(first.items), first.missed), (list(second.items), second.missed)]

    assert asyncio.run(run()) == [([7, 8, 9], 7), ([10], 0)]


def test_one_slow_subscriber_holds_up_no_other() -> None:
    async def run() -> list[int]:
        bus: Bus[int] = Bus()
        bus.subscribe(lambda _: True, max_waiting=1)
        quick = bus.subscribe(lambda _: True)
        bus.publish(range(5))
        return list((await quick.get()).items)

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


def test_a_subscriber_waits_for_the_first_event() -> None:
    async def run() -> list[int]:
        bus: Bus[int] = Bus()
        mine = bus.subscribe(lambda _: True)
        waiting = asyncio.create_task(mine.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        bus.publish([1])
        return list((await waiting).items)

    assert asyncio.run(run()) == [1]


def test_who_left_gets_nothing_more() -> None:
    bus: Bus[int] = Bus()
    mine = bus.subscribe(lambda _: True)
    bus.leave(mine)
    bus.publish([1])

    async def run() -> bool:
        waiting = asyncio.create_task(mine.get())
        await asyncio.sleep(0)
        done = waiting.done()
        waiting.cancel()
        return done

    assert asyncio.run(run()) is False
