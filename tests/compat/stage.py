"""The stage of a replay: the watched tree, a store on loopback, and a server of ours as it is run in production."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gwf.testing.fake_oss import FakeOss, fake_oss
from gwf.testing.faults import NONE, Faults
from tests.agent.waiting import until

BUCKET, ACCESS, SECRET = "bench", "replay-access", "replay-secret"
START_S = 30.0
#: of the environment; others may mean something to a configuration of the Go version
_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Answer:
    """What our server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stage:
    """Everything a replay needs; `start` and `stop` are the phases' borders."""

    def __init__(self, base: Path, store: FakeOss, host: str) -> None:
        self.work = base / "work"
        #: deep enough that four steps up end in a directory of ours, which has no `etc`
        self.watch = base / "one" / "two" / "three" / "watch"
        self.places = {"watch_dir": str(self.watch), "work_dir": str(self.work), "tmp": str(self.watch.parents[3])}
        self.store = store
        self.endpoint = f"http://127.0.0.1:{store.port}"
        self._host = host
        self._process: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self.port = _free_port()
        self.alert_log = self.work / "alert.log"
        for directory in (self.work, self.watch / "app", self.watch / "bin"):
            directory.mkdir(parents=True)

    @property
    def pid(self) -> int:
        """Process id of the server."""
        assert self._process is not None
        return self._process.pid

    def plant(self) -> None:
        """Make the tree, in the order in which it was made for the recording."""
        app, bin_ = self.watch / "app", self.watch / "bin"
        lines = (
            f"2026-01-02 03:04:{number:02d} {'INFO' if number % 5 else 'ERROR'} svc=pay"
            f' msg="line {number} <b>&\'x" Timeout\n'
            for number in range(20)
        )
        contents: dict[Path, bytes] = {
            app / "app.log": "".join(lines).encode(),
            app / "crlf.log": b"one\r\ntwo\r\nthree\r\n",
            app / "nonl.log": b"a\nb\nlast-without-newline",
            app / "empty.log": b"",
            app / "big.log": b"".join(b"row %06d %s\n" % (number, b"x" * 290) for number in range(3000)),
            app / "many.log": b"".join(b"hit %d\n" % number for number in range(2500)),
            app / "longline.log": b"L" * (1024 * 1024 + 10) + b"\nshort\n",
            app / "badutf8.log": b"ok \xff\xfe bad utf8\n",
            bin_ / "data.bin": bytes(range(256)) + bytes(44),
            app / "late_nul.log": b"z" * 5000 + b"\0tail",
            app / "中文 日志.log": "第一行 错误\n第二行 正常\n".encode(),
        }
        for path, content in contents.items():
            path.write_bytes(content)
        (app / "link.log").symlink_to("/etc/hostname")
        (self.watch / "..hidden.log").write_bytes(b"hidden file\n")
        (self.watch / "etcdir").symlink_to("/etc")

    def start(self, *, origins: str = "") -> None:
        """Start the server as `gwf up` with a configuration of the Go version."""
        config = self.work / "config.yaml"
        config.write_text(
            f"watch_dir: {json.dumps(str(self.watch))}\nsilence: 1s\nbucket: {BUCKET}\nak: {ACCESS}\nsk: {SECRET}\n"
            f"endpoint: {self.endpoint}\nregion: cn-hangzhou\nupload_workers: 10\nupload_queue_size: 100\n"
            f"system_resource_enabled: false\nalert_enabled: false\nai_enabled: false\n"
            f"api_bind: 127.0.0.1:{self.port}\napi_cors_origins: {json.dumps(origins)}\n"
        )
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "GWF_DATA_DIR": str(self.work / "data"),
            "GWF_AGENT__HOSTNAME": self._host,
            "GWF_LEGACY_API__TERMINATE": "true",  # off by default; the recorded version had no such switch
            "GWF_LOG__FILE": str(self.work / "gwf.log"),
        }
        command = [sys.executable, "-m", "gwf", "up", "--config", str(config)]
        with (self.work / "gwf.err").open("ab") as errors:
            self._process = subprocess.Popen(
                command, cwd=self.work, env=environ, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )
        until(self._is_up, within_s=START_S, every_s=0.05)
        self.quiet()

    def stop(self) -> None:
        """End the server, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def ask(
        self, target: str, method: str = "GET", *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def quiet(self) -> None:
        """Wait until every tree was walked and nothing waits or is sent, by numbers taken after now."""
        began = time.time()

        def is_quiet() -> bool:
            seen = json.loads(self.ask("/api/v1/overview").body)
            queue = seen["queue"]
            walked = all(tree["reconciled_at"] for tree in seen["watches"])
            fresh = _seconds(seen["as_of"]) > began
            return fresh and walked and not any(queue[name] for name in ("settling", "ready", "sending", "waiting"))

        until(is_quiet, within_s=30.0, every_s=0.1)

    def begin_log(self) -> None:
        """Make the log of alerts, without lines."""
        self.alert_log.touch()

    def looked_at_logs(self) -> None:
        """Wait for the first look at the log of alerts."""
        until(lambda: self._alerts()["polling"]["lastPoll"] != "--", within_s=20.0, every_s=0.05)

    def missed_a_log(self) -> None:
        """Wait until a log was looked for that is not there."""
        until(lambda: "error" in self._alerts()["polling"], within_s=20.0, every_s=0.05)

    def log_lines(self) -> None:
        """Write what was written while alerts were recorded, and wait until it was decided about."""
        lines = (
            "svc Timeout calling bank id=1", "svc Timeout calling bank id=2", "svc Timeout ignore-me",
            "heartbeat ok Timeout?", "heartbeat ok", "java.lang.OutOfMemoryError: heap", "Sda Disk Full",
            "sda disk full now",
        )  # fmt: skip
        with self.alert_log.open("a") as out:
            out.write("".join(f"{line}\n" for line in lines))
        until(lambda: len(self._alerts()["decisions"]) == 5, within_s=20.0, every_s=0.1)

    def _alerts(self) -> Any:
        return json.loads(self.ask("/api/alerts").body)["data"]

    def status_of_task(self, task_id: str) -> str:
        """Return what /api/control says of a task."""
        return str(json.loads(self.ask(f"/api/control/tasks/{task_id}").body)["task"]["status"])

    def fail(self, on: bool) -> None:
        """Let the store answer 503, or heal it."""
        self.store.set_faults(Faults(status=503, code="ServiceUnavailable", methods=("PUT",)) if on else NONE)

    def child(self) -> int:
        """Start a process that may be ended; return its id."""
        self._children.append(subprocess.Popen(["sleep", "300"], start_new_session=True))
        pid = self._children[-1].pid
        until(lambda: Path(f"/proc/{pid}/cmdline").read_bytes())  # its arguments stand there a moment after it began
        return pid

    def end_children(self) -> None:
        """End what is left of them."""
        for child in self._children:
            child.kill()
            child.wait()

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended: {(self.work / 'gwf.err').read_text()[-2000:]}")
        try:
            return self.ask("/ready").status == 200
        except OSError:
            return False


@contextmanager
def set_stage(base: Path, host: str) -> Generator[Stage]:
    """Yield a stage with its store; all of it ends with the block."""
    with fake_oss(bucket=BUCKET, access_key=ACCESS, secret_key=SECRET) as store:
        stage = Stage(base, store, host)
        try:
            yield stage
        finally:
            stage.stop()
            stage.end_children()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
