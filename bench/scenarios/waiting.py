"""Ten thousand files wait for a store that refuses them."""

from __future__ import annotations

import os
import shutil
import time

from bench.agent import running_agent
from bench.files import make_files
from bench.places import s3_store
from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.testing.faults import Faults
from gwf.testing.s3_sink import s3_sink

FILES = 10_000
SECONDS = 15.0

COLUMNS = (
    Column("waiting", "files waiting"),
    Column("rss_before_mb", "RSS before MB", 1),
    Column("rss_mb", "RSS MB", 1),
    Column("peak_rss_mb", "peak RSS MB", 1),
    Column("cpu_pct", "CPU % while waiting", 2),
    Column("drain_s", "s from recovery to empty", 1),
)
GOALS = (Goal("store answers 503", "peak_rss_mb", "at most", 120),)


def run(plan: Plan) -> Report:
    """Let files wait, look at memory and CPU, then let the store recover and wait until all are carried."""
    count, seconds = plan.count(FILES), SECONDS * min(1.0, plan.scale)
    report = Report("waiting", f"{count:,} files wait", COLUMNS, goals=GOALS)
    home = plan.workplace("waiting")
    files, tree = make_files(home / "files", count=count, size_bytes=1024), home / "tree"
    tree.mkdir()
    with s3_sink() as sink:
        sink.set_faults(Faults(status=503, code="SlowDown"))
        with running_agent(home / "agent", {"bench": tree}, {"bench": s3_store(sink.url, "run")}) as agent:
            before = agent.usage()
            os.rename(files, tree / "files")
            agent.wait_until(lambda: agent.journal.known() >= count)
            began = agent.usage()
            time.sleep(seconds)
            usage, waiting = agent.usage(), agent.journal.unfinished()
            sink.set_faults()
            recovered_s = time.monotonic()
            agent.wait_carried(count)
            report.row("store answers 503").add(
                waiting=waiting,
                rss_before_mb=before.rss_mb,
                rss_mb=usage.rss_mb,
                peak_rss_mb=usage.peak_rss_mb,
                cpu_pct=100 * (usage.cpu_s - began.cpu_s) / seconds,
                drain_s=time.monotonic() - recovered_s,
            )
    shutil.rmtree(home)
    return report
