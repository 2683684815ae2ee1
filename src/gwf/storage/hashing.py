"""Reading a source by position and hashing it on the way, in bounded memory."""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from fastcrc import crc64 as _crc64

from gwf.core.errors import FaultScope, LocalIoError, SourceChangedError
from gwf.core.quickio import read_cached
from gwf.storage.model import Checksums, FileSource

CHUNK_BYTES = 256 * 1024  #: read size for large files; files up to this size are read once and sent from memory
_buffers = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One part of a source: a part number and the bytes it covers."""

    #: 1-based
    number: int
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDigest:
    """Our own checksums of one part."""

    number: int
    size_bytes: int
    #: lower-case hex
    md5: str
    #: CRC64-ECMA; None where the store does not use it
    crc64: int | None = None


def crc64_of(data: bytes | memoryview, start: int = 0) -> int:
    """Return the CRC64-ECMA of `data`, continued from `start`; releases the GIL."""
    return _crc64.xz(data, start) if start else _crc64.xz(data)


def read_all(source: FileSource, span: Span | None = None) -> bytes:
    """Return the bytes of a source, or of one part, of at most CHUNK_BYTES.

    Raises:
        SourceChangedError: The file holds fewer bytes than stated.
        LocalIoError: The operating system refused to read.
    """
    offset, size = (span.offset, span.size_bytes) if span else (0, source.size_bytes)
    cached = read_cached(source.fd, size) if size and not offset else None
    if cached is not None:
        return cached
    try:
        data = os.pread(source.fd, size, offset) if size else b""
        while len(data) < size:
            more = os.pread(source.fd, size - len(data), offset + len(data))
            if not more:
                raise short_source(source, offset + len(data))
            data += more
    except OSError as exc:
        raise _unreadable(exc) from exc
    return data


def chunks(source: FileSource, offset: int, size_bytes: int) -> Iterator[memoryview]:
    """Yield the bytes of a range in pieces of this thread's reusable buffer: use each before asking for the next.

    Raises:
        SourceChangedError: The file ends inside the range.
        LocalIoError: The operating system refused to read.
    """
    view = _buffer()
    end = offset + size_bytes
    while offset < end:
        try:
            got = os.preadv(source.fd, [view[: min(CHUNK_BYTES, end - offset)]], offset)
        except OSError as exc:
            raise _unreadable(exc) from exc
        if not got:
            raise short_source(source, offset)
        yield view[:got]
        offset += got


def digest_bytes(data: bytes, *, crc: bool) -> Checksums:
    """Return all checksums of bytes held in memory."""
    return Checksums(
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        crc64=crc64_of(data) if crc else None,
    )


def digest_source(source: FileSource, *, crc: bool) -> Checksums:
    """Return all checksums of a whole source in one pass."""
    md5, sha256, crc64 = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    for chunk in chunks(source, 0, source.size_bytes):
        md5.update(chunk)
        sha256.update(chunk)
        crc64 = crc64_of(chunk, crc64) if crc else 0
    return Checksums(md5=md5.hexdigest(), sha256=sha256.hexdigest(), crc64=crc64 if crc else None)


def digest_span(source: FileSource, span: Span, *, crc: bool) -> PartDigest:
    """Return the checksums of one part in one pass."""
    md5, crc64 = hashlib.md5(usedforsecurity=False), 0
    for chunk in chunks(source, span.offset, span.size_bytes):
        md5.update(chunk)
        crc64 = crc64_of(chunk, crc64) if crc else 0
    return PartDigest(number=span.number, size_bytes=span.size_bytes, md5=md5.hexdigest(), crc64=crc64 if crc else None)


def version_of(source: FileSource) -> tuple[int, int]:
    """Return size and mtime_ns of the open file: two readings that differ mean that it changed meanwhile."""
    try:
        stat = os.fstat(source.fd)
    except OSError as exc:
        raise _unreadable(exc) from exc
    return stat.st_size, stat.st_mtime_ns


def short_source(source: FileSource, at: int) -> SourceChangedError:
    """Return the error for a file that ends before its stated size."""
    return SourceChangedError(
        "file is shorter than when it was queued", scope=FaultScope.OBJECT, size_bytes=source.size_bytes, read_bytes=at
    )


def _unreadable(exc: OSError) -> LocalIoError:
    return LocalIoError("file could not be read", scope=FaultScope.OBJECT, errno=exc.errno, reason=exc.strerror)


def _buffer() -> memoryview:
    view: memoryview | None = getattr(_buffers, "view", None)
    if view is None:
        # takes memory as it is used
        view = _buffers.view = memoryview(mmap.mmap(-1, CHUNK_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    return view
