"""kill -9 of real processes while a flow runs: no step is lost, none that has ended is done again."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gwf.core.faults import END_POINTS, RUN_POINTS
from gwf.testing.centre_server import CentreServer
from tests.agent.waiting import until
from tests.conftest import PostgresServer
from tests.tasks.actions.test_webhook import Receiver, receiving

#: a kill between effect and its word: the one window in which an effect comes twice, under the same key
REPEATS = ("before_end_commit", "a")


def ask(centre: CentreServer, method: str, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    return centre.call(method, f"/api/v1{path}", sent, Content_Type="application/json").json


def published(centre: CentreServer, url: str) -> str:
    return publish(
        centre,
        *(
            {"id": name, "action": "WEBHOOK", "config": {"url": url, "body": name}, "needs": needs}
            for name, needs in (("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"]))
        ),
    )


def publish(centre: CentreServer, *steps: dict[str, Any]) -> str:
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.chaos)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.create()
    assert address.url is not None
    yield address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    server.drop(address)


@pytest.mark.slow
def test_a_run_goes_on_over_kills_of_server_and_worker(tmp_path: Path, url: str) -> None:
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


@contextmanager
def at_work(home: Path, url: str) -> Generator[tuple[CentreServer, Receiver]]:
    """A centre that does no task itself, and a receiver."""
    with ExitStack() as stack:
        hooks = stack.enter_context(receiving())
        hooked = {"webhooks": {"allow_networks": ["127.0.0.0/8"]}}
        centre = CentreServer(home, url, server={**hooked, "work": {"slots": 0}})
        stack.callback(centre.stop)
        centre.start()
        yield centre, hooks


@contextmanager
def working(centre: CentreServer, kill_at: str = "") -> Generator[subprocess.Popen[bytes]]:
    process = worker(centre, kill_at)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait(60)


def undoable(hooks: Receiver, name: str, *needs: str) -> dict[str, Any]:
    undo = {"url": hooks.url(f"/undo/{name}"), "method": "DELETE"}
    config = {"url": hooks.url(f"/{name}"), "undo": undo}
    return {"id": name, "action": "WEBHOOK", "config": config, "needs": list(needs), "timeout_s": 120}


def sent(hooks: Receiver) -> list[str]:
    return [path for _, path, _, _ in hooks.seen]


def rested(centre: CentreServer, run: str, state: str) -> dict[str, str]:
    """Wait until a run is in a state, and return those of its steps."""

    def look() -> Any:
        found = ask(centre, "GET", f"/flow-runs/{run}")
        return found if found["state"] == state else None

    return {step["id"]: step["state"] for step in until(look, within_s=90)["steps"]}


def begin(centre: CentreServer, flow: str) -> str:
    return str(ask(centre, "POST", f"/flows/{flow}:run", {})["run"]["run_id"])


@pytest.mark.chaos
def test_a_worker_killed_while_its_step_is_cancelled_leaves_the_run_undone_once(tmp_path: Path, url: str) -> None:
    with at_work(tmp_path, url) as (centre, hooks), receiving() as slow:
        slow.held.clear()
        run = begin(centre, publish(centre, undoable(hooks, "a"), undoable(slow, "b", "a")))
        with working(centre) as doomed:
            until(lambda: slow.seen, within_s=60)
            ask(centre, "POST", f"/flow-runs/{run}:cancel", {"reason": "enough"})
            doomed.kill()
            doomed.wait(60)
            assert ask(centre, "GET", f"/flow-runs/{run}")["state"] in {"cancelling", "compensating"}
        slow.held.set()
        with working(centre):
            assert rested(centre, run, "cancelled") == {"a": "compensated", "b": "cancelled"}
        assert (sent(hooks), sent(slow)) == (["/a", "/undo/a"], ["/b"])


@pytest.mark.chaos
@pytest.mark.parametrize("point", END_POINTS)
def test_a_worker_killed_while_it_undoes_leaves_nothing_undone_and_nothing_undone_under_two_keys(
    tmp_path: Path, url: str, point: str
) -> None:
    with at_work(tmp_path, url) as (centre, hooks):
        flow = publish(centre, undoable(hooks, "a"), undoable(hooks, "b", "a"))
        run = begin(centre, flow)
        with working(centre):
            rested(centre, run, "succeeded")
        ask(centre, "POST", f"/flow-runs/{run}:compensate", {"reason": "back"})
        with working(centre, point) as doomed:
            assert doomed.wait(120) == -signal.SIGKILL
        with working(centre):
            assert rested(centre, run, "compensated") == {"a": "compensated", "b": "compensated"}
        undone = [(path, head["idempotency-key"]) for method, path, head, _ in hooks.seen if method == "DELETE"]
        assert len(set(undone)) == 2
        assert Counter(path for path, _ in undone) == {
            "/undo/b": 2 if point == "before_end_commit" else 1,
            "/undo/a": 1,
        }


@pytest.mark.chaos
def test_a_worker_that_slept_over_its_lease_changes_nothing_when_it_wakes(tmp_path: Path, url: str) -> None:
    with at_work(tmp_path, url) as (centre, hooks), working(centre) as sleeper:
        hooks.held.clear()
        run = begin(centre, publish(centre, undoable(hooks, "a"), undoable(hooks, "b", "a")))
        until(lambda: sent(hooks) == ["/a"], within_s=60)
        sleeper.send_signal(signal.SIGSTOP)
        hooks.held.set()
        with working(centre):
            assert rested(centre, run, "succeeded") == {"a": "succeeded", "b": "succeeded"}
            sleeper.send_signal(signal.SIGCONT)  # it has the answer to its request by now, and says so
            task = ask(centre, "GET", f"/flow-runs/{run}")["steps"][0]["task_id"]
            begin(centre, str(ask(centre, "GET", f"/flow-runs/{run}")["flow_id"]))
            until(lambda: len(sent(hooks)) == 5, within_s=60)
        attempts = ask(centre, "GET", f"/tasks/{task}/attempts")["items"]
        assert [attempt["outcome"] for attempt in attempts] == ["succeeded", "lost"]
        keys = {head["idempotency-key"] for _, path, head, _ in hooks.seen[:2] if path == "/a"}
        assert (sent(hooks)[:3], keys) == (["/a", "/a", "/b"], {task})


@pytest.mark.chaos
@pytest.mark.parametrize("point", RUN_POINTS)
def test_a_centre_killed_while_somebody_approves_has_it_once(tmp_path: Path, url: str, point: str) -> None:
    with at_work(tmp_path, url) as (centre, hooks):
        ask_ = {"id": "ask", "action": "APPROVAL"}
        run = begin(centre, publish(centre, ask_, undoable(hooks, "a", "ask")))
        approve = f"/flow-runs/{run}/steps/ask:approve"
        centre.stop(signal.SIGKILL)
        centre.start(kill_at=point)
        with suppress(OSError, http.client.HTTPException):
            ask(centre, "POST", approve, {"reason": "yes"})
        assert centre.was_killed()
        centre.start()
        again = ask(centre, "POST", approve, {"reason": "yes"})
        assert again.get("code") == (None if point == "before_run_commit" else "flow_approval")
        with working(centre):
            assert rested(centre, run, "succeeded") == {"ask": "succeeded", "a": "succeeded"}
        story = [line["what"] for line in ask(centre, "GET", f"/flow-runs/{run}/timeline")["items"]]
        assert (story.count("approved"), sent(hooks)) == (1, ["/a"])
