from __future__ import annotations

import asyncio

import pytest

from gwf.db.address import DatabaseAddress
from gwf.db.database import Database, open_database
from gwf.db.labelsets import TOO_MANY, LabelSets
from tests.db.test_half import MEMORY, with_database

PROD = {"env": "prod", "site": "上海"}


@pytest.mark.parametrize("where", ["there", "memory"])
def test_equal_labels_have_one_number_and_tenants_do_not_share(address: DatabaseAddress, where: str) -> None:
    async def run(database: Database) -> tuple[set[int], set[int]]:
        sets = database.label_sets
        same = await asyncio.gather(*(sets.number("a", dict(reversed(PROD.items()))) for _ in range(5)))
        others = [await sets.number("b", PROD), await sets.number("a", {"env": "prod"}), await sets.number("a", {})]
        return set(same), set(others)

    same, others = with_database(address if where == "there" else MEMORY, run)
    assert (len(same), len(others), same & others) == (1, 3, set())


def test_a_number_stays_and_its_labels_are_found(address: DatabaseAddress) -> None:
    async def give(database: Database) -> int:
        return await database.label_sets.number("a", PROD)

    async def find(database: Database) -> tuple[int, object, object]:
        sets = database.label_sets
        found = await sets.labels("a", [number, number + 50])
        foreign = await sets.labels("b", [number])
        return await sets.number("a", PROD), found, foreign

    number = with_database(address, give)
    assert with_database(address, find) == (number, {number: PROD, number + 50: {}}, {number: {}})


def test_sets_are_found_by_what_is_in_them_whoever_added_them(address: DatabaseAddress) -> None:
    async def run() -> tuple[list[int], list[int]]:
        async with await open_database(address) as one, await open_database(address) as other:
            numbers = [await one.label_sets.number("a", {"env": env}) for env in ("prod", "test", "prod-2")]
            matching = await other.label_sets.matching("a", lambda labels: labels["env"].startswith("prod"))
            return [numbers[0], numbers[2]], list(matching)

    expected, found = asyncio.run(run())
    assert found == expected


def test_two_processes_that_meet_the_same_labels_agree(postgres_address: DatabaseAddress) -> None:
    async def run() -> list[int]:
        databases = [await open_database(postgres_address) for _ in range(4)]
        numbers = await asyncio.gather(*(database.label_sets.number("a", PROD) for database in databases))
        for database in databases:
            await database.close()
        return numbers

    assert len(set(asyncio.run(run()))) == 1


def test_past_the_limit_one_set_stands_for_all_further_ones(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        sets = LabelSets(database.events, max_sets=3)
        kept = [await sets.number("a", {"file": str(number)}) for number in range(3)]
        first, second = [await sets.number("a", {"file": str(number)}) for number in (7, 8)]
        assert first == second
        assert await sets.labels("a", [first]) == {first: TOO_MANY}
        assert [await sets.number("a", {"file": str(number)}) for number in range(3)] == kept
        assert sets.replaced == 2
        assert await sets.number("b", {"file": "7"}) not in (*kept, first)

    with_database(address, run)
