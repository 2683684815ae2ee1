"""Whether every failure reaches the dead letters' desk, how long many take to be done again, and lives of files."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from pydantic import JsonValue
from tests.desk.centre import BY, CLASSES, Moved, moved_centre

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass
from gwf.db.address import DatabaseAddress, parse_address
from gwf.letters.model import LetterFilter, LetterKind, LetterState
from gwf.testing.postgres_server import postgres_server

OF_EACH = 1_000  #: failures of each class, and unreadable events
REPLAYED = 10_000
LIVES = 10_000
STEP = 1_000

COLUMNS = (
    Column("letters", "letters"),
    Column("missing", "missing"),
    Column("wall_s", "s", 2),
    Column("effects", "second effects"),
    Column("dangling", "dangling"),
)
HOW = "a centre whose parts are moved by hand: ingest, desk, runner, and a worker that ends tasks as it is told"
RULE: dict[str, JsonValue] = {
    "name": "tell",
    "when": {"path": "/lives/**"},
    "then": [{"action": "WEBHOOK", "config": {"url": "https://hooks.example.com/x", "body": {"file": "${path}"}}}],
}


def _goals() -> tuple[Goal, ...]:
    found: list[Goal] = []
    for base in ("SQLite", "PostgreSQL"):
        found += [
            Goal(f"12 classes, {base}", "missing", "at most", 0),
            Goal(f"bulk replay, {base}", "wall_s", "at most", 60),
            Goal(f"three replays, {base}", "effects", "at most", 0),
            Goal(f"lives, {base}", "dangling", "at most", 0),
        ]
    return tuple(found)


def run(plan: Plan) -> Report:
    """Fail, replay and trace on both databases."""
    report = Report("desk", HOW, COLUMNS, goals=_goals())
    home = plan.workplace("desk")
    with postgres_server(settings=()) as url:
        for base, text in (("SQLite", "sqlite"), ("PostgreSQL", url)):
            directory = home / base.lower()
            directory.mkdir(parents=True, exist_ok=True)
            address = parse_address(text, data_dir=directory)
            asyncio.run(_on(report, base, address, directory=directory, plan=plan))
    return report


async def _on(report: Report, base: str, address: DatabaseAddress, *, directory: Path, plan: Plan) -> None:
    async with moved_centre(address, directory) as moved:
        await _classes(report, base, moved, plan.count(OF_EACH))
        await _replays(report, base, moved, plan.count(REPLAYED))
        await _lives(report, base, moved, plan.count(LIVES))


async def _classes(report: Report, base: str, moved: Moved, count: int) -> None:
    """Let files of each class be given up, and as many events be unreadable."""
    began = time.perf_counter()
    for name in CLASSES:
        await moved.give_up(name, count)
    await moved.say_nonsense(count)
    await moved.follow()
    wall_s = time.perf_counter() - began
    async with moved.centre.letters.store.view() as view:
        found = (await view.facets("default", LetterFilter()))["error_class"]
    missing = sum(abs(count - found.get(name, 0)) for name in (*CLASSES, "unreadable"))
    report.row(f"12 classes, {base}").add(letters=sum(found.values()), missing=missing, wall_s=wall_s)


async def _replays(report: Report, base: str, moved: Moved, count: int) -> None:
    """Do failed tasks again in one run, then thrice more."""
    await moved.fail_tasks("network", count)
    meant = LetterFilter(kinds=frozenset({LetterKind.TASK}))
    began = time.perf_counter()
    progress = await moved.order(wanted=meant)
    wall_s = time.perf_counter() - began
    report.row(f"bulk replay, {base}").add(
        letters=progress.replaying, missing=count - progress.replaying, wall_s=wall_s
    )
    before = moved.effects
    for _ in range(3):
        while await moved.work(None):
            pass
        await moved.order(wanted=meant)
    async with moved.centre.letters.store.view() as view:
        closed = LetterFilter(states=frozenset({LetterState.RESOLVED}), kinds=meant.kinds)
        done = await view.count("default", closed)
    effects = moved.effects - before
    report.row(f"three replays, {base}").add(letters=done, missing=count - done, effects=effects - count)


async def _lives(report: Report, base: str, moved: Moved, count: int) -> None:
    """Tell whole lives of files of which each made a task, one in ten after a failure."""
    by = Caller(actor=BY.actor, name="ann")
    made = await moved.centre.rules.service.create("default", RULE, by=by)
    await moved.centre.rules.service.publish("default", made.head.rule_id, by=by)
    await moved.centre.rules.book.refresh()
    for at in range(0, count, STEP):
        rows = [
            ("file.done", {"path": f"/lives/{number}.log", "store": "main", "key": f"l/{number}", "size_bytes": 1})
            for number in range(at, min(at + STEP, count))
        ]
        await moved.tell(rows, file_id=100_000 + at)
    await moved.centre.rules.decider.catch_up(-1.0)
    await moved.work(ErrorClass.SERVER, room=count // 10)
    while await moved.work(None):
        pass
    chosen = random.Random(7).sample(range(count), count)
    dangling = missing = 0
    began = time.perf_counter()
    for number in chosen:
        life = await moved.centre.letters.lives.of_path("default", "agt_1", f"/lives/{number}.log")
        there = {work.task.task_id for work in life.tasks}
        named = {name for one in life.decisions for name in one.task_ids}
        dangling += len(life.missing) + len(named - there)
        missing += not (life.object and life.tasks and all(work.attempts for work in life.tasks))
    wall_s = time.perf_counter() - began
    report.row(f"lives, {base}").add(letters=count, missing=missing, wall_s=wall_s, dangling=dangling)
