"""Asks the kernel whether anybody still has a file open for writing."""

from __future__ import annotations

import enum
import errno
import os
import signal
import stat
import threading

import msgspec

from gwf.core import quickio

_F_SETLEASE, _F_RDLCK, _F_UNLCK = 1024, 0, 2  # fcntl(2), the same on every Linux architecture


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


class Probe(msgspec.Struct, gc=False):
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


def probe(path: bytes, *, ask: bool, inside: bytes | None = None) -> Probe:
    """Examine one file; `ask` = take a read lease for a moment (local file systems), else only read its metadata.

    With `inside`, links on the way are followed as long as they lead below that directory; else none is.

    Raises:
        OSError: The process itself is out of resources (descriptors, memory); try again later.
    """
    try:
        descriptor = quickio.open_plain(path) if inside is None else quickio.open_inside(path, inside)
    except OSError as exc:
        return _not_opened(path, exc)
    try:
        status = quickio.status_of(descriptor)
        if not stat.S_ISREG(status.mode):
            return Probe(Verdict.GONE)
        verdict = _lease(descriptor) if ask else Verdict.UNKNOWN
        return Probe(verdict, status.ino, status.size_bytes, status.mtime_ns)
    finally:
        quickio.close(descriptor)


def _lease(descriptor: int) -> Verdict:
    granted = quickio.set_lease(descriptor, _F_SETLEASE, _F_RDLCK)
    if granted is None:
        return Verdict.UNKNOWN
    if not granted:
        return Verdict.BUSY
    quickio.set_lease(descriptor, _F_SETLEASE, _F_UNLCK)
    return Verdict.FREE


def _not_opened(path: bytes, exc: OSError) -> Probe:
    if exc.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE, errno.ENODEV}:
        return Probe(Verdict.GONE)
    if exc.errno not in {errno.EACCES, errno.EPERM}:
        raise exc
    try:
        status = os.lstat(path)
    except OSError:
        return Probe(Verdict.GONE)
    if not stat.S_ISREG(status.st_mode):
        return Probe(Verdict.GONE)
    return Probe(
        Verdict.DENIED, quickio.stored_int(status.st_ino), status.st_size, quickio.stored_int(status.st_mtime_ns)
    )
