"""A real edge with its centre in this process, empty or with people, agents and files, for the browser tests."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gwf.app.standalone import StandaloneProcess
from gwf.core.settings.model import Settings
from gwf.sim.fleet import SimFleet
from gwf.sim.model import Plan
from tests.agent.edges import Place, as_loaded
from tests.agent.waiting import until

PASSWORD = "correct-horse-4711"
PEOPLE = {"admin": "admin", "wanglin": "operator", "zhangwei": "approver", "lihang": "viewer"}
FILES = [f"logs/app/app-2026-11-{day:02d}.log" for day in range(1, 9)] + ["logs/nginx/access.gz", "etl/月度对账.xlsx"]
AGENTS = 24


@dataclass(frozen=True)
class Portal:
    """A running process and how to ask it as its owner."""

    url: str
    token: str
    place: Place

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Send one request below /api/v1 and return the JSON of its answer."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        sent = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", sent, headers, method=method)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def portal(base: Path, *, seeded: bool, database: str = "sqlite", **agent: Any) -> Iterator[Portal]:
    """Run a process below `base` until the block ends; it always has people, and with `seeded` all the rest.

    `agent` are settings of its edge.
    """
    base.mkdir(parents=True, exist_ok=True)
    place = Place(base)
    settings = place.settings(**agent).model_dump()
    settings["server"]["database"]["url"] = database
    process = StandaloneProcess(as_loaded(Settings.model_validate(settings)))
    process.start()
    try:
        made = Portal(process.server.url, process.local.token, place)
        for name, role in PEOPLE.items():
            made.ask("/users", {"name": name, "role": role, "password": PASSWORD})
        if seeded:
            _seed(made)
        yield made
    finally:
        process.stop()


def _seed(made: Portal) -> None:
    made.place.write(*FILES)
    secret = made.ask("/enrolment-tokens", {"name": "hosts"})["secret"]
    plan = Plan(url=made.url, token=secret, agents=AGENTS, seconds=1, prefix="app", events_per_s=50)
    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of its own: that of the browser
        pool.submit(lambda: asyncio.run(SimFleet(plan).run())).result()
    for site, name in (("sh", "prod-sh"), ("bj", "prod-bj")):
        made.ask("/agent-groups", {"name": name, "selector": f"env=prod,site={site}", "priority": 10})
    made.ask("/tokens", {"name": "nightly-report", "role": "viewer"})
    until(lambda: len(made.ask("/file-events")["items"]) >= len(FILES))
