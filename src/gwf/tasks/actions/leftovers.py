"""Ends programs that left their process group: they are known by a variable of their environment."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

ROUNDS = 20  #: a program may begin others while it is being ended
ROUND_S = 0.01
_PROC = "/proc"


def end_marked(name: str, value: str) -> int:
    """End every process that was begun with `name` set to `value`, and those it began; return how many were ended.

    A program that clears its environment, or runs as somebody whose processes we may not look at, is not found.
    """
    mark = os.fsencode(f"{name}={value}")
    ended: set[int] = set()
    for _ in range(ROUNDS):
        found = [pid for pid in _processes() if _has(pid, mark) and _end(pid, mark)]
        if not found:
            break
        ended.update(found)
        time.sleep(ROUND_S)
    return len(ended)


def _processes() -> Iterator[int]:
    own = os.getpid()
    with suppress(OSError):  # a system without /proc: nothing can be known
        yield from (pid for pid in map(int, filter(str.isdecimal, os.listdir(_PROC))) if pid != own)


def _has(pid: int, mark: bytes) -> bool:
    try:
        with open(f"{_PROC}/{pid}/environ", "rb") as environ:
            return mark in environ.read().split(b"\0")
    except OSError:  # it ended meanwhile, or is somebody else's
        return False


def _end(pid: int, mark: bytes) -> bool:
    """Send SIGKILL to exactly the process that was looked at, whoever gets its number later."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _has(pid, mark):
            return False
        with suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            return True
        return False
    finally:
        os.close(descriptor)
