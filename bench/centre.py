"""A centre in a child process: `gwf server` with a configuration, asked over its port, watched from outside."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.usage import Usage, usage_of

PATIENCE_S = 120.0
LOOK_EVERY_S = 0.05


class CentreError(Exception):
    """The centre ended, or did not answer in time."""


class Centre:
    """One centre; leave the `with` block to end it. A second `start` goes on with the same data and port."""

    def __init__(self, home: Path, *, database: str = "sqlite", **server: object) -> None:
        """Write the configuration; nothing runs before the `with` block."""
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.config = home / "centre.yaml"
        self.token = secrets.token_urlsafe(24)
        self.url = f"http://127.0.0.1:{_free_port()}"
        settings = {
            "data_dir": str(home / "data"),
            "listen": self.url.removeprefix("http://"),
            "log": {"format": "json", "file": str(home / "centre.log"), "stderr": False},
            "api": {"token": self.token},
            "server": {"database": {"url": database}, **server},
        }
        self.config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML too
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.stop()

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GWF_")}
        command = [sys.executable, "-m", "gwf", "server", "--config", str(self.config)]
        with (self.home / "centre.err").open("ab") as errors:
            self._process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stderr=errors)
        deadline_s = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise CentreError((self.home / "centre.err").read_text(encoding="utf-8")[-2000:])
            time.sleep(LOOK_EVERY_S)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process as a service manager does, or as `number` says."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(PATIENCE_S)

    def usage(self) -> Usage:
        """Return what it used so far."""
        if self._process is None:
            raise CentreError("the centre was not started")
        return usage_of(self._process.pid)

    def ask(self, path: str) -> Any:
        """Return the JSON of a GET."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def metric(self, series: str) -> float:
        """Return the value of a series such as `gwf_ingest_events_total`; 0 while it is not there."""
        request = urllib.request.Request(f"{self.url}/metrics", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            lines: list[str] = answer.read().decode().splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{series} ")), 0.0)

    def send(self, path: str, body: object) -> Any:
        """Return the JSON answer of a POST."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise CentreError(refusal.read(2000).decode("utf-8", "replace")) from refusal

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
