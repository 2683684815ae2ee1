"""Documents of alerts on both databases: put into force, taken back, named by others, known to every server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gwf.alerts.book import AlertBook
from gwf.alerts.documents.builtin import PACK, ensure_built_in
from gwf.alerts.documents.faults import FaultyAlertDocumentError
from gwf.alerts.documents.record import DocKind, DocVersion, Shelf
from gwf.alerts.documents.service import DocService, InUseError
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.core.clock import ManualClock
from gwf.core.errors import ConflictError, NotFoundError
from gwf.db.address import DatabaseAddress
from gwf.db.alert_doc_store import SqlAlertDocs
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import Database, open_database

T0 = 1_793_581_200_000  # Monday 2026-11-02 09:00 in Shanghai
RULES, CHAINS, SCHEDULES = (Shelf("t", kind) for kind in (DocKind.RULE, DocKind.CHAIN, DocKind.SCHEDULE))
ANN = Caller(actor=SYSTEM, name="ann", reason="because")
RULE: dict[str, Any] = {"name": "offline", "when": {"type": "gwf.agent.offline"}, "title": "away", "chain": "ops"}
CHAIN: dict[str, Any] = {"name": "ops", "levels": [{"receivers": ["day", "room"]}]}
DAY: dict[str, Any] = {
    "name": "day", "zone": "Asia/Shanghai", "channel": "room", "starts": "2026-11-02", "people": [{"name": "Ann"}],
}  # fmt: skip


class House:
    """Two servers over one database."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(now_ms=T0)
        self.store = SqlAlertDocs(database.core)
        self.book, self.other = (AlertBook(self.store, self.clock) for _ in range(2))
        ids = itertools.count(1)
        self.docs = DocService(
            self.store, self.book, self.clock, new_id=lambda: str(next(ids)), channels=lambda: {"room"}
        )
        self.audit = SqlAuditStore(database.core)

    async def made(self, kind: DocKind, document: dict[str, Any], *, tenant: str = "t") -> str:
        return (await self.docs.create(Shelf(tenant, kind), document, by=ANN, publish=True)).head.doc_id

    async def actions(self) -> list[str]:
        async with self.audit.view("t") as reads:
            return [row.action for row in await reads.rows(after=0, limit=100)]


def in_house(address: DatabaseAddress, work: Callable[[House], Awaitable[None]]) -> None:
    async def run() -> None:
        async with await open_database(address, fallback=False) as database:
            await work(House(database))

    asyncio.run(run())


def test_a_rule_goes_through_its_life_and_every_server_knows(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        docs = house.docs
        await house.made(DocKind.SCHEDULE, DAY)
        await house.made(DocKind.CHAIN, CHAIN)
        rule = (await docs.create(RULES, RULE, by=ANN)).head.doc_id
        assert house.book.of("t").rules == ()
        await docs.publish(RULES, rule, by=ANN)
        assert await house.other.refresh()
        assert not await house.other.refresh()
        assert [one.id for one in house.other.of("t").rules] == [rule]
        assert house.other.of("t").setting.chains["ops"].levels[0].receivers == ("day", "room")
        now = await docs.write(RULES, rule, {**RULE, "name": "gone"}, by=ANN, publish=True)
        assert (now.head.published, now.head.revision, now.head.name) == (2, 3, "gone")
        now = await docs.go_back(RULES, rule, 1, by=ANN)
        assert (now.head.published, now.shown.document) == (3, RULE)
        now = await docs.switch(RULES, rule, on=False, by=ANN)
        assert not house.book.of("t").rules[0].enabled
        now = await docs.retire(RULES, rule, by=ANN)
        assert (now.head.state, house.book.of("t").rules) == ("retired", ())
        versions = await docs.history(RULES, rule, before=None, limit=10)
        assert [one.state.value for one in versions] == ["retired"] * 4
        acts = [action for action in await house.actions() if action.startswith("alert_rule.")]
        assert acts == [
            "alert_rule." + one for one in ("create", "publish", "publish", "rollback", "disable", "retire")
        ]

    in_house(address, work)


def test_nothing_in_force_names_what_is_not(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        docs = house.docs
        with pytest.raises(FaultyAlertDocumentError) as told:
            await house.made(DocKind.RULE, RULE)
        assert [(fault.pointer, fault.params["known"]) for fault in told.value.faults] == [("/chain", "none")]
        with pytest.raises(FaultyAlertDocumentError):
            await house.made(DocKind.CHAIN, CHAIN)
        assert await docs.all(CHAINS) == []
        day = await house.made(DocKind.SCHEDULE, DAY)
        chain = await house.made(DocKind.CHAIN, CHAIN)
        with pytest.raises(InUseError):
            await docs.retire(SCHEDULES, day, by=ANN)
        with pytest.raises(InUseError):
            await docs.write(SCHEDULES, day, {**DAY, "name": "night"}, by=ANN, publish=True)
        await docs.write(CHAINS, chain, {**CHAIN, "levels": []}, by=ANN, publish=True)
        await docs.retire(SCHEDULES, day, by=ANN)
        assert house.book.schedules("t") == {}

    in_house(address, work)


def test_a_name_is_given_once_and_of_each_kind_by_itself(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        docs = house.docs
        one = await house.made(DocKind.CHAIN, {"name": "ops", "levels": []})
        with pytest.raises(ConflictError):
            await house.made(DocKind.CHAIN, {"name": "ops", "levels": []})
        await house.made(DocKind.SCHEDULE, {**DAY, "name": "ops"})
        await house.made(DocKind.CHAIN, {"name": "ops", "levels": []}, tenant="u")
        # a draft that is called otherwise lends the name to another draft, but not to one in force
        await docs.write(CHAINS, one, {"name": "new", "levels": []}, by=ANN)
        two = (await docs.create(CHAINS, {"name": "ops", "levels": []}, by=ANN)).head.doc_id
        with pytest.raises(ConflictError):
            await docs.publish(CHAINS, two, by=ANN)

    in_house(address, work)


def test_a_draft_is_thrown_away_only_where_something_is_left(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        docs = house.docs
        made = (await docs.create(CHAINS, {"name": "a", "levels": []}, by=ANN)).head.doc_id
        with pytest.raises(ConflictError):
            await docs.discard(CHAINS, made, by=ANN)
        await docs.publish(CHAINS, made, by=ANN)
        await docs.write(CHAINS, made, {"name": "b", "levels": []}, by=ANN)
        now = await docs.discard(CHAINS, made, by=ANN)
        assert (now.head.name, now.head.draft, now.head.published) == ("a", None, 1)
        with pytest.raises(NotFoundError):
            await docs.version(CHAINS, DocVersion(made, 2))
        with pytest.raises(NotFoundError):
            await docs.one(SCHEDULES, made)
        with pytest.raises(NotFoundError):
            await docs.one(Shelf("u", DocKind.CHAIN), made)

    in_house(address, work)


def test_a_plan_is_another_one_when_the_hours_of_a_chain_end(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        hours = {"zone": "Asia/Shanghai", "from": "09:00", "to": "10:00"}
        await house.made(DocKind.CHAIN, {"name": "ops", "levels": [{"receivers": "room"}], "hours": hours})
        before = house.book.of("t")
        house.clock.advance(3_599.0)
        assert not await house.book.refresh()
        house.clock.advance(1.0)
        assert await house.book.refresh()
        after = house.book.of("t")
        assert after.number > before.number
        assert (len(before.setting.chains["ops"].levels), after.setting.chains["ops"].levels) == (1, ())

    in_house(address, work)


def test_what_comes_with_gwf_is_in_force_once_and_then_left_alone(address: DatabaseAddress) -> None:
    async def work(house: House) -> None:
        docs = house.docs
        mine = (await docs.create(RULES, {**RULE, "name": "\u78c1\u76d8\u7a7a\u95f4\u4e0d\u8db3"}, by=ANN)).head.doc_id
        assert await ensure_built_in(house.store, "t", house.clock) == len(PACK) - 1
        await house.book.refresh()
        rules = {rule.id: rule for rule in house.book.of("t").rules}
        assert len(rules) == sum(one.kind is DocKind.RULE for one in PACK) - 1
        assert house.book.unreadable == {"t": 0}
        assert {rule.policy.chain for rule in rules.values()} <= house.book.of("t").setting.chains.keys()
        gone = next(iter(rules))
        await docs.retire(RULES, gone, by=ANN)
        assert await ensure_built_in(house.store, "t", house.clock) == 0
        assert {now.head.doc_id for now in await docs.all(RULES) if now.published is None} == {gone, mine}
        assert (await house.actions()).count("alert_rule.create") == len(rules) + 1

    in_house(address, work)
