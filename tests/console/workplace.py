"""A real centre with its edge, workers, and a system beyond that answers webhooks as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gwf.app.standalone import StandaloneProcess
from gwf.core.settings.model import Settings
from tests.agent.edges import Place, as_loaded
from tests.console.place import PASSWORD, PEOPLE, Portal


@dataclass
class Beyond:
    """Answers `/<name>` with the statuses that were set for the name, one after the other; the last one stays."""

    url: str = ""
    answers: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    #: requests to /slow wait for it
    go: threading.Event = field(default_factory=threading.Event)

    def status(self, name: str) -> int:
        """Return the next answer of a name."""
        left = self.answers.get(name, [200])
        return left.pop(0) if len(left) > 1 else left[0]


@dataclass(frozen=True)
class Workplace:
    """The running process, and what is beyond it."""

    portal: Portal
    beyond: Beyond

    def webhook(self, name: str, *answers: int, **more: Any) -> str:
        """Make a webhook that gets these answers, and return its id."""
        if answers:
            self.beyond.answers[name] = list(answers)
        retry = {"max_attempts": 3, "first_wait_s": 0.2, "longest_wait_s": 0.3, "timeout_s": 20}
        config = {"url": f"{self.beyond.url}/{name}", "body": {"file": f"{name}.log"}}
        config["undo"] = {"url": f"{self.beyond.url}/undo-{name}", "method": "DELETE"}
        wish = {"type": "WEBHOOK", "target": f"{name}.log → 业务方", "config": config, "retry": retry, **more}
        task_id: str = self.portal.ask("/tasks", wish)["task"]["task_id"]
        return task_id

    def flow(self, name: str, *steps: Mapping[str, Any], **more: Any) -> str:
        """Publish a flow of webhooks and approvals, and return its id."""
        document = {"name": name, "steps": [self._step(**step) for step in steps], **more}
        flow_id: str = self.portal.ask("/flows", {"flow": document, "reason": "as it was agreed"})["flow_id"]
        self.portal.ask(f"/flows/{flow_id}:publish", {"reason": "reviewed"})
        return flow_id

    def _step(self, id: str, *, action: str = "WEBHOOK", **more: Any) -> dict[str, Any]:  # noqa: A002  # the document's word
        if action != "WEBHOOK":
            return {"id": id, "action": action, **more}
        config = {"url": f"{self.beyond.url}/{id}", "undo": {"url": f"{self.beyond.url}/undo-{id}", "method": "DELETE"}}
        retry = {"max_attempts": 2, "first_wait_s": 0.2, "longest_wait_s": 0.3}
        return {"id": id, "action": action, "config": config, "retry": retry, **more}

    def begin(self, flow_id: str, path: str) -> str:
        """Begin a run about a file, and return its id."""
        begun = self.portal.ask(f"/flows/{flow_id}:run", {"path": path, "agent_id": "agt_test"})
        run_id: str = begun["run"]["run_id"]
        return run_id

    def run(self, run_id: str) -> Any:
        """Return a run."""
        return self.portal.ask(f"/flow-runs/{run_id}")

    def state(self, task_id: str) -> str:
        """Return how a task stands."""
        state: str = self.portal.ask(f"/tasks/{task_id}")["state"]
        return state


@contextmanager
def _listening() -> Iterator[Beyond]:
    beyond = Beyond()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            name = self.path.strip("/")
            self.rfile.read(int(self.headers.get("content-length", "0")))
            beyond.heard.append((name, self.headers.get("idempotency-key", "")))
            if name == "slow":
                beyond.go.wait(60)
            status = beyond.status(name)
            body = json.dumps({"ok": status < 300, "name": name}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:  # the library's name
            self.send_response(beyond.answers.get(self.path.strip("/"), [200])[0])
            self.send_header("content-length", "0")
            self.end_headers()

        do_DELETE = do_POST  # noqa: N815  # the library's name

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    beyond.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, name="beyond", daemon=True).start()
    try:
        yield beyond
    finally:
        beyond.go.set()
        server.shutdown()
        server.server_close()


@contextmanager
def workplace(base: Path) -> Iterator[Workplace]:
    """Run all of it below `base` until the block ends."""
    base.mkdir(parents=True, exist_ok=True)
    place = Place(base)
    settings = place.settings().model_dump()
    settings["server"]["webhooks"]["allow_networks"] = ["127.0.0.0/8"]
    with _listening() as beyond:
        process = StandaloneProcess(as_loaded(Settings.model_validate(settings)))
        process.start()
        try:
            portal = Portal(process.server.url, process.local.token, place)
            for name, role in PEOPLE.items():
                portal.ask("/users", {"name": name, "role": role, "password": PASSWORD})
            yield Workplace(portal, beyond)
        finally:
            beyond.go.set()
            process.stop()
