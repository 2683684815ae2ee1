"""Prices calls on small files that are in memory: Python's own against gwf.core.quickio, alone and contended."""

from __future__ import annotations

import os
import resource
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.files import make_files, paths_below
from bench.places import s3_store
from bench.plan import Plan
from bench.raw import run_raw
from bench.report import Column, Report
from gwf.core import quickio
from gwf.testing.s3_sink import s3_sink

CALLS = 200_000
FILES = 10_000
SENDERS = 16
THREADS = 8
SIZE_BYTES = 1024

COLUMNS = (
    Column("wall_1_ns", "1 thread: ns/call"),
    Column("cpu_1_ns", "CPU ns/call"),
    Column("wall_8_ns", "8 threads: ns/call"),
    Column("cpu_8_ns", "CPU ns/call"),
    Column("switches_8", "switches per 1,000 calls", 1),
    Column("files_per_s", "files/s"),
    Column("cpu_ms", "CPU ms/file", 3),
)

Call = Callable[[bytes, int], object]
"""Takes a path and an open descriptor of a file."""


def run(plan: Plan) -> Report:
    """Measure each call by one thread, then by eight at a time, which share the same number of calls."""
    report = Report("wake", "calls on a 1 KB file in memory", COLUMNS)
    home = plan.workplace("wake")
    path = Path(paths_below(make_files(home / "files", count=1, size_bytes=SIZE_BYTES))[0])
    calls = plan.count(CALLS)
    for _ in range(plan.rounds):
        for case, call in CASES.items():
            alone, together = _priced(path, call, 1, calls), _priced(path, call, THREADS, calls)
            report.row(case).add(wall_1_ns=alone[0], cpu_1_ns=alone[1])
            report.row(case).add(wall_8_ns=together[0], cpu_8_ns=together[1], switches_8=1000 * together[2])
    _send(report, plan, make_files(home / "many", count=plan.count(FILES), size_bytes=SIZE_BYTES))
    shutil.rmtree(home)
    return report


def _send(report: Report, plan: Plan, files: Path) -> None:
    """Send files by the raw loop, opened by one kind of calls and by the other in turn."""
    with s3_sink() as sink:
        for number in range(plan.rounds):
            for case, quick in (("os", False), ("quickio", True)):
                result = run_raw(files, s3_store(sink.url, f"{case}{number}"), threads=SENDERS, quick=quick)
                report.row(f"send files opened by {case}").add(
                    files_per_s=result.files / result.elapsed_s, cpu_ms=1000 * result.cpu_s / result.files
                )


def _os_open_close(path: bytes, _: int) -> None:
    os.close(os.open(path, quickio.OPEN_FLAGS))


def _quick_open_close(path: bytes, _: int) -> None:
    quickio.close(quickio.open_plain(path))


def _os_all(path: bytes, _: int) -> None:
    descriptor = os.open(path, quickio.OPEN_FLAGS)
    os.fstat(descriptor)
    os.pread(descriptor, SIZE_BYTES, 0)
    os.close(descriptor)


def _quick_all(path: bytes, _: int) -> None:
    descriptor = quickio.open_plain(path)
    quickio.status_of(descriptor)
    quickio.read_cached(descriptor, SIZE_BYTES)
    quickio.close(descriptor)


CASES: dict[str, Call] = {
    "os.open + os.close": _os_open_close,
    "quickio.open_plain + close": _quick_open_close,
    "os.fstat": lambda _, descriptor: os.fstat(descriptor),
    "quickio.status_of": lambda _, descriptor: quickio.status_of(descriptor),
    "os.pread": lambda _, descriptor: os.pread(descriptor, SIZE_BYTES, 0),
    "quickio.read_cached": lambda _, descriptor: quickio.read_cached(descriptor, SIZE_BYTES),
    "all four by os": _os_all,
    "all four by quickio": _quick_all,
}


def _priced(path: Path, call: Call, threads: int, calls: int) -> tuple[float, float, float]:
    """Return wall ns, CPU ns and context switches for each of `calls` calls, shared by `threads` threads."""
    each = max(1, calls // threads)
    together = threading.Barrier(threads + 1)

    def work() -> None:
        name, descriptor = os.fsencode(path), os.open(path, os.O_RDONLY)
        together.wait()
        for _ in range(each):
            call(name, descriptor)
        os.close(descriptor)

    crew = [threading.Thread(target=work) for _ in range(threads)]
    for thread in crew:
        thread.start()
    before = _spent()
    together.wait()
    for thread in crew:
        thread.join()
    wall_s, cpu_s, switches = (after - earlier for after, earlier in zip(_spent(), before, strict=True))
    done = each * threads
    return 1e9 * wall_s / done, 1e9 * cpu_s / done, switches / done


def _spent() -> tuple[float, float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime, float(used.ru_nvcsw + used.ru_nivcsw)
