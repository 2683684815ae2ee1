"""The real `gwf server` as a child process: started, asked over HTTP, killed, started again."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gwf.agent.address import find_url
from gwf.core.errors import UnavailableError

TOKEN = "a-token-for-tests-and-benchmarks"  # noqa: S105  # of a server on loopback that nobody needs
START_S = 60.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreReply:
    """An answer, wholly read."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class CentreServer:
    """One installation that may be started again and again; a log of each life lies in `home`."""

    home: Path
    #: as `server.database.url` has it
    database: str = "sqlite"
    #: where it listens; 0 = on another free port in each life
    port: int = 0
    lives: int = 0
    #: further settings of the block `server`
    server: dict[str, object] = field(default_factory=dict[str, object])
    _child: subprocess.Popen[bytes] | None = None
    _pause: threading.Event = field(default_factory=threading.Event)

    def start(self, *, kill_at: str = "") -> None:
        """Start it and wait until it answers, or until it died at `kill_at`, which may lie before that.

        Raises:
            UnavailableError: It ended, or did not answer in time; its log is in the context.
        """
        self.spawn(kill_at=kill_at)
        for _ in range(round(START_S / _LOOK_S)):
            if self.url or not self.alive:
                break
            self._pause.wait(_LOOK_S)
        if not self.url and not (kill_at and not self.alive and self.was_killed()):
            raise UnavailableError(
                "the centre did not start", log=(self.home / f"log-{self.lives}").read_text()[-2000:]
            )

    def spawn(self, *, kill_at: str = "") -> None:
        """Start it without waiting."""
        self.lives += 1
        self.home.mkdir(parents=True, exist_ok=True)
        config = self.home / "gwf.yaml"
        config.write_text(json.dumps(self._settings(kill_at)))
        command = [sys.executable, "-m", "gwf", "server", "--config", str(config)]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GWF_")}
        with (self.home / f"log-{self.lives}").open("wb") as log:
            self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._child is None:
            raise UnavailableError("the centre was not started")
        return self._child.pid

    @property
    def url(self) -> str:
        """Where it answers; "" while it does not."""
        return find_url(self.home / "data") or ""

    def was_killed(self) -> bool:
        """Wait for its end, and tell whether it was SIGKILL."""
        return self._child is not None and self._child.wait(START_S) == -signal.SIGKILL

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, if it runs."""
        if self._child is not None and self.alive:
            self._child.send_signal(number)
            self._child.wait(START_S)

    def call(
        self, method: str, path: str, body: bytes | None = None, *, bearer: str = TOKEN, **more: str
    ) -> CentreReply:
        """Send one request; names of headers have _ for -.

        Raises:
            OSError: It does not answer.
            http.client.HTTPException: It went away meanwhile.
        """
        headers = {"Authorization": f"Bearer {bearer}", **{name.replace("_", "-"): text for name, text in more.items()}}
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=START_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return CentreReply(status=answer.status, body=answer.read())
        finally:
            connection.close()

    def enrolment_token(self, name: str, *, max_uses: int = 1) -> str:
        """Return a new token that lets agents in.

        Raises:
            UnavailableError: The centre refused.
        """
        order = json.dumps({"name": name, "max_uses": max_uses}).encode()
        made = self.call("POST", "/api/v1/enrolment-tokens", order, Content_Type="application/json")
        if made.status != 201:
            raise UnavailableError("no enrolment token was made", answer=made.body.decode())
        return str(made.json["secret"])

    def enrol(self, hostname: str, labels: dict[str, str] | None = None) -> str:
        """Let an agent in; return its credential.

        Raises:
            UnavailableError: The centre refused.
        """
        token = self.enrolment_token(f"test {hostname}")
        registration = {
            "protocol": 1,
            "instance_id": str(uuid.uuid4()),
            "hostname": hostname,
            "version": "0.0.0",
            "labels": labels or {},
            "started_at": "2026-01-01T00:00:00.000Z",
        }
        body = json.dumps(registration).encode()
        done = self.call("POST", "/api/v1/agents/register", body, bearer=token)
        if done.status != 201:
            raise UnavailableError("the agent was not let in", answer=done.body.decode())
        return str(done.json["credential"])

    def send(self, credential: str, batch: object) -> CentreReply:
        """Hand over a batch of an outbox, packed; raises as `call` does."""
        body = gzip.compress(json.dumps(batch).encode(), 1)
        return self.call("POST", "/api/v1/agents/self/outbox", body, bearer=credential, Content_Encoding="gzip")

    def _settings(self, kill_at: str) -> dict[str, object]:
        return {
            "data_dir": str(self.home / "data"),
            "listen": f"127.0.0.1:{self.port}",
            "api": {"token": TOKEN},
            "log": {"format": "json"},
            "server": {"database": {"url": self.database}, **self.server},
            "faults": {"kill_at": kill_at},
        }
