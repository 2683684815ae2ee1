"""The audit of chains finds what stands still, reaches nobody, or is told to nobody; old alerts go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from gwf.alerts.life.ledger import Setting
from gwf.alerts.life.model import Chain, Level
from gwf.alerts.run.audit import AuditParts, ChainAudit
from gwf.alerts.run.auditor import LATE_MS, UNTOLD_MS, Fault, Receivers
from gwf.alerts.run.model import AlertPlan
from gwf.alerts.sight.reading import read_alert_rule
from gwf.core.clock import ManualClock
from gwf.core.settings.server import KeepSettings
from gwf.db.address import DatabaseAddress
from gwf.db.alert_retention import tend_alerts
from gwf.db.alert_standing import SqlStanding
from gwf.db.database import Database, open_database
from gwf.db.lead import SoleLead
from gwf.db.retention import Keep
from gwf.db.tables.alert_documents import silences
from gwf.db.tables.alerts import alert_groups, alert_hits, alerts, notice_alerts, notices
from gwf.db.tables.delivery import notice_parts
from gwf.events.raised import MemorySink
from tests.db.rows import row

NOW = 1_800_000_000_000
GOOD = {"name": "r", "when": {"type": "x"}, "title": "t", "chain": "ops"}
POLICY = {"group_by": [], "wait_s": 0, "interval_s": 300, "repeat_s": None, "resolve_after_s": None, "chain": "ops"}
OPS = Chain(name="ops", levels=(Level(after_s=0, receivers=("dd",)), Level(after_s=60, receivers=("dd",))))
DAY_MS = 86_400_000


class Plans:
    def __init__(self, *chains: Chain, **rule: Any) -> None:
        rules = (read_alert_rule(GOOD | rule, rule_id="alr_1", version=1),)
        self._plan = AlertPlan(1, rules, Setting(chains={chain.name: chain for chain in chains}))

    def tenants(self) -> tuple[str, ...]:
        return ("default",)

    def of(self, tenant: str) -> AlertPlan:
        assert tenant == "default"
        return self._plan


def with_database(address: DatabaseAddress, work: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        async with await open_database(address, fallback=False) as database:
            await work(database)

    asyncio.run(run())


async def found_in(database: Database, plans: Plans) -> tuple[dict[Fault, int], MemorySink]:
    sink = MemorySink()
    parts = AuditParts(
        reads=SqlStanding(database.core), plans=plans, receivers=lambda _: Receivers(channels={"dd"}, schedules={}),
        sink=sink, lead=SoleLead(), clock=ManualClock(now_ms=NOW),
    )  # fmt: skip
    audit = ChainAudit(parts)
    await audit.once()
    await audit.once()  # an event of a fault that lasts is raised once
    return dict(audit.found), sink


async def put(database: Database, table: sa.Table, **values: Any) -> None:
    async with database.core.change() as change:
        wanted = row(table, 1) | {"tenant_id": "default"} if "tenant_id" in table.c else row(table, 1)
        await change.connection.execute(sa.insert(table), [wanted | values])


@pytest.mark.parametrize(
    ("plans", "fault"),
    [
        (Plans(), Fault.CHAIN_MISSING),
        (Plans(Chain(name="ops", levels=(Level(after_s=0, receivers=()),))), Fault.CHAIN_EMPTY),
        (Plans(Chain(name="ops", levels=(Level(after_s=0, receivers=("gone",)),))), Fault.RECEIVER_MISSING),
        (Plans(OPS), None),
        (Plans(enabled=False), None),
    ],
)
def test_what_is_wrong_with_a_chain_is_told_once(address: DatabaseAddress, plans: Plans, fault: Fault | None) -> None:
    async def work(database: Database) -> None:
        found, sink = await found_in(database, plans)
        assert found == ({} if fault is None else {fault: 1})
        assert [event.type for event in sink.events] == ["gwf.alert.chain_fault"] * len(found)

    with_database(address, work)


@pytest.mark.parametrize("late_ms", [LATE_MS - 60_000, LATE_MS + 1_000])
def test_a_level_that_was_due_long_ago_stands_still(address: DatabaseAddress, late_ms: int) -> None:
    async def work(database: Database) -> None:
        untaken = {"untaken_since_ms": NOW - 60_000 - late_ms, "flush_at_ms": None, "told_at_ms": NOW - late_ms}
        await put(database, alert_groups, policy=POLICY, level=0, **untaken)
        found, _ = await found_in(database, Plans(OPS))
        assert found == ({Fault.CHAIN_STANDS: 1} if late_ms > LATE_MS else {})

    with_database(address, work)


def test_an_alert_of_weight_that_nobody_was_told_of(address: DatabaseAddress) -> None:
    base: dict[str, Any] = {
        "status": "firing", "told": None, "held_by": "", "severity": 50, "live": True, "steps": [], "rule_id": "alr_1",
        "started_at_ms": NOW - UNTOLD_MS - 1_000, "ended_at_ms": None,
    }  # fmt: skip

    async def work(database: Database) -> None:
        others: list[dict[str, Any]] = [{}, {"held_by": "silence:s"}, {"severity": 40}, {"told": 50}, {"rule_id": "x"}]
        for number, values in enumerate(others):
            await put(database, alerts, **base | {"alert_id": f"a{number}", "number": number} | values)
        assert (await found_in(database, Plans(OPS)))[0] == {Fault.UNTOLD: 1}

    with_database(address, work)


def test_notices_that_do_not_arrive(address: DatabaseAddress) -> None:
    states = {
        "waiting": NOW - LATE_MS - 1, "planned": NOW - 1_000, "failed": NOW - 1_000, "nobody": NOW - 2 * 3_600_000,
        "sent": NOW - DAY_MS,
    }  # fmt: skip

    async def work(database: Database) -> None:
        for state, at_ms in states.items():
            await put(
                database, notices, notice_id=state, state=state, at_ms=at_ms, updated_at_ms=at_ms, next_at_ms=None
            )
        assert (await found_in(database, Plans(OPS)))[0] == {Fault.NOTICE_LATE: 1, Fault.NOTICE_FAILED: 1}

    with_database(address, work)


def test_a_broken_channel_is_found_once_though_telling_of_it_waits_for_it_too(address: DatabaseAddress) -> None:
    async def work(database: Database) -> None:
        names: set[str] = set()
        for number in range(3):  # each is about what was found of those before
            name, at_ms = f"ntc_{number}", NOW - LATE_MS - 10_000 + number
            await put(
                database, notices, notice_id=name, state="planned", at_ms=at_ms, updated_at_ms=at_ms, next_at_ms=at_ms
            )
            await put(database, notice_parts, notice_id=name, channel="dd", state="taken", message_id=None)
            found, sink = await found_in(database, Plans(OPS))
            assert found == {Fault.NOTICE_LATE: 1}
            names |= {event.id for event in sink.events}
        assert names == {f"notice_late:dd:{NOW // DAY_MS}"}

    with_database(address, work)


def test_old_alerts_and_silences_go_and_open_ones_stay(address: DatabaseAddress) -> None:
    usual = KeepSettings()
    keep = Keep(
        events_s=usual.events, file_events_s=usual.file_events, work_s=usual.work, minutes_s=usual.minutes,
        hours_s=usual.hours, days_s=usual.days,
    )  # fmt: skip
    old = NOW - 200 * DAY_MS

    async def work(database: Database) -> None:
        for name, live, ended in (("open", True, None), ("old", False, old), ("new", False, NOW)):
            await put(database, alerts, alert_id=name, live=live, ended_at_ms=ended)
            at_ms = NOW if ended is None else ended
            await put(database, alert_hits, rule_id=name, alert_id=name, at_ms=at_ms)
            await put(database, notices, notice_id=name, at_ms=at_ms, state="sent")
            await put(database, notice_alerts, notice_id=name, alert_id=name)
            await put(database, silences, silence_id=name, begins_at_ms=old, ends_at_ms=NOW + 1 if live else at_ms)
        removed = await tend_alerts(database.core, keep, now_ms=NOW)
        assert removed == {"alerts": 1, "alert_hits": 1, "silences": 1, "notices": 1, "notice_alerts": 1}
        async with database.core.view() as view:
            for kept in (alerts.c.alert_id, notice_alerts.c.notice_id, silences.c.silence_id):
                assert set(await view.scalars(sa.select(kept))) == {"open", "new"}

    with_database(address, work)
