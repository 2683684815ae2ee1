"""kill -9 of real processes while a flow runs: no step is lost, none that has ended is done again."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from gwf.core.faults import END_POINTS, RUN_POINTS
from gwf.testing.centre_server import CentreServer
from tests.agent.waiting import until
from tests.tasks.actions.test_webhook import receiving

#: a kill between effect and its word: the one window in which an effect comes twice, under the same key
REPEATS = ("before_end_commit", "a")


def ask(centre: CentreServer, method: str, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    return centre.call(method, f"/api/v1{path}", sent, Content_Type="application/json").json


def published(centre: CentreServer, url: str) -> str:
    steps = [
        {"id": name, "action": "WEBHOOK", "config": {"url": url, "body": name}, "needs": needs}
        for name, needs in (("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"]))
    ]
    flow = str(ask(centre, "POST", "/flows", {"flow": {"name": "kills", "steps": steps}})["flow_id"])
    assert ask(centre, "POST", f"/flows/{flow}:publish", {})["published_version"] == 1
    return flow


def worker(centre: CentreServer, kill_at: str = "") -> subprocess.Popen[bytes]:
    """Start a worker over the database of a centre."""
    document = json.loads((centre.home / "gwf.yaml").read_text())
    document["server"]["work"] = {"slots": 4, "lease": 2}
    config = centre.home / "worker.yaml"
    config.write_text(json.dumps({**document, "faults": {"kill_at": kill_at}}))
    command = [sys.executable, "-m", "gwf", "worker", "--config", str(config)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_done(centre: CentreServer, flow: str, runs: int) -> None:
    until(lambda: ask(centre, "GET", f"/flow-runs?flow={flow}&state=succeeded")["total"] == runs, within_s=60)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.chaos)])
def test_a_run_goes_on_over_kills_of_server_and_worker(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = database
    if database == "postgresql":
        address = request.getfixturevalue("postgres").create()
        url = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as stack:
        hooks = stack.enter_context(receiving())
        hooked = {"webhooks": {"allow_networks": ["127.0.0.0/8"]}}
        centre = CentreServer(tmp_path / "centre", url, server={**hooked, "work": {"slots": 0}})
        stack.callback(centre.stop)
        centre.start()
        flow = published(centre, hooks.url())
        centre.stop()
        for point in RUN_POINTS:  # the server dies while somebody begins a run
            centre.start(kill_at=point)
            with suppress(OSError, http.client.HTTPException):
                ask(centre, "POST", f"/flows/{flow}:run", {"key": point})
            assert centre.was_killed()
        centre.start()
        again = [ask(centre, "POST", f"/flows/{flow}:run", {"key": point})["created"] for point in RUN_POINTS]
        assert again == [True, False]  # the same key begins it, or finds it
        for number, point in enumerate(("", *END_POINTS)):  # the worker dies while it tells how a step ended
            if point:
                ask(centre, "POST", f"/flows/{flow}:run", {"key": point})
                assert worker(centre, point).wait(120) == -signal.SIGKILL
            healthy = worker(centre)
            stack.callback(healthy.kill)
            until_done(centre, flow, len(RUN_POINTS) + number)
            healthy.send_signal(signal.SIGTERM)
            assert healthy.wait(60) == 0
        sent = Counter(head["idempotency-key"] for _, _, head, _ in hooks.seen)
        tasks: dict[str, tuple[str, str]] = {}
        for key in (*RUN_POINTS, *END_POINTS):
            run = ask(centre, "POST", f"/flows/{flow}:run", {"key": key})["run"]
            tasks |= {step["task_id"]: (key, step["id"]) for step in run["steps"]}
        assert set(sent) == set(tasks)  # every step of every run, and nothing else
        assert {tasks[task]: times for task, times in sent.items() if times > 1} == {REPEATS: 2}
