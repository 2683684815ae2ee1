"""How soon lists of file events answer over a large store: over HTTP, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.core.clock import ManualClock
from gwf.core.errors import UnavailableError
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.db.partitions import ensure_partitions
from gwf.ingest.model import OutboxBatch, OutboxRow, Sender
from gwf.ingest.outbox import ready_batch
from gwf.testing.centre_server import CentreServer
from gwf.testing.postgres_server import postgres_server

ROWS = 1_000_000
DAYS = 20
AGENTS = 500  #: for every row of the whole size; never fewer than AGENTS_AT_ONCE
AGENTS_AT_ONCE = 50  #: whose rows are stored in one go
ASKED = 30  #: requests of each case; fewer in a run that only shows that it works
FIRST = 6  #: requests that show what a centre still has to read after its start: plans, the database's catalogue
PAGES = 1_000
DAY_MS = 86_400_000

COLUMNS = (
    Column("p50_ms", "p50 ms", 1),
    Column("p95_ms", "p95 ms", 1),
    Column("rows", "rows on the page"),
)
#: what is asked for; the time is added
CASES = {
    "1 day, failed, env=prod,team=t3": (1, {"status": "failed", "selector": "env=prod,team=t3"}),
    "7 days, failed, env=prod,team=t3": (7, {"status": "failed", "selector": "env=prod,team=t3"}),
    "20 days, failed, env=prod,team=t3": (20, {"status": "failed", "selector": "env=prod,team=t3"}),
    "7 days, dead (rare), env=prod (half of all)": (7, {"status": "dead", "selector": "env=prod"}),
    "20 days, dead (rare), env=prod (half of all)": (20, {"status": "dead", "selector": "env=prod"}),
    "20 days, done (most), env=prod (half of all)": (20, {"status": "done", "selector": "env=prod"}),
    "20 days, failed, host=h7 (one of 500)": (20, {"status": "failed", "selector": "host=h7"}),
    "20 days, dead (rare), host=h7 (one of 500)": (20, {"status": "dead", "selector": "host=h7"}),
    "7 days, env=prod,team=t3": (7, {"selector": "env=prod,team=t3"}),
    "20 days, all": (20, {}),
    "7 days, one agent": (7, {"agent": "agt-0007"}),
    "7 days, path contains 00077 (few)": (7, {"text": "00077"}),
}
LIMIT_MS = 50
PROMISED = [case for case, (_, wanted) in CASES.items() if {"status", "selector"} <= wanted.keys()]


def run(plan: Plan) -> Report:
    """Fill a store with what happened in twenty days, and ask the real centre."""
    rows, asked = plan.count(ROWS), max(3, round(ASKED * min(1.0, plan.scale)))
    kinds = ("SQLite", "PostgreSQL")
    last = f"pages {PAGES - 19} to {PAGES}"
    goals = [Goal(f"{kind}: {case}", "p95_ms", "at most", LIMIT_MS) for kind in kinds for case in [*PROMISED, last]]
    report = Report("events", f"lists over {rows:,} file events of {DAYS} days", COLUMNS, goals=goals)
    home = plan.workplace("events")
    _measure(report, "SQLite", CentreServer(home / "sqlite"), rows, asked)
    with postgres_server(settings=()) as url:
        _measure(report, "PostgreSQL", CentreServer(home / "postgresql", url), rows, asked)
    return report


def _measure(report: Report, kind: str, centre: CentreServer, rows: int, asked: int) -> None:
    data = centre.home / "data"
    data.mkdir(parents=True)
    asyncio.run(_fill(centre.database, data, rows))
    if kind == "PostgreSQL":
        _vacuum(centre.database)
    centre.start()
    try:
        times, found = _asked(centre, *CASES[PROMISED[0]], FIRST)
        _add(report, f"{kind}: the first {FIRST} after the start", times, found)
        for case, (days, wanted) in CASES.items():
            times, found = _asked(centre, days, wanted, asked)
            _add(report, f"{kind}: {case}", times, found)
        first, last = _paged(centre)
        _add(report, f"{kind}: pages 1 to 20", first, 50)
        _add(report, f"{kind}: pages {PAGES - 19} to {PAGES}", last, 50)
    finally:
        centre.stop()


def _add(report: Report, case: str, times: Sequence[float], rows: int) -> None:
    ordered = sorted(times)
    report.row(case).add(
        p50_ms=1000 * statistics.median(ordered), p95_ms=1000 * ordered[int(0.95 * (len(ordered) - 1))], rows=rows
    )


def _asked(centre: CentreServer, days: int, wanted: dict[str, str], asked: int) -> tuple[list[float], int]:
    chance, times, found = random.Random(days), [], 0
    for _ in range(asked):
        until = datetime.now(UTC) - timedelta(days=chance.randrange(max(1, DAYS - days)))
        query = {"since": _text(until - timedelta(days=days)), "until": _text(until), "limit": "50", **wanted}
        began = time.perf_counter()
        answer = centre.call("GET", f"/api/v1/file-events?{urlencode(query)}")
        times.append(time.perf_counter() - began)
        if answer.status != 200:
            raise UnavailableError("the list was refused", answer=answer.body.decode()[:300])
        found = len(answer.json["items"])
    return times, found


def _paged(centre: CentreServer) -> tuple[list[float], list[float]]:
    since = _text(datetime.now(UTC) - timedelta(days=DAYS + 1))
    path, times = f"/api/v1/file-events?limit=50&since={quote(since)}", []
    for _ in range(PAGES):
        began = time.perf_counter()
        answer = centre.call("GET", path).json
        times.append(time.perf_counter() - began)
        if answer["next_cursor"] is None:
            break
        path = f"/api/v1/file-events?limit=50&cursor={answer['next_cursor']}"
    return times[:20], times[-20:]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _fill(address: str, data: Path, rows: int) -> None:
    """Store rows as if each had come in on its day."""
    chance = random.Random(1)
    now_ms = round(time.time() * 1000)
    clock = ManualClock(now_ms=now_ms - DAYS * DAY_MS)
    async with await open_database(parse_address(address, data_dir=data), clock=clock, fallback=False) as database:
        store = IngestRows(database, LabelSets(database.events, clock=clock), clock)
        agents = max(AGENTS_AT_ONCE, round(AGENTS * min(1.0, rows / ROWS)))
        of_agent = dict.fromkeys(range(agents), 0)
        each = max(1, rows // (agents * DAYS))
        for _ in range(DAYS):
            await ensure_partitions(database.events, now_ms=clock.now_ms())
            for begin in range(0, agents, AGENTS_AT_ONCE):
                batches = []
                for agent in range(begin, min(agents, begin + AGENTS_AT_ONCE)):
                    first = of_agent[agent] + 1
                    of_agent[agent] += each
                    batches.append(_batch(agent, range(first, first + each), clock.now_ms(), chance))
                await store.write(batches, ())
            clock.advance(86_400)


def _vacuum(address: str) -> None:
    """Leave the rows as autovacuum leaves those of days ago: else whoever reads a page first pays for its hint bits."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _batch(agent: int, seqs: range, day_ms: int, chance: random.Random) -> OutboxBatch:
    labels = {"env": "prod" if agent % 2 else "test", "team": f"t{agent % 10}", "host": f"h{agent}"}
    rows = []
    for seq in seqs:
        luck = chance.random()
        kind = "file.done" if luck > 0.05 else "file.failed" if luck > 0.0005 else "file.dead"
        body = {
            "path": f"/var/log/app{agent}/d{chance.randrange(50)}/file-{seq:05d}.log", "store": "main",
            "key": f"host{agent}/file-{seq:05d}.log", "size_bytes": chance.randrange(10**6), "attempt": 1,
            "duration_ms": chance.randrange(5_000), "error_class": None if kind == "file.done" else "network",
        }  # fmt: skip
        rows.append(OutboxRow(seq, day_ms - chance.randrange(DAY_MS), kind, seq, 1, body))
    sender = Sender(tenant="default", agent_id=f"agt-{agent:04d}", labels=labels)
    return ready_batch(sender, "e1", rows, faults=(), lost_before=False)
