"""Lets a store fail while files keep coming: how soon it gets a rest, and how soon it is used again."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bench.agent import Agent, running_agent
from bench.places import BUCKET, s3_store
from bench.plan import Plan
from bench.report import Column, Goal, Report, Row
from gwf.testing.faults import NONE, Faults
from gwf.testing.s3_sink import S3Sink, s3_sink

BEFORE = 400  #: files sent before the store fails: its good past
EVERY_S = 0.01  #: a file is written this often
OUTAGE_S = 14.0
OPEN_FOR_S = 5.0  #: default of agent.breaker.open_for: the first probe interval

COLUMNS = (
    Column("opened_s", "s from fault to open", 3, spread=True),
    Column("failures", "failed attempts until then"),
    Column("interval_s", "probe interval at recovery s", 1),
    Column("first_s", "s from recovery to first file", 2, spread=True),
    Column("of_interval", "× interval", 2, spread=True),
)
CASES = {
    "answers 503": Faults(status=503),
    "asks to slow down": Faults(status=503, code="SlowDown"),
    "fails 7 of 10": Faults(status=503, ratio=0.7),
    "fails files, answers questions": Faults(status=503, methods=("PUT",)),
    "confirms wrong checksums": Faults(wrong_checksum=True, methods=("PUT",)),
}
GOALS = (
    *(Goal(case, "opened_s", "at most", 2.0) for case in CASES),
    *(Goal(case, "of_interval", "at most", 1.0) for case in CASES),
)


def run(plan: Plan) -> Report:
    """Run each case in turn, round by round."""
    report = Report("breaker", f"a store fails for {OUTAGE_S:.0f} s under 100 files/s", COLUMNS, goals=GOALS)
    home = plan.workplace("breaker")
    with s3_sink(bucket=BUCKET) as sink:
        for number in range(plan.rounds):
            for case, faults in CASES.items():
                _run(report.row(case), home / f"round{number}", sink, faults=faults, plan=plan)
    shutil.rmtree(home)
    return report


def _run(row: Row, home: Path, sink: S3Sink, *, faults: Faults, plan: Plan) -> None:
    tree = home / "tree"
    tree.mkdir(parents=True)
    sink.set_faults(NONE)
    sink.clear()
    with running_agent(home, {"main": tree}, {"main": s3_store(sink.url, "run")}) as agent, feeding(tree):
        before = min(BEFORE, plan.count(BEFORE))
        agent.wait_until(lambda: agent.journal.done("main") >= before)
        sink.set_faults(faults)
        failing_s = time.time()
        agent.wait_until(lambda: agent.find("breaker_opened") is not None)
        time.sleep(0.2)  # what had failed by then is written down
        failures = agent.journal.events("file.failed")
        time.sleep(max(OPEN_FOR_S / 2, OUTAGE_S * min(1.0, plan.scale)))
        sink.set_faults(NONE)
        recovered_s = time.time()
        interval_s = interval_of(agent)
        agent.wait_until(lambda: any(ms / 1000 > recovered_s for ms in agent.journal.verified_ms("main")[-1:]))
        first_s = next(ms / 1000 for ms in agent.journal.verified_ms("main") if ms / 1000 > recovered_s) - recovered_s
        row.add(
            opened_s=max(0.0, at_s(agent.logged("breaker_opened")) - failing_s),
            failures=failures,
            interval_s=interval_s,
            first_s=first_s,
            of_interval=first_s / interval_s,
        )
    shutil.rmtree(home)


def interval_of(agent: Agent) -> float:
    """Return the probe interval in force: it doubles with each opening and each failed probe since the last closing."""
    since_s = max((at_s(line) for line in agent.lines("breaker_closed")), default=0.0)
    rests = [line for event in ("breaker_opened", "breaker_probe_failed") for line in agent.lines(event)]
    count = sum(at_s(line) > since_s for line in rests)
    return float(OPEN_FOR_S * 2 ** max(0, count - 1))


def at_s(line: dict[str, object]) -> float:
    """Return when a log line was written, in seconds since the epoch."""
    return datetime.fromisoformat(str(line["ts"])).timestamp()


@contextmanager
def feeding(tree: Path) -> Generator[None]:
    """Write small files into `tree` until the block ends."""
    stop = threading.Event()

    def feed() -> None:
        number = 0
        while not stop.wait(EVERY_S):
            (tree / f"{number}.part").write_bytes(b"x" * 1024)
            (tree / f"{number}.part").rename(tree / f"{number}.dat")
            number += 1

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
