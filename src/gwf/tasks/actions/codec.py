"""Copies a file compressed or plain, and reads it back, counting and hashing the bytes on the way."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self, cast

import zstandard

from gwf.core.errors import CorruptDataError
from gwf.core.settings.model import Compress

CHUNK_BYTES = 256 * 1024
SUFFIXES = {Compress.NONE: b"", Compress.GZIP: b".gz", Compress.ZSTD: b".zst"}


@dataclass(frozen=True, slots=True)
class Digest:
    """Size and SHA-256 of the plain bytes."""

    size_bytes: int
    #: lower-case hex
    sha256: str


def pack(source_fd: int, target_fd: int, compress: Compress, *, go_on: Callable[[], bool]) -> Digest | None:
    """Write the bytes of one open file into another, compressed; None when `go_on` said to stop.

    Raises:
        OSError: Reading or writing failed.
    """
    return _copy(_read(source_fd), target_fd, compress, go_on=go_on)


def unpack(
    source_fd: int,
    target_fd: int | None,
    compress: Compress,
    *,
    go_on: Callable[[], bool],
    most_bytes: int | None = None,
) -> Digest | None:
    """Write the plain bytes of a packed file into another, or only read them; None when `go_on` said to stop.

    Raises:
        OSError: Reading or writing failed.
        CorruptDataError: It is no whole file of this kind, or has more than `most_bytes`.
    """
    try:
        chunks = _bounded(_unpacked(source_fd, compress), most_bytes)
        return _copy(chunks, target_fd, Compress.NONE, go_on=go_on)
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as exc:
        raise CorruptDataError("the archived file cannot be unpacked", reason=str(exc)) from exc


def write_plain(
    chunks: Iterator[bytes], target_fd: int, *, go_on: Callable[[], bool], most_bytes: int
) -> Digest | None:
    """Write bytes as they come; None when `go_on` said to stop.

    Raises:
        OSError: Writing failed.
        CorruptDataError: There are more than `most_bytes`.
    """
    return _copy(_bounded(chunks, most_bytes), target_fd, Compress.NONE, go_on=go_on)


def _bounded(chunks: Iterator[bytes], most_bytes: int | None) -> Iterator[bytes]:
    """Yield chunks until there are more bytes than there should be: some kilobytes unpack to any size."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if most_bytes is not None and size > most_bytes:
            raise CorruptDataError("there are more bytes than were archived", most_bytes=most_bytes)
        yield chunk


def _copy(
    chunks: Iterator[bytes], target_fd: int | None, compress: Compress, *, go_on: Callable[[], bool]
) -> Digest | None:
    sha256, size = hashlib.sha256(), 0
    with _Sink(target_fd, compress) as sink:
        for chunk in chunks:
            if not go_on():
                return None
            sha256.update(chunk)
            size += len(chunk)
            sink.write(chunk)
    return Digest(size, sha256.hexdigest())


class _Sink:
    """The end that bytes are written into; closing it writes the end of the compressed form."""

    def __init__(self, target_fd: int | None, compress: Compress) -> None:
        self._file = None if target_fd is None else os.fdopen(os.dup(target_fd), "wb")
        self._packed: BinaryIO | None = self._file
        if self._file is not None and compress is Compress.GZIP:
            # no name and no time: the same bytes give the same archive
            self._packed = cast("BinaryIO", gzip.GzipFile(filename="", mode="wb", fileobj=self._file, mtime=0))
        elif self._file is not None and compress is Compress.ZSTD:
            writer = zstandard.ZstdCompressor(write_checksum=True).stream_writer(self._file, closefd=False)
            self._packed = cast("BinaryIO", writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._packed is not None and self._packed is not self._file:
            self._packed.close()
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> None:
        if self._packed is not None:
            self._packed.write(chunk)


def _read(descriptor: int) -> Iterator[bytes]:
    offset = 0
    while chunk := os.pread(descriptor, CHUNK_BYTES, offset):
        yield chunk
        offset += len(chunk)


def _unpacked(descriptor: int, compress: Compress) -> Iterator[bytes]:
    if compress is Compress.NONE:
        yield from _read(descriptor)
        return
    os.lseek(descriptor, 0, os.SEEK_SET)
    with io.FileIO(os.dup(descriptor), "rb") as raw:
        if compress is Compress.GZIP:
            with gzip.GzipFile(fileobj=raw, mode="rb") as plain:
                while chunk := plain.read(CHUNK_BYTES):
                    yield chunk
            return
        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=False, closefd=False)
        while chunk := reader.read(CHUNK_BYTES):
            yield chunk
