"""Carries many files of one size to each place: the product beside the raw loop and `cp -r`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.agent import SETTLE_S, Agent, running_agent
from bench.files import make_files, write_file
from bench.places import OpenPlace, Place, StoreFor, count_objects, directory, rclone, sink
from bench.plan import Plan
from bench.raw import run_raw
from bench.report import Column, Goal, Report, Row
from gwf.testing.faults import Faults

STEADY_FILES = 200  #: written one by one, to see the latency of a file that waits for nobody
STEADY_EVERY_S = 0.01
FEW = 4  #: threads of the raw loop that suit two cores; 16 mostly fight for the interpreter

COLUMNS = (
    Column("files_per_s", "files/s", spread=True),
    Column("mb_per_s", "MB/s", 1),
    Column("whole_per_s", "files/s from rename"),
    Column("cpu_ms", "CPU ms/file", 3, spread=True),
    Column("peak_rss_mb", "peak RSS MB"),
    Column("of_same", "× raw, same threads", 2, spread=True),
    Column("of_best", "× best raw", 2, spread=True),
    Column("p50_ms", "p50 ms", 0),
    Column("p99_ms", "p99 ms", 0),
    Column("steady_p50_ms", "steady p50 ms", 0),
    Column("steady_p99_ms", "steady p99 ms", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is carried, and how."""

    name: str
    title: str
    files: int
    size_bytes: int
    places: Sequence[OpenPlace]
    workers: int = 16
    #: thread counts of the raw loop; the first is the same as the product's
    raw_threads: Sequence[int] = (16, FEW)
    goals: Sequence[Goal] = ()


def slow_sink(home: Path) -> AbstractContextManager[Place]:
    """The sink, 30 ms away."""
    return sink(home, Faults(slow_s=0.03))


SMALL = Load(
    name="small",
    title="× 1 KB",
    files=10_000,
    size_bytes=1024,
    places=(directory, sink, rclone),
    goals=(
        Goal("s3-sink: gwf", "of_best", "at least", 0.6),
        Goal("s3-sink: gwf", "files_per_s", "at least", 5000),
        Goal("s3-sink: gwf", "cpu_ms", "at most", 0.15),
        Goal("s3-rclone: gwf", "of_best", "at least", 0.6),
    ),
)
MEDIUM = Load(
    name="medium",
    title="× 100 KB",
    files=10_000,
    size_bytes=100 * 1024,
    places=(directory, sink, rclone),
)
LARGE = Load(
    name="large",
    title="× 1 MB",
    files=1_000,
    size_bytes=1024**2,
    places=(directory, sink, rclone),
    goals=tuple(Goal(f"{place}: gwf", "of_best", "at least", 0.9) for place in ("file", "s3-sink", "s3-rclone")),
)
SLOW = Load(
    name="slow",
    title="× 1 KB, server 30 ms away, 128 workers",
    files=10_000,
    size_bytes=1024,
    places=(slow_sink,),
    workers=128,
    raw_threads=(128,),
    goals=(
        Goal("s3-sink: gwf", "files_per_s", "at least", 3000),
        Goal("s3-sink: gwf", "peak_rss_mb", "at most", 120),
    ),
)


def small(plan: Plan) -> Report:
    """Carry 10,000 × 1 KB."""
    return run_load(plan, SMALL)


def medium(plan: Plan) -> Report:
    """Carry 10,000 × 100 KB."""
    return run_load(plan, MEDIUM)


def large(plan: Plan) -> Report:
    """Carry 1,000 × 1 MB."""
    return run_load(plan, LARGE)


def slow(plan: Plan) -> Report:
    """Carry 10,000 × 1 KB to a server 30 ms away."""
    return run_load(plan, SLOW)


def run_load(plan: Plan, load: Load) -> Report:
    """Run every runner in turn, round by round, at each place."""
    count, home = plan.count(load.files), plan.workplace(load.name)
    report = Report(load.name, f"{count:,} {load.title}", COLUMNS, goals=load.goals)
    files = make_files(home / "files", count=count, size_bytes=load.size_bytes)
    for open_place in load.places:
        with open_place(home) as place:
            for number in range(plan.rounds):
                _Round(load, files, place, report, last=number == plan.rounds - 1).run(f"round{number}")
    shutil.rmtree(home)
    return report


class _Round:
    """One turn of all runners at one place."""

    def __init__(self, load: Load, files: Path, place: Place, report: Report, *, last: bool) -> None:
        self._load = load
        self._files = files
        self._count = sum(len(names) for _, _, names in os.walk(files))
        self._place = place
        self._report = report
        self._last = last

    def run(self, name: str) -> None:
        raw = [self._raw(f"{name}-raw{threads}", threads) for threads in self._load.raw_threads]
        with_engine = self._gwf(f"{name}-gwf")
        self._row("gwf").add(of_same=with_engine / raw[0], of_best=with_engine / max(raw))
        if self._place.name == "file":
            self._copy(f"{name}-cp")

    def _row(self, runner: str) -> Row:
        return self._report.row(f"{self._place.name}: {runner}")

    def _add(self, runner: str, rate: float, **values: float) -> float:
        self._row(runner).add(files_per_s=rate, mb_per_s=rate * self._load.size_bytes / 1e6, **values)
        return rate

    def _raw(self, run: str, threads: int) -> float:
        os.sync()  # what the last runner left to be written is not this one's cost
        result = run_raw(self._files, self._place.store(run), threads=threads)
        self._check_and_clear(self._place.store(run))
        return self._add(
            f"raw, {threads} threads",
            (result.files - 1) / result.between_s,
            whole_per_s=result.files / result.elapsed_s,
            cpu_ms=1000 * result.cpu_s / result.files,
            peak_rss_mb=result.peak_rss_mb,
        )

    def _gwf(self, run: str) -> float:
        home, store = self._files.parent / run, self._place.store(run)
        tree = home / "tree"
        tree.mkdir(parents=True)
        os.sync()
        with running_agent(home, {"bench": tree}, {"bench": store}, transfer={"workers": self._load.workers}) as agent:
            rate = self._carry(agent, tree)
            os.rename(tree / "files", self._files)
            self._check_and_clear(store)
            if self._last:
                count = min(STEADY_FILES, self._count)
                self._row("gwf").add(**steady_latency(agent, tree, count=count, size_bytes=self._load.size_bytes))
        shutil.rmtree(home)
        return rate

    def _carry(self, agent: Agent, tree: Path) -> float:
        before, renamed_ms = agent.usage(), time.time() * 1000
        os.rename(self._files, tree / "files")
        agent.wait_carried(self._count)
        after, verified_ms = agent.usage(), agent.journal.verified_ms("bench")
        if len(verified_ms) != self._count:
            raise RuntimeError("not every file was carried")
        took_ms = [at_ms - renamed_ms for at_ms in verified_ms]
        return self._add(
            "gwf",
            rate_between(verified_ms),
            whole_per_s=1000 * self._count / (took_ms[-1] - 1000 * SETTLE_S),
            cpu_ms=1000 * (after.cpu_s - before.cpu_s) / self._count,
            peak_rss_mb=after.peak_rss_mb,
            p50_ms=percentile(took_ms, 0.5),
            p99_ms=percentile(took_ms, 0.99),
        )

    def _copy(self, run: str) -> None:
        target = self._files.parent / run
        os.sync()
        started_s = time.monotonic()
        process = subprocess.Popen(["cp", "-r", str(self._files), str(target)])
        _, status, used = os.wait4(process.pid, 0)
        elapsed_s = time.monotonic() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("cp failed")
        shutil.rmtree(target)
        self._add(
            "cp -r, no fsync",
            self._count / elapsed_s,
            cpu_ms=1000 * (used.ru_utime + used.ru_stime) / self._count,
        )

    def _check_and_clear(self, store: StoreFor) -> None:
        found = count_objects(store)
        if found != self._count:
            raise RuntimeError(f"{self._count} files, but {found} objects")
        self._place.clear()


def steady_latency(agent: Agent, tree: Path, *, count: int, size_bytes: int) -> dict[str, float]:
    """Write files one by one; return the time from close to verified, in which the settle time is contained."""
    first, content = agent.journal.known(), os.urandom(size_bytes)
    (tree / "steady").mkdir()
    agent.wait_until(_after(0.5))
    for number in range(count):
        write_file(tree / "steady" / f"{number}.dat", content)
        agent.wait_until(_after(STEADY_EVERY_S), look_every_s=STEADY_EVERY_S)
    agent.wait_carried(first + count)
    took_ms = agent.journal.since_written_ms(first)
    return {"steady_p50_ms": percentile(took_ms, 0.5), "steady_p99_ms": percentile(took_ms, 0.99)}


def rate_between(verified_ms: Sequence[int]) -> float:
    """Return files per second from the first verified to the last.

    Files that came with the first commit do not count, unless no other followed: then all took about 1 ms.
    """
    first, last = verified_ms[0], verified_ms[-1]
    later = sum(at_ms > first for at_ms in verified_ms)
    return 1000 * later / (last - first) if later else 1000.0 * len(verified_ms)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _after(pause_s: float) -> Callable[[], bool]:
    end_s = time.monotonic() + pause_s
    return lambda: time.monotonic() >= end_s
