"""Stored events alert people once each, whoever dies in between and however many servers share the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from gwf.alerts.life.ledger import Setting
from gwf.alerts.life.model import AlertStatus, Chain, Level, Silence
from gwf.alerts.picture.service import AlertPictures
from gwf.alerts.run.desk import AlertDesk, AlertStateError
from gwf.alerts.run.explain import Explainer, Telling, Verdict
from gwf.alerts.run.model import Act, AlertFilter, AlertPlan, KeptAlert, Turn
from gwf.alerts.run.runner import AlertRunner, RunnerParts
from gwf.alerts.run.telling import AlertEvents
from gwf.alerts.sight.model import AlertRule
from gwf.alerts.sight.reading import read_alert_rule
from gwf.app.alerts import StoredBatches
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.control.selectors import parse
from gwf.core.clock import ManualClock
from gwf.core.errors import ConflictError
from gwf.db.address import DatabaseAddress
from gwf.db.alert_reads import SqlAlertDesk
from gwf.db.alert_store import SqlAlertStore
from gwf.db.database import Database, open_database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.db.lead import SoleLead
from gwf.events.model import Event, Severity
from gwf.events.raised import MemorySink
from gwf.rules.decision import EventKind, EventRef

ANN = Caller(actor=SYSTEM, name="ann", reason="mine")
RULES: dict[str, dict[str, object]] = {
    "down": {
        "name": "host is down", "when": {"type": "t.down"}, "clear": {"type": "t.up"}, "by": ["subject"],
        "title": "${subject} is down", "severity": "error", "chain": "ops", "wait": "10s", "group_by": [],
    },
    "many": {
        "name": "many faults", "when": {"type": "t.fault"}, "title": "many faults", "severity": "critical",
        "threshold": {"count": 3, "within": "1m"}, "chain": "ops",
    },
}  # fmt: skip
CHAIN = Chain(name="ops", levels=(Level(after_s=0, receivers=("dd",)), Level(after_s=600, receivers=("boss",))))


class Plans:
    """What people decided: the same for all servers of a test."""

    def __init__(self) -> None:
        self.rules = {name: read_alert_rule(one, rule_id=name, version=1) for name, one in RULES.items()}
        self.plan = AlertPlan(number=1, rules=tuple(self.rules.values()), setting=Setting(chains={"ops": CHAIN}))

    def tenants(self) -> tuple[str, ...]:
        return ("default",)

    def of(self, tenant: str) -> AlertPlan:
        assert tenant == "default"
        return self.plan

    async def version(self, tenant: str, rule_id: str, version: int) -> tuple[AlertRule, Mapping[str, object]]:
        assert (tenant, version) == ("default", 1)
        return self.rules[rule_id], RULES[rule_id]


class Server:
    """One server; another one over the same database is one after a restart, or one beside it."""

    def __init__(self, database: Database, plans: Plans, clock: ManualClock) -> None:
        self.clock = clock
        labels = LabelSets(database.events, clock=clock)
        self.rows = IngestRows(database, labels, clock)
        scan = EventScan(database.events, labels)
        parts_store = SqlAlertStore(database.core)
        parts = RunnerParts(
            store=parts_store, batches=StoredBatches(SqlDecisions(database.events), scan), plans=plans,
            lead=SoleLead(), clock=clock, alone=True,
        )  # fmt: skip
        self.sink = MemorySink()
        self.events = AlertEvents(self.sink, parts_store, SoleLead())
        self.turns: list[Turn] = []
        self.runner = AlertRunner(parts, told=self._told)
        store = SqlAlertDesk(database.core)
        self.desk = AlertDesk(store, plans, clock=clock, woken=self.runner.ordered)
        self.explainer = Explainer(store, scan, plans, versions=plans)
        self._seen = (store, scan)

    def pictures(self, plans: Plans) -> AlertPictures:
        store, scan = self._seen
        return AlertPictures(store, scan, plans, clock=self.clock)

    async def _told(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.events.take(turn)

    async def tell(self, *what: str) -> None:
        """Store events in one batch; each is a type and a subject."""
        self.clock.advance(0.01)
        events = [
            Event(
                id=f"{self.clock.now_ms()}-{number}", source="/t", type=one.split()[0], subject=one.split()[-1],
                at_ms=self.clock.now_ms(), severity=Severity.WARNING,
            )
            for number, one in enumerate(what)
        ]  # fmt: skip
        await self.rows.write((), events)

    async def move(self, s: float = 0.0) -> None:
        """Let time go and do all there is to do."""
        self.clock.advance(s)
        while await self.runner.turn():  # as long as a turn is full
            pass

    def notices(self) -> list[tuple[str, tuple[str, ...], int]]:
        return [(row.notice.kind.value, row.notice.receivers, row.notice.new) for t in self.turns for row in t.notices]

    async def alerts(self, **wanted: object) -> list[KeptAlert]:
        found = await self.desk.look("default", AlertFilter(**wanted), limit=100, after=None, facets=True)  # type: ignore[arg-type]
        assert found.total == len(found.items)
        return list(found.items)


@asynccontextmanager
async def opened(address: DatabaseAddress) -> AsyncIterator[tuple[Callable[[], Server], Plans]]:
    plans, clock = Plans(), ManualClock(now_ms=1_800_000_000_000)
    async with await open_database(address, fallback=False, clock=clock) as database:
        yield lambda: Server(database, plans, clock), plans


def within(address: DatabaseAddress, work: Callable[[Callable[[], Server], Plans], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(address) as (server, plans):
            await work(server, plans)

    asyncio.run(run())


def test_a_life_goes_on_over_restarts_at_every_step(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], _: Plans) -> None:
        await server().move()  # from here on events are read
        await server().tell("t.down h1", "t.down h2", "t.up h9")
        one = server()
        await one.move()
        assert one.notices() == []
        one = server()
        await one.move(10)
        assert one.notices() == [("firing", ("dd",), 2)]
        await one.tell("t.up h1")
        one = server()
        await one.move(300)
        assert one.notices() == [("resolved", ("dd",), 0)]
        one = server()
        await one.move(400)
        assert one.notices() == [("escalation", ("boss",), 0)]
        found = {kept.alert.title: kept.alert for kept in await one.alerts()}
        assert [found[f"h{n} is down"].status for n in (1, 2)] == [AlertStatus.RESOLVED, AlertStatus.FIRING]
        story = await one.desk.get("default", found["h2 is down"].id)
        assert [notice.kind for notice in story.notices] == ["escalation", "resolved", "firing"]
        assert story.notices[0].body["alerts"][0]["title"] == "h2 is down"  # type: ignore[index]

    within(address, work)


def test_events_are_counted_over_restarts_and_only_once(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], _: Plans) -> None:
        await server().move()
        for _n in range(3):
            assert await server().alerts() == []
            await server().tell("t.fault x")
            await server().move()
            await server().move()
        (kept,) = await server().alerts()
        assert (kept.alert.severity, kept.rule_name, kept.alert.count) == (Severity.CRITICAL, "many faults", 1)

    within(address, work)


def test_two_that_move_alerts_write_each_turn_once(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], _: Plans) -> None:
        one, other = server(), server()
        await one.move()
        await other.move()
        await one.tell("t.down h1")
        await one.move(10)
        with pytest.raises(ConflictError):
            await other.move()
        assert other.turns == []
        assert len(await one.alerts()) == 1

    within(address, work)


def test_people_take_and_give_back(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], _: Plans) -> None:
        one = server()
        await one.move()
        await one.tell("t.down h1")
        await one.move(10)
        (kept,) = await one.alerts()

        async def ordered(act: Act) -> None:
            waits = asyncio.create_task(one.desk.order(act, "default", [kept.alert.id], by=ANN))
            while not waits.done():
                await one.move()
                await asyncio.sleep(0.01)
            assert (await waits).done == [kept.alert.id]

        await ordered(Act.ACKNOWLEDGE)
        await one.move(5_000)
        assert [kind for kind, _, _ in one.notices()] == ["firing"]
        assert (await one.alerts(owners=frozenset({"ann"})))[0].alert.status is AlertStatus.ACKNOWLEDGED
        with pytest.raises(AlertStateError):
            await one.desk.order(Act.ACKNOWLEDGE, "default", [kept.alert.id], by=ANN)
        await ordered(Act.RELEASE)
        await one.move(600)
        assert [kind for kind, _, _ in one.notices()] == ["firing", "escalation"]
        await ordered(Act.RESOLVE)
        assert (await one.alerts())[0].alert.status is AlertStatus.RESOLVED

    within(address, work)


def test_every_event_can_say_why(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], plans: Plans) -> None:
        one = server()
        await one.move()
        await one.tell("t.down h1", "t.fault x", "t.none y")
        refs: dict[str, EventRef] = {}
        for batch in await one.runner._parts.batches.batches_behind(0, limit=10):
            async for portion in one.runner._parts.batches.of_batch(batch, ["default"]):
                refs |= {facts.type: facts.ref for facts in portion}
        assert (await one.explainer.why(refs["t.down"])).verdict is Verdict.PENDING
        await one.move()
        whys = {kind: await one.explainer.why(ref) for kind, ref in refs.items()}
        assert {kind: why.verdict for kind, why in whys.items()} == {
            "t.down": Verdict.ALERTED, "t.fault": Verdict.COUNTED, "t.none": Verdict.NO_RULE,
        }  # fmt: skip
        counted = next(rule for rule in whys["t.fault"].rules if rule.rule.id == "many")
        assert (counted.same, counted.hit and counted.hit.counted) == (True, 1)
        (kept,) = whys["t.down"].alerts
        told = await one.explainer.explain("default", kept.alert.id)
        assert (told.same, told.telling, told.document) == (True, Telling.WAITS, RULES["down"])
        silence = Silence(id="s1", selector=parse("subject=h1"), begins_at_ms=0, ends_at_ms=2**50)
        plans.plan = AlertPlan(
            number=2, rules=plans.plan.rules, setting=Setting(chains={"ops": CHAIN}, silences=[silence])
        )
        await one.move(10)
        told = await one.explainer.explain("default", kept.alert.id)
        assert (told.telling, told.alert.alert.held_by) == (Telling.HELD_BY_SILENCE, "silence:s1")
        assert refs["t.down"].kind is EventKind.EVENT

    within(address, work)


def test_alerts_of_a_rule_that_is_gone_end(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], plans: Plans) -> None:
        one = server()
        await one.move()
        await one.tell("t.down h1")
        await one.move(10)
        plans.plan = AlertPlan(number=2, rules=(plans.rules["many"],), setting=plans.plan.setting)
        await one.move(300)
        (kept,) = await one.alerts()
        assert kept.alert.steps[-2].outcome == "rule_off"
        assert [kind for kind, _, _ in one.notices()] == ["firing", "resolved"]

    within(address, work)


def test_what_nobody_was_named_for_is_told_once_somebody_is(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], plans: Plans) -> None:
        named = plans.plan
        empty = Setting(chains={"ops": Chain(name="ops", levels=())})
        plans.plan = AlertPlan(number=2, rules=named.rules, setting=empty)
        one = server()
        await one.move()
        await one.tell("t.down h1", "t.down h2", "t.down h3")
        await one.move(10)
        (kept, *_) = await one.alerts()
        assert (kept.alert.told, kept.alert.steps[-1].outcome) == (None, "nobody")
        assert (await one.explainer.explain("default", kept.alert.id)).telling is Telling.NO_CHAIN
        await one.tell("t.up h3")
        await one.move(1_000)
        assert one.notices() == []
        plans.plan = AlertPlan(number=3, rules=named.rules, setting=named.setting)
        other = server()  # it may be named while nobody runs
        await other.move()
        assert other.notices() == [("firing", ("dd",), 2)]
        await other.move(600)
        assert other.notices()[1:] == [("escalation", ("boss",), 0)]
        steps = [step.outcome for step in (await other.alerts(text="h1"))[0].alert.steps]
        assert steps[-3:] == ["nobody", "firing", "escalation"]

    within(address, work)


def test_what_a_killed_process_had_not_told_of_alerts_the_next_one_tells(address: DatabaseAddress) -> None:
    async def work(server: Callable[[], Server], _: Plans) -> None:
        def told(one: Server) -> list[str]:
            found = [(event.type[10:], event.data) for event in one.sink.events]
            return sorted(f"{what} {data['title']} {data['owner']}" for what, data in found if isinstance(data, dict))

        one = server()
        await one.events.once()
        await one.move()
        await one.tell("t.down h1")
        await one.move(10)
        await one.move(600)
        await one.events.once()
        await one.events.keep()
        assert told(one) == ["opened h1 is down "]
        await one.tell("t.down h2")
        (kept,) = await one.alerts()
        waits = asyncio.create_task(one.desk.order(Act.ACKNOWLEDGE, "default", [kept.alert.id], by=ANN))
        while not waits.done():
            await one.move()
            await asyncio.sleep(0.01)
        await one.tell("t.up h1", "t.up h2")
        await one.move()  # and here it is killed
        two = server()
        await two.events.once()
        rest = ["acknowledged h1 is down ann", "opened h2 is down ", "resolved h1 is down ann", "resolved h2 is down "]
        assert told(two) == rest
        await two.tell("t.down h3")
        await two.move(10)
        await two.events.once()
        assert told(two) == sorted([*rest, "opened h3 is down "])

    within(address, work)
