"""Lets thousands of simulated agents call a centre, over its restart, and counts who is called offline falsely."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.centre import Centre
from bench.plan import Plan
from bench.probe import Probe
from bench.report import Column, Goal, Report, Row
from gwf.core.errors import UnavailableError
from gwf.testing.postgres_server import postgres_server

AGENTS = 10_000
HEARTBEAT_S = 30.0
CALM_S, RESTART_S = 45.0, 45.0  #: parts of a run: nothing, a restart, a configuration for everybody
BRIEF_S = 10.0  #: of the first two with --brief
ROLLOUT_S = 400.0  #: at most; a heartbeat, a trial of 10 s and three calls of each agent, slower while others work
AWAY_S = 10.0  #: of the restart itself
WORTH_IT = 1_000  #: fewer agents only show that it works
SMALL_S, SMALL_ROLLOUT_S, SMALL_HEARTBEAT_S = 3.0, 60.0, 2.0  #: of a run that only shows that it works
EVENTS_PER_S = 200.0  #: told beside the heartbeats
LOOK_EVERY_S = 2.0
MOST_MS = 100.0  #: that 99 of 100 heartbeats may take
SAMPLES = "heartbeats.txt"

Parts = tuple[float, float, float]
"""Seconds of each part of a run."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """When the parts of a run began and ended, in seconds since the epoch."""

    calm_s: float
    restart_s: float
    rollout_s: float
    end_s: float

    def cases(self) -> dict[str, tuple[float, float]]:
        """Return from when to when each part went, by the name of its column."""
        return {
            "all_calm_ms": (self.calm_s, self.restart_s),
            "all_restart_ms": (self.restart_s, self.rollout_s),
            "all_rollout_ms": (self.rollout_s, self.end_s),
        }


COLUMNS = (
    Column("agents", "agents"),
    Column("register_per_s", "registered/s"),
    Column("beats_per_s", "heartbeats/s", 1),
    Column("p50_ms", "p50 ms", 1, spread=True),
    Column("p99_ms", "p99 ms", 1, spread=True),
    Column("slow_pct", "over 100 ms %", 2),
    Column("all_calm_ms", "all p99 ms: calm", 1),
    Column("all_restart_ms", "restart", 1),
    Column("all_rollout_ms", "rollout", 1),
    Column("late_ms", "itself late p99 ms", 1, spread=True),
    Column("calm_ms", "alone p99 ms: calm", 1),
    Column("restart_ms", "restart", 1),
    Column("rollout_ms", "rollout", 1),
    Column("false_offline", "falsely offline"),
    Column("away_s", "away s", 1),
    Column("rolled_out_s", "rolled out s", 1),
    Column("cpu_pct", "CPU %", 1),
    Column("rollout_cpu_pct", "in rollout", 1),
    Column("rss_mb", "MB"),
)


def run(plan: Plan) -> Report:
    """Run the fleet against a centre on SQLite, and on PostgreSQL where there is one."""
    agents = plan.count(AGENTS)
    whole = agents >= WORTH_IT
    limits = dict.fromkeys(("p99_ms", "calm_ms", "restart_ms", "rollout_ms"), MOST_MS) | {"false_offline": 0.0}
    goals = [Goal(kind, name, "at most", most) for kind in ("SQLite", "PostgreSQL") for name, most in limits.items()]
    goals += [Goal(kind, "register_per_s", "at least", 300) for kind in ("SQLite", "PostgreSQL")]
    title = f"{agents:,} agents, a heartbeat every {HEARTBEAT_S:.0f} s, over a restart and a rollout to all"
    report = Report("fleet", title, COLUMNS, goals=tuple(goals if whole else ()))
    for _ in range(plan.rounds):
        home = plan.workplace("fleet")
        parts = _parts(plan, agents)
        _measure(report, "SQLite", home / "sqlite", agents=agents, parts=parts)
        with ExitStack() as stack:
            try:
                url = stack.enter_context(postgres_server())
            except UnavailableError as exc:
                print(f"PostgreSQL is not measured: {exc}")
                continue
            _measure(report, "PostgreSQL", home / "postgresql", agents=agents, parts=parts, database=url)
    return report


def _parts(plan: Plan, agents: int) -> Parts:
    if agents < WORTH_IT:
        return SMALL_S, SMALL_S, SMALL_ROLLOUT_S
    return (BRIEF_S, BRIEF_S, ROLLOUT_S) if plan.brief else (CALM_S, RESTART_S, ROLLOUT_S)


def _measure(report: Report, case: str, home: Path, *, agents: int, parts: Parts, database: str = "sqlite") -> None:
    row = report.row(case)
    heartbeat_s = HEARTBEAT_S if agents >= WORTH_IT else SMALL_HEARTBEAT_S
    with Centre(home, database=database, agents={"heartbeat": heartbeat_s}) as centre:
        simulation = _simulation(centre, agents, sum(parts) + AWAY_S)
        _wait_registered(centre, agents, simulation)
        with Probe(centre) as probe:
            calm_s = time.time()
            offline = _calm(row, centre, probe, parts[0])
            before_mb = centre.usage().peak_rss_mb
            restart_s = time.time()
            offline = max(offline, _restart(row, centre, probe, parts[1]))
            rollout_s = time.time()
            offline = max(offline, _rollout(row, centre, probe, parts[2]))
            cuts = Cuts(calm_s, restart_s, rollout_s, time.time())
            simulation.terminate()  # everything was seen: it tells what came of it
            out, err = simulation.communicate(timeout=600)
        if simulation.returncode != 0:
            raise RuntimeError(err[-2000:])
        outcome: dict[str, Any] = json.loads(out)
        told = centre.ask("/api/v1/events?type=gwf.agent.offline&limit=1000")["items"]
        row.add(
            agents=agents,
            register_per_s=outcome["registered"] / outcome["register_s"],
            beats_per_s=outcome["heartbeats_per_s"],
            p50_ms=outcome["heartbeat"]["p50_ms"],
            p99_ms=outcome["heartbeat"]["p99_ms"],
            late_ms=outcome["lateness"]["p99_ms"],
            false_offline=max(offline, len(told)),
            rss_mb=max(before_mb, centre.usage().peak_rss_mb),
            **_by_part(home, cuts),
        )


def _by_part(home: Path, cuts: Cuts) -> dict[str, float]:
    """Return what all agents saw in each part, and how many answers of the whole run took longer than they may."""
    lines = (home / SAMPLES).read_text(encoding="ascii").splitlines()
    taken = [(float(at_s), float(took_ms)) for at_s, took_ms in (line.split() for line in lines)]
    found = {
        name: _quantile([took_ms for at_s, took_ms in taken if from_s <= at_s < until_s])
        for name, (from_s, until_s) in cuts.cases().items()
    }
    return found | {"slow_pct": 100 * sum(took_ms > MOST_MS for _, took_ms in taken) / max(1, len(taken))}


def _calm(row: Row, centre: Centre, probe: Probe, seconds: float) -> int:
    before, began_s = centre.usage(), time.monotonic()
    offline = _watch(centre, seconds)
    cpu_s = centre.usage().cpu_s - before.cpu_s
    row.add(cpu_pct=100 * cpu_s / (time.monotonic() - began_s), calm_ms=_p99(probe))
    return offline


def _restart(row: Row, centre: Centre, probe: Probe, seconds: float) -> int:
    stopped_s = time.monotonic()
    centre.stop(signal.SIGTERM)
    centre.start()
    row.add(away_s=time.monotonic() - stopped_s)
    offline = _watch(centre, seconds)
    row.add(restart_ms=_p99(probe))
    return offline


def _rollout(row: Row, centre: Centre, probe: Probe, seconds: float) -> int:
    """Give everybody a configuration at once, and wait until everybody has it."""
    layer = centre.send("/api/v1/config-layers", {"kind": "base"})["layer_id"]
    document = {"agent": {"retry": {"base": 7, "cap": 600}}}
    written = centre.send(f"/api/v1/config-layers/{layer}/versions", document)
    before, began_s = centre.usage(), time.monotonic()
    wish = {"version_id": written["version"]["version_id"], "waves": [100], "gates": {"soak_s": 0}}
    rollout = centre.send("/api/v1/rollouts", wish)["rollout"]["rollout_id"]
    offline = 0
    while centre.ask(f"/api/v1/rollouts/{rollout}")["status"] != "completed":
        offline = max(offline, _watch(centre, 1.0))
        if time.monotonic() - began_s > seconds:
            raise RuntimeError(f"the rollout did not end in time: {centre.ask(f'/api/v1/rollouts/{rollout}')}")
    lasted_s = time.monotonic() - began_s
    cpu_s = centre.usage().cpu_s - before.cpu_s
    row.add(rolled_out_s=lasted_s, rollout_cpu_pct=100 * cpu_s / lasted_s, rollout_ms=_p99(probe))
    return max(offline, _watch(centre, LOOK_EVERY_S))


def _p99(probe: Probe) -> float:
    return _quantile(probe.taken_ms())


def _quantile(taken_ms: Sequence[float]) -> float:
    return sorted(taken_ms)[int(0.99 * (len(taken_ms) - 1))]


def _simulation(centre: Centre, agents: int, seconds: float) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "gwf", "sim", "fleet", "--json", "--config", str(centre.config), "--agents", str(agents),
        "--events", str(EVENTS_PER_S), "--for", f"{seconds:.0f}s", "--confirm", "10s" if agents >= WORTH_IT else "1s",
        "--samples", str(centre.home / SAMPLES),
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
