"""Leads a path as a person wrote it to a place below a watched directory, or refuses it; the one gate of this package.

A path is looked at in three steps: as text it must lie at or below a watched directory, so that nothing is told of what
lies elsewhere, not even whether it exists; with all links followed it must still lie there; and it is opened in a way
that follows no link, so that one put in its way meanwhile leads nowhere.
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gwf.agent.filelog.place import Grounds
from gwf.agent.filelog.refusals import DirectoryPathError, NotTextError, NoWatchError, OutsideWatchError
from gwf.agent.files.refusals import FileGoneError, NoDirectoryError, PathClosedError
from gwf.agent.model import show_path
from gwf.core import quickio
from gwf.core.errors import GwfError, InputError, LocalIoError

LONGEST_PATH = 4096  #: bytes, with the NUL at its end (PATH_MAX)

_SHOWN_BYTE = re.compile(rb"\\x([0-9a-f]{2})")
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})
_CLOSED = frozenset({errno.EACCES, errno.EPERM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """The watched directories as they are and as the configuration names them, which may be by a link."""

    grounds: Grounds
    #: (as named, resolved)
    names: Sequence[tuple[bytes, bytes]]

    def inside(self, raw: bytes) -> bytes:
        """Return a clean path as it begins at a resolved root.

        Raises:
            NoWatchError: There are no watched directories at all.
            OutsideWatchError: As text it does not lie at or below one.
        """
        if not self.grounds.roots:
            raise NoWatchError("no directory is watched")
        for root in self.grounds.roots:
            if raw == root or raw.startswith(root + b"/"):
                return raw
        for named, root in self.names:
            if raw == named or raw.startswith(named + b"/"):
                return root + raw[len(named) :]
        raise self.refusal(raw)

    def is_open(self, real: bytes) -> bool:
        """Tell whether a resolved path may be looked at: a root, or below one and not closed."""
        return real in self.grounds.roots or self.grounds.holds(real)

    def refusal(self, raw: bytes) -> OutsideWatchError:
        """Return the refusal of a path, with what may be read."""
        return OutsideWatchError(
            "the path does not lead below a watched directory",
            path=show_path(raw)[:LONGEST_PATH],
            roots=[show_path(root) for root in self.grounds.roots],
        )


def clean(text: str) -> bytes:
    """Return an absolute path without `.`, `..` and doubled slashes, taken out before any link is followed.

    Raises:
        InputError: No file can have this path.
    """
    try:
        raw = os.fsencode(text)
    except UnicodeEncodeError as exc:  # half of a surrogate pair
        raise InputError("no file can have this path", field="path", path=ascii(text)[:200]) from exc
    if not raw.startswith(b"/") or b"\0" in raw or len(raw) >= LONGEST_PATH:
        raise InputError("the path must be absolute and shorter than 4,096 bytes", field="path", path=text[:200])
    path = posixpath.normpath(raw)
    return path[1:] if path.startswith(b"//") else path


def spellings(raw: bytes) -> Iterator[bytes]:
    """Yield the path itself, then what it means if its \\xNN stand for bytes, as odd names are shown."""
    yield raw
    meant = _SHOWN_BYTE.sub(lambda found: bytes([int(found[1], 16)]), raw)
    if meant != raw and b"\0" not in meant:
        again = posixpath.normpath(meant)
        yield again[1:] if again.startswith(b"//") else again


def located(text: str, land: Land) -> list[bytes]:
    """Return the places that a path may mean, the one that exists first; all lie at or below a root as text.

    Raises:
        InputError: No file can have this path, nothing is watched, or it lies elsewhere.
    """
    inside: list[bytes] = []
    refused: GwfError | None = None
    for spelling in spellings(clean(text)):
        try:
            inside.append(land.inside(spelling))
        except OutsideWatchError as exc:
            refused = refused or exc
    if not inside:
        raise refused or land.refusal(clean(text))
    return sorted(inside, key=lambda path: not os.path.lexists(path))


def real_place(text: str, land: Land) -> bytes:
    """Return the resolved path of something that exists.

    Raises:
        FileGoneError: Nothing is there.
        OutsideWatchError: It leads elsewhere.
        PathClosedError: The system does not let us see.
        InputError: As `located`.
        LocalIoError: The system does not tell.
    """
    path = located(text, land)[0]
    try:
        real = os.path.realpath(path, strict=True)
    except OSError as exc:
        if not land.is_open(_nearest(path)):  # through a link that leads elsewhere: what is there is not told
            raise land.refusal(path) from exc
        raise refused(exc, path) from exc
    if not land.is_open(real):
        raise land.refusal(path)
    return real


def _nearest(path: bytes) -> bytes:
    """Return the nearest place above that can be reached, resolved."""
    while path not in {b"", b"/"}:
        path = path.rpartition(b"/")[0]
        with suppress(OSError):
            return os.path.realpath(path, strict=True)
    return b"/"


@contextmanager
def opened_directory(text: str, land: Land) -> Generator[tuple[bytes, int]]:
    """Open a directory; yield its resolved path and a descriptor.

    Raises:
        NoDirectoryError: It is none.
        GwfError: As `real_place`.
    """
    real = real_place(text, land)
    descriptor = _opened(real, land)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise NoDirectoryError("the path is no directory", path=show_path(real))
        yield real, descriptor
    finally:
        quickio.close(descriptor)


@contextmanager
def opened_file(text: str, land: Land) -> Generator[tuple[bytes, int]]:
    """Open a regular file; yield its resolved path and a descriptor.

    Raises:
        DirectoryPathError: It is a directory.
        NotTextError: It is neither.
        GwfError: As `real_place`.
    """
    real = real_place(text, land)
    if not stat.S_ISREG(_mode(real)):  # a pipe or a device is not even opened
        raise _no_file(real)
    descriptor = _opened(real, land)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _no_file(real)
        yield real, descriptor
    finally:
        quickio.close(descriptor)


def refused(exc: OSError, path: bytes) -> GwfError:
    """Return what a failed call of the system means."""
    shown, reason = show_path(path), (exc.strerror or str(exc)).lower()
    if exc.errno in _MISSING:
        return FileGoneError("there is no such file or directory any more", path=shown)
    if exc.errno in _CLOSED:
        return PathClosedError("the agent may not read this: its user lacks the permission", path=shown, reason=reason)
    if exc.errno in {errno.ENAMETOOLONG, errno.EINVAL}:
        return InputError("no file can have this path", field="path", path=shown[:200], reason=reason)
    return LocalIoError("the path cannot be read", path=shown, reason=reason)


def _mode(real: bytes) -> int:
    with suppress(OSError):
        return os.stat(real, follow_symlinks=False).st_mode
    return stat.S_IFREG  # opening it will tell


def _opened(real: bytes, land: Land) -> int:
    try:
        return quickio.open_plain(real)
    except OSError as exc:
        if exc.errno == errno.ELOOP:  # a link was put in the way
            raise land.refusal(real) from exc
        raise refused(exc, real) from exc


def _no_file(real: bytes) -> GwfError:
    with suppress(OSError):
        if stat.S_ISDIR(os.stat(real, follow_symlinks=False).st_mode):
            return DirectoryPathError("the path is a directory", path=show_path(real))
    return NotTextError("only regular files are shown", path=show_path(real))
