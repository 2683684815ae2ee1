"""Messages that need a person are dead letters, and both ways of sending them again are one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gwf.alerts.delivery.desk import DeliveryDesk, MessageStateError
from gwf.alerts.delivery.model import NoticeState
from gwf.alerts.delivery.plan import GIVE_UP_MS
from gwf.alerts.delivery.runner import DeliveryParts
from gwf.app.hands.messages import MessageHands
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database
from gwf.db.delivery_reads import SqlDeliveryDesk
from gwf.db.lead import SoleLead
from gwf.db.letters_store import SqlLetters
from gwf.db.tables.audit import audit_logs
from gwf.db.tables.delivery import messages
from gwf.db.tables.letters import letters
from gwf.letters.desk import By, LetterDesk, Wish
from gwf.letters.model import LetterFilter, LetterKind, LetterState, RunAct, Verdict
from gwf.letters.runner import LetterRunner
from tests.db.test_delivery import MAIL, OPS, House, away
from tests.db.test_half import with_database

ANN = Caller(actor=SYSTEM, name="ann", reason="the token is new")
BY = By(tenant="default", actor=SYSTEM, name="ann")
MINUTE_S = 60.0


class Desk:
    """The delivery of a house with the desk of dead letters."""

    def __init__(self, house: House) -> None:
        store = SqlDeliveryDesk(house.database.core)
        parts = DeliveryParts(
            store=store, channels=house.channels, ways=house.robots, schedules=lambda _: {}, lead=SoleLead(),
            clock=house.clock, zones={name: ZoneInfo("UTC") for name in house.channels},
        )  # fmt: skip
        self.delivery = DeliveryDesk(store, parts, {})
        kept = SqlLetters(house.database.core)
        hands = {LetterKind.NOTIFICATION: MessageHands(self.delivery)}
        self.letters = LetterDesk(kept, hands, clock=house.clock, woken=lambda: None)
        self.runner = LetterRunner(kept, hands, lead=SoleLead(), clock=house.clock)

    async def order(self, act: RunAct) -> None:
        """Have all open letters done again or given up, poison too."""
        await self.letters.order(Wish(act=act, wanted=LetterFilter(), reason="why", poison=True), BY)
        await self.runner.once()


async def standing(house: House) -> list[tuple[str, str, int, bool]]:
    return [(row.state, row.cause, row.replays, row.poison) for row in await house.rows(letters)]


def refused() -> Any:
    return away(ErrorClass.CONFIG, retryable=False)


def test_what_is_refused_for_good_waits_at_the_desk_and_is_sent_from_there(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        robot, desk = house.robots["ops"], Desk(house)
        robot.answers = [refused(), refused()]
        await house.tell("n1")
        await house.turn()
        assert await standing(house) == [("open", "answered 502", 0, False)]
        (row,) = await house.rows(letters)
        assert (row.kind, row.place, row.error_class, row.about) == (
            "notification", "ops", "config", "【警告】disk of n1"
        )  # fmt: skip
        await desk.order(RunAct.REPLAY)
        assert [state for state, *_ in await standing(house)] == ["replaying"]
        await house.turn()  # now, not at its next moment; and it fails again
        assert await standing(house) == [("open", "answered 502", 1, True)]
        (row,) = await house.rows(messages)
        await desk.delivery.again("default", row.message_id, by=ANN)  # the other way is the same
        assert await standing(house) == [("replaying", "answered 502", 2, True)]
        await house.turn(seconds=MINUTE_S)
        assert [state for state, *_ in await standing(house)] == ["resolved"]
        assert [one.message_id for one in robot.seen] == [row.message_id] * 3
        assert await house.states() == {"n1": NoticeState.SENT}
        with pytest.raises(MessageStateError):
            await desk.delivery.again("default", row.message_id, by=ANN)
        acts = [one.action for one in await house.rows(audit_logs) if one.action.startswith("message.")]
        assert acts == ["message.retry", "message.retry"]

    with_database(address, run)


def test_a_letter_ends_by_itself_when_the_message_arrives_or_another_channel_tells_it(
    address: DatabaseAddress,
) -> None:
    async def run(database: Database) -> None:
        house = House(database, OPS, replace(OPS, name="chat", fallback="mail"), MAIL)
        house.robots["ops"].answers = [refused()]
        house.robots["chat"].answers = [refused()]
        await house.tell("n1")
        await house.tell("n2", to=["chat"])  # goes to the fallback at once: it needs nobody
        await house.turn()
        assert [state for state, *_ in await standing(house)] == ["open"]
        await house.turn(seconds=MINUTE_S)
        assert [state for state, *_ in await standing(house)] == ["resolved"]
        assert await house.states() == {"n1": NoticeState.SENT, "n2": NoticeState.SENT}

    with_database(address, run)


def test_what_was_given_up_after_a_day_is_replayed_and_what_is_dropped_is_tried_no_more(
    address: DatabaseAddress,
) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        robot, desk = house.robots["ops"], Desk(house)
        robot.answers = [away(), away()]
        await house.tell("n1")
        await house.turn()
        assert await standing(house) == []  # it is tried again by itself
        await house.turn(seconds=GIVE_UP_MS / 1000)
        assert [state for state, *_ in await standing(house)] == ["open"]
        assert await house.states() == {"n1": NoticeState.FAILED}
        await desk.order(RunAct.REPLAY)
        assert await house.states() == {"n1": NoticeState.PLANNED}
        await house.turn(seconds=MINUTE_S)
        assert await house.states() == {"n1": NoticeState.SENT}
        robot.answers = [refused()]
        await house.tell("n2")
        await house.turn(seconds=MINUTE_S)
        await desk.order(RunAct.DROP)
        await house.turn(seconds=GIVE_UP_MS / 1000)
        assert await house.states() == {"n1": NoticeState.SENT, "n2": NoticeState.FAILED}
        assert sorted(state for state, *_ in await standing(house)) == ["dropped", "resolved"]
        assert len(robot.seen) == 4

    with_database(address, run)


def test_a_channel_that_is_gone_is_said(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        house = House(database)
        house.robots["ops"].answers = [away()]
        await house.tell("n1")
        await house.turn()
        house.channels = {"mail": MAIL}
        house.robots = {"mail": house.robots["ops"]}
        house.runner = house.opened()
        await house.turn(seconds=MINUTE_S)
        assert [cause for _, cause, *_ in await standing(house)] == ["there is no such channel any more"]
        desk = Desk(house)
        (row,) = await house.rows(letters)
        assert (await desk.letters.probe("default", row.cause_id)).verdict is Verdict.STILL
        await desk.order(RunAct.REPLAY)
        (row,) = await house.rows(letters)
        assert (row.state, row.note, row.replays) == (LetterState.OPEN, "channel_not_found", 0)

    with_database(address, run)
