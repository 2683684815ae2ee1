"""The real `gwf agent` as a child process: started, asked over HTTP, stopped, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gwf.identity.local import find_token
from tests.agent.waiting import until

START_S = 60.0  #: a slow machine may need long for the imports
WARNINGS = 12  #: log lines shown when something went wrong


class Program:
    """One installation that is started again and again. A log file per life lies in `home`."""

    def __init__(self, home: Path, settings: dict[str, Any], *, wrap: Sequence[str] = ()) -> None:
        """`wrap` is put before the command, for example to run it without privileges."""
        self.home = home
        self.settings = settings
        self.lives = 0
        self.kills = 0
        self._wrap = tuple(wrap)
        self._config = home / "gwf.yaml"
        self._child: subprocess.Popen[bytes] | None = None
        self._url = ""

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def log(self) -> Path:
        """The log of the present life."""
        return self.home / f"log-{self.lives}.jsonl"

    def spawn(self, *, kill_at: str = "") -> None:
        """Start without waiting. JSON is YAML, so the settings are written as JSON."""
        assert not self.alive
        self.lives += 1
        self._url = ""
        self._config.write_text(json.dumps({**self.settings, "faults": {"kill_at": kill_at}}))
        command = [*self._wrap, sys.executable, "-m", "gwf", "agent", "--config", str(self._config)]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GWF_")}
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home, env=environ
            )

    def start(self, *, kill_at: str = "") -> bool:
        """Start and wait until the port answers; tell whether it lives (an armed kill point may be quicker)."""
        self.spawn(kill_at=kill_at)
        until(lambda: self.url() or not self.alive, within_s=START_S, every_s=0.02)
        assert kill_at or self.alive, self.story()
        return self.alive

    def url(self) -> str:
        """Return the address of the present life, or "" before it is known."""
        if not self._url:
            self._url = next((str(line["url"]) for line in self.events("gwf_started")), "")
        return self._url

    def kill(self) -> None:
        """End it by SIGKILL, at whatever it is doing."""
        assert self._child is not None
        self._child.kill()
        self._child.wait()
        self.kills += 1

    def was_killed(self) -> bool:
        """Tell whether a kill point ended it."""
        if self.alive or self._child is None:
            return False
        assert self._child.returncode == -signal.SIGKILL, f"it ended by itself\n{self.story()}"
        self.kills += 1
        return True

    def send(self, number: signal.Signals) -> None:
        assert self._child is not None
        self._child.send_signal(number)

    def ended(self, *, within_s: float = 30.0) -> int:
        """Wait for its end and return the exit code."""
        assert self._child is not None
        return self._child.wait(within_s)

    def stop(self) -> int:
        """Ask it to stop, wait, return the exit code."""
        self.send(signal.SIGTERM)
        return self.ended(within_s=60.0)

    def close(self) -> None:
        """Leave no process behind."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def get(self, path: str) -> Any:
        """Return the JSON of a GET; refusals with a body are answers too."""
        try:
            with urllib.request.urlopen(f"{self.url()}{path}", timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.load(refusal)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Return status and JSON of a POST."""
        token = find_token(Path(self.settings["data_dir"]))
        headers = {
            "Content-Type": "application/json",
            "X-Gwf-Author": "the lab",
            "Authorization": f"Bearer {token}",
        }
        request = urllib.request.Request(f"{self.url()}{path}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def configure(self, settings: dict[str, Any]) -> None:
        """Write the configuration file anew; the program reads it when it is told to."""
        self._config.write_text(json.dumps(settings))

    def status(self, path: str) -> int:
        """Return the HTTP status of a GET."""
        try:
            with urllib.request.urlopen(f"{self.url()}{path}", timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code

    def queue(self) -> Mapping[str, Any]:
        queue: Mapping[str, Any] = self.get("/api/v1/overview")["queue"]
        return queue

    def reasons(self) -> dict[str, dict[str, Any]]:
        """Return the reasons for not being `ok` by code."""
        return {reason["code"]: reason for reason in self.get("/ready")["reasons"]}

    def idle(self) -> bool:
        """Tell whether the first walk is done and nothing settles, waits or is sent."""
        overview = self.get("/api/v1/overview")
        starting = any(reason["code"] == "starting" for reason in overview["reasons"])
        return not starting and not any(overview["queue"][name] for name in ("settling", "ready", "sending", "waiting"))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the log lines of the present life with this event name."""
        mark = f'"event":"{name}"'.encode()
        return [json.loads(line) for line in self.log.read_bytes().splitlines() if mark in line and line.endswith(b"}")]

    def story(self) -> str:
        """Return the last lines of the log that are no mere information, or all of a log that is no JSON."""
        lines = self.log.read_text(errors="replace").splitlines()
        telling = [line for line in lines if '"level":"info"' not in line]
        return "\n".join(telling[-WARNINGS:])
