"""Runs one program in a process group of its own, bounded in time and output, and ends the whole group."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from gwf.tasks.actions.output import BoundedOutput

LOOK_S = 0.05  #: how often time and cancel are looked at
GRACE_S = 2.0  #: between SIGTERM and SIGKILL
DRAIN_S = 1.0  #: how long output is read after the program ended
_READ_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose rights a program has."""

    uid: int
    gid: int
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run: no shell, no inherited environment, no open files."""

    arguments: Sequence[bytes]
    environ: Mapping[str, str]
    cwd: str
    #: None = as this process
    account: Account | None
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, or why it was ended."""

    code: int | None
    #: "" when it ended by itself, else timeout or cancel
    ended_by: str


def run(program: Program, output: BoundedOutput, cancel: threading.Event) -> Ended:
    """Run a program to its end.

    Raises:
        OSError: It cannot be started.
    """
    account = program.account
    process = subprocess.Popen(
        list(program.arguments),
        env=dict(program.environ),
        cwd=program.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        close_fds=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=list(account.groups) if account else None,
    )
    try:
        why = _watch(process, output, cancel, end_s=time.monotonic() + program.timeout_s)
    finally:
        _end_group(process)
        if process.stdout:
            process.stdout.close()
    return Ended(None if why else process.returncode, why)


def _watch(process: subprocess.Popen[bytes], output: BoundedOutput, cancel: threading.Event, *, end_s: float) -> str:
    """Read output until the program ends; return why it was ended early, or ""."""
    with _Reader(process, output) as reader:
        while not _has_ended(process):
            if cancel.is_set() or time.monotonic() > end_s:
                _terminate(process, reader)
                return "cancel" if cancel.is_set() else "timeout"
            reader.read(LOOK_S)
        # its children may hold the pipe: they are ended first, so that the output has an end
        _signal_group(process, signal.SIGKILL)
        drained_s = time.monotonic() + DRAIN_S
        while reader.read(LOOK_S) and time.monotonic() < drained_s:
            pass
    return ""


class _Reader:
    """Reads a program's output without ever blocking."""

    def __init__(self, process: subprocess.Popen[bytes], output: BoundedOutput) -> None:
        self._output = output
        self._selector = selectors.DefaultSelector()
        self._fd = process.stdout.fileno() if process.stdout else -1
        os.set_blocking(self._fd, False)
        self._selector.register(self._fd, selectors.EVENT_READ)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def read(self, wait_s: float) -> bool:
        """Take what is there, waiting at most `wait_s`; tell whether more may come."""
        if not self._open:
            threading.Event().wait(wait_s)
            return False
        if self._selector.select(wait_s):
            data = os.read(self._fd, _READ_BYTES)
            self._output.write(data)
            if not data:
                self._open = False
                self._selector.unregister(self._fd)
        return self._open


def _terminate(process: subprocess.Popen[bytes], reader: _Reader) -> None:
    _signal_group(process, signal.SIGTERM)
    grace_s = time.monotonic() + GRACE_S
    while not _has_ended(process) and time.monotonic() < grace_s:
        reader.read(LOOK_S)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether it ended, and leave it unreaped: its number, which names the group, stays its own."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
