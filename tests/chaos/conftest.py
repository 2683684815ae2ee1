"""Labs for the fault tests, and the table of what they found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from gwf.testing.s3_sink import S3Sink, s3_sink
from tests.chaos.lab import Lab, Tally

SEED = os.environ.get("CHAOS_SEED", "7")
_TALLY = "tally"  #: property of the report of a test; reports come from all processes that run tests


@pytest.fixture(scope="session")
def chaos_sink_server() -> Iterator[S3Sink]:
    with s3_sink() as sink:
        yield sink


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path, chaos_sink_server: S3Sink) -> Iterator[Lab]:
    """A lab with an empty sink; the seed is printed, so that a failure can be repeated."""
    print(f"CHAOS_SEED={SEED}")
    chaos_sink_server.set_faults()
    chaos_sink_server.clear()
    tally = Tally(request.node.name.removeprefix("test_"))
    lab = Lab(tmp_path, chaos_sink_server, tally, seed=SEED)
    try:
        yield lab
    finally:
        lab.close()
        chaos_sink_server.set_faults()
        request.node.user_properties.append((_TALLY, asdict(tally)))
        if "CHAOS_KEEP" not in os.environ:
            shutil.rmtree(tmp_path, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ends = [report for reports in terminalreporter.stats.values() for report in reports if is_end(report)]
    tallies = [Tally(**value) for end in ends for name, value in end.user_properties if name == _TALLY]
    tallies = [tally for tally in tallies if tally.files]
    if not tallies:
        return
    write = terminalreporter.write_line
    terminalreporter.section("fault tests")
    write(f"{'files':>7} {'kills':>5} {'lost':>5} {'wrong':>5} {'extra':>5} {'open':>5} {'again':>6}  scenario")
    for tally in tallies:
        row = f"{tally.files:>7} {tally.kills:>5} {tally.lost:>5} {tally.wrong:>5} {tally.extra:>5}"
        write(f"{row} {tally.unfinished:>5} {tally.repeats:>6}  {tally.name} {' '.join(tally.notes)}")
    write("open = unfinished uploads, again = writes beyond one a version (allowed after kills and lost answers only)")


def is_end(report: object) -> bool:
    return isinstance(report, pytest.TestReport) and report.when == "teardown"
