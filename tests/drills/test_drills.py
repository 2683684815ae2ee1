"""Plays every drill in its shortest form with the real program."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gwf.drills.catalog import DRILLS
from tests.agent.waiting import until

QUICK = """
agent:
  retry: {base: 100ms, cap: 500ms}
  breaker: {open_for: 500ms, open_cap: 1s}
"""


def _command(tmp_path: Path, *words: str) -> list[str]:
    config = tmp_path / "gwf.yaml"
    config.write_text(QUICK)
    return [sys.executable, "-m", "gwf", "drill", *words, "--config", str(config), "--data", str(tmp_path / "data")]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DRILLS))
def test_every_promise_is_kept(tmp_path: Path, name: str) -> None:
    ran = _run([*_command(tmp_path, name), "--files", "80", "--seconds", "2", "--report", str(tmp_path / "reports")])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (data,) = (tmp_path / "reports").glob("*.json")
    report = json.loads(data.read_text())
    assert report["passed"]
    assert report["measured"]["files_on_disk"] == 80
    assert report["measured"]["hurts"] > 0
    assert report["measured"]["peak_rss_mb"] > 0
    assert f"gwf drill {name} --files 80" in report["command"]
    page = data.with_suffix(".md").read_text()
    assert all(promise["text"] in page for promise in report["promises"])
    assert list((tmp_path / "data" / "drills").iterdir()) == []


@pytest.mark.slow
def test_a_drill_that_met_nothing_is_not_called_passed(tmp_path: Path) -> None:
    ran = _run([*_command(tmp_path, "store-cut"), "--files", "8", "--size", "10", "--seconds", "1"])
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "0 connections cut in the middle: this proved nothing" in ran.stdout
    assert "store-cut: PROVED NOTHING" in ran.stdout


@pytest.mark.slow
def test_a_broken_promise_is_reported_and_gives_exit_code_1(tmp_path: Path) -> None:
    command = _command(tmp_path, "store-503", "--files", "40", "--seconds", "2", "--json")
    (tmp_path / "gwf.yaml").write_text("agent: {retry: {max_attempts: 1}, breaker: {min_outcomes: 100}}")
    ran = _run(command)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    broken = {item["code"] for item in json.loads(ran.stdout)["promises"] if not item["kept"]}
    assert {"nothing_lost", "none_given_up"} <= broken


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_drill_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    child = _begun(tmp_path)
    inside = _inside(child)
    child.send_signal(number)
    assert child.wait(30) == 130
    assert _running(inside) == []
    assert list((tmp_path / "data" / "drills").iterdir()) == []


@pytest.mark.slow
def test_a_killed_drill_is_restored(tmp_path: Path) -> None:
    child = _begun(tmp_path)
    inside = _inside(child)
    child.kill()
    child.wait()
    assert _running(inside) != []  # what writes to the pipe of the dead one may end by itself
    ran = _run(_command(tmp_path, "restore"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"[12] processes ended, scratch directory removed", ran.stdout)
    until(lambda: _running(inside) == [])
    assert list((tmp_path / "data" / "drills").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nope"], "no such drill"),
        (["kill", "--size", "many"], "--size"),
        (["kill", "--size", "1GiB"], "64 MiB"),
        (["kill", "--files", "2"], "--files"),
    ],
)
def test_a_wrong_request_is_refused_in_words(tmp_path: Path, words: list[str], problem: str) -> None:
    ran = _run(_command(tmp_path, *words))
    assert ran.returncode == 2
    assert problem in ran.stderr


def test_the_list_names_every_drill(tmp_path: Path) -> None:
    shown = _run(_command(tmp_path, "ls")).stdout
    assert all(name in shown for name in DRILLS)
    document = json.loads(_run(_command(tmp_path, "ls", "--json")).stdout)
    assert {item["name"] for item in document["drills"]} == set(DRILLS)


def _begun(tmp_path: Path) -> subprocess.Popen[bytes]:
    """Return a drill whose failure lasts long, at the moment it has begun."""
    told = (tmp_path / "told").open("wb")
    command = _command(tmp_path, "store-503", "--files", "20", "--seconds", "600")
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told)
    told.close()
    until(lambda: b"503 SlowDown" in (tmp_path / "told").read_bytes(), within_s=60)
    return child


def _inside(child: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(child.pid).children()


def _running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [item for item in processes if item.is_running() and item.status() != psutil.STATUS_ZOMBIE]
