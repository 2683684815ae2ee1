"""Leads a path that somebody sent to an open file strictly below a watched directory, or refuses it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gwf.agent.filelog.refusals import (
    DirectoryPathError,
    NotTextError,
    NoWatchError,
    OutsideWatchError,
    UnresolvedPathError,
)
from gwf.core import quickio
from gwf.core.errors import InputError, LocalIoError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Where files may be read: resolved absolute paths without a slash at the end."""

    #: watched directories
    roots: Sequence[bytes]
    #: directories of this process, closed even where they lie below a watched one
    closed: Sequence[bytes] = ()

    def holds(self, path: bytes) -> bool:
        """Tell whether a resolved path lies strictly below a root.

        A first part that begins with two dots counts as outside, as it always did: clients know that answer.
        """
        if any(path == item or path.startswith(item + b"/") for item in self.closed):
            return False
        return any(path.startswith(item + b"/") and not path[len(item) + 1 :].startswith(b"..") for item in self.roots)


def real_file(path: str, grounds: Grounds) -> bytes:
    """Return the resolved path of an existing regular file below the grounds.

    Relative paths begin at the working directory of the process; `..` is taken out before links are followed.

    Raises:
        NoWatchError: There are no grounds at all.
        UnresolvedPathError: A directory on the way is missing or closed.
        OutsideWatchError: It leads elsewhere.
        NotFoundError: Nothing is there.
        DirectoryPathError: A directory is there.
        NotTextError: Something that is no regular file is there.
        LocalIoError: The system does not tell.
    """
    if not grounds.roots:
        raise NoWatchError("no directory is watched")
    named = _absolute(path)
    real = _resolved(named)
    if not grounds.holds(real):
        raise OutsideWatchError("the path does not lead below a watched directory", path=_cleaned(path))
    try:
        mode = os.stat(real, follow_symlinks=False).st_mode
    except OSError as exc:
        raise _refused(exc, "stat", named) from exc
    _check_kind(mode, named)
    return real


@contextmanager
def opened(path: str, grounds: Grounds) -> Generator[tuple[int, int]]:
    """Open a file as `real_file` finds it; yield descriptor and size. A link put in its way meanwhile is refused.

    Raises:
        InputError: As `real_file`.
        LocalIoError: It cannot be opened.
    """
    real = real_file(path, grounds)
    try:
        descriptor = quickio.open_plain(real)
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            raise OutsideWatchError("the path does not lead below a watched directory", path=_cleaned(path)) from exc
        raise _refused(exc, "open", real) from exc
    try:
        status = os.fstat(descriptor)
        _check_kind(status.st_mode, real)
        yield descriptor, status.st_size
    finally:
        quickio.close(descriptor)


def _absolute(path: str) -> bytes:
    try:
        return os.fsencode(_cleaned(os.path.abspath(path)))
    except (UnicodeEncodeError, ValueError) as exc:  # half a surrogate pair, or a NUL character
        raise _unresolved(path, errno.EINVAL) from exc


def _cleaned(path: str) -> str:
    clean = os.path.normpath(path)
    return clean[1:] if clean.startswith("//") else clean  # POSIX keeps two slashes at the front apart


def _resolved(named: bytes) -> bytes:
    """Return the path with all links followed; a missing last part is allowed, its directory must be there."""
    try:
        return os.path.realpath(named, strict=True)
    except ValueError as exc:  # a NUL character
        raise _unresolved(os.fsdecode(named), errno.EINVAL) from exc
    except OSError:
        pass
    try:
        directory = os.path.realpath(os.path.dirname(named), strict=True)
    except OSError as exc:
        raise _unresolved(exc.filename or named, exc.errno or errno.EIO) from exc
    return os.path.join(directory, os.path.basename(named))


def _unresolved(path: str | bytes, number: int) -> UnresolvedPathError:
    return UnresolvedPathError(
        "the directory of the path cannot be followed", call="lstat", path=_shown(path), reason=_reason(number)
    )


def _check_kind(mode: int, path: bytes) -> None:
    if stat.S_ISDIR(mode):
        raise DirectoryPathError("the path is a directory", path=_shown(path))
    if not stat.S_ISREG(mode):
        raise NotTextError("only regular text files are shown", path=_shown(path))


def _refused(exc: OSError, call: str, path: bytes) -> InputError | LocalIoError:
    shown, reason = _shown(path), _reason(exc.errno or errno.EIO)
    if exc.errno in {errno.ENOENT, errno.ENOTDIR}:
        return NotFoundError("there is no such file", call=call, path=shown, reason=reason)
    return LocalIoError("the file cannot be read", call=call, path=shown, reason=reason)


def _reason(number: int) -> str:
    text = os.strerror(number)
    return text[:1].lower() + text[1:]


def _shown(path: str | bytes) -> str:
    return os.fsencode(path).decode("utf-8", "replace") if isinstance(path, bytes) else path
