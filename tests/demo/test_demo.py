from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.lockfile import lock_directory
from gwf.core.errors import ConflictError, InputError
from gwf.demo.agents import DemoAgent
from gwf.demo.files import FileWriter
from gwf.demo.people import log_in
from gwf.demo.place import MARK, DemoPlan, prepare
from gwf.demo.run import check
from gwf.sim.model import Plan


def test_only_a_directory_of_a_demo_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(InputError, match="not one of a demo"):
        prepare(DemoPlan(directory=tmp_path))
    assert (tmp_path / "precious").exists()
    (tmp_path / MARK).write_text("{}")
    prepare(DemoPlan(directory=tmp_path, seed=7))
    assert not (tmp_path / "precious").exists()
    assert json.loads((tmp_path / MARK).read_text()) == {"demo": True, "seed": 7}


def test_a_demo_that_runs_is_left_alone(tmp_path: Path) -> None:
    prepare(DemoPlan(directory=tmp_path))
    (tmp_path / "data").mkdir()
    lock = lock_directory(tmp_path / "data")
    try:
        with pytest.raises(ConflictError, match="a demo runs"):
            prepare(DemoPlan(directory=tmp_path))
    finally:
        os.close(lock)


def test_a_demo_is_for_this_host_and_bounded(tmp_path: Path) -> None:
    check(DemoPlan(directory=tmp_path))
    for wrong in (
        DemoPlan(directory=tmp_path, listen="0.0.0.0:8080"),
        DemoPlan(directory=tmp_path, agents=3),
        DemoPlan(directory=tmp_path, agents=5_000),
    ):
        with pytest.raises(InputError):
            check(wrong)


def test_a_seed_makes_the_same_agents_and_files_again(tmp_path: Path) -> None:
    plan = Plan(url="http://127.0.0.1:1", token="", agents=24, seconds=10)
    for number in (1, 5, 13):
        one, two = DemoAgent(plan, number), DemoAgent(plan, number)
        assert (one.hostname, one.labels, one.instance_id) == (two.hostname, two.labels, two.instance_id)
        at = datetime.now(UTC)
        pasts = [[(told.kind, told.body) for told in (it.event(seq, at) for seq in range(1, 300))] for it in (one, two)]
        assert pasts[0] == pasts[1]
    trees: list[dict[str, bytes]] = []
    for name in ("a", "b"):
        writer = FileWriter(tmp_path / name, seed=3)
        writer.write_first()
        paths = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        trees.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in paths})
    assert trees[0] == trees[1]
    assert len(trees[0]) == 60


class Shown:
    """A demo in a process of its own, once everything is there."""

    def __init__(self, home: Path) -> None:
        command = [
            sys.executable, "-m", "gwf", "demo", "--data", str(home), "--listen", "127.0.0.1:0", "--agents", "22",
            "--for", "5m", "--json",
        ]  # fmt: skip
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watchdog = threading.Timer(240, self.child.kill)
        watchdog.start()
        assert self.child.stdout is not None
        text = ""
        for line in self.child.stdout:
            text += line
            if line == "}\n":
                break
        watchdog.cancel()
        assert text, self.child.communicate()[1][-2000:]
        self.scene: dict[str, Any] = json.loads(text)
        admin = self.scene["people"][0]
        self.admin = log_in(self.scene["url"], admin["name"], admin["password"])

    def end(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        self.child.communicate()
        return self.child.returncode


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    shown = Shown(tmp_path / "gwf-demo")
    try:
        yield shown
    finally:
        shown.child.kill()
        shown.child.communicate()


@pytest.mark.slow
def test_every_page_has_something_to_show_and_it_ends_in_order(shown: Shown) -> None:
    ask = shown.admin.get
    assert ask("/me")["process"]["demo"] is True
    states = ask("/agents?limit=1&facets=true")["facets"]["states"]
    assert all(states[state] > 0 for state in ("online", "degraded", "offline", "draining"))
    assert len(ask("/agent-groups")["items"]) == 5
    found = {what: ask(f"/rollouts/{rollout}") for what, rollout in shown.scene["rollouts"].items()}
    assert {what: view["status"] for what, view in found.items()} == {
        "completed": "completed", "halted": "reverted", "running": "running", "paused": "paused",
    }  # fmt: skip
    assert found["halted"]["cause"]["code"] in {"failure_share", "unhealthy_share"}
    assert {item["standing"] for item in ask("/config-drift?limit=100")["items"]} >= {"local"}
    actors = {item["actor"]["id"] for item in ask("/audit?limit=200")["items"] if item["actor"]["kind"] == "user"}
    assert len(actors) == 5
    assert {item["value"] for item in ask("/file-events/facets")["statuses"]} >= {"done", "failed", "dead"}
    assert [watch["state"] for watch in ask("/overview")["watches"]] == ["watching"] * 3
    runs = {what: ask(f"/flow-runs/{run}")["state"] for what, run in shown.scene["runs"].items()}
    assert runs == {
        "done": "succeeded", "waiting": "running", "failed": "failed", "failed_too": "failed", "undone": "compensated",
    }  # fmt: skip
    assert {rule["state"] for rule in ask("/rules")["items"]} == {"published", "draft"}
    causes = [item["cause_id"] for item in ask("/dlq/groups?kind=step&kind=task")["items"]]
    looked = [shown.admin.send("POST", "/dlq:probe", {"cause_id": cause})["verdict"] for cause in causes]
    assert {"gone", "still"} <= set(looked)
    with urllib.request.urlopen(f"{shown.scene['url']}/", timeout=30) as page:
        assert page.status == 200
    assert shown.end() == 0
