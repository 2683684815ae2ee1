"""The product itself in a child process: `gwf agent` with a configuration, watched from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.journal import JournalWatch
from bench.places import StoreFor
from bench.usage import Usage, usage_of

SETTLE_S = 0.2  #: quiet time of every watched tree here; taken off again where a rate says so
LOOK_EVERY_S = 0.02
PATIENCE_S = 1800.0  #: nothing here takes longer unless it hangs


class AgentError(Exception):
    """The agent ended, or did not do in time what was waited for."""


def configuration(
    home: Path, watch: dict[str, Path], stores: dict[str, StoreFor], **agent: object
) -> dict[str, object]:
    """Return a configuration that carries each tree in `watch` to the store of the same name."""
    existing = agent.pop("existing", "upload")
    trees = [
        {"path": str(path), "store": name, "settle": SETTLE_S, "key": "{relpath}", "existing": existing}
        for name, path in watch.items()
    ]
    return {
        "data_dir": str(home / "data"),
        "listen": "127.0.0.1:0",
        "log": {"format": "json", "file": str(home / "agent.log"), "stderr": False},
        "stores": stores,
        "agent": {"hostname": "bench", "watch": trees, "reconcile_interval": 3600, **agent},
    }


class Agent:
    """One agent process; leave the `with` block to end it."""

    def __init__(self, home: Path, settings: dict[str, object]) -> None:
        """Write the configuration; nothing runs before the `with` block."""
        self._home = home
        self._config = home / "agent.yaml"
        home.mkdir(parents=True, exist_ok=True)
        self._config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML too
        self._process: subprocess.Popen[bytes] | None = None
        self._journal: JournalWatch | None = None
        #: address of its HTTP port
        self.url = ""
        #: from the start of the process until /ready said yes
        self.ready_s = 0.0

    def __enter__(self) -> Self:
        """Start the process and wait until it is ready."""
        log = self._home / "agent.log"
        log.unlink(missing_ok=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GWF_")}
        started_s = time.monotonic()
        command = [sys.executable, "-m", "gwf", "agent", "--config", str(self._config)]
        with (self._home / "agent.err").open("wb") as errors:
            self._process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stderr=errors)
        try:
            self.wait_until(lambda: self.find("gwf_started") is not None)
            self.url = url = f"{self.logged('gwf_started')['url']}".rstrip("/")
            self.wait_until(lambda: _is_ready(f"{url}/ready"))
        except BaseException:
            self.kill()
            raise
        self.ready_s = time.monotonic() - started_s
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process as a service manager does."""
        if self._journal is not None:
            self._journal.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60.0)

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise AgentError("the agent was not started")
        return self._process.pid

    @property
    def journal(self) -> JournalWatch:
        """A reader of its journal."""
        if self._journal is None:
            self._journal = JournalWatch(self._home / "data" / "journal.db")
        return self._journal

    def usage(self) -> Usage:
        """Return what it used so far."""
        return usage_of(self.pid)

    def kill(self) -> None:
        """End it by SIGKILL, if it has not ended by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait_until(self, holds: Callable[[], bool], *, look_every_s: float = LOOK_EVERY_S) -> None:
        """Wait until something holds.

        Raises:
            AgentError: The agent ended, or it takes too long.
        """
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline_s:
                raise AgentError(f"the agent ended or hangs: {self._last_words()}")
            time.sleep(look_every_s)

    def wait_carried(self, files: int) -> None:
        """Wait until the journal knows `files` files in all and none is unfinished."""
        self.wait_until(lambda: self.journal.known() >= files and not self.journal.unfinished(), look_every_s=0.1)

    def logged(self, event: str) -> dict[str, object]:
        """Return the fields of the first log line of this event."""
        found = self.find(event)
        if found is None:
            raise AgentError(f"no log line says {event}")
        return found

    def find(self, event: str) -> dict[str, object] | None:
        """Return the fields of the first log line of this event, or None while there is none."""
        return next(iter(self.lines(event)), None)

    def lines(self, event: str) -> list[dict[str, object]]:
        """Return the fields of every log line of this event so far, oldest first."""
        log = self._home / "agent.log"
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        whole = text[: text.rfind("\n") + 1].splitlines()  # the last line may still be written
        found: list[dict[str, object]] = [json.loads(line) for line in whole if event in line]
        return [fields for fields in found if fields["event"] == event]

    def _last_words(self) -> str:
        return "".join(
            path.read_text(encoding="utf-8")[-2000:]
            for path in (self._home / "agent.err", self._home / "agent.log")
            if path.exists()
        )


@contextmanager
def running_agent(home: Path, watch: dict[str, Path], stores: dict[str, StoreFor], **agent: object) -> Generator[Agent]:
    """Run an agent in `home` until the block ends."""
    with Agent(home, configuration(home, watch, stores, **agent)) as child:
        yield child


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refused:
        return bool(refused.code == 503 and b'"starting"' not in refused.read())
