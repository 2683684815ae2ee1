"""Watches ten thousand directories in which nothing happens."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bench.agent import Agent, running_agent
from bench.places import StoreFor
from bench.plan import Plan
from bench.report import Column, Goal, Report

DIRECTORIES = 10_000
SECONDS = 60.0

COLUMNS = (
    Column("directories", "directories"),
    Column("seconds", "seconds"),
    Column("cpu_s", "CPU s", 2),
    Column("cpu_pct", "CPU %", 3),
    Column("rss_mb", "RSS MB", 1),
    Column("peak_rss_mb", "peak RSS MB", 1),
    Column("ready_s", "ready after s", 2),
)
GOALS = (Goal("gwf, large tree", "cpu_pct", "at most", 0.5),)


def run(plan: Plan) -> Report:
    """Watch a large tree and, beside it, an empty one for the same time."""
    count, seconds = plan.count(DIRECTORIES), SECONDS * min(1.0, plan.scale)
    report = Report("idle", f"nothing happens for {seconds:.0f} s", COLUMNS, goals=GOALS)
    home = plan.workplace("idle")
    for number in range(count):
        (home / "tree" / f"{number // 100:03d}" / f"{number % 100:02d}").mkdir(parents=True)
    (home / "empty").mkdir()
    store: StoreFor = {"url": "memory://"}
    with (
        running_agent(home / "large", {"bench": home / "tree"}, {"bench": store}) as large,
        running_agent(home / "none", {"bench": home / "empty"}, {"bench": store}) as none,
    ):
        time.sleep(min(2.0, seconds))  # what the start left to do is not idling
        agents = {"gwf, large tree": (large, home / "tree"), "gwf, empty tree": (none, home / "empty")}
        before_s = {case: agent.usage().cpu_s for case, (agent, _) in agents.items()}
        time.sleep(seconds)
        for case, (agent, tree) in agents.items():
            _note(report, case, agent, seconds=seconds, used_s=agent.usage().cpu_s - before_s[case])
            report.row(case).add(directories=_directories(tree))
    shutil.rmtree(home)
    return report


def _note(report: Report, case: str, agent: Agent, *, seconds: float, used_s: float) -> None:
    usage = agent.usage()
    report.row(case).add(
        seconds=seconds,
        cpu_s=used_s,
        cpu_pct=100 * used_s / seconds,
        rss_mb=usage.rss_mb,
        peak_rss_mb=usage.peak_rss_mb,
        ready_s=agent.ready_s,
    )


def _directories(tree: Path) -> int:
    return 1 + sum(path.is_dir() for path in tree.rglob("*"))
