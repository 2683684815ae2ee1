"""File calls that cannot block, made without giving up the interpreter lock.

Python releases its lock around every system call, and with many threads each release wakes another thread for
nothing. One call costs about 1.8 times as much CPU here, but eight threads switch 30 times less often; sending
small files took between nothing and 13 % less CPU (measured by `bench wake`). The calls here
are asked to answer from the kernel's caches at once (RESOLVE_CACHED, RWF_NOWAIT) and keep the lock; when they
cannot, the ordinary call follows. Use them for local file systems only.

`send_now` does the same for a small request: what fits into the socket's buffer is handed to the kernel at once;
`receive_now` for an answer that has come already.
That took 8 % of the CPU of a whole transfer of 1 KB (medians of six runs in turn with `sendall`).
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import struct
import sys
import threading

import msgspec

OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
MAX_READ_BYTES = 256 * 1024  #: size of each thread's read buffer

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_STATX_BASIC = 0x7FF
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_CACHED = 0x20
_RWF_NOWAIT = 0x8
_RECV_BYTES = 16 * 1024
_SEND_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL if sys.platform == "linux" else 0
_NOT_YET = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR})
_SYS_OPENAT2 = 437  # the same number on every Linux architecture that Python runs on
_STATX = struct.Struct("<28xH2xqQ64xqI")  # mode, ino (signed), size, mtime seconds, nanoseconds (statx(2))
_MAX_SECONDS = 9_000_000_000  # about the year 2255: from there nanoseconds may need more than 64 bits


def stored_int(number: int) -> int:
    """Fold a number into 64 signed bits, as SQLite stores it: some inode numbers and far dates are larger."""
    return (number + 2**63) % 2**64 - 2**63


class FileStatus(msgspec.Struct, frozen=True, gc=False):
    """What decides about a version of a file; inode and time as the journal stores them."""

    mode: int
    ino: int
    size_bytes: int
    mtime_ns: int


class _IoVec(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Buffers(threading.local):
    """Each thread's own memory for answers of the kernel."""

    def __init__(self) -> None:
        self.status = ctypes.create_string_buffer(256)
        # pages of a mapping take memory only once they are used: a thread that reads small files holds little
        self.bytes = mmap.mmap(-1, MAX_READ_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.vector = _IoVec(ctypes.addressof(ctypes.c_char.from_buffer(self.bytes)), 0)
        self.vector_at = ctypes.byref(self.vector)
        self.bytes_at = ctypes.c_void_p(self.vector.base)


class _Linux:
    """The C library's functions, once keeping the lock and once releasing it.

    They are given no argument types: to convert by them costs as much as the call itself. A number is then passed as a
    C int, so whatever is wider in the C library is an object of its type here.
    """

    def __init__(self) -> None:
        keeping = ctypes.PyDLL(None, use_errno=True)
        releasing = ctypes.CDLL(None, use_errno=True)
        plain = ctypes.PyDLL(None)  # where the ordinary call that follows a refusal says why: errno is not kept
        self.open_cached, self.open_waiting = keeping.syscall, releasing.syscall
        self.open_cached.restype = self.open_waiting.restype = ctypes.c_long
        self.statx = plain.statx
        self.preadv2 = plain.preadv2
        self.preadv2.restype = ctypes.c_ssize_t
        self.send = plain.send
        self.recv = keeping.recv
        self.send.restype = self.recv.restype = ctypes.c_ssize_t
        self.close = plain.close
        self.fcntl = keeping.fcntl
        self.openat2 = ctypes.c_long(_SYS_OPENAT2)
        self.how_cached = _how(_RESOLVE_CACHED)
        self.how_waiting = _how(0)
        self.how_size = ctypes.c_size_t(24)
        self.begin = ctypes.c_int64(0)
        self.recv_size = ctypes.c_size_t(_RECV_BYTES)


def _how(resolve: int) -> ctypes.Array[ctypes.c_char]:
    resolve |= _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS
    return ctypes.create_string_buffer(struct.pack("=QQQ", OPEN_FLAGS, 0, resolve), 24)


def _open_library() -> _Linux | None:
    """Return the functions if this system has them all, else None: ordinary calls serve then."""
    if sys.platform != "linux" or sys.byteorder != "little":
        return None
    try:
        library = _Linux()
    except AttributeError:  # another or an older C library
        return None
    descriptor = library.open_waiting(library.openat2, _AT_FDCWD, b"/", library.how_waiting, library.how_size)
    if descriptor < 0:  # kernel before 5.6, or a container that forbids the call
        return None
    os.close(descriptor)
    return library


_library = _open_library()
_buffers = _Buffers()


def open_plain(path: bytes) -> int:
    """Open a file for reading if no part of its absolute path is a symbolic link; return the descriptor.

    Raises:
        OSError: As open(2); ELOOP when a link is on the way.
    """
    lib = _library
    if lib is None:
        return _open_checked(path)
    descriptor: int = lib.open_cached(lib.openat2, _AT_FDCWD, path, lib.how_cached, lib.how_size)
    if descriptor < 0 and ctypes.get_errno() in {errno.EAGAIN, errno.EINVAL}:
        descriptor = lib.open_waiting(lib.openat2, _AT_FDCWD, path, lib.how_waiting, lib.how_size)
    if descriptor < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return descriptor


def open_inside(path: bytes, directory: bytes) -> int:
    """Open a file for reading, following links only to places below `directory` (resolved); return the descriptor.

    Raises:
        OSError: As open(2); ELOOP when a link leads elsewhere.
    """
    descriptor = os.open(path, OPEN_FLAGS)
    real = _leads_to(descriptor, path)
    if real.startswith(directory.rstrip(b"/") + b"/"):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def status_of(descriptor: int) -> FileStatus:
    """Return the status of an open file.

    Raises:
        OSError: As fstat(2).
    """
    if _library is not None:
        status = _buffers.status
        if _library.statx(descriptor, b"", _AT_EMPTY_PATH, _STATX_BASIC, status) == 0:
            mode, ino, size_bytes, seconds, nanoseconds = _STATX.unpack_from(status)
            mtime_ns = seconds * 1_000_000_000 + nanoseconds
            if not -_MAX_SECONDS < seconds < _MAX_SECONDS:
                mtime_ns = stored_int(mtime_ns)
            return FileStatus(mode, ino, size_bytes, mtime_ns)
    found = os.fstat(descriptor)
    return FileStatus(found.st_mode, stored_int(found.st_ino), found.st_size, stored_int(found.st_mtime_ns))


def read_cached(descriptor: int, size_bytes: int) -> bytes | None:
    """Return the first `size_bytes` (at most MAX_READ_BYTES) if they are in memory, else None."""
    if _library is None or size_bytes > MAX_READ_BYTES:
        return None
    buffers = _buffers
    buffers.vector.length = size_bytes
    count = _library.preadv2(descriptor, buffers.vector_at, 1, _library.begin, _RWF_NOWAIT)
    return buffers.bytes[:count] if count == size_bytes else None


def send_now(descriptor: int, data: bytes) -> int:
    """Return how many bytes a connected socket took at once; 0 where it would have to wait, or failed."""
    if _library is None:
        return 0
    sent: int = _library.send(descriptor, data, ctypes.c_size_t(len(data)), _SEND_FLAGS)
    return max(0, sent)


def receive_now(sock: socket.socket) -> bytes | None:
    """Return what a connected socket has received; None = nothing yet, b"" = its end or an error: `recv` tells."""
    if _library is None:
        try:
            return sock.recv(_RECV_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""
    buffers = _buffers
    count: int = _library.recv(sock.fileno(), buffers.bytes_at, _library.recv_size, socket.MSG_DONTWAIT)
    if count > 0:
        return buffers.bytes[:count]
    return None if count < 0 and ctypes.get_errno() in _NOT_YET else b""


def set_lease(descriptor: int, command: int, kind: int) -> bool | None:
    """Call fcntl(2) with a lease command; True = granted, False = refused for now, None = not possible here."""
    if _library is None:
        return None
    if _library.fcntl(descriptor, command, kind) == 0:
        return True
    return False if ctypes.get_errno() == errno.EAGAIN else None


def close(descriptor: int) -> None:
    """Close a descriptor that was opened for reading."""
    if _library is None:
        os.close(descriptor)
    else:
        _library.close(descriptor)


def _open_checked(path: bytes) -> int:
    """Open without openat2: refuse a link in the last part, then look where the descriptor really leads."""
    descriptor = os.open(path, OPEN_FLAGS | os.O_NOFOLLOW)
    if _leads_to(descriptor, path) != path:
        os.close(descriptor)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return descriptor


def _leads_to(descriptor: int, path: bytes) -> bytes:
    try:
        return os.readlink(b"/proc/self/fd/%d" % descriptor)
    except OSError:
        return os.path.realpath(path)
