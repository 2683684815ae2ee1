"""Starts with a large tree: for the first time, and again when the journal knows every file."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from bench.agent import Agent, configuration
from bench.files import make_files
from bench.plan import Plan
from bench.report import Column, Goal, Report

FILES = 100_000

COLUMNS = (
    Column("ready_s", "ready after s", 2, spread=True),
    Column("reconcile_s", "walk s", 2, spread=True),
    Column("complete_s", "all in journal after s", 1),
    Column("cpu_s", "CPU s", 2),
    Column("rss_mb", "RSS MB"),
    Column("peak_rss_mb", "peak RSS MB"),
    Column("journal_mb", "journal MB"),
)
GOALS = (
    Goal("restart, every row compared", "ready_s", "at most", 10),
    Goal("restart, directories known by fingerprint", "ready_s", "at most", 10),
    Goal("restart, every row compared", "peak_rss_mb", "at most", 250),
    Goal("restart, directories known by fingerprint", "peak_rss_mb", "at most", 250),
)


def run(plan: Plan) -> Report:
    """Start with an empty tree, with a new large one, with a known one; walk it by `find` for comparison."""
    count = plan.count(FILES)
    report = Report("index", f"{count:,} files in the tree", COLUMNS, goals=GOALS)
    tree, home = kept_tree(plan, count), plan.workplace("index")
    (home / "empty").mkdir()
    for _ in range(plan.rounds):
        report.row("find -printf (reference)").add(reconcile_s=_find_s(tree))
    _start(report, "start with an empty tree", home / "none", home / "empty", 0)
    _start(report, "first start (existing: skip)", home / "full", tree, count)
    _start(report, "restart, every row compared", home / "full", tree, count)
    for _ in range(plan.rounds):
        _start(report, "restart, directories known by fingerprint", home / "full", tree, count)
    shutil.rmtree(home)
    return report


def kept_tree(plan: Plan, count: int) -> Path:
    """Return a tree of `count` empty files, made once and kept for the next call."""
    top, mark = plan.out / f"tree-{count}", plan.out / f"tree-{count}.complete"
    if plan.fresh or not mark.exists():
        mark.unlink(missing_ok=True)
        shutil.rmtree(top, ignore_errors=True)
        top.mkdir()
        make_files(top, count=count, size_bytes=0)
        os.sync()
        mark.touch()
    return top


def _start(report: Report, case: str, home: Path, tree: Path, count: int) -> None:
    settings = configuration(home, {"bench": tree}, {"bench": {"url": "memory://"}}, existing="skip")
    started_s = time.monotonic()
    with Agent(home, settings) as agent:
        agent.wait_until(lambda: agent.journal.known() >= count)
        agent.wait_until(lambda: agent.find("tree_reconciled") is not None)
        complete_s = time.monotonic() - started_s
        walked, usage = agent.logged("tree_reconciled"), agent.usage()
        if walked["files"] != count:
            raise RuntimeError("the walk missed files")
        report.row(case).add(
            ready_s=agent.ready_s,
            reconcile_s=float(str(walked["duration_ms"])) / 1000,
            complete_s=complete_s,
            cpu_s=usage.cpu_s,
            rss_mb=usage.rss_mb,
            peak_rss_mb=usage.peak_rss_mb,
            journal_mb=sum(path.stat().st_size for path in (home / "data").glob("journal.db*")) / 1e6,
        )


def _find_s(tree: Path) -> float:
    started_s = time.monotonic()
    subprocess.run(["find", str(tree), "-printf", "%i %s %T@\n"], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - started_s
