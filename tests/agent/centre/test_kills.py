"""kill -9 in the middle of a trial, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.centre.attempts import AttemptFile
from gwf.control.config.canonical import hash_of
from gwf.core.faults import CENTRE_POINTS
from gwf.testing.fake_centre import TOKEN, FakeCentre
from tests.agent.waiting import until
from tests.chaos.program import Program

SLOWER: dict[str, Any] = {"agent": {"retry": {"base": 7.5, "cap": 600.0}}}
OTHER: dict[str, Any] = {"agent": {"retry": {"base": 8.5, "cap": 600.0}}}


@pytest.fixture
def program(tmp_path: Path, centre: FakeCentre) -> Generator[Program]:
    (tmp_path / "in").mkdir()
    settings = {
        "data_dir": str(tmp_path / "data"),
        "listen": "127.0.0.1:0",
        "log": {"format": "json"},
        "agent": {
            "hostname": "host",
            "watch": [{"path": str(tmp_path / "in")}],
            "centre": {"url": centre.url, "enrolment_token": TOKEN, "confirm_for": "300ms"},
        },
    }
    program = Program(tmp_path, settings)
    yield program
    program.close()


def offer(centre: FakeCentre, document: dict[str, Any]) -> tuple[str, str]:
    hash_ = hash_of(document)
    return hash_, centre.want(hash_, document)


def phases(centre: FakeCentre, attempt_id: str) -> list[str]:
    return [report.phase for known, report in centre.agent.reports if known == attempt_id]


def base(program: Program) -> float:
    return float(program.get("/api/v1/config")["config"]["agent"]["retry"]["base"])


def beats(centre: FakeCentre) -> bool:
    return bool(centre.agent.heartbeats)


@pytest.mark.slow
@pytest.mark.parametrize("point", [point for point in CENTRE_POINTS if point.startswith("trial")])
def test_a_kill_during_a_trial_leaves_what_was_proved(centre: FakeCentre, program: Program, point: str) -> None:
    program.spawn(kill_at=point)
    until(lambda: beats(centre), within_s=60)
    _, attempt = offer(centre, SLOWER)
    until(program.was_killed, within_s=60)
    program.start()
    if point == "trial_proved":
        until(lambda: phases(centre, attempt)[-1:] == ["applied"])
        assert base(program) == 7.5
        return
    until(lambda: phases(centre, attempt)[-1:] == ["failed"])
    assert centre.agent.reports[-1][1].reason[0].code == "interrupted"
    assert base(program) == 1.0
    assert phases(centre, attempt) == (["failed"] if "staged" not in phases(centre, attempt) else ["staged", "failed"])
    other, again = offer(centre, OTHER)
    until(lambda: phases(centre, again)[-1:] == ["applied"])
    assert base(program) == 8.5
    running = AttemptFile(Path(program.settings["data_dir"])).load().running
    assert running is not None
    assert running.hash == other


def test_the_edge_loads_no_database() -> None:
    code = "import sys, gwf.app.edge; print([name for name in sys.modules if name.split('.')[0] in {words}])"
    words = {"sqlalchemy", "alembic", "psycopg", "aiosqlite"}
    done = subprocess.run([sys.executable, "-c", code.format(words=words)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_an_edge_with_a_centre_stays_small(centre: FakeCentre, program: Program) -> None:
    program.start()
    until(lambda: beats(centre), within_s=60)
    assert centre.agent.heartbeats[-1].metrics.rss_bytes < 200 * 1024**2
