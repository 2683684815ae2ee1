"""Stored events are decided once each, whoever dies in between and however many servers share the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from gwf.app.configuration import new_id
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.core.clock import SystemClock
from gwf.core.errors import UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.db.database import Database, open_database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.db.rule_store import SqlRules
from gwf.events.model import Event
from gwf.rules.book import RuleBook
from gwf.rules.decided import Batch, Stretch
from gwf.rules.decider import Decider, DeciderParts, DecisionDesk, DecisionState
from gwf.rules.decision import Decision, EventRef
from gwf.rules.facts import Facts
from gwf.rules.model import Document
from gwf.rules.service import RuleService

ANN = Caller(actor=SYSTEM, name="ann")
CLOCK = SystemClock()


@dataclass
class Taker:
    """Takes drafts, or refuses."""

    refuses: bool = False
    keys: list[str] = field(default_factory=list[str])

    async def take(self, decisions: Sequence[Decision]) -> None:
        if self.refuses:
            raise UnavailableError("not now")
        self.keys += [draft.idempotency_key for one in decisions for draft in one.drafts]


class Server:
    """One server over a database that others may share."""

    def __init__(self, database: Database, sink: Taker | None) -> None:
        labels = LabelSets(database.events, clock=CLOCK)
        self.store = IngestRows(database, labels, CLOCK)
        self.scan = EventScan(database.events, labels)
        self.decisions = SqlDecisions(database.events)
        rules = SqlRules(database.core)
        self.book = RuleBook(rules)
        self.rules = RuleService(rules, self.book, CLOCK, new_id=partial(new_id, CLOCK))
        parts = DeciderParts(events=self.scan, decisions=self.decisions, book=self.book, alone=True)
        self.decider = Decider(parts, sink=sink, clock=CLOCK)
        self.desk = DecisionDesk(self.scan, self.decisions, self.book)

    async def published(self, kind: str) -> str:
        document: Document = {
            "name": kind,
            "when": {"type": kind},
            "then": [{"action": "NOTIFY", "config": {"text": "${id}"}}],
        }
        made = await self.rules.create("default", document, by=ANN)
        await self.rules.publish("default", made.head.rule_id, by=ANN)
        return made.head.rule_id

    async def stored(self, count: int, *, first: int = 0) -> int:
        """Store events, every second of them of a kind that a rule is about; return the name of their batch."""
        events = [
            Event(
                id=str(number),
                source="/t",
                type="a.b" if number % 2 else "c.d",
                at_ms=CLOCK.now_ms(),
                labels={"n": "1"},
            )
            for number in range(first, first + count)
        ]
        batch = (await self.store.write((), events)).batch
        assert batch is not None
        return batch

    async def decided(self, batch: int) -> bool:
        found = await self.decisions.batch(batch)
        assert found is not None
        return await self.decider.decide(found)

    async def all_refs(self) -> list[EventRef]:
        whole = Stretch(tenant="default", first_row_id=0, last_row_id=2**63 - 1)
        return [facts.ref async for portion in self.scan.of_stretch(whole) for facts in portion]


@asynccontextmanager
async def servers(address: DatabaseAddress, *sinks: Taker | None) -> AsyncIterator[list[Server]]:
    async with await open_database(address, fallback=False) as database:
        yield [Server(database, sink) for sink in sinks]


def within(address: DatabaseAddress, *sinks: Taker | None, work: Callable[..., Awaitable[None]]) -> None:
    async def run() -> None:
        async with servers(address, *sinks) as found:
            await work(*found)

    asyncio.run(run())


def test_a_batch_is_decided_once_by_whichever_server_comes_first(address: DatabaseAddress) -> None:
    sinks = (Taker(), Taker())

    async def work(one: Server, other: Server) -> None:
        rule_id = await one.published("a.b")
        await other.book.refresh()
        batch = await one.stored(10)
        found = await other.decisions.batch(batch)
        assert found is not None
        assert sorted([await one.decider.decide(found), await other.decider.decide(found)]) == [False, True]
        assert (await one.decisions.hits("default", since_ms=0, days=30_000))[rule_id].total == 5

    within(address, *sinks, work=work)
    assert len(sinks[0].keys + sinks[1].keys) == 5


def test_a_batch_that_cannot_be_read_does_not_hold_up_those_behind_it(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Taker()

    async def work(server: Server) -> None:
        await server.published("a.b")
        torn, good = await server.stored(4), await server.stored(4, first=4)
        of_batch = server.scan.of_batch

        def torn_or(batch: Batch, tenants: Sequence[str]) -> AsyncIterator[Sequence[Facts]]:
            if batch.first_row_id == torn:
                raise ValueError("torn")
            return of_batch(batch, tenants)

        monkeypatch.setattr(server.scan, "of_batch", torn_or)
        await server.decider.catch_up(-1.0)
        after = [await server.decisions.batch(batch) for batch in (torn, good)]
        assert [one is not None and one.decided_at_ms is not None for one in after] == [False, True]
        assert (server.decider.facts.stuck, server.decider.facts.failures_total) == (1, 1)
        monkeypatch.undo()
        await server.decider.catch_up(-1.0)
        assert server.decider.facts.stuck == 0

    within(address, sink, work=work)
    assert len(sink.keys) == len(set(sink.keys)) == 4


def test_what_a_dead_server_left_is_decided_by_the_next(address: DatabaseAddress) -> None:
    async def work(dead: Server, alive: Server) -> None:
        await dead.published("a.b")
        await alive.book.refresh()
        await dead.stored(4)
        await alive.decider.catch_up(-1.0)
        refs = await alive.all_refs()
        states = [(await alive.desk.find(ref)).state for ref in refs]
        assert states == [DecisionState.DECIDED] * 4

    within(address, None, None, work=work)


def test_drafts_that_did_not_become_work_are_handed_over_later_under_the_same_keys(address: DatabaseAddress) -> None:
    refusing, taking = Taker(refuses=True), Taker()

    async def work(one: Server, other: Server) -> None:
        rule_id = await one.published("a.b")
        batch = await one.stored(6)
        facts = [
            facts
            async for some in one.scan.of_stretch(Stretch(tenant="default", first_row_id=0, last_row_id=2**63 - 1))
            for facts in some
        ]
        expected = [
            draft.idempotency_key for fact in facts for draft in one.book.of("default").rules.decide(fact).drafts
        ]
        try:
            await one.decided(batch)
        except UnavailableError:
            await one.rules.retire("default", rule_id, by=ANN)  # the rules moved on meanwhile
        await other.book.refresh()
        await other.decider.catch_up(-1.0)
        await other.decider.catch_up(-1.0)
        assert taking.keys == expected
        assert len(expected) == 3

    within(address, refusing, taking, work=work)


def test_every_decision_is_found_again_as_it_was_made_though_the_rules_changed(address: DatabaseAddress) -> None:
    async def work(server: Server) -> None:
        rule_id = await server.published("a.b")
        await server.decided(await server.stored(8))
        await server.rules.write("default", rule_id, {"name": "a.b", "when": {"type": "c.d"}, "then": []}, by=ANN)
        await server.rules.publish("default", rule_id, by=ANN)
        await server.decided(await server.stored(8, first=100))
        await server.stored(1, first=200)
        found = [await server.desk.find(ref) for ref in await server.all_refs()]
        assert [one.state for one in found] == [DecisionState.DECIDED] * 16 + [DecisionState.PENDING]
        assert all(one.same for one in found)
        assert [one.set_no for one in found[:16]] == [1] * 8 + [2] * 8
        assert [len(one.explanation.decision.matched) for one in found[:16]] == [0, 1] * 4 + [1, 0] * 4

    within(address, None, work=work)
