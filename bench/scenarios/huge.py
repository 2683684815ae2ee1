"""Carries one sparse file in parts: rate beside the adapter alone, and what a kill in the middle costs."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from bench.agent import SETTLE_S, Agent, configuration, running_agent
from bench.places import count_objects, s3_store
from bench.plan import Plan
from bench.raw import run_raw
from bench.relay import counting_relay
from bench.report import Column, Goal, Report
from gwf.testing.s3_sink import S3Sink, s3_sink

SIZE_BYTES = 1024**3
PART_BYTES = 16 * 1024**2

COLUMNS = (
    Column("mb_per_s", "MB/s", spread=True),
    Column("whole_mb_per_s", "MB/s from rename"),
    Column("of_raw", "× raw", 2, spread=True),
    Column("cpu_s_per_gb", "CPU s/GB", 2),
    Column("peak_rss_mb", "peak RSS MB"),
    Column("resent_mb", "sent again MB", 1),
    Column("resent_parts", "sent again parts", 1),
)
GOALS = (Goal("gwf", "of_raw", "at least", 0.9), Goal("gwf, kill -9 halfway", "resent_parts", "at most", 2))


def run(plan: Plan) -> Report:
    """Carry the file by the adapter and by the product in turn; then kill the product halfway."""
    size_bytes = max(2 * PART_BYTES, round(SIZE_BYTES * plan.scale))
    report = Report("huge", f"one sparse file of {size_bytes / 1024**3:.2f} GiB in parts", COLUMNS, goals=GOALS)
    home = plan.workplace("huge")
    source = home / "source" / "huge.bin"
    source.parent.mkdir()
    source.touch()
    os.truncate(source, size_bytes)
    with s3_sink() as sink:
        for number in range(plan.rounds):
            raw = _raw(report, source, sink)
            _gwf(report, home / f"round{number}", source, sink, raw)
        _killed(report, home / "killed", source, sink)
    shutil.rmtree(home)
    return report


def _raw(report: Report, source: Path, sink: S3Sink) -> float:
    size_bytes = source.stat().st_size
    result = run_raw(source.parent, s3_store(sink.url, "raw"), threads=1)
    rate = size_bytes / result.elapsed_s / 1e6
    report.row("raw").add(mb_per_s=rate, cpu_s_per_gb=result.cpu_s / (size_bytes / 1e9), peak_rss_mb=result.peak_rss_mb)
    return rate


def _gwf(report: Report, home: Path, source: Path, sink: S3Sink, raw: float) -> None:
    tree = _new_tree(home)
    with running_agent(home, {"bench": tree}, {"bench": s3_store(sink.url, home.name)}) as agent:
        size_bytes, before, renamed_s = source.stat().st_size, agent.usage(), time.time()
        os.rename(source, tree / source.name)
        agent.wait_carried(1)
        after, took_ms = agent.usage(), agent.journal.last_attempt_ms()
        whole_s = agent.journal.verified_ms("bench")[-1] / 1000 - renamed_s - SETTLE_S
    os.rename(tree / source.name, source)
    _check(sink, home.name)
    rate = size_bytes / took_ms / 1000
    report.row("gwf").add(
        mb_per_s=rate,
        whole_mb_per_s=size_bytes / whole_s / 1e6,
        of_raw=rate / raw,
        cpu_s_per_gb=(after.cpu_s - before.cpu_s) / (size_bytes / 1e9),
        peak_rss_mb=after.peak_rss_mb,
    )


def _killed(report: Report, home: Path, source: Path, sink: S3Sink) -> None:
    """Kill the agent when half of the file has passed; start it again; count what passed in all."""
    tree, size_bytes = _new_tree(home), source.stat().st_size
    with counting_relay(sink.url) as relay:
        settings = configuration(home, {"bench": tree}, {"bench": s3_store(relay.url, home.name)})
        with Agent(home, settings) as agent:
            os.rename(source, tree / source.name)
            agent.wait_until(lambda: relay.sent_bytes >= size_bytes // 2, look_every_s=0.002)
            agent.kill()
        with Agent(home, settings) as agent:
            agent.wait_carried(1)
        again_bytes = relay.sent_bytes - size_bytes
    _check(sink, home.name)
    report.row("gwf, kill -9 halfway").add(resent_mb=again_bytes / 1e6, resent_parts=again_bytes / PART_BYTES)


def _new_tree(home: Path) -> Path:
    tree = home / "tree"
    tree.mkdir(parents=True)
    return tree


def _check(sink: S3Sink, run: str) -> None:
    if count_objects(s3_store(sink.url, run)) != 1:
        raise RuntimeError("the object is not there")
