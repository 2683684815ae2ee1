"""Lets a process of its own find lines in an open file, and ends it when its time is over or nobody waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from gwf.agent.files.finder import Order
from gwf.agent.files.refusals import BadPatternError, SlowPatternError
from gwf.core.errors import LocalIoError, OverloadedError, UnavailableError

AT_ONCE = 2  #: searches; each takes one core
GRACE_S = 2.0  #: what a search gets beyond its time to come to an end by itself
LOOK_EVERY_S = 0.05

#: nothing of the agent's environment, which may hold secrets, is passed on
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")


class Hits:
    """Runs searches. Thread-safe."""

    def __init__(self) -> None:
        """Run none yet."""
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def find(self, order: Order, *, stopped: Callable[[], bool]) -> dict[str, Any]:
        """Return the report of a search (finder.Report as a mapping).

        Raises:
            BadPatternError: The expression is none.
            SlowPatternError: It did not come to an end in time.
            OverloadedError: Enough searches are running.
            UnavailableError: Nobody waits for the result any more.
            LocalIoError: The process cannot be started, or the file cannot be read.
        """
        with self._slot():
            raw, code = _run(order, stopped)
        if code != 0:
            raise LocalIoError("the search ended without a result", exit_code=code)
        report = json.loads(raw)
        if "pattern" in report:
            raise BadPatternError("this is no regular expression", field="q", problem=str(report["pattern"])[:300])
        return dict(report)

    @contextmanager
    def _slot(self) -> Generator[None]:
        if not self._slots.acquire(blocking=False):
            raise OverloadedError(
                "enough searches are running on this host; try again when one has ended",
                retry_after_s=1.0,
                most=AT_ONCE,
            )
        try:
            yield
        finally:
            self._slots.release()


def _run(order: Order, stopped: Callable[[], bool]) -> tuple[bytes, int]:
    hard_s = time.monotonic() + order.seconds + GRACE_S
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "gwf.agent.files.finder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(order.descriptor,),
            env=environment,
            cwd="/",
        )
    except OSError as exc:
        raise LocalIoError("the search cannot be started", reason=exc.strerror or str(exc)) from exc
    sent: bytes | None = json.dumps(asdict(order)).encode()
    with process:  # at its end: closes the pipes and waits
        try:
            while True:
                try:
                    out, _ = process.communicate(sent, timeout=LOOK_EVERY_S)
                except subprocess.TimeoutExpired:
                    sent = None
                    _check(order, hard_s, stopped)
                    continue
                return out, process.returncode
        finally:
            process.kill()


def _check(order: Order, hard_s: float, stopped: Callable[[], bool]) -> None:
    if stopped():
        raise UnavailableError("nobody waits for this search any more")
    if time.monotonic() > hard_s:
        raise SlowPatternError(
            "the expression takes too long on this file; make it simpler", field="q", seconds=order.seconds
        )
