"""Drills on a running process: its own files go on, and its configuration is as before afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.core.errors import ConflictError, UnavailableError
from gwf.drills.catalog import DRILLS
from gwf.drills.live import LiveInstance
from tests.agent.waiting import until
from tests.chaos.program import Program


class Process:
    """A configuration behind an API, changed by others now and then."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = {"stores": {"main": {"secret": "******"}}, "agent": {"watch": [{"path": "/in"}]}}
        self.version = 1
        self.others = 0

    def get(self, path: str) -> object:
        view = {"config": json.loads(json.dumps(self.config)), "version": {"number": self.version}}
        if self.others:
            self.others -= 1
            self.version += 1
        return view

    def post(self, path: str, body: bytes, *, media_type: str, **query: object) -> object:
        if query["base_version"] != self.version:
            raise ConflictError("the configuration was changed meanwhile")
        self.config = json.loads(body)
        self.version += 1
        return {}


STORE, WATCH = {"url": "s3://drill"}, {"path": "/scratch", "store": "drill"}


def test_store_and_tree_are_added_and_taken_away_and_nothing_else_changes() -> None:
    process = Process()
    before = json.dumps(process.config)
    LiveInstance(process).add(STORE, WATCH)
    assert process.config["stores"] == {"main": {"secret": "******"}, "drill": STORE}
    assert process.config["agent"]["watch"] == [{"path": "/in"}, WATCH]
    assert LiveInstance(process).remove()
    assert json.dumps(process.config) == before
    assert not LiveInstance(process).remove()


def test_changes_of_others_are_kept() -> None:
    process = Process()
    process.others = 2
    LiveInstance(process).add(STORE, WATCH)
    assert "drill" in process.config["stores"]
    process.others = 100
    with pytest.raises(ConflictError):
        LiveInstance(process).remove()


def test_two_drills_do_not_share_a_process() -> None:
    process = Process()
    LiveInstance(process).add(STORE, WATCH)
    with pytest.raises(ConflictError):
        LiveInstance(process).add(STORE, WATCH)


def test_no_answer_is_told_as_such() -> None:
    class Gone(Process):
        def get(self, path: str) -> object:
            raise ConflictError("no")

    with pytest.raises(UnavailableError):
        LiveInstance(Gone()).get("/live")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    (tmp_path / "in").mkdir()
    program = Program(
        tmp_path,
        {
            "data_dir": str(tmp_path / "data"),
            "listen": "127.0.0.1:0",
            "log": {"format": "json"},
            "agent": {
                "watch": [{"path": str(tmp_path / "in"), "settle": 0.1}],
                "breaker": {"open_for": 0.5, "open_cap": 1},
            },
        },
    )
    program.start()
    until(program.idle)
    yield program
    program.close()


def _config(program: Program) -> Any:
    return program.get("/api/v1/config")["config"]


def _command(tmp_path: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "gwf", "drill", *words, "--config", str(tmp_path / "gwf.yaml")]


@pytest.mark.slow
def test_a_running_process_goes_on_while_its_scratch_store_refuses_all_work(tmp_path: Path, program: Program) -> None:
    before = _config(program)
    told = (tmp_path / "told").open("wb")
    child = subprocess.Popen(
        _command(tmp_path, "store-503", "--live", "--files", "60", "--seconds", "3", "--json"),
        stdout=subprocess.PIPE, stderr=told,
    )  # fmt: skip
    told.close()
    until(lambda: b"503 SlowDown" in (tmp_path / "told").read_bytes(), within_s=60)
    (tmp_path / "in" / "real").write_bytes(b"of production")
    until(lambda: program.get("/api/v1/files?state=done&q=real")["total"] == 1)
    out, _ = child.communicate(timeout=120)
    report = json.loads(out)
    assert child.returncode == 0, report["promises"]
    assert report["measured"]["breaker_opened_after_s"] is not None
    assert _config(program) == before


@pytest.mark.slow
def test_a_drill_killed_on_a_running_process_is_restored(tmp_path: Path, program: Program) -> None:
    before = _config(program)
    told = (tmp_path / "told").open("wb")
    child = subprocess.Popen(_command(tmp_path, "store-slow", "--live", "--seconds", "600"), stderr=told)
    told.close()
    until(lambda: b"comes late" in (tmp_path / "told").read_bytes(), within_s=60)
    child.kill()
    child.wait()
    assert "drill" in _config(program)["stores"]
    ran = subprocess.run(_command(tmp_path, "restore"), capture_output=True, text=True, timeout=60, check=False)
    assert "store and tree taken out of the running process" in ran.stdout, ran.stderr
    assert _config(program) == before


@pytest.mark.parametrize("name", [name for name, drill in DRILLS.items() if not drill.live])
def test_drills_that_would_hurt_a_running_process_are_refused(tmp_path: Path, program: Program, name: str) -> None:
    ran = subprocess.run(_command(tmp_path, name, "--live"), capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, "would hurt a running process" in ran.stderr) == (2, True)
