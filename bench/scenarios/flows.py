"""Runs of flows by two workers: how many steps a second, each the end of one task and the begin of the next."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.scenarios.tasks import BY, SLOTS, Places, effects, wait, workers
from bench.task_worker import Effect
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.tasks_store import SqlTaskStore
from gwf.events.model import JsonValue
from gwf.flows.follow import Follower
from gwf.flows.run import Origin
from gwf.flows.runs import RunService
from gwf.flows.service import FlowService
from gwf.flows.wishes import RunWish
from gwf.tasks.worker.catalog import Catalog
from gwf.testing.postgres_server import postgres_server

RUNS = 200
#: one after the other, then three side by side, then joined
STEPS: list[dict[str, JsonValue]] = [
    {"id": "a"},
    {"id": "b", "needs": "a"},
    {"id": "c", "needs": "b"},
    {"id": "d", "needs": "b"},
    {"id": "e", "needs": "b"},
    {"id": "f", "needs": ["c", "d", "e"]},
]
COLUMNS = (
    Column("begun_per_s", "runs begun/s"),
    Column("steps_per_s", "steps/s"),
    Column("runs_per_s", "runs ended/s", 1),
    Column("lost", "steps lost"),
    Column("doubled", "effects doubled"),
)
GOALS = tuple(
    goal
    for case in ("sqlite", "postgresql")
    for goal in (Goal(case, "lost", "at most", 0), Goal(case, "doubled", "at most", 0))
)


def run(plan: Plan) -> Report:
    """Measure both databases."""
    report = Report("flows", "runs of flows by two workers", COLUMNS, goals=GOALS)
    home = plan.workplace("flows")
    runs = max(20, round(RUNS * min(1.0, plan.scale)))
    with ExitStack() as stack:
        url = stack.enter_context(postgres_server(("shared_buffers=256MB",)))
        for number in range(plan.rounds):
            for case in ("sqlite", "postgresql"):
                places = Places(home / f"{case}{number}", url if case == "postgresql" else "", number)
                report.row(case).add(**_rates(places, runs))
    shutil.rmtree(home)
    return report


def _rates(places: Places, runs: int) -> dict[str, float]:
    url, home = places.fresh("flows")
    wanted = runs * len(STEPS)
    begun_per_s = _begin(url, home, runs)
    with workers(url, home, slots=SLOTS, lease_s=15.0):
        wait(lambda: len({key for key, _ in effects(home, "done")}) >= wanted)
        time.sleep(1.0)  # what would be done a second time comes now
    done = effects(home, "done")
    counts = Counter(key for key, _ in done)
    at = sorted(moment for _, moment in done)
    took_s = at[-1] - at[0]
    return {
        "begun_per_s": begun_per_s,
        "steps_per_s": (len(at) - 1) / took_s,
        "runs_per_s": runs / took_s,
        "lost": wanted - len(counts),
        "doubled": sum(times > 1 for times in counts.values()),
    }


def _begin(url: str, home: Path, runs: int) -> float:
    """Begin runs and return how many a second."""

    async def begin() -> float:
        async with await open_database(parse_address(url, data_dir=home), fallback=False) as database:
            clock, store, numbers = SystemClock(), SqlFlowStore(database.core), count(1)
            catalog = Catalog([Effect(home / "effects.log")])

            def new_id() -> str:
                return f"{next(numbers):06}"

            service = FlowService(store, catalog, clock, new_id=new_id)
            follower = Follower(store, catalog, clock)
            runner = RunService(SqlTaskStore(database.core), store, follower, told=lambda _: None, new_id=new_id)
            document: dict[str, JsonValue] = {
                "name": "bench",
                "steps": [{"action": "BENCH", "config": {}, **step} for step in STEPS],
            }
            by = Caller(actor=SYSTEM, name="bench")
            now = await service.create("default", document, by=by)
            await service.publish("default", now.head.flow_id, by=by)
            began_s = time.monotonic()
            for _ in range(runs):
                await runner.start(RunWish(flow=now.head.flow_id, origin=Origin(by="bench")), BY)
            return runs / (time.monotonic() - began_s)

    return asyncio.run(begin())
