"""Whether the life of any file is told whole: nothing of it left out, and no id in it that leads nowhere."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from pydantic import JsonValue
from tests.desk.centre import BY, Moved, moved_centre

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.tables.events import file_events
from gwf.db.tables.flows import flow_runs, flow_versions
from gwf.db.tables.letters import letters
from gwf.db.tables.work import routing_rules, tasks
from gwf.tasks.lineage import Lineage
from gwf.tasks.model import TERMINAL
from gwf.testing.postgres_server import postgres_server

LIVES = 10_000
STEP = 1_000
AGENT = "agt_1"
PLACES = ("told", "flow", "quiet")
COLUMNS = (
    Column("lives", "lives"),
    Column("parts", "parts"),
    Column("incomplete", "incomplete"),
    Column("dangling", "dangling ids"),
    Column("each_ms", "ms each", 1),
)
HOW = "a centre whose parts are moved by hand; files, versions, failures, rules and flows at random (seed 7)"
URL: JsonValue = "https://hooks.example.com/x"
FLOW: dict[str, JsonValue] = {
    "name": "two calls",
    "steps": [
        {"id": "first", "action": "WEBHOOK", "config": {"url": URL}, "retry": {"max_attempts": 2}},
        {"id": "then", "action": "WEBHOOK", "config": {"url": URL}, "needs": ["first"]},
    ],
}
RULES: tuple[dict[str, JsonValue], ...] = (
    {
        "name": "tell",
        "when": {"path": "/lives/told/**"},
        "then": [{"action": "WEBHOOK", "config": {"url": URL, "body": {"file": "${path}"}}}],
    },
    {
        "name": "begin",
        "when": {"path": "/lives/flow/**"},
        "then": [{"action": "FLOW", "config": {"flow": "two calls"}}],
    },
)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one version of a file."""

    path: str
    file_id: int
    gen: int
    kinds: tuple[str, ...]


@dataclass(slots=True)
class Kept:
    """Every id that there is, read at once and past all that puts lives together."""

    events: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    tasks: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    runs: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    letters: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    every: set[object] = field(default_factory=set)


def run(plan: Plan) -> Report:
    """Tell lives on both databases."""
    goals = [
        Goal(base, column, "at most", 0) for base in ("SQLite", "PostgreSQL") for column in ("incomplete", "dangling")
    ]
    report = Report("lives", HOW, COLUMNS, goals=tuple(goals))
    home = plan.workplace("lives")
    with postgres_server(settings=()) as url:
        for base, text in (("SQLite", "sqlite"), ("PostgreSQL", url)):
            directory = home / base.lower()
            directory.mkdir(parents=True, exist_ok=True)
            address = parse_address(text, data_dir=directory)
            asyncio.run(_on(report, base, address, directory=directory, count=plan.count(LIVES)))
    return report


async def _on(report: Report, base: str, address: DatabaseAddress, *, directory: Path, count: int) -> None:
    dice = random.Random(7)
    told = list(_told(dice, count))
    async with moved_centre(address, directory) as moved:
        await _live(moved, told)
        kept = await _kept(moved)
        incomplete = dangling = parts = 0
        began = time.perf_counter()
        lives = dice.sample(told, count)
        for one in lives:
            life = await moved.centre.letters.lives.of_path("default", AGENT, one.path, gen=one.gen)
            incomplete += not _is_complete(life, one, kept)
            named = list(_named(life))
            parts += len(named)
            dangling += len(life.missing) + sum(name not in kept.every for name in named)
        each_ms = (time.perf_counter() - began) * 1000 / count
        report.row(base).add(lives=len(lives), parts=parts, incomplete=incomplete, dangling=dangling, each_ms=each_ms)


def _told(dice: random.Random, count: int) -> Iterator[Told]:
    """Yield some `count` versions of files: most arrive, some after failures, some are given up, or arrive late."""
    made = 0
    for number in range(count):
        if made >= count:
            return
        path = f"/lives/{dice.choice(PLACES)}/{dice.randrange(40)}/{number}.log"
        for gen in range(1, dice.choice((2, 2, 2, 3, 4))):
            kinds = ["file.failed"] * dice.choice((0, 0, 0, 1, 3))
            if dice.random() < 0.1:
                kinds.append("file.dead")
                kinds += ["file.replayed", "file.done"] if dice.random() < 0.5 else []
            else:
                kinds.append(dice.choice(("file.done",) * 8 + ("file.skipped", "file.vanished")))
            if kinds[-1] == "file.done" and dice.random() < 0.1:
                kinds.append("file.archived")
            made += 1
            yield Told(path, 1_000 + number, gen, tuple(kinds))


async def _live(moved: Moved, told: Sequence[Told]) -> None:
    """Let all of it happen: rules decide, workers fail and do, people have some done again."""
    by = Caller(actor=BY.actor, name="ann")
    flow = await moved.centre.flows.service.create("default", FLOW, by=by)
    await moved.centre.flows.service.publish("default", flow.head.flow_id, by=by)
    for rule in RULES:
        made = await moved.centre.rules.service.create("default", rule, by=by)
        await moved.centre.rules.service.publish("default", made.head.rule_id, by=by)
    await moved.centre.rules.book.refresh()
    rows = [
        (one.file_id, one.gen, kind, _body(one, attempt)) for one in told for attempt, kind in enumerate(one.kinds, 1)
    ]
    for at in range(0, len(rows), STEP):
        await moved.tell_of_files(rows[at : at + STEP])
    await moved.centre.rules.decider.catch_up(-1.0)
    await moved.follow()
    await moved.work(ErrorClass.SERVER, room=len(told) // 5)
    await moved.order(most=len(told) // 10)
    while await moved.work(None):
        pass


def _body(one: Told, attempt: int) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {"path": one.path, "store": "main", "key": f"k{one.path}", "size_bytes": 1}
    return {**body, "attempt": attempt, "duration_ms": 20 * attempt, "error_class": "network", "message": "no answer"}


async def _kept(moved: Moved) -> Kept:
    kept = Kept()
    async with moved.centre.database.events.view() as view:
        event = file_events.c
        for row_id, path, gen in await view.execute(sa.select(event.row_id, event.path, event.gen)):
            kept.events[path, gen].add(row_id)
            kept.every.add(row_id)
    async with moved.centre.database.core.view() as view:
        for task_id, of_event in await view.execute(sa.select(tasks.c.task_id, tasks.c.file_event_id)):
            kept.tasks[of_event].add(task_id)
            kept.every.add(task_id)
        for run_id, of_event in await view.execute(sa.select(flow_runs.c.run_id, flow_runs.c.event_row_id)):
            kept.runs[of_event].add(run_id)
            kept.every.add(run_id)
        for letter_id, subject in await view.execute(sa.select(letters.c.letter_id, letters.c.subject)):
            kept.letters[subject].add(letter_id)
            kept.every.add(letter_id)
        versions = sa.union_all(
            sa.select(routing_rules.c.rule_id, routing_rules.c.version),
            sa.select(flow_versions.c.flow_id, flow_versions.c.version),
        )
        kept.every.update(tuple(row) for row in await view.execute(versions))
    return kept


def _is_complete(life: Lineage, one: Told, kept: Kept) -> bool:
    """Tell whether a life has all that there is of it."""
    there = {event.row_id for event in life.events}
    letter = {life.letter.letter_id} if life.letter is not None else set[str]()
    return (
        [event.event.status.word for event in life.events] == [kind.removeprefix("file.") for kind in one.kinds]
        and there == kept.events[one.path, one.gen]
        and (life.object is not None) == ("file.done" in one.kinds)
        and {work.task.task_id for work in life.tasks} == set().union(*(kept.tasks[row_id] for row_id in there))
        and {run.run_id for run in life.runs} == set().union(*(kept.runs[row_id] for row_id in there))
        and all(work.attempts and work.task.state in TERMINAL for work in life.tasks)
        and all((work.letter is not None) == bool(kept.letters[work.task.task_id]) for work in life.tasks)
        and letter == kept.letters[f"{AGENT}:{life.file_ref}"]
        and len(life.decisions) == len(life.events)
    )


def _named(life: Lineage) -> Iterator[object]:
    """Yield every id that a life names."""
    yield from (event.row_id for event in life.events)
    for one in life.decisions:
        yield one.row_id
        yield from (tuple(ref) for ref in one.found.explanation.decision.matched)
        yield from (*one.task_ids, *one.run_ids)
    for run in life.runs:
        yield from (run.run_id, (run.flow_id, run.version))
    for work in life.tasks:
        cause = work.task.cause
        yield from (work.task.task_id, cause.file_event_id, *(attempt.task_id for attempt in work.attempts))
        yield from (name for name in (cause.flow_run_id, work.letter and work.letter.letter_id) if name)
        if cause.rule_id is not None:
            yield (cause.rule_id, cause.rule_version)
    yield from (one.letter_id for one in (life.letter,) if one is not None)
    yield from (one.row_id for one in (life.object,) if one is not None)
