"""Unpacks compressed files into memory, as far as that is bounded, so that they are read like any other."""

from __future__ import annotations

import bz2
import lzma
import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from gwf.core.errors import CorruptDataError

MAX_UNPACKED_BYTES = 64 * 1024 * 1024  #: of one file; the rest is not shown
KEPT = 2  #: unpacked files kept for the next question
READ_BYTES = 256 * 1024
MARK_BYTES = 8  #: enough to recognise how something is packed
_WORD_OF: tuple[tuple[bytes, Packing], ...] = ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"))

Packing = Literal["", "gzip", "bzip2", "xz"]


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


@dataclass(slots=True)
class Unpacked:
    """What was in a file, in a file of memory."""

    descriptor: int
    size_bytes: int
    #: only the first part
    partial: bool
    users: int = 0
    dropped: bool = False


def packing_of(beginning: bytes) -> Packing:
    """Return how a file is packed by its first bytes, "" if in no way that is known."""
    for mark, word in _WORD_OF:
        if beginning.startswith(mark):
            return word
    return ""


class Unpacker:
    """Keeps the last few. Thread-safe."""

    def __init__(self, *, max_bytes: int = MAX_UNPACKED_BYTES) -> None:
        """Unpack at most so much of each file."""
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int, int, int], Unpacked] = OrderedDict()

    @contextmanager
    def unpacked(self, descriptor: int, packing: Packing, *, stopped: Callable[[], bool]) -> Generator[Unpacked]:
        """Lend what is in an open file while the block runs.

        Raises:
            CorruptDataError: It is not packed as its beginning says.
            OSError: As pread(2).
        """
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        found = self._taken(key)
        if found is None:
            found = self._keep(key, unpack(descriptor, packing, max_bytes=self._max_bytes, stopped=stopped))
        try:
            yield found
        finally:
            self._give_back(found)

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            while self._kept:
                self._drop(self._kept.popitem()[1])

    def _taken(self, key: tuple[int, int, int, int]) -> Unpacked | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                found.users += 1
            return found

    def _keep(self, key: tuple[int, int, int, int], made: Unpacked) -> Unpacked:
        with self._lock:
            made.users += 1
            before = self._kept.pop(key, None)
            if before is not None:
                self._drop(before)
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._drop(self._kept.popitem(last=False)[1])
            return made

    def _give_back(self, item: Unpacked) -> None:
        with self._lock:
            item.users -= 1
            if item.dropped and item.users == 0:
                os.close(item.descriptor)

    def _drop(self, item: Unpacked) -> None:
        item.dropped = True
        if item.users == 0:
            os.close(item.descriptor)


def unpack(descriptor: int, packing: Packing, *, max_bytes: int, stopped: Callable[[], bool]) -> Unpacked:
    """Unpack an open file, of several streams if it holds them; a cut-off end shows what was before it.

    Raises:
        CorruptDataError: It is not packed as its beginning says.
        OSError: As pread(2).
    """
    target = os.memfd_create("gwf-unpacked", os.MFD_CLOEXEC)
    try:
        size_bytes, partial = _unpack_into(target, descriptor, packing, max_bytes=max_bytes, stopped=stopped)
    except BaseException as exc:
        os.close(target)
        if isinstance(exc, (zlib.error, EOFError, lzma.LZMAError, ValueError)):
            raise CorruptDataError("the compressed file is damaged", packing=packing, reason=str(exc)) from exc
        raise
    return Unpacked(descriptor=target, size_bytes=size_bytes, partial=partial)


def _unpack_into(
    target: int, descriptor: int, packing: Packing, *, max_bytes: int, stopped: Callable[[], bool]
) -> tuple[int, bool]:
    decompress, stream = _opened(packing)
    at = written = 0
    while data := os.pread(descriptor, READ_BYTES, at):
        at += len(data)
        while data:
            out = decompress(data, max_bytes - written + 1)
            os.write(target, out[: max_bytes - written])
            written += min(len(out), max_bytes - written)
            if written >= max_bytes or stopped():
                return written, True
            data = _left(stream)
            if stream.eof:
                if len(data) < MARK_BYTES:  # the next stream, if any, begins with the next piece
                    more = os.pread(descriptor, READ_BYTES, at)
                    at, data = at + len(more), data + more
                if packing_of(data) != packing:
                    return written, False
                decompress, stream = _opened(packing)
    return written, False


def _opened(packing: Packing) -> tuple[Callable[[bytes, int], bytes], _Stream]:
    if packing == "gzip":
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        return inflate.decompress, inflate
    stream = bz2.BZ2Decompressor() if packing == "bzip2" else lzma.LZMADecompressor()

    def decompress(data: bytes, most: int) -> bytes:
        try:
            return stream.decompress(data, max_length=most)
        except OSError as exc:  # what bz2 says of damaged data
            raise ValueError(str(exc)) from exc

    return decompress, stream


def _left(stream: _Stream) -> bytes:
    """Return what was not taken: behind the end of the stream, or not unpacked because of the limit."""
    if stream.eof:
        return stream.unused_data
    return bytes(getattr(stream, "unconsumed_tail", b""))
