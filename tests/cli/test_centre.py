"""`gwf centre` beside a running agent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gwf.testing.fake_centre import TOKEN, fake_centre
from tests.agent.waiting import until
from tests.chaos.program import Program


def run(program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gwf", "centre", *arguments, "--data", str(program.settings["data_dir"])]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def told(program: Program, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(program, *arguments, "--json").stdout)
    return found


def settings(home: Path, **agent: Any) -> dict[str, Any]:
    (home / "in").mkdir(exist_ok=True)
    watch = [{"path": str(home / "in")}]
    return {"data_dir": str(home / "data"), "listen": "127.0.0.1:0", "log": {"format": "json"},
            "agent": {"watch": watch, **agent}}  # fmt: skip


@pytest.mark.slow
def test_a_person_enrols_the_edge_and_takes_it_away(tmp_path: Path) -> None:
    with fake_centre() as centre:
        program = Program(tmp_path, settings(tmp_path, centre={"url": centre.url}))
        try:
            program.start()
            assert "there is no enrolment token" in run(program, "status").stdout
            (tmp_path / "wrong").write_text("wrong\n")
            (tmp_path / "token").write_text(f"{TOKEN}\n")
            assert run(program, "enrol", "--token-file", str(tmp_path / "wrong")).returncode == 5
            assert run(program, "enrol", "--token-file", str(tmp_path / "none")).returncode == 2
            assert told(program, "enrol", "--token-file", str(tmp_path / "token"))["enrolled"]
            until(lambda: run(program, "status").returncode == 0, within_s=60)
            status = run(program, "status").stdout
            assert "connected" in status
            assert told(program, "leave")["state"] == "left"
            assert run(program, "leave").returncode == 4
            assert run(program, "status").returncode == 1
        finally:
            program.close()


@pytest.mark.slow
def test_an_edge_without_a_centre_says_so(tmp_path: Path) -> None:
    program = Program(tmp_path, settings(tmp_path))
    try:
        program.start()
        answer = run(program, "status")
        assert answer.returncode == 3
        assert "agent.centre.url" in answer.stderr
    finally:
        program.close()
