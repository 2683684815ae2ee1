"""Ends one process, and surely that one: by a descriptor of the process, which no later process inherits."""

from __future__ import annotations

import errno
import os
import select
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from gwf.agent.host.masking import masked_command
from gwf.core.errors import ConflictError, DeniedError, InputError, LocalIoError, NotFoundError
from gwf.wire.host import Termination

GRACE_S = 2.0  #: between TERM and KILL
KILL_S = 2.0  #: how long a killed process may take to vanish
SAME_START_MS = 1000  #: start times that differ by less are one: the system derives them from ticks


class InvalidPidError(InputError):
    """No process can have this id."""

    code = "invalid_pid"


class ProtectedProcessError(ConflictError):
    """Ending this process would end us, or the host."""

    code = "protected_process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a process is waited for; seconds."""

    grace_s: float = GRACE_S
    kill_s: float = KILL_S


def terminate(
    pid: int, *, force: bool, seen_start_ms: int | None, clean: Callable[[str], str] = str, waits: Waits | None = None
) -> Termination:
    """Send TERM and, when that does not help, KILL; with `force` KILL at once. A zombie has ended.

    Args:
        pid: Its id.
        force: Do not ask, kill.
        seen_start_ms: When the process began that the asker saw under this id; None = not known.
        clean: Takes secrets out of the command line that are known by their value.
        waits: How long it is waited for; None = as in production.

    Raises:
        InvalidPidError: It is not positive.
        ProtectedProcessError: It is process 1, this process, one of its group, or one it descends from.
        NotFoundError: There is no such process, or not the one that was seen.
        DeniedError: The system does not allow it.
        LocalIoError: It does not end, or the system is in the way.
    """
    waits = waits or Waits()
    if pid <= 0:
        raise InvalidPidError("the process id is not positive", pid=pid)
    _refuse_protected(pid)
    with _held(pid) as descriptor:
        name, command = _recognised(pid, descriptor, seen_start_ms)
        sent = signal.SIGKILL if force else signal.SIGTERM
        _send(descriptor, sent, pid)
        if not force and not _has_ended(descriptor, waits.grace_s):
            sent = signal.SIGKILL
            _send(descriptor, sent, pid)
        if sent == signal.SIGKILL and not _has_ended(descriptor, waits.kill_s):
            raise LocalIoError("the process does not end, although it was killed", pid=pid)
    killed = sent == signal.SIGKILL
    return Termination(
        pid=pid,
        name=name,
        command=masked_command(command, clean=clean),
        signal="KILL" if killed else "TERM",
        forced=killed,
    )


def _refuse_protected(pid: int) -> None:
    if pid == 1:
        raise ProtectedProcessError("ending process 1 would end the host", pid=pid)
    ancestors = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    try:
        group = os.getpgid(pid)
    except OSError:  # gone, or hidden: what follows tells
        group = None
    if pid in ancestors or group == os.getpgrp():
        raise ProtectedProcessError("ending this process would end GWF", pid=pid)


@contextmanager
def _held(pid: int) -> Generator[int]:
    if not hasattr(os, "pidfd_open"):
        raise LocalIoError("this system cannot end a process for certain", retryable=False)
    try:
        descriptor = os.pidfd_open(pid)
    except OSError as exc:
        raise _refused(exc, pid) from exc
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _recognised(pid: int, descriptor: int, seen_start_ms: int | None) -> tuple[str, list[str]]:
    """Return name and arguments; what was read belongs to the held process if that lives after the reading."""
    try:
        process = psutil.Process(pid)
        name, start_ms = process.name(), round(process.create_time() * 1000)
        arguments = process.cmdline()
    except psutil.AccessDenied:
        name, start_ms, arguments = "", None, []
    except psutil.Error as exc:
        raise NotFoundError("there is no such process", pid=pid) from exc
    other = None not in {seen_start_ms, start_ms} and abs((seen_start_ms or 0) - (start_ms or 0)) > SAME_START_MS
    if other or _has_ended(descriptor, 0):
        raise NotFoundError("the process has ended", pid=pid)
    return name, arguments


def _send(descriptor: int, number: signal.Signals, pid: int) -> None:
    try:
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:  # it ended before: what was wanted
        return
    except OSError as exc:
        raise _refused(exc, pid) from exc


def _has_ended(descriptor: int, wait_s: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(round(wait_s * 1000)))


def _refused(exc: OSError, pid: int) -> NotFoundError | DeniedError | LocalIoError:
    if isinstance(exc, ProcessLookupError):
        return NotFoundError("there is no such process", pid=pid)
    if isinstance(exc, PermissionError):
        return DeniedError("the system does not allow ending this process", pid=pid)
    if exc.errno in {errno.EINVAL, errno.ENOENT}:  # a thread's id
        return NotFoundError("there is no such process", pid=pid)
    return LocalIoError("the process cannot be ended", pid=pid, reason=exc.strerror)
