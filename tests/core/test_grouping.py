from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gwf.core.errors import ConflictError, GwfError, UnavailableError
from gwf.core.grouping import GroupedWrites


@dataclass
class Store:
    """Takes groups; refuses what it is told to."""

    groups: list[list[int]] = field(default_factory=list[list[int]])
    faults: dict[int, Exception] = field(default_factory=dict[int, Exception])
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, items: Sequence[int]) -> None:
        await self.open.wait()
        for item in items:
            if item in self.faults:
                raise self.faults[item]
        self.groups.append(list(items))


async def put_all(writes: GroupedWrites[int], items: Sequence[int], store: Store) -> list[BaseException | None]:
    tasks = [asyncio.create_task(writes.put(item)) for item in items]
    await asyncio.sleep(0)
    store.open.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_what_comes_while_one_is_written_shares_groups_in_its_order() -> None:
    async def run() -> list[list[int]]:
        store = Store()
        writes = GroupedWrites(store.write, most=3, name="t")
        first = asyncio.create_task(writes.put(0))
        await asyncio.sleep(0.001)
        assert await put_all(writes, range(1, 6), store) == [None] * 5
        await first
        await writes.close()
        return store.groups

    assert asyncio.run(run()) == [[0], [1, 2, 3], [4, 5]]


def test_one_that_cannot_be_written_takes_no_other_with_it() -> None:
    async def run() -> tuple[list[BaseException | None], list[list[int]]]:
        store = Store(faults={2: ConflictError("no"), 3: ZeroDivisionError()})
        return await put_all(GroupedWrites(store.write, most=10, name="t"), range(5), store), store.groups

    told, groups = asyncio.run(run())
    assert [type(one) for one in told] == [type(None), type(None), ConflictError, GwfError, type(None)]
    assert groups == [[0], [1], [4]]


def test_a_database_that_does_not_answer_is_asked_once_for_a_group() -> None:
    async def run() -> list[BaseException | None]:
        store = Store(faults={0: UnavailableError("away")})
        return await put_all(GroupedWrites(store.write, most=10, name="t"), range(3), store)

    assert [type(one) for one in asyncio.run(run())] == [UnavailableError] * 3


@pytest.mark.parametrize("begun", [1, 5])
def test_nobody_waits_for_a_writer_that_was_ended(begun: int) -> None:
    async def run() -> None:
        store = Store()
        writes = GroupedWrites(store.write, most=1, name="writer-of-this-test")
        waiting = [asyncio.create_task(writes.put(item)) for item in range(2)]
        for _ in range(begun):
            await asyncio.sleep(0)
        (writer,) = [task for task in asyncio.all_tasks() if task.get_name() == "writer-of-this-test"]
        writer.cancel()
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in told] == [UnavailableError] * 2

    asyncio.run(run())


def test_a_pause_gathers_what_comes_in_it_but_never_holds_up_a_lone_item() -> None:
    async def run() -> list[list[int]]:
        store = Store()
        store.open.set()
        writes = GroupedWrites(store.write, most=9, name="t", pause_s=0.05)
        await writes.put(0)
        tasks = []
        for item in range(1, 4):  # one after the other within the pause
            tasks.append(asyncio.create_task(writes.put(item)))
            await asyncio.sleep(0.001)
        await asyncio.gather(*tasks)
        return store.groups

    assert asyncio.run(run()) == [[0], [1, 2, 3]]
