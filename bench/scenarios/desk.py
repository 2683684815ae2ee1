"""Whether every failure reaches the dead letters' desk, and how long many take to be done again."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.desk.centre import CLASSES, Moved, moved_centre

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.db.address import DatabaseAddress, parse_address
from gwf.letters.model import LetterFilter, LetterKind, LetterState
from gwf.testing.postgres_server import postgres_server

OF_EACH = 1_000  #: failures of each class, and unreadable events
REPLAYED = 10_000

COLUMNS = (
    Column("letters", "letters"),
    Column("missing", "missing"),
    Column("wall_s", "s", 2),
    Column("effects", "second effects"),
)
HOW = "a centre whose parts are moved by hand: ingest, desk, runner, and a worker that ends tasks as it is told"


def _goals() -> tuple[Goal, ...]:
    found: list[Goal] = []
    for base in ("SQLite", "PostgreSQL"):
        found += [
            Goal(f"12 classes, {base}", "missing", "at most", 0),
            Goal(f"replay handed out, {base}", "wall_s", "at most", 60),
            Goal(f"replay to the end, {base}", "wall_s", "at most", 60),
            Goal(f"three replays, {base}", "effects", "at most", 0),
        ]
    return tuple(found)


def run(plan: Plan) -> Report:
    """Fail and replay on both databases."""
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
    """Do failed tasks again in one run until the last of them is done, then order it thrice more."""
    await moved.fail_tasks("network", count)
    meant = LetterFilter(kinds=frozenset({LetterKind.TASK}))
    began = time.perf_counter()
    progress = await moved.order(wanted=meant)
    handed_s = time.perf_counter() - began
    while await moved.work(None):
        pass
    wall_s = time.perf_counter() - began
    report.row(f"replay handed out, {base}").add(
        letters=progress.run.total, missing=count - progress.run.total, wall_s=handed_s
    )
    done = await _resolved(moved)
    report.row(f"replay to the end, {base}").add(letters=done, missing=count - done, wall_s=wall_s)
    for _ in range(3):
        await moved.order(wanted=meant)
        while await moved.work(None):
            pass
    done = await _resolved(moved)
    report.row(f"three replays, {base}").add(letters=done, missing=count - done, effects=moved.effects - count)


async def _resolved(moved: Moved) -> int:
    wanted = LetterFilter(states=frozenset({LetterState.RESOLVED}), kinds=frozenset({LetterKind.TASK}))
    async with moved.centre.letters.store.view() as view:
        return await view.count("default", wanted)
