"""How many events a second rules decide, what a thousand cost beside ten, back-tests, and equality when repeated."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.core.clock import ManualClock
from gwf.core.errors import UnavailableError
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.decision_store import SqlDecisions
from gwf.db.event_scan import EventScan
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.db.partitions import ensure_partitions
from gwf.db.rule_store import SqlRules
from gwf.events.files import FileEvent, FileEventStatus, file_ref
from gwf.ingest.model import OutboxBatch, Sender
from gwf.rules.backtest import Comparison
from gwf.rules.book import RuleBook
from gwf.rules.decided import Stretch
from gwf.rules.decider import Decider, DeciderParts, DecisionDesk
from gwf.rules.decision import EventRef, RuleVersion
from gwf.rules.facts import Facts, file_facts
from gwf.rules.model import Document, OnMatch, Rule
from gwf.rules.parse import read_rule
from gwf.rules.record import RuleHead, StoredRule
from gwf.rules.ruleset import RuleSet
from gwf.rules.versioned import VersionState
from gwf.testing.postgres_server import postgres_server

DECIDED = 100_000
RECORDED = 1_000_000
BATCH = 2_000
APPS = 1_000
AGENTS = 200
NOW_MS = 1_767_225_600_000
DAY_MS = 86_400_000
REPEATED = 20_000  #: decisions that are made again by a set built anew, and once more by asking every rule
EXPLAINED = 500  #: decisions of the database that are explained, which asks every rule

COLUMNS = (
    Column("events", "events"),
    Column("wall_s", "s", 2),
    Column("per_s", "events/s", spread=True),
    Column("matched", "matched"),
    Column("different", "not the same"),
)
GOALS = (
    Goal("1,000 rules decide", "per_s", "at least", 5_000),
    Goal("as events come, SQLite", "per_s", "at least", 5_000),
    Goal("as events come, PostgreSQL", "per_s", "at least", 5_000),
    Goal("as events come, SQLite", "different", "at most", 0),
    Goal("as events come, PostgreSQL", "different", "at most", 0),
    Goal("back-test, SQLite", "wall_s", "at most", 60),
    Goal("back-test, PostgreSQL", "wall_s", "at most", 60),
    Goal("1,000 rules, made again", "different", "at most", 0),
)
HOW = "five kinds of rules over 1,000 applications; one event in three matches one"


def run(plan: Plan) -> Report:
    """Decide in memory, then read recorded events from both databases and compare two sets over them."""
    recorded = plan.count(RECORDED)
    report = Report("rules", HOW, COLUMNS, goals=GOALS)
    found = facts(plan.count(DECIDED))
    for _ in range(plan.rounds):
        for count in (10, 100, 1_000):
            _decide(report, f"{count:,} rules decide", RuleSet(made(count)), found)
    _again(report, found[:REPEATED])
    home = plan.workplace("rules")
    decided = plan.count(DECIDED)
    _live(report, "as events come, SQLite", "sqlite", home / "live", count=decided)
    with postgres_server(settings=()) as url:
        _live(report, "as events come, PostgreSQL", url, home / "live-postgresql", count=decided)
    _backtest(report, "back-test, SQLite", "sqlite", home / "sqlite", recorded=recorded)
    with postgres_server(settings=()) as url:
        _backtest(report, "back-test, PostgreSQL", url, home / "postgresql", recorded=recorded)
    return report


def made(count: int) -> list[Rule]:
    """Return rules as teams write them: each about one application, no two alike."""
    return [read_rule(_document(number), RuleVersion(f"rul_{number:05}", 1)) for number in range(count)]


def _document(number: int) -> Document:
    app = f"app{number:04}"
    kinds: list[Document] = [
        {"all": [{"type": "gwf.file.done"}, {"path": f"/srv/{app}/**/*.log"}, {"size": {"min": "1KB"}},
                 {"labels": "env=prod"}]},
        {"all": [{"type": "gwf.file.*"}, {"suffix": f".x{number}"}, {"field": "error_class", "exists": False}]},
        {"all": [{"type": ["gwf.file.done", "gwf.file.dead"]}, {"labels": f"app={app}"},
                 {"time": {"zone": "Asia/Shanghai", "from": "08:00", "to": "20:00"}}]},
        {"any": [{"path": f"/data/{app}/*"}, {"path": f"/backup/{app}/**"}]},
        {"all": [{"field": "agent_id", "eq": f"agt-{number % AGENTS:04}"},
                 {"field": "path", "regex": f"^/srv/[a-z]+/{app}/[0-9]+"}]},
    ]  # fmt: skip
    config: Document = {"url": "https://hook.example/${name}", "path": "${path}", "size": "${size_bytes:-0}"}
    when = dict(kinds[number % len(kinds)])
    return {
        "name": app,
        "priority": number % 10,
        "when": when,
        "then": [{"action": "WEBHOOK", "config": dict(config)}],
    }


def events(count: int) -> list[tuple[FileEvent, dict[str, str]]]:
    """Return file events with the labels of their agents; the same ones every time."""
    chance = random.Random(7)
    return [_event(number, chance) for number in range(count)]


def _event(number: int, chance: random.Random) -> tuple[FileEvent, dict[str, str]]:
    app, agent = f"app{chance.randrange(APPS):04}", chance.randrange(AGENTS)
    path = chance.choice(
        (f"/srv/{app}/a/b/c-{number}.log", f"/srv/other/{app}/{number}.x{chance.randrange(APPS)}",
         f"/data/{app}/{number}.bin", f"/none/{number}.txt")
    )  # fmt: skip
    name = f"agt-{agent:04}"
    event = FileEvent(
        "default", name, "e1", number + 1, NOW_MS - (number % DAY_MS), FileEventStatus.DONE, file_ref(name, path),
        number, 1, path, "archive", path[1:], chance.randrange(100_000), None, None, 1, 20,
    )  # fmt: skip
    return event, {"env": "prod", "app": f"app{agent:04}"}


def facts(count: int) -> list[Facts]:
    """Return events as the rules see them."""
    return [file_facts(number, event, labels) for number, (event, labels) in enumerate(events(count))]


def _decide(report: Report, case: str, rules: RuleSet, found: Sequence[Facts]) -> None:
    began = time.perf_counter()
    matched = sum(bool(rules.decide(one).matched) for one in found)
    wall_s = time.perf_counter() - began
    report.row(case).add(events=len(found), wall_s=wall_s, per_s=len(found) / wall_s, matched=matched)


def _again(report: Report, found: Sequence[Facts]) -> None:
    """Make decisions again by a set that was read anew, and matches by asking every rule in order."""
    first, second = RuleSet(made(1_000)), RuleSet(made(1_000))
    decided = [first.decide(one) for one in found]
    began = time.perf_counter()
    different = sum(second.decide(one) != before for one, before in zip(found, decided, strict=True))
    wall_s = time.perf_counter() - began
    asked = found[:: max(1, len(found) // 200)]
    different += sum(_one_by_one(second, one) != list(first.decide(one).matched) for one in asked)
    report.row("1,000 rules, made again").add(
        events=len(found), wall_s=wall_s, per_s=len(found) / wall_s, different=different
    )


def _one_by_one(rules: RuleSet, one: Facts) -> list[RuleVersion]:
    matched: list[RuleVersion] = []
    for rule in rules.rules:
        if rule.enabled and rule.when.trace(one).ok:
            matched.append(rule.ref)
            if rule.on_match is OnMatch.STOP:
                break
    return matched


def _live(report: Report, case: str, url: str, data: Path, *, count: int) -> None:
    data.mkdir(parents=True)
    wall_s, matched, different = asyncio.run(_decided_live(url, data, count))
    report.row(case).add(events=count, wall_s=wall_s, per_s=count / wall_s, matched=matched, different=different)


async def _decided_live(url: str, data: Path, count: int) -> tuple[float, int, int]:
    """Record events, let the centre's own decider read, decide and keep them, and have some explained again."""
    clock = ManualClock(now_ms=NOW_MS)
    async with await open_database(parse_address(url, data_dir=data), clock=clock, fallback=False) as database:
        await ensure_partitions(database.events, now_ms=NOW_MS)
        labels = LabelSets(database.events, clock=clock)
        await _record(IngestRows(database, labels, clock), count)
        store, decisions = SqlRules(database.core), SqlDecisions(database.events)
        await _put_into_force(store)
        book = RuleBook(store)
        await book.refresh()
        scan = EventScan(database.events, labels)
        parts = DeciderParts(events=scan, decisions=decisions, book=book, alone=True)
        decider = Decider(parts, sink=None, clock=clock)
        began = time.perf_counter()
        await decider.catch_up(-1.0)  # all that was taken until now
        wall_s = time.perf_counter() - began
        if decider.facts.events_total != count:
            raise UnavailableError("not what was recorded", read=decider.facts.events_total, recorded=count)
        desk = DecisionDesk(scan, decisions, book)
        refs = await _some_refs(scan)
        return wall_s, decider.facts.matched_total, sum([not (await desk.find(ref)).same for ref in refs])


async def _put_into_force(store: SqlRules) -> None:
    documents = [_document(number) for number in range(1_000)]
    refs = [RuleVersion(f"rul_{number:05}", 1) for number in range(len(documents))]
    async with store.change() as change:
        for ref, document in zip(refs, documents, strict=True):
            times = {"created_at_ms": NOW_MS, "updated_at_ms": NOW_MS}
            await change.add_head(
                RuleHead(
                    rule_id=ref.rule_id, tenant="default", name=str(document["name"]), draft=None, published=1,
                    last_version=1, **times,
                )
            )  # fmt: skip
            await change.put_version(
                StoredRule(
                    ref=ref, tenant="default", state=VersionState.PUBLISHED, document=document, author="bench",
                    reason="", published_at_ms=NOW_MS, **times,
                )
            )  # fmt: skip
        await change.add_set(refs, tenant="default", now_ms=NOW_MS)


async def _some_refs(scan: EventScan) -> list[EventRef]:
    """Return every so many-th event, at most EXPLAINED: what was decided about each is made again and compared."""
    refs: list[EventRef] = []
    whole = Stretch(tenant="default", first_row_id=0, last_row_id=2**63 - 1)
    async for portion in scan.of_stretch(whole):
        refs += [facts.ref for facts in portion]
    return refs[:: max(1, len(refs) // EXPLAINED)][:EXPLAINED]


def _backtest(report: Report, case: str, url: str, data: Path, *, recorded: int) -> None:
    data.mkdir(parents=True)
    wall_s, comparison = asyncio.run(_compared(url, data, recorded))
    tally = comparison.tally
    if tally.events != recorded:
        raise UnavailableError("not what was recorded", read=tally.events, recorded=recorded)
    report.row(case).add(events=tally.events, wall_s=wall_s, per_s=tally.events / wall_s, matched=tally.after)


async def _compared(url: str, data: Path, recorded: int) -> tuple[float, Comparison]:
    """Record events, then compare a thousand rules with the same after one of them was changed."""
    clock = ManualClock(now_ms=NOW_MS)
    async with await open_database(parse_address(url, data_dir=data), clock=clock, fallback=False) as database:
        await ensure_partitions(database.events, now_ms=NOW_MS)
        labels = LabelSets(database.events, clock=clock)
        await _record(IngestRows(database, labels, clock), recorded)
        rules = made(1_000)
        changed = read_rule({**_document(3), "when": {"path": "/data/app0003/*"}}, RuleVersion("rul_00003", 2))
        before, after = RuleSet(rules), RuleSet([*rules[:3], changed, *rules[4:]])
        scan = EventScan(database.events, labels)
        whole = Stretch(tenant="default", first_row_id=0, last_row_id=2**63 - 1)
        began = time.perf_counter()
        comparison = Comparison(before, after, since_ms=NOW_MS - DAY_MS, until_ms=NOW_MS)
        async for portion in scan.of_stretch(whole):
            await asyncio.to_thread(comparison.add, portion)
        return time.perf_counter() - began, comparison


async def _record(store: IngestRows, count: int) -> None:
    chance = random.Random(7)
    for first in range(0, count, BATCH):
        made_up = [_event(number, chance) for number in range(first, min(count, first + BATCH))]
        name = f"agt-{first // BATCH % AGENTS:04}"
        sender = Sender(
            tenant="default", agent_id=name, labels={"env": "prod", "app": f"app{first // BATCH % AGENTS:04}"}
        )
        files = [event._replace(agent_id=name, epoch=f"e{first}", seq=at + 1) for at, (event, _) in enumerate(made_up)]
        batch = OutboxBatch(
            sender=sender, epoch=f"e{first}", first_seq=1, last_seq=len(files), lost_before=False, files=files,
            events=(), rejected=(),
        )  # fmt: skip
        await store.write([batch], ())
