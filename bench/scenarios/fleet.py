"""Lets thousands of simulated agents call a centre, over its restart, and counts who is called offline falsely."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.centre import Centre
from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.core.errors import UnavailableError
from gwf.testing.postgres_server import postgres_server

AGENTS = 10_000
HEARTBEAT_S = 30.0
BEFORE_S, AFTER_S = 45.0, 45.0  #: from the last registration to the restart, and from there to the end
WORTH_IT = 1_000  #: fewer agents only show that it works
SMALL_S, SMALL_HEARTBEAT_S = 20.0, 5.0  #: of a run that only shows that it works
EVENTS_PER_S = 200.0  #: told beside the heartbeats
LOOK_EVERY_S = 2.0

COLUMNS = (
    Column("agents", "agents"),
    Column("register_per_s", "registered/s"),
    Column("beats_per_s", "heartbeats/s", 1),
    Column("p50_ms", "p50 ms", 1, spread=True),
    Column("p99_ms", "p99 ms", 1, spread=True),
    Column("false_offline", "falsely offline"),
    Column("away_s", "away s", 1),
    Column("cpu_pct", "CPU %", 1),
    Column("rss_mb", "MB"),
)


def run(plan: Plan) -> Report:
    """Run the fleet against a centre on SQLite, and on PostgreSQL where there is one."""
    agents = plan.count(AGENTS)
    whole = agents >= WORTH_IT
    goals = [Goal("SQLite", "p99_ms", "at most", 100), Goal("SQLite", "false_offline", "at most", 0)] if whole else []
    report = Report("fleet", f"{agents:,} agents, a heartbeat every {HEARTBEAT_S:.0f} s", COLUMNS, goals=tuple(goals))
    seconds = BEFORE_S + AFTER_S if whole else SMALL_S
    for _ in range(plan.rounds):
        home = plan.workplace("fleet")
        _measure(report, "SQLite", home / "sqlite", agents=agents, seconds=seconds)
        with ExitStack() as stack:
            try:
                url = stack.enter_context(postgres_server())
            except UnavailableError as exc:
                print(f"PostgreSQL is not measured: {exc}")
                continue
            _measure(report, "PostgreSQL", home / "postgresql", agents=agents, seconds=seconds, database=url)
    return report


def _measure(report: Report, case: str, home: Path, *, agents: int, seconds: float, database: str = "sqlite") -> None:
    with Centre(
        home, database=database, agents={"heartbeat": HEARTBEAT_S if agents >= WORTH_IT else SMALL_HEARTBEAT_S}
    ) as centre:
        simulation = _simulation(centre, agents, seconds)
        _wait_registered(centre, agents, simulation)
        before, began_s = centre.usage(), time.monotonic()
        offline = _watch(centre, seconds / 2)
        used, lasted_s = centre.usage(), time.monotonic() - began_s
        stopped_s = time.monotonic()
        centre.stop(signal.SIGTERM)
        centre.start()
        away_s = time.monotonic() - stopped_s
        offline = max(offline, _watch(centre, seconds / 2))
        out, err = simulation.communicate(timeout=600)
        if simulation.returncode != 0:
            raise RuntimeError(err[-2000:])
        outcome: dict[str, Any] = json.loads(out)
        told = centre.ask("/api/v1/events?type=gwf.agent.offline&limit=1000")["items"]
        beats = outcome["heartbeat"]
        report.row(case).add(
            agents=agents,
            register_per_s=outcome["registered"] / outcome["register_s"],
            beats_per_s=outcome["heartbeats_per_s"],
            p50_ms=beats["p50_ms"],
            p99_ms=beats["p99_ms"],
            false_offline=max(offline, len(told)),
            away_s=away_s,
            cpu_pct=100 * (used.cpu_s - before.cpu_s) / lasted_s,
            rss_mb=max(used.peak_rss_mb, centre.usage().peak_rss_mb),
        )


def _simulation(centre: Centre, agents: int, seconds: float) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "gwf", "sim", "fleet", "--json", "--config", str(centre.config), "--agents", str(agents),
        "--events", str(EVENTS_PER_S), "--for", f"{seconds:.0f}s",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _wait_registered(centre: Centre, agents: int, simulation: subprocess.Popen[str]) -> None:
    while sum(_states(centre).values()) < agents and simulation.poll() is None:
        time.sleep(0.5)


def _watch(centre: Centre, seconds: float) -> int:
    """Return how many agents were offline at once at most."""
    most, end_s = 0, time.monotonic() + seconds
    while time.monotonic() < end_s:
        try:
            most = max(most, _states(centre)["offline"])
        except urllib.error.URLError:  # it was restarted a moment ago
            continue
        time.sleep(min(LOOK_EVERY_S, seconds / 4))
    return most


def _states(centre: Centre) -> dict[str, int]:
    return dict(centre.ask("/api/v1/agents?limit=1&facets=true")["facets"]["states"])
