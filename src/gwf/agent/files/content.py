"""What is in a file: its end, a window, a line, lines that were found; of a file that is no text its beginning."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from gwf.agent.filelog.encoding import (
    PROBE_BYTES,
    SAMPLE_BYTES,
    UTF16_BE,
    UTF16_LE,
    Encoding,
    guessed_encoding,
    marked_encoding,
)
from gwf.agent.files.finder import Order
from gwf.agent.files.hits import Hits
from gwf.agent.files.lineindex import LineIndexes
from gwf.agent.files.nodes import time_text
from gwf.agent.files.paths import Land, opened_file, refused
from gwf.agent.files.refusals import FileGoneError
from gwf.agent.files.unpack import Packing, Unpacker, packing_of
from gwf.agent.files.windows import OpenText, Window
from gwf.agent.model import show_path
from gwf.core.clock import Clock, utc_text
from gwf.wire.agentfiles import BinaryHead, ContentQuery, FileContent, SearchFacts, StripCell

CELLS = 120  #: equal parts of a file in which finds are counted
SEARCH_S = 20.0  #: how long a search may take, if the caller waits so long
HEAD_BYTES = 512  #: of a binary file

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"%PDF", "pdf"), (b"PK\x03\x04", "zip"),
    (b"\x7fELF", "elf"), (b"SQLite format 3\x00", "sqlite"), (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"), (b"PAR1", "parquet"),
    (b"JAVA PROFILE", "hprof"), (b"\xca\xfe\xba\xbe", "class"), (b"7z\xbc\xaf", "7z"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long somebody waits for an answer."""

    seconds: float
    #: asked now and then; True = nobody waits any more
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An open file as it is shown: itself, or what was in it."""

    descriptor: int
    size_bytes: int
    packing: Packing
    partial: bool


class Contents:
    """Reads files. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        """Remember nothing yet."""
        self._clock = clock
        self._unpacker = Unpacker()
        self._indexes = LineIndexes()
        self._hits = Hits()

    def close(self) -> None:
        """Give memory back."""
        self._unpacker.close()

    def read(self, query: ContentQuery, land: Land, patience: Patience) -> FileContent:
        """Return what was asked for.

        Raises:
            GwfError: The path leads to no file that may be read; see gwf.agent.files.paths and .hits.
        """
        try:
            with opened_file(query.path, land) as (real, descriptor):
                return self._read(query, real, descriptor=descriptor, patience=patience)
        except OSError as exc:
            raise refused(exc, os.fsencode(query.path)) from exc

    def _read(self, query: ContentQuery, real: bytes, *, descriptor: int, patience: Patience) -> FileContent:
        status = os.fstat(descriptor)
        base = FileContent(
            path=show_path(real),
            disk_bytes=status.st_size,
            size_bytes=status.st_size,
            modified_at=time_text(status.st_mtime_ns),
            generation=f"{status.st_dev:x}.{status.st_ino:x}",
            encoding="",
            lines=[],
            start_offset=0,
            end_offset=0,
            at_start=True,
            at_end=True,
            as_of=utc_text(self._clock.now_ms()),
        )
        with self._source(descriptor, status.st_size, patience) as source:
            base = base.model_copy(
                update={
                    "size_bytes": source.size_bytes,
                    "compressed": source.packing,
                    "partial": source.partial,
                }
            )
            encoding = encoding_of(source.descriptor, source.size_bytes, query.encoding)
            if encoding is None:
                return base.model_copy(update={"binary": _head(source.descriptor)})
            return self._text(query, base, self._opened(source, encoding, patience), patience=patience)

    def _opened(self, source: _Source, encoding: Encoding, patience: Patience) -> OpenText:
        return OpenText(
            descriptor=source.descriptor,
            size_bytes=source.size_bytes,
            encoding=encoding,
            index=self._indexes.of(source.descriptor, encoding),
            until_s=time.monotonic() + patience.seconds,
            now_s=time.monotonic,
            stopped=patience.stopped,
        )

    @contextmanager
    def _source(self, descriptor: int, size_bytes: int, patience: Patience) -> Generator[_Source]:
        packing = packing_of(os.pread(descriptor, 8, 0))
        if not packing:
            yield _Source(descriptor=descriptor, size_bytes=size_bytes, packing="", partial=False)
            return
        with self._unpacker.unpacked(descriptor, packing, stopped=patience.stopped) as unpacked:
            yield _Source(
                descriptor=unpacked.descriptor,
                size_bytes=unpacked.size_bytes,
                packing=packing,
                partial=unpacked.partial,
            )

    def _text(self, query: ContentQuery, base: FileContent, text: OpenText, *, patience: Patience) -> FileContent:
        name = text.encoding.codecs[0]
        base = base.model_copy(update={"encoding": name})
        if query.searches:
            return self._searched(query, base, text, patience=patience)
        text.count_on()
        window = _window(query, text)
        return _with_window(base, window, total_lines=text.total_lines())

    def _searched(self, query: ContentQuery, base: FileContent, text: OpenText, *, patience: Patience) -> FileContent:
        order = Order(
            descriptor=text.descriptor,
            codecs=list(text.encoding.codecs),
            newline=text.encoding.newline.hex(),
            unit=text.encoding.unit,
            start=text.first,
            show_from=max(text.first, query.offset or 0),
            end=text.size_bytes,
            query=query.q,
            regex=query.regex,
            case_sensitive=query.case_sensitive,
            levels=list(query.level),
            limit=query.limit,
            cells=CELLS,
            seconds=max(0.5, min(SEARCH_S, patience.seconds - 3.0)),
        )
        began_s = time.monotonic()
        report = self._hits.find(order, stopped=patience.stopped)
        lines = text.found(report["lines"], context=query.context)
        facts = SearchFacts(
            hits=report["hits"],
            levels=report["levels"],
            strip=[StripCell(hits=hits, errors=errors, warns=warns) for hits, errors, warns in report["strip"]],
            scanned_bytes=report["scanned_bytes"],
            took_ms=round(1000 * (time.monotonic() - began_s)),
            truncated=report["truncated"],
            next_offset=report["next_offset"],
        )
        update: dict[str, object] = {
            "lines": lines,
            "search": facts,
            "start_offset": lines[0].offset if lines else order.show_from,
            "end_offset": facts.next_offset if facts.next_offset is not None else text.size_bytes,
            "at_start": order.show_from <= text.first,
            "at_end": facts.next_offset is None and not facts.truncated,
            "total_lines": None if facts.truncated else report["total_lines"],
        }
        return base.model_copy(update=update)


def _window(query: ContentQuery, text: OpenText) -> Window:
    if query.line is not None:
        window = text.around(query.line, query.max_bytes)
        if window is None:
            raise FileGoneError("the file has no such line", line=query.line)
        return window
    if query.offset is None:
        return text.backward(text.size_bytes, query.max_bytes)
    if query.direction == "backward":
        return text.backward(query.offset, query.max_bytes)
    return text.forward(query.offset, query.max_bytes)


def _with_window(base: FileContent, window: Window, *, total_lines: int | None) -> FileContent:
    return base.model_copy(
        update={
            "lines": window.lines,
            "start_offset": window.start,
            "end_offset": window.end,
            "at_start": window.at_start,
            "at_end": window.at_end,
            "total_lines": total_lines,
        }
    )


def encoding_of(descriptor: int, size_bytes: int, asked: str) -> Encoding | None:
    """Return how a file is read, as asked or as it looks; None for one that is no text."""
    beginning = os.pread(descriptor, SAMPLE_BYTES, 0)
    marked = marked_encoding(beginning)
    if asked == "utf-16-le":
        return marked if marked == UTF16_LE else Encoding(codecs=("utf-16-le",), newline=b"\n\0", unit=2)
    if asked == "utf-16-be":
        return marked if marked == UTF16_BE else Encoding(codecs=("utf-16-be",), newline=b"\0\n", unit=2)
    if asked != "auto":
        return Encoding(codecs=(asked,), bom=marked.bom if marked is not None and asked == "utf-8" else b"")
    if marked is not None and marked.unit > 1:
        return marked
    if b"\0" in beginning[:PROBE_BYTES]:
        return None
    if marked is not None:
        return marked
    if size_bytes <= len(beginning):
        return guessed_encoding(beginning)
    end = os.pread(descriptor, SAMPLE_BYTES, max(len(beginning), size_bytes - SAMPLE_BYTES))
    return guessed_encoding(beginning[: beginning.rfind(b"\n") + 1] + end[end.find(b"\n") + 1 :])


def _head(descriptor: int) -> BinaryHead:
    raw = os.pread(descriptor, HEAD_BYTES, 0)
    return BinaryHead(type=next((kind for mark, kind in _KINDS if raw.startswith(mark)), ""), hex=raw.hex())
