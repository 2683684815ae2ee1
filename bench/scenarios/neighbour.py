"""Carries to one store while another one fails: what the healthy one loses.

Looking must cost the same in each case: the journal's counter is asked, not its rows, of which there are more beside a
failing store. A checkpoint of the journal or a sync of the host takes a tenth of a second: so the healthy store gets
files for some seconds, and runs alone at the beginning and at the end of each round.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bench.agent import running_agent
from bench.files import make_files
from bench.places import s3_store, two_sinks
from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.scenarios.carry import rate_between
from gwf.testing.faults import NONE, Faults
from gwf.testing.s3_sink import S3Sink

FILES = 10_000  #: for the failing store
HEALTHY = 4  #: times as many for the healthy one
FAILING_S = 3.0  #: time for the failing store to show itself before the healthy one gets work

COLUMNS = (
    Column("files_per_s", "files/s", spread=True),
    Column("of_alone", "× alone", 2, spread=True),
    Column("cpu_ms", "CPU ms/file", 3),
    Column("peak_rss_mb", "peak RSS MB"),
    Column("waiting", "files of the failing store"),
)
CASES = {
    "alone": NONE,
    "other answers 503": Faults(status=503, code="SlowDown"),
    "other hangs": Faults(hang=True),
}
GOALS = tuple(Goal(case, "of_alone", "at least", 0.95) for case in CASES if case != "alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What every run uses again."""

    files: dict[str, Path]
    #: for the failing store, and for the healthy one
    waiting: int
    count: int
    good: S3Sink
    bad: S3Sink


def run(plan: Plan) -> Report:
    """Run each case in turn, round by round."""
    waiting = plan.count(FILES)
    counts = {"good": HEALTHY * waiting, "bad": waiting}
    report = Report("neighbour", f"{counts['good']:,} × 1 KB while another store fails", COLUMNS, goals=GOALS)
    home = plan.workplace("neighbour")
    files = {name: make_files(home / name, count=count, size_bytes=1024) for name, count in counts.items()}
    with two_sinks() as (good, bad):
        stage = _Stage(files=files, waiting=waiting, count=counts["good"], good=good, bad=bad)
        for number in range(plan.rounds):
            runs = [(case, _run(report, case, home / f"round{number}", stage)) for case in (*CASES, "alone")]
            alone = sum(rate for case, rate in runs if case == "alone") / 2
            for case, rate in runs:
                report.row(case).add(of_alone=rate / alone)
    shutil.rmtree(home)
    return report


def _run(report: Report, case: str, home: Path, stage: _Stage) -> float:
    trees = {name: home / name for name in ("good", "bad")}
    for tree in trees.values():
        tree.mkdir(parents=True)
    stores = {"good": s3_store(stage.good.url, "run"), "bad": s3_store(stage.bad.url, "run")}
    stage.good.clear()
    stage.bad.set_faults(CASES[case])
    with running_agent(home, trees, stores, transfer={"drain_timeout": 0}) as agent:
        if case != "alone":
            os.rename(stage.files["bad"], trees["bad"] / "files")
            agent.wait_until(lambda: agent.journal.unfinished("bad") >= stage.waiting)
            time.sleep(FAILING_S)
        before = agent.usage()
        os.rename(stage.files["good"], trees["good"] / "files")
        agent.wait_until(lambda: agent.journal.done_ever() >= stage.count, look_every_s=0.1)
        after, rate = agent.usage(), rate_between(agent.journal.verified_ms("good"))
        report.row(case).add(
            files_per_s=rate,
            cpu_ms=1000 * (after.cpu_s - before.cpu_s) / stage.count,
            peak_rss_mb=after.peak_rss_mb,
            waiting=agent.journal.unfinished("bad"),
        )
    for name, tree in trees.items():
        if (tree / "files").exists():
            os.rename(tree / "files", stage.files[name])
    shutil.rmtree(home)
    return rate
