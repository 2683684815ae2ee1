"""The real program as a child process with scratch settings: started, asked over HTTP, stopped, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from gwf.core.errors import UnavailableError

START_S = 60.0  #: a slow machine may need long for the imports
STOP_S = 45.0
ANSWER_S = 5.0
LAST_WORDS = 5  #: log lines shown when it did not start


class Instance:
    """One installation below a directory, started again and again."""

    def __init__(
        self, home: Path, document: Mapping[str, object], *, started: Callable[[int], None], command: str = "agent"
    ) -> None:
        """Write the configuration; `started` is told the process id of each life, `command` is what it is."""
        self._command = command
        self._home = home
        self._config = home / "gwf.yaml"
        self._config.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML too
        self._started = started
        self._child: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._url = ""
        self._known = threading.Event()
        self._lines: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def url(self) -> str:
        """The address of the present life; "" before it is known."""
        return self._url

    @property
    def pid(self) -> int:
        """The process id of the present or last life."""
        return self._child.pid if self._child is not None else 0

    def start(self) -> None:
        """Start and wait until the port answers.

        Raises:
            UnavailableError: It ended, or did not answer in time; its last words are in the context.
        """
        self._url, self._lines = "", []
        self._known.clear()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GWF_")}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "gwf", self._command, "--config", str(self._config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,  # no file: its disk may be full on purpose
            text=True,
            errors="replace",
            env=environ,
            start_new_session=True,  # Ctrl-C is for us: we end it in order
        )
        self._started(self._child.pid)
        self._reader = threading.Thread(target=self._read, args=(self._child,), name="drill-log", daemon=True)
        self._reader.start()
        self._known.wait(START_S)
        if not self._url:
            self.kill()
            raise UnavailableError("the instance did not start", output=" | ".join(self._lines[-LAST_WORDS:]))

    def kill(self) -> None:
        """End it by SIGKILL, at whatever it is doing."""
        if self._child is not None:
            self._child.kill()
            self._reap(STOP_S)

    def stop(self) -> int:
        """Ask it to stop; return its exit code, that of a kill if it took too long."""
        if self._child is None:
            return 0
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
        return self._reap(STOP_S)

    def get(self, path: str) -> dict[str, object]:
        """Return the JSON of a GET; refusals with a body are answers too.

        Raises:
            UnavailableError: No answer came.
        """
        try:
            with urllib.request.urlopen(f"{self._url}{path}", timeout=ANSWER_S) as answer:  # noqa: S310 - loopback
                return dict(json.load(answer))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return dict(json.load(refusal))
        except (OSError, ValueError) as exc:
            raise UnavailableError("the instance does not answer", path=path, reason=str(exc)) from exc

    def _reap(self, within_s: float) -> int:
        child = self._child
        if child is None:
            return 0
        code = child.wait(within_s)
        if self._reader is not None:
            self._reader.join(within_s)
        if child.stderr is not None:
            child.stderr.close()
        return code

    def _read(self, child: subprocess.Popen[str]) -> None:
        """Read its log for as long as it lives, so that it never blocks on a full pipe."""
        for line in child.stderr or ():
            if not self._url:
                self._lines.append(line.strip())
                self._url = _url_in(line)
                if self._url:
                    self._known.set()
            else:
                self._lines = [*self._lines[-LAST_WORDS:], line.strip()]
        self._known.set()


def _url_in(line: str) -> str:
    if '"gwf_started"' not in line:
        return ""
    try:
        return str(json.loads(line)["url"]).rstrip("/")
    except (ValueError, KeyError):
        return ""
