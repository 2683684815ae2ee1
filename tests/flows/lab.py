"""A centre, an agent whose files go to real S3, and a real receiver of webhooks; the flows of examples/ run there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gwf.cli.rules_desk import document_of
from tests.agent.waiting import until
from tests.app.remote import RemoteHost, Server, serving
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY
from tests.docs.pages import ROOT
from tests.tasks.actions.test_webhook import Receiver, receiving

RESTING = {"succeeded", "failed", "stuck", "cancelled", "compensated"}


#: webhooks may reach this host; an executor that is gone is noticed soon
_SOON = {"work": {"lease": 2}, "webhooks": {"allow_networks": ["127.0.0.0/8"]}}


@dataclass
class Lab:
    """What a test works with."""

    server: Server
    host: RemoteHost
    hooks: Receiver
    agent: str
    #: bucket directory of the S3 server
    bucket: Path
    #: prefixes of the two stores in it
    main: str
    kept: str
    #: holds the running agent: closed, it stops
    edge: ExitStack

    def publish(self, name: str, **change: Any) -> str:
        """Publish a flow of examples/flows and return its id."""
        document = {**document_of(ROOT / f"examples/flows/{name}.yaml"), **change}
        made = self.server.ask("/flows", {"flow": document})
        assert made.status == 201, made.body
        flow = str(made.json["flow_id"])
        assert self.server.ask(f"/flows/{flow}:publish", {}).status == 200
        return flow

    def begin(self, flow: str, path: Path, **given: object) -> Any:
        """Begin a run about a file of the host."""
        wish = {"path": str(path), "agent_id": self.agent, "input": given}
        answer = self.server.ask(f"/flows/{flow}:run", wish)
        assert answer.status == 201, answer.body
        return answer.json["run"]

    def order(self, run: Any, verb: str, **body: object) -> Any:
        answer = self.server.ask(f"/flow-runs/{run['run_id']}:{verb}", body)
        assert answer.status in {200, 201}, answer.body
        return answer.json

    def rested(self, run: Any) -> Any:
        """Return a run once nothing more happens by itself."""

        def look() -> Any:
            found = self.server.ask(f"/flow-runs/{run['run_id']}").json
            return found if found["state"] in RESTING else None

        return until(look, within_s=120)

    def write(self, name: str, content: bytes) -> Path:
        """Write a file and wait until its store has it."""
        self.host.place.write(name, content=content)
        until((self.bucket / self.main / name).exists, within_s=60)
        until(lambda: self.status(self.host.place.tree / name) == "done", within_s=60)
        return self.host.place.tree / name

    def status(self, path: Path) -> str:
        found = self.server.ask(f"/agents/{self.agent}/files", path=str(path.parent)).json.get("items", [])
        return next((str(item["state"]) for item in found if item["path"] == str(path)), "")

    def told(self) -> list[tuple[str, Any]]:
        """Return what the receiver was told: method and body."""
        return [(method, json.loads(body) if body else None) for method, _, _, body in self.hooks.seen]


def states(run: Any) -> dict[str, str]:
    return {step["id"]: step["state"] for step in run["steps"]}


@contextmanager
def at_work(tmp_path: Path, rclone_url: str, root: Path, *, bucket: str = BUCKET, **actions: object) -> Generator[Lab]:
    """A lab with two stores in one bucket: `default`, and `archive` for files below `archive`."""
    main, kept = f"m{secrets.token_hex(4)}", f"a{secrets.token_hex(4)}"
    archive = tmp_path / "archive"
    archive.mkdir()
    (tmp_path / "kept").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path / "centre", more=_SOON, heartbeat=1))
        hooks = stack.enter_context(receiving())
        host = RemoteHost(tmp_path / "host", server)
        document = json.loads(host.file.read_text())
        store: dict[str, object] = {"endpoint": rclone_url, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
        store |= {"multipart_threshold": 300_000, "part_size": 131_072}
        document["stores"] = {
            "default": {"url": f"s3://{bucket}/{main}", **store},
            "archive": {"url": f"s3://{bucket}/{kept}", **store},
        }
        watch = document["agent"]["watch"][0]
        document["agent"]["watch"] = [watch, {**watch, "path": str(archive), "store": "archive"}]
        document["agent"]["actions"] = {"archive_dirs": [str(archive), str(tmp_path / "kept")], **actions}
        host.file.write_text(json.dumps(document))
        edge = stack.enter_context(ExitStack())
        edge.enter_context(host.running())
        agent = str(until(server.agent, within_s=60)["agent_id"])
        yield Lab(server, host, hooks, agent, root / BUCKET, main=main, kept=kept, edge=edge)
