"""Notices become messages that arrive: on both databases, over failures, restarts and other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from gwf.alerts.delivery.model import ChannelRules, Message, NoticeState, Sent
from gwf.alerts.delivery.receipts import ReceiptFile
from gwf.alerts.delivery.runner import DeliveryParts, DeliveryRunner
from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass, GwfError, UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.db.channel_budget import SqlBudgets
from gwf.db.database import Database
from gwf.db.delivery_store import SqlDelivery
from gwf.db.lead import SoleLead
from gwf.db.tables.alerts import notices
from gwf.db.tables.delivery import channel_health, messages, notice_parts
from gwf.events.model import Severity
from gwf.tasks.channels.budget import BudgetSpentError
from tests.db.test_half import with_database

NOW_MS = 1_800_000_000_000
OPS = ChannelRules(name="ops", kind="dingtalk", per_minute=20, timeout_s=10.0, max_text_bytes=18_000)
MAIL = replace(OPS, name="mail", kind="email")


@dataclass
class Robot:
    """A channel that answers as it is told; `before` is called while a message is on its way."""

    answers: list[GwfError] = field(default_factory=list[GwfError])
    before: Callable[[], Awaitable[None]] | None = None
    seen: list[Message] = field(default_factory=list[Message])

    async def send(self, message: Message) -> Sent:
        self.seen.append(message)
        if self.before is not None:
            await self.before()
        if self.answers:
            raise self.answers.pop(0)
        return Sent(receipt=f"m-{len(self.seen)}")

    async def health_check(self) -> str:
        return ""


class House:
    """A database with channels, and a runner that is moved by hand."""

    def __init__(self, database: Database, *channels: ChannelRules) -> None:
        self.database = database
        self.clock = ManualClock(now_ms=NOW_MS)
        self.channels = {channel.name: channel for channel in channels or (OPS,)}
        self.robots = {name: Robot() for name in self.channels}
        self.runner = self.opened()

    def opened(self, *, alone: bool = True, receipts: ReceiptFile | None = None) -> DeliveryRunner:
        return DeliveryRunner(
            DeliveryParts(
                store=SqlDelivery(self.database.core), channels=self.channels, ways=self.robots,
                schedules=lambda _: {}, lead=SoleLead(), clock=self.clock,
                zones={name: ZoneInfo("UTC") for name in self.channels}, alone=alone, receipts=receipts,
            )
        )  # fmt: skip

    async def tell(self, *names: str, severity: Severity = Severity.WARNING, to: Sequence[str] = ("ops",)) -> None:
        now_ms = self.clock.now_ms()
        rows = [
            {
                "notice_id": name, "tenant_id": "default", "kind": "firing", "group_key": f"grp_{name}",
                "at_ms": now_ms, "level": 0, "receivers": list(to), "severity": int(severity), "state": "waiting",
                "body": {"rule_name": "disk", "new": 1, "alerts": [{"title": f"disk of {name}"}]},
                "updated_at_ms": now_ms,
            }
            for name in names
        ]  # fmt: skip
        async with self.database.core.change() as change:
            await change.connection.execute(sa.insert(notices), rows)

    async def turn(self, *, seconds: float = 0.0) -> float:
        self.clock.advance(seconds)
        pause_s = await self.runner.once()
        await self.runner.rest()
        return pause_s

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.database.core.view() as connection:
            return list(await connection.execute(sa.select(table).order_by(*table.primary_key)))

    async def states(self) -> dict[str, str]:
        return {row.notice_id: row.state for row in await self.rows(notices)}


async def forever() -> None:
    await asyncio.Event().wait()


def away(kind: ErrorClass = ErrorClass.SERVER, *, retryable: bool = True) -> GwfError:
    return UnavailableError("answered 502", error_class=kind, retryable=retryable)


def test_a_notice_arrives_once_and_what_is_sent_is_a_row_before(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        before: list[Any] = []

        async def look() -> None:
            before.extend(await house.rows(messages))

        house.robots["ops"].before = look
        await house.tell("n1")
        await house.turn()
        await house.turn(seconds=100)
        (told,) = house.robots["ops"].seen
        assert [(row.message_id, row.state, row.title) for row in before] == [
            (told.message_id, "sending", "【警告】disk of n1")
        ]
        (row,) = await house.rows(messages)
        assert (row.state, row.receipt, row.attempts, row.sent_at_ms) == ("sent", "m-1", 1, NOW_MS)
        assert await house.states() == {"n1": NoticeState.SENT}

    with_database(address, run)


def test_a_restart_while_it_is_sent_sends_the_same_message_again(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        killed = asyncio.Event()

        async def die() -> None:
            killed.set()
            await asyncio.Event().wait()

        house.robots["ops"].before = die
        await house.tell("n1")
        await house.runner.once()
        await killed.wait()
        house.robots["ops"].before = None
        dead, house.runner = house.runner, house.opened()
        await house.turn()
        first, again = house.robots["ops"].seen
        assert first.message_id == again.message_id
        assert again.text == f"{first.text}\n\n（上次发送结果未知，可能重复）"
        assert await house.states() == {"n1": NoticeState.SENT}
        for flight in [task for task in asyncio.all_tasks() if task.get_name().startswith("gwf-message")]:
            flight.cancel()
        assert dead.facts.sent_total == {}

    with_database(address, run)


def test_what_arrived_is_not_sent_again_when_only_the_database_had_not_heard(
    address: DatabaseAddress, tmp_path: Path
) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        receipts = ReceiptFile(tmp_path / "receipts")
        house.runner = house.opened(receipts=receipts)
        house.robots["ops"].before = forever  # killed before it hears the answer …
        await house.tell("n1")
        await house.runner.once()
        await asyncio.sleep(0)
        (row,) = await house.rows(messages)
        receipts.add(row.message_id, "m-7")  # … or right after it noted it
        house.runner = house.opened(receipts=receipts)
        await house.turn()
        await house.turn(seconds=100)
        (row,) = await house.rows(messages)
        assert (row.state, row.receipt, len(house.robots["ops"].seen)) == ("sent", "m-7", 1)
        assert await house.states() == {"n1": NoticeState.SENT}
        for flight in [task for task in asyncio.all_tasks() if task.get_name().startswith("gwf-message")]:
            flight.cancel()
        receipts.close()

    with_database(address, run)


def test_a_receiver_that_knows_ids_gets_the_same_bytes_again(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database, replace(OPS, kind="webhook", idempotent=True))
        house.robots["ops"].answers = [away(ErrorClass.TIMEOUT)]
        await house.tell("n1")
        await house.turn()
        await house.turn(seconds=1)
        first, again = house.robots["ops"].seen
        assert (first.message_id, first.text, first.title) == (again.message_id, again.text, again.title)

    with_database(address, run)


def test_while_another_process_may_be_sending_nobody_takes_it_over(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        store = SqlDelivery(database.core)
        await house.tell("n1")
        house.robots["ops"].answers = [away()]
        await house.turn()
        house.clock.advance(1)
        async with store.change() as change:  # the other process begins, and dies
            again = await change.due_again("ops", urgent=False, now_ms=house.clock.now_ms())
            assert again is not None
            now_ms = house.clock.now_ms()
            await change.begin(again, (), now_ms=now_ms, until_ms=now_ms + 15_000)
        house.runner = house.opened(alone=False)
        await house.turn(seconds=14)
        assert len(house.robots["ops"].seen) == 1
        await house.turn(seconds=2)
        assert len(house.robots["ops"].seen) == 2
        assert await house.states() == {"n1": NoticeState.SENT}

    with_database(address, run)


def test_a_failure_is_tried_again_later_and_later_and_what_is_new_waits(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database, replace(OPS, per_minute=600))
        robot = house.robots["ops"]
        robot.answers = [away(), away()]
        await house.tell("n1")
        await house.turn()
        await house.tell("n2")
        await house.turn(seconds=0.9)
        assert len(robot.seen) == 1
        await house.turn(seconds=0.1)
        await house.turn(seconds=1.9)
        assert len(robot.seen) == 2
        await house.turn(seconds=0.1)
        await house.turn(seconds=0.1)
        assert [message.title for message in robot.seen] == ["【警告】disk of n1"] * 3 + ["【警告】disk of n2"]
        (health,) = await house.rows(channel_health)
        assert (health.failures, health.down_since_ms) == (0, None)

    with_database(address, run)


def test_the_fallback_tells_what_was_refused_for_good_and_what_waited_too_long(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database, replace(OPS, fallback="mail", fallback_after_s=60), MAIL)
        ops, mail = house.robots["ops"], house.robots["mail"]
        ops.answers = [away(ErrorClass.CONFIG, retryable=False)]
        await house.tell("n1")
        await house.turn()
        await house.turn()
        assert [message.title for message in mail.seen] == ["【警告】disk of n1"]
        ops.answers = [away() for _ in range(50)]
        await house.tell("n2")
        for _ in range(70):
            await house.turn(seconds=1)
        assert [message.title for message in mail.seen] == ["【警告】disk of n1", "【警告】disk of n2"]
        assert await house.states() == {"n1": NoticeState.SENT, "n2": NoticeState.SENT}
        parts = {(row.notice_id, row.channel): (row.state, row.instead_of) for row in await house.rows(notice_parts)}
        assert parts["n2", "ops"] == ("moved", "")
        assert parts["n2", "mail"] == ("sent", "ops")

    with_database(address, run)


def test_a_notice_without_channel_is_said_to_reach_nobody(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        await house.tell("n1", to=["who"])
        await house.tell("n2", to=["who", "ops"])
        await house.turn()
        assert await house.states() == {"n1": NoticeState.NOBODY, "n2": NoticeState.SENT}

    with_database(address, run)


def test_many_at_once_are_folded_and_what_is_critical_goes_first(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        await house.tell(*(f"n{number:03}" for number in range(300)))
        await house.tell("c1", severity=Severity.CRITICAL)
        await house.turn()
        critical, digest = house.robots["ops"].seen
        assert critical.title == "【致命】disk of c1"
        assert digest.title == "【警告】300 条通知汇总"
        assert set((await house.states()).values()) == {NoticeState.SENT}
        assert {row.message_id for row in await house.rows(notice_parts)} == {critical.message_id, digest.message_id}

    with_database(address, run)


def test_a_budget_is_one_for_tasks_and_alerts_of_all_processes(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database, replace(OPS, per_minute=2))
        one, other = (SqlBudgets(database.core, {"ops": 2}, house.clock) for _ in range(2))
        await one.take("ops", "t/1", urgent=False, timeout_s=10)
        with pytest.raises(BudgetSpentError) as caught:
            await other.take("ops", "t/2", urgent=False, timeout_s=10)
        assert caught.value.retry_after_s == 1.0
        await one.ended("ops", "t/1")
        await house.tell("n1")
        await house.turn()
        assert house.robots["ops"].seen == []
        await house.turn(seconds=60.5)
        assert len(house.robots["ops"].seen) == 1
        with pytest.raises(BudgetSpentError):
            await other.take("ops", "t/2", urgent=False, timeout_s=10)
        await other.take("ops", "t/3", urgent=True, timeout_s=10)

    with_database(address, run)


def test_a_budget_outlives_a_restart(address: DatabaseAddress) -> None:
    async def fill(database: Database) -> None:
        house = House(database, replace(OPS, per_minute=2))
        await house.tell("n1")
        await house.turn()

    async def run(database: Database) -> None:
        house = House(database, replace(OPS, per_minute=2))
        await house.tell("n2")
        await house.turn(seconds=30)
        assert house.robots["ops"].seen == []
        await house.turn(seconds=31)
        assert len(house.robots["ops"].seen) == 1

    with_database(address, fill)
    with_database(address, run)
