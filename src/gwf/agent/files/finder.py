"""A process of its own that finds lines in one open file: `python -m gwf.agent.files.finder`, order on stdin.

It is apart because a regular expression of a stranger may take for ever, which nothing inside a process can end, and
because a search that holds the interpreter would slow down the carrying of files.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypedDict

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.filelog.folding import fold
from gwf.agent.filelog.hay import Hay
from gwf.agent.filelog.needle import Needle, compile_needle
from gwf.agent.files.severity import ANY_LEVEL, level_of

CHUNK_BYTES = 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024  #: a longer line is looked at in pieces
MAX_TEXT_CHARS = 8_000  #: of one line that is shown
MAX_SPANS = 50  #: finds marked in one line
MAX_SHOWN_BYTES = 1024 * 1024  #: lines of so much in all are shown; the others are counted
MEMORY_BYTES = 1024**3
CPU_GRACE_S = 10


class FoundLine(TypedDict):
    """One line as it is told."""

    offset: int
    end: int
    number: int
    text: str
    level: str | None
    spans: list[list[int]]
    cut: bool


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is looked for, and where."""

    descriptor: int
    codecs: list[str]
    newline: str
    unit: int
    #: the first byte of text, where lines to show begin, and the end
    start: int
    show_from: int
    end: int
    query: str
    regex: bool
    case_sensitive: bool
    levels: list[str]
    limit: int
    cells: int
    seconds: float

    @property
    def encoding(self) -> Encoding:
        """How the file is read."""
        return Encoding(codecs=tuple(self.codecs), newline=bytes.fromhex(self.newline), unit=self.unit)


@dataclass(kw_only=True)
class Report:
    """What was found."""

    lines: list[FoundLine] = field(default_factory=list[FoundLine])
    hits: int = 0
    levels: dict[str, int] = field(default_factory=dict[str, int])
    #: hits, errors, warnings in equal parts of the file
    strip: list[list[int]] = field(default_factory=list[list[int]])
    total_lines: int = 0
    scanned_bytes: int = 0
    truncated: bool = False
    #: where the first line begins that was found and is not shown
    next_offset: int | None = None


@dataclass(slots=True)
class Chunk:
    """Whole lines in memory; `number` is that of the first."""

    data: bytes
    origin: int
    number: int
    #: a place, and how many lines end before it
    _counted: tuple[int, int] = (0, 0)

    def line_at(self, start: int, encoding: Encoding) -> int:
        """Return the number of the line that begins at `start`; asked in rising order."""
        at, lines = self._counted
        lines += newlines(self.data[at:start], encoding)
        self._counted = (start, lines)
        return self.number + lines


class Finder:
    """One search."""

    def __init__(self, order: Order) -> None:
        """Compile what is looked for.

        Raises:
            re.error: The expression is none.
        """
        self.order = order
        self.encoding = order.encoding
        self.report = Report(strip=[[0, 0, 0] for _ in range(order.cells)])
        self._shown_bytes = 0
        self._levels = frozenset(order.levels)
        self._needle: Needle | None = None
        self._pattern: re.Pattern[str] | None = None
        if order.query and not order.regex:
            self._needle = compile_needle(order.query, self.encoding, case_sensitive=order.case_sensitive)
        elif order.query:
            flags = re.MULTILINE | (re.NOFLAG if order.case_sensitive else re.IGNORECASE)
            self._pattern = re.compile(order.query, flags)
        else:
            self._pattern = ANY_LEVEL

    def run(self) -> Report:
        """Search to the end or until the time is used up."""
        until_s = time.monotonic() + self.order.seconds
        for chunk in self._chunks():
            for start, end in self._candidates(chunk):
                self._look_at(chunk, start, end)
            lines = newlines(chunk.data, self.encoding)
            self.report.total_lines += lines
            self.report.scanned_bytes = chunk.origin + len(chunk.data) - self.order.start
            if time.monotonic() > until_s:
                self.report.truncated = chunk.origin + len(chunk.data) < self.order.end
                break
        if not self.report.truncated and self._ends_open():
            self.report.total_lines += 1
        return self.report

    def _ends_open(self) -> bool:
        order = self.order
        if order.end <= order.start:
            return False
        tail = os.pread(order.descriptor, order.unit, order.end - order.unit)
        return tail != self.encoding.newline

    def _chunks(self) -> Iterator[Chunk]:
        order, encoding = self.order, self.encoding
        at, rest, number = order.start, b"", 1
        while at < order.end:
            data = os.pread(order.descriptor, min(CHUNK_BYTES, order.end - at), at)
            if not data:
                break
            at += len(data)
            data = rest + data
            origin = at - len(data)
            upto = len(data) if at >= order.end else self._whole(data, origin)
            if upto:
                yield Chunk(data[:upto], origin, number)
                number += newlines(data[:upto], encoding)
            rest = data[upto:]
        if rest:
            yield Chunk(rest, at - len(rest), number)

    def _whole(self, data: bytes, origin: int) -> int:
        """Return up to where `data` holds whole lines; an endless one is cut."""
        cut = self.encoding.newline_before(data, len(data), origin=origin)
        if cut >= 0:
            return cut + self.encoding.unit
        return len(data) if len(data) >= MAX_LINE_BYTES + CHUNK_BYTES else 0

    def _candidates(self, chunk: Chunk) -> Iterator[tuple[int, int]]:
        """Yield begin and end of lines that may fit, in order, each once."""
        if self._needle is not None:
            return self._by_needle(chunk, self._needle)
        if self._pattern is not None:
            return self._by_pattern(chunk, self._pattern)
        return iter(())

    def _by_needle(self, chunk: Chunk, needle: Needle) -> Iterator[tuple[int, int]]:
        if not needle.pins or (needle.foreign and chunk.data.isascii()):
            return
        hay = Hay(needle.reduced(chunk.data))
        places = {pin: hay.find(pin, 0) for pin in needle.pins}
        while (nearest := min((place for place in places.values() if place >= 0), default=-1)) >= 0:
            start, end = self._line(chunk, nearest)
            yield start, end
            go_on = end + self.encoding.unit
            for pin, place in places.items():
                if 0 <= place < go_on:
                    places[pin] = hay.find(pin, go_on)

    def _line(self, chunk: Chunk, place: int) -> tuple[int, int]:
        encoding = self.encoding
        before = encoding.newline_before(chunk.data, place, origin=chunk.origin)
        after = encoding.newline_at(chunk.data, place - place % encoding.unit, origin=chunk.origin)
        return (before + encoding.unit if before >= 0 else 0), (after if after >= 0 else len(chunk.data))

    def _by_pattern(self, chunk: Chunk, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        text = decoded(chunk.data, self.encoding)
        place = Places(chunk.data, text, self.encoding, origin=chunk.origin)
        if "\r\n" in text:  # the end of a line is before the \r
            at = 0
            for line in text.split("\n"):
                if at < len(text) and pattern.search(line.removesuffix("\r")):
                    yield place.bounds(at)
                at += len(line) + 1
            return
        at = 0
        while at <= len(text):
            found = pattern.search(text, at)
            if found is None:
                return
            start = text.rfind("\n", 0, found.start()) + 1
            end = text.find("\n", found.start())
            end = len(text) if end < 0 else end
            if start < len(text):
                yield place.bounds(start)
            at = end + 1

    def _look_at(self, chunk: Chunk, start: int, end: int) -> None:
        raw = chunk.data[start:end]
        line = self.encoding.decode(raw).removesuffix("\r")
        spans = self._spans(line)
        if spans is None:
            return
        level = level_of(line)
        report, offset = self.report, chunk.origin + start
        report.hits += 1
        report.levels[level or "other"] = report.levels.get(level or "other", 0) + 1
        self._mark(offset, level)
        if self._levels and level not in self._levels:
            return
        if offset < self.order.show_from or report.next_offset is not None:
            return
        if len(report.lines) >= self.order.limit or self._shown_bytes > MAX_SHOWN_BYTES:
            report.next_offset = offset
            return
        self._shown_bytes += len(raw)
        shown = line[:MAX_TEXT_CHARS]
        number = chunk.line_at(start, self.encoding)
        report.lines.append(
            FoundLine(
                offset=offset,
                end=chunk.origin + end,
                number=number,
                text=shown,
                level=level,
                spans=in_utf16(shown, spans),
                cut=len(line) > len(shown),
            )
        )

    def _mark(self, offset: int, level: str | None) -> None:
        order = self.order
        cell = min(order.cells - 1, (offset - order.start) * order.cells // max(1, order.end - order.start))
        counts = self.report.strip[cell]
        counts[0] += 1
        counts[1] += level == "error"
        counts[2] += level == "warn"

    def _spans(self, line: str) -> list[tuple[int, int]] | None:
        """Return where a line holds what is looked for; None when it does not."""
        if self._needle is not None:
            return list(itertools.islice(_literal_spans(line, self._needle), MAX_SPANS)) or None
        if not self.order.query:
            return [] if level_of(line) in self._levels else None
        if self._pattern is None or self._pattern.search(line) is None:
            return None
        found = (match.span() for match in self._pattern.finditer(line))
        return list(itertools.islice((span for span in found if span[1] > span[0]), MAX_SPANS))


class Places:
    """Turns places in a decoded chunk into bounds of lines in its bytes; asked in rising order."""

    def __init__(self, data: bytes, text: str, encoding: Encoding, *, origin: int) -> None:
        self._data, self._text, self._encoding, self._origin = data, text, encoding, origin
        self._plain = encoding.unit == 1 and len(data) == len(text) and data.isascii()
        self._at, self._byte = 0, 0

    def bounds(self, start: int) -> tuple[int, int]:
        """Return begin and end of the line that begins at `start` of the text."""
        if self._plain:
            self._byte = start
        else:
            for _ in range(self._text.count("\n", self._at, start)):
                self._byte = self._newline(self._byte) + self._encoding.unit
        self._at = start
        end = self._newline(self._byte)
        return self._byte, end if end >= 0 else len(self._data)

    def _newline(self, at: int) -> int:
        return self._encoding.newline_at(self._data, at, origin=self._origin)


def decoded(data: bytes, encoding: Encoding) -> str:
    """Return whole lines as text; what does not fit the encoding is read line by line."""
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode(encoding.codecs[0])
    if encoding.unit > 1:
        return data.decode(encoding.codecs[0], "replace")
    return "\n".join(encoding.decode(line) for line in data.split(b"\n"))


def newlines(data: bytes, encoding: Encoding) -> int:
    """Return how many lines end in `data`."""
    if encoding.unit == 1:
        return data.count(encoding.newline)
    return data.decode(encoding.codecs[0], "replace").count("\n")


def in_utf16(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return spans of characters in UTF-16 units, as scripts in browsers count; cut at the end of the text."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return [[start, min(end, len(text))] for start, end in spans if start < len(text)]
    units = [0]
    for char in text:
        units.append(units[-1] + (2 if char > "\uffff" else 1))
    return [[units[start], units[min(end, len(text))]] for start, end in spans if start < len(text)]


def _literal_spans(line: str, needle: Needle) -> Iterator[tuple[int, int]]:
    text = line if needle.case_sensitive else fold(line)
    at = text.find(needle.text)
    while at >= 0:
        yield at, at + len(needle.text)
        at = text.find(needle.text, at + len(needle.text))


def main() -> int:
    """Read the order, search, write the report."""
    order = Order(**json.load(sys.stdin))
    with contextlib.suppress(OSError, ValueError):  # a limit that is lower already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        cpu_s = int(order.seconds) + CPU_GRACE_S
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    with contextlib.suppress(OSError):
        os.nice(5)
    try:
        finder = Finder(order)
    except (re.error, OverflowError, RecursionError) as exc:
        json.dump({"pattern": str(exc)}, sys.stdout)
        return 0
    json.dump(asdict(finder.run()), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
