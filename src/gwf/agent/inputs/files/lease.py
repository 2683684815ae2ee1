"""Asks the kernel whether anybody still has a file open for writing."""

from __future__ import annotations

import enum
import errno
import os
import signal
import stat
import sys
import threading
from dataclasses import dataclass

OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Verdict(enum.Enum):
    """What the kernel says about a file."""

    #: nobody has it open for writing
    FREE = enum.auto()
    #: a writer has it open
    BUSY = enum.auto()
    #: the kernel cannot say (network file system, foreign owner, other platform)
    UNKNOWN = enum.auto()
    #: it is not there, or no regular file
    GONE = enum.auto()
    #: it is there, but we may not read it
    DENIED = enum.auto()


@dataclass(slots=True)
class Probe:
    """Verdict and the version it is about; `ino` is 0 when the file could not be examined."""

    verdict: Verdict
    ino: int = 0
    size_bytes: int = 0
    mtime_ns: int = 0


def ignore_lease_signal() -> None:
    """Let SIGIO pass: a writer that opens a file during our lease would otherwise kill the process.

    Call once from the main thread; elsewhere it does nothing, because signals can only be set there.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGIO, signal.SIG_IGN)


def probe(path: bytes, *, ask: bool, follow: bool) -> Probe:
    """Examine one file; `ask` = take a read lease for a moment, else only read its metadata.

    Raises:
        OSError: The process itself is out of resources (descriptors, memory); try again later.
    """
    try:
        descriptor = os.open(path, OPEN_FLAGS if follow else OPEN_FLAGS | os.O_NOFOLLOW)
    except OSError as exc:
        return _not_opened(path, exc, follow=follow)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Probe(Verdict.GONE)
        verdict = _lease(descriptor) if ask else Verdict.UNKNOWN
        return Probe(verdict, status.st_ino, status.st_size, status.st_mtime_ns)
    finally:
        os.close(descriptor)


if sys.platform == "linux":
    import fcntl

    def _lease(descriptor: int) -> Verdict:
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as exc:
            return Verdict.BUSY if exc.errno == errno.EAGAIN else Verdict.UNKNOWN
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return Verdict.FREE

else:

    def _lease(descriptor: int) -> Verdict:
        """Other systems have no leases: silence decides."""
        del descriptor
        return Verdict.UNKNOWN


def _not_opened(path: bytes, exc: OSError, *, follow: bool) -> Probe:
    if exc.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE, errno.ENODEV}:
        return Probe(Verdict.GONE)
    if exc.errno not in {errno.EACCES, errno.EPERM}:
        raise exc
    try:
        status = os.stat(path, follow_symlinks=follow)
    except OSError:
        return Probe(Verdict.GONE)
    if not stat.S_ISREG(status.st_mode):
        return Probe(Verdict.GONE)
    return Probe(Verdict.DENIED, status.st_ino, status.st_size, status.st_mtime_ns)
