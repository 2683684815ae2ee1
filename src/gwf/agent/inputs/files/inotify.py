"""Thin layer over Linux inotify: file descriptors, masks and parsed events, nothing else."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator

IN_MODIFY = 0x00000002
IN_CLOSE_WRITE = 0x00000008
IN_MOVED_FROM = 0x00000040
IN_MOVED_TO = 0x00000080
IN_CREATE = 0x00000100
IN_DELETE = 0x00000200
IN_DELETE_SELF = 0x00000400
IN_MOVE_SELF = 0x00000800
IN_UNMOUNT = 0x00002000
IN_Q_OVERFLOW = 0x00004000
IN_IGNORED = 0x00008000
IN_ONLYDIR = 0x01000000
IN_EXCL_UNLINK = 0x04000000
IN_DONT_FOLLOW = 0x02000000
IN_ISDIR = 0x40000000
_IN_CLOEXEC = os.O_CLOEXEC
_IN_NONBLOCK = os.O_NONBLOCK

WATCH_MASK = (
    IN_MODIFY
    | IN_CLOSE_WRITE
    | IN_MOVED_FROM
    | IN_MOVED_TO
    | IN_CREATE
    | IN_DELETE
    | IN_DELETE_SELF
    | IN_MOVE_SELF
    | IN_ONLYDIR
    | IN_EXCL_UNLINK
)  #: what a watched directory reports

_HEADER = struct.Struct("iIII")


class Inotify:
    """One inotify instance. `add` and `remove` may be called from any thread."""

    def __init__(self) -> None:
        """Open the instance.

        Raises:
            OSError: The kernel has no inotify, or the user's instance limit is reached.
        """
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._add = self._libc.inotify_add_watch
        self._add.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        self.fd: int = self._libc.inotify_init1(_IN_CLOEXEC | _IN_NONBLOCK)
        if self.fd < 0:
            raise _errno_error(None)

    def add(self, path: bytes, mask: int = WATCH_MASK) -> int:
        """Watch a directory and return its descriptor; the same directory gives the same descriptor.

        Raises:
            OSError: ENOENT, ENOTDIR, EACCES, or ENOSPC when the user's watch limit is reached.
        """
        descriptor: int = self._add(self.fd, path, mask)
        if descriptor < 0:
            raise _errno_error(path)
        return descriptor

    def remove(self, descriptor: int) -> None:
        """Stop watching; a descriptor the kernel already dropped is no error."""
        self._libc.inotify_rm_watch(self.fd, descriptor)

    def read(self, size_bytes: int = 256 * 1024) -> bytes:
        """Return queued events as the kernel gave them, or b"" when none wait."""
        try:
            return os.read(self.fd, size_bytes)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Drop all watches."""
        os.close(self.fd)


def parse_events(buffer: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (watch descriptor, mask, name) for each event; the name is b"" for the directory itself."""
    at, end, unpack = 0, len(buffer), _HEADER.unpack_from
    while at < end:
        descriptor, mask, _cookie, length = unpack(buffer, at)
        at += 16
        yield descriptor, mask, buffer[at : at + length].rstrip(b"\0") if length else b""
        at += length


def _errno_error(path: bytes | None) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), path)
