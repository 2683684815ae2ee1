"""Directories entered step by step, never through a link, so that no path leads out of where it may."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_DIRECTORY_MODE = 0o750
#: errors of a file system that gives a file no second name, or not there
NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Place:
    """A name inside an open directory."""

    directory_fd: int
    name: bytes

    def status(self) -> os.stat_result | None:
        """Return the status of what has this name, links not followed; None when nothing has."""
        try:
            return os.stat(self.name, dir_fd=self.directory_fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def beside(self, name: bytes) -> Place:
        """Return another name in the same directory."""
        return Place(self.directory_fd, name)

    def open(self) -> int:
        """Open it for reading; a link is refused.

        Raises:
            OSError: As open(2).
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
        return os.open(self.name, flags, dir_fd=self.directory_fd)

    def create(self) -> int:
        """Make a new file for writing and reading, in place of one of this name; readable by its owner only.

        Raises:
            OSError: As open(2).
        """
        self.remove()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self.name, flags, 0o600, dir_fd=self.directory_fd)

    def remove(self) -> None:
        """Remove it; nothing of this name is no error."""
        with suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.directory_fd)

    def link_to(self, other: Place) -> bool:
        """Give the file a second name; False when that name is taken.

        Raises:
            OSError: As link(2), EXDEV for another file system.
        """
        try:
            os.link(
                self.name,
                other.name,
                src_dir_fd=self.directory_fd,
                dst_dir_fd=other.directory_fd,
                follow_symlinks=False,
            )
        except FileExistsError:
            return False
        return True

    def rename_to(self, other: Place) -> None:
        """Give the file another name, in place of what has it.

        Raises:
            OSError: As rename(2).
        """
        os.rename(self.name, other.name, src_dir_fd=self.directory_fd, dst_dir_fd=other.directory_fd)

    def sync(self) -> None:
        """Make the directory's names survive a crash of the machine."""
        os.fsync(self.directory_fd)


@contextmanager
def place_below(anchor: bytes, relative: bytes, *, make: bool = False) -> Generator[Place]:
    """Yield the place `relative` below the directory `anchor`; `make` = make directories that are missing.

    Raises:
        OSError: A directory is not there or may not be entered; ELOOP or ENOTDIR where a link is on the way.
        ValueError: `relative` is no plain path downwards.
    """
    *directories, name = relative.split(b"/")
    if not name or any(part in {b"", b".", b".."} for part in (*directories, name)):
        raise ValueError("is no plain path downwards")
    descriptor = os.open(anchor, _DIRECTORY)
    try:
        if os.path.realpath(b"/proc/self/fd/%d" % descriptor) != anchor and os.path.isdir("/proc/self/fd"):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), anchor)
        for part in directories:
            inner = _enter(descriptor, part, make=make)
            os.close(descriptor)
            descriptor = inner
        yield Place(descriptor, name)
    finally:
        os.close(descriptor)


def _enter(descriptor: int, name: bytes, *, make: bool) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=descriptor)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, _NEW_DIRECTORY_MODE, dir_fd=descriptor)
        os.fsync(descriptor)
    return os.open(name, _DIRECTORY, dir_fd=descriptor)


def is_version(status: os.stat_result | None, version: tuple[int, int, int]) -> bool:
    """Tell whether a status is that of a regular file with this (inode, size, mtime_ns)."""
    if status is None or not stat.S_ISREG(status.st_mode):
        return False
    return (_signed(status.st_ino), status.st_size, _signed(status.st_mtime_ns)) == version


def _signed(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63
