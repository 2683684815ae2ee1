"""`gwf demo` as a process of its own, for pictures of the console that show something."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext


@dataclass(frozen=True)
class Demo:
    """A demo that is ready to be looked at."""

    url: str
    #: as `gwf demo --json` tells it
    scene: dict[str, Any]
    #: of the first login: the record that is shown in pictures is not full of others
    _session: list[Any] = field(default_factory=list[Any])

    def enter(self, context: BrowserContext) -> None:
        """Log the first of its people in, who may see everything; later windows go on with the same session."""
        if self._session:
            context.add_cookies(self._session)
            return
        person = self.scene["people"][0]
        told = {"name": person["name"], "password": person["password"]}
        answer = context.request.post(f"{self.url}/api/v1/login", data=told)
        assert answer.ok, answer.text()
        self._session.extend(context.cookies())


@contextmanager
def running_demo(base: Path, *, agents: int = 48) -> Iterator[Demo]:
    """Run a demo in `base`, which is not there yet; it has its agents and files when this yields."""
    command = [
        sys.executable, "-m", "gwf", "demo", "--data", str(base), "--listen", "127.0.0.1:0",
        "--agents", str(agents), "--json",
    ]  # fmt: skip
    # one zone for what the demo writes and what the browser shows
    env = {**os.environ, "TZ": "Asia/Shanghai"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            told = ""
            scene: dict[str, Any] | None = None
            while scene is None:
                line = process.stdout.readline()
                assert line, f"gwf demo ended: {process.poll()}"
                told += line
                try:
                    scene = json.loads(told)
                except ValueError:  # there is more of it
                    continue
            yield Demo(url=str(scene["url"]).rstrip("/"), scene=scene)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
