"""Asks for the host and its processes while five hundred more of them sleep."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager

from bench.agent import Agent, configuration
from bench.asker import Asker, percentiles
from bench.plan import Plan
from bench.report import Column, Goal, Report

PROCESSES = 500
REQUESTS = 300
GAP_S = 0.02  #: between two requests; together they reach over several samples
POLLED_S = 12.0
POLL_EVERY_S = 3.0  #: as the page of the Go version asks

COLUMNS = (
    Column("processes", "processes"),
    Column("requests", "requests"),
    Column("first_ms", "first ms", 1, spread=True),
    Column("p50_ms", "p50 ms", 1, spread=True),
    Column("p95_ms", "p95 ms", 1, spread=True),
    Column("cpu_pct", "CPU %", 2),
)
CASES = {"all processes": "limit=0", "200 processes": "", "none": "mode=lite"}
GOALS = (
    Goal("all processes", "p95_ms", "at most", 50),
    Goal("200 processes", "p95_ms", "at most", 50),
)


def run(plan: Plan) -> Report:
    """Ask for all processes, for as many as are shown by default, for none; then as rarely as a page does."""
    report = Report("system", "the host and its processes, over HTTP", COLUMNS, goals=GOALS)
    home = plan.workplace("system")
    (home / "tree").mkdir()
    for _ in range(plan.rounds):
        settings = configuration(home, {"bench": home / "tree"}, {"bench": {"url": "memory://"}})
        settings["legacy_api"] = {"system": True}
        with _sleepers(plan.count(PROCESSES)), Agent(home, settings) as agent, Asker(_url(agent)) as asker:
            report.row("all processes").add(first_ms=asker.ask("/api/system?limit=0").took_ms)
            for case, query in CASES.items():
                _ask(report, case, asker, query=query, count=plan.count(REQUESTS))
            _poll(report, agent, asker, seconds=POLLED_S * min(1.0, plan.scale))
    shutil.rmtree(home)
    return report


def _url(agent: Agent) -> str:
    return f"{agent.logged('gwf_started')['url']}"


def _ask(report: Report, case: str, asker: Asker, *, query: str, count: int) -> None:
    took_ms: list[float] = []
    processes = 0
    for _ in range(count):
        answer = asker.ask(f"/api/system?{query}")
        took_ms.append(answer.took_ms)
        processes = len(answer.body["systemProcesses"])
        time.sleep(GAP_S)
    report.row(case).add(processes=processes, requests=count, **percentiles(took_ms))


def _poll(report: Report, agent: Agent, asker: Asker, *, seconds: float) -> None:
    before_s, started_s = agent.usage().cpu_s, time.monotonic()
    took_ms: list[float] = []
    while (passed_s := time.monotonic() - started_s) < seconds or not took_ms:
        took_ms.append(asker.ask("/api/system?limit=0").took_ms)
        time.sleep(min(POLL_EVERY_S, max(0.01, seconds - passed_s)))
    used_s = agent.usage().cpu_s - before_s
    cpu_pct = 100 * used_s / (time.monotonic() - started_s)
    report.row("all processes, asked every 3 s").add(requests=len(took_ms), cpu_pct=cpu_pct, **percentiles(took_ms))


@contextmanager
def _sleepers(count: int) -> Generator[None]:
    sleeping: list[subprocess.Popen[bytes]] = []
    try:
        sleeping.extend(subprocess.Popen(["sleep", "3600"]) for _ in range(count))
        yield
    finally:
        for process in sleeping:
            process.kill()
        for process in sleeping:
            process.wait()
