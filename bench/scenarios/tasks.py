"""Tasks done by two workers: how many a second, behind a long queue, and after one of them was killed."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bench.agent import Agent, configuration
from bench.centre import Centre
from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.audit.model import SYSTEM
from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.keeping import By
from gwf.tasks.model import Executor, TaskDraft
from gwf.tasks.service import TaskService
from gwf.testing.postgres_server import postgres_server

SHORT, LONG = 1_000, 100_000  #: tasks that wait
REPEATS = 6  #: of a rate
SLOTS = 16  #: of each worker
VICTIMS = 200  #: tasks that the killed worker has
LEASE_S = 5.0
DISPATCHES = 200
PATIENCE_S = 600.0
BY = By(tenant="default", actor=SYSTEM)

COLUMNS = (
    Column("made_per_s", "made/s"),
    Column("short_per_s", "done/s of 1,000"),
    Column("long_per_s", "done/s with 100,000 waiting"),
    Column("kept_pct", "long / short %", 1),
    Column("lost", "lost after kill -9"),
    Column("doubled", "effects doubled"),
    Column("after_lease_s", "all done s after the lease", 1),
    Column("dispatch_p50_ms", "dispatch p50 ms"),
    Column("dispatch_p99_ms", "dispatch p99 ms"),
)
GOALS = tuple(
    goal
    for case in ("sqlite", "postgresql")
    for goal in (
        Goal(case, "kept_pct", "at least", 90),
        Goal(case, "lost", "at most", 0),
        Goal(case, "doubled", "at most", 0),
        Goal(case, "after_lease_s", "at most", 30),
        Goal(case, "dispatch_p99_ms", "at most", 500),
    )
)


def run(plan: Plan) -> Report:
    """Measure both databases."""
    report = Report("tasks", "tasks by two workers", COLUMNS, goals=GOALS)
    home = plan.workplace("tasks")
    with ExitStack() as stack:
        url = stack.enter_context(postgres_server(("shared_buffers=256MB",)))
        for number in range(plan.rounds):
            for case in ("sqlite", "postgresql"):
                places = Places(home / f"{case}{number}", url if case == "postgresql" else "", number)
                report.row(case).add(**_rates(places, plan), **_killed(places, plan), **_dispatch(places, plan))
    shutil.rmtree(home)
    return report


def _of(plan: Plan, most: int) -> int:
    """Return how many of `most` a run takes that only shows that it works."""
    return max(20, round(most * min(1.0, plan.scale)))


class Places:
    """Fresh databases of one kind."""

    def __init__(self, home: Path, server: str, round_no: int) -> None:
        self.home = home
        self._server, self._round = server, round_no

    def fresh(self, name: str) -> tuple[str, Path]:
        home = self.home / name
        home.mkdir(parents=True)
        if not self._server:
            return "sqlite", home
        database = f"{name}_{self._round}"
        address = parse_address(self._server, data_dir=home)
        assert address.url is not None
        engine = sa.create_engine(address.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {database}"))
        engine.dispose()
        return self._server.replace("/postgres?", f"/{database}?"), home


def _rates(places: Places, plan: Plan) -> dict[str, float]:
    """Return the medians of a few rates, each of a short queue: one alone lasts half a second."""
    long = _of(plan, LONG)
    short = min(SHORT, long // (2 * REPEATS))

    def shorts(numbers: Iterable[int]) -> list[float]:
        rates: list[float] = []
        for number in numbers:
            url, home = places.fresh(f"short{number}")
            _make(url, home, short)
            rates += _done_per_s(url, home, short)
        return rates

    before = shorts(range(REPEATS // 2))
    url, home = places.fresh("long")
    made_per_s = _make(url, home, long)
    long_per_s = statistics.median(_done_per_s(url, home, short, REPEATS))
    short_per_s = statistics.median(before + shorts(range(REPEATS // 2, REPEATS)))  # the machine changes meanwhile
    return {
        "made_per_s": made_per_s,
        "short_per_s": short_per_s,
        "long_per_s": long_per_s,
        "kept_pct": 100 * long_per_s / short_per_s,
    }


def _done_per_s(url: str, home: Path, count: int, times: int = 1) -> list[float]:
    """Return how many tasks a second were done of the first `count` from the first effect on, of the next `count` …"""
    with workers(url, home, slots=SLOTS, lease_s=15.0):
        wait(lambda: len(effects(home, "done")) >= times * count)
    at = sorted(moment for _, moment in effects(home, "done"))
    parts = [at[first : first + count] for first in range(0, times * count, count)]
    return [(len(part) - 1) / (part[-1] - part[0]) for part in parts]


def _killed(places: Places, plan: Plan) -> dict[str, float]:
    """Kill one of two workers while it has 200 tasks."""
    victims = _of(plan, VICTIMS)
    url, home = places.fresh("killed")
    with workers(url, home, slots=victims, lease_s=LEASE_S) as pair:
        _make(url, home, 2 * victims, sleep_s=3.0)
        wait(lambda: len(effects(home, "begun")) >= 2 * victims)
        pair[0].send_signal(signal.SIGKILL)
        lease_over_s = time.time() + LEASE_S
        wait(lambda: len({key for key, _ in effects(home, "done")}) >= 2 * victims)
        ended_s = time.time()
        time.sleep(2.0)  # what would be done a second time comes now
    counts = Counter(key for key, _ in effects(home, "done"))
    return {
        "lost": 2 * victims - len(counts),
        "doubled": sum(count > 1 for count in counts.values()),
        "after_lease_s": max(0.0, ended_s - lease_over_s),
    }


def _dispatch(places: Places, plan: Plan) -> dict[str, float]:
    """Give an idle agent one task after another; how long until it has each."""
    url, home = places.fresh("dispatch")
    with Centre(home / "centre", database=url) as centre:
        token = centre.send("/api/v1/enrolment-tokens", {"name": "bench"})["secret"]
        tree = home / "tree"
        tree.mkdir()
        store = {"bench": {"url": f"file://{home / 'objects'}"}}
        link = {"url": centre.url, "enrolment_token": token, "heartbeat": 5}
        settings = configuration(home / "agent", {"bench": tree}, store, centre=link)  # type: ignore[arg-type]
        with Agent(home / "agent", settings):
            wait(lambda: bool(centre.ask("/api/v1/agents?state=online")["items"]))
            agent = centre.ask("/api/v1/agents")["items"][0]["agent_id"]
            waits_ms = [_given_ms(centre, agent) for _ in range(_of(plan, DISPATCHES))]
    ordered = sorted(waits_ms)
    return {
        "dispatch_p50_ms": statistics.median(ordered),
        "dispatch_p99_ms": ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))],
    }


def _given_ms(centre: Centre, agent: str) -> float:
    """Return how long a task waited until the agent had it; the agent refuses it at once, which costs nothing."""
    wish = {"type": "SCRIPT", "agent_id": agent, "config": {"path": "/none", "script": "none"}}
    task = centre.send("/api/v1/tasks", wish)["task"]
    path = f"/api/v1/tasks/{task['task_id']}"
    wait(lambda: centre.ask(path)["state"] == "dead", every_s=0.02)
    (attempt,) = centre.ask(f"{path}/attempts")["items"]
    return _ms(attempt["started_at"]) - _ms(task["created_at"])


def _ms(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000


def _make(url: str, home: Path, count: int, **config: float) -> float:
    """Make tasks and return how many a second."""

    async def make() -> float:
        async with await open_database(parse_address(url, data_dir=home), fallback=False) as database:
            tasks = TaskService(SqlTaskStore(database.core), SystemClock())
            began_s = time.monotonic()
            for at in range(0, count, 500):
                drafts = [
                    TaskDraft(
                        type="BENCH", target="x", payload=dict(config), executor=Executor.WORKER, key=f"{home}{number}"
                    )
                    for number in range(at, min(at + 500, count))
                ]
                await tasks.create_many(drafts, BY)
            return count / (time.monotonic() - began_s)

    return asyncio.run(make())


@contextmanager
def workers(url: str, home: Path, *, slots: int, lease_s: float) -> Generator[Sequence[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "bench.task_worker", url, str(home), str(slots), str(lease_s)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        yield workers
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(30)
            assert worker.stdout is not None
            worker.stdout.close()


def effects(home: Path, what: str) -> list[tuple[str, float]]:
    try:
        lines = (home / "effects.log").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = [line.split() for line in lines]
    return [(parts[1], float(parts[2])) for parts in found if len(parts) == 4 and parts[0] == what]


def wait(is_so: Callable[[], bool], *, every_s: float = 0.1) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise TimeoutError(json.dumps({"waited_s": PATIENCE_S}))
        time.sleep(every_s)
