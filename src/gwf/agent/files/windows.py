"""Parts of an open text file as lines: from a byte on, up to a byte, around a line, around lines that were found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.filelog.lines import part_of_line
from gwf.agent.files.lineindex import LineIndex
from gwf.agent.files.severity import level_of
from gwf.wire.agentfiles import LogLine

MAX_TEXT_CHARS = 8_000  #: of one line that is shown
AROUND_BYTES = 32 * 1024  #: read before and after a line that was found, for the lines around it
COUNT_S = 0.3  #: how long lines may be counted for the number of a line
JUMP_S = 8.0  #: how long for a jump to a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Lines in the order of the file."""

    lines: list[LogLine]
    start: int
    #: what follows begins here; an unfinished last line is not passed
    end: int
    at_start: bool
    at_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenText:
    """An open text file."""

    descriptor: int
    size_bytes: int
    encoding: Encoding
    index: LineIndex
    #: monotonic second at which the answer must be ready
    until_s: float
    now_s: Callable[[], float]
    stopped: Callable[[], bool]

    @property
    def first(self) -> int:
        """The first byte of text."""
        return len(self.encoding.bom)

    # -- windows ---------------------------------------------------------------------------------------

    def forward(self, offset: int, max_bytes: int) -> Window:
        """Return lines from a byte on."""
        start = min(max(offset, self.first), self.size_bytes)
        start -= (start - self.first) % self.encoding.unit
        raw = os.pread(self.descriptor, min(max_bytes, self.size_bytes - start), start)
        raw = raw[: len(raw) // self.encoding.unit * self.encoding.unit]
        if start + len(raw) < self.size_bytes:
            cut = self.encoding.newline_before(raw, len(raw), origin=start)
            raw = raw[: cut + self.encoding.unit] if cut >= 0 else raw
        return self._window(start, raw)

    def backward(self, end: int, max_bytes: int) -> Window:
        """Return lines that end at a byte."""
        unit = self.encoding.unit
        end = min(max(end, self.first), self.size_bytes)
        end -= (end - self.first) % unit
        start = max(self.first, end - max_bytes)
        start += (start - self.first) % unit
        raw = os.pread(self.descriptor, end - start, start)
        if start > self.first:
            # the newline before `end` ends the last line; one before that ends a line that is shown in part only
            cut = self.encoding.newline_at(raw, 0, origin=start)
            if 0 <= cut < len(raw) - unit:
                raw, start = raw[cut + unit :], start + cut + unit
        return self._window(start, raw)

    def around(self, number: int, max_bytes: int) -> Window | None:
        """Return the window in which a line stands, some of those before it first; None when there is no such line."""
        first = max(1, number - 40)
        until_s = min(self.until_s, self.now_s() + JUMP_S)
        step = 64 * 1024 * 1024
        upto = step
        while True:
            at_end = self.index.count(
                self.descriptor, upto=min(upto, self.size_bytes), until_s=until_s, stopped=self.stopped
            )
            if self.index.offset_of(self.descriptor, number) is not None or upto >= self.size_bytes or not at_end:
                break
            upto += step
        line, begin = (self.index.offset_of(self.descriptor, at) for at in (number, first))
        if line is None or begin is None or line >= self.size_bytes:
            return None
        room = max_bytes // 3
        return self.forward(begin if line - begin <= room else line, max_bytes)

    def count_on(self) -> None:
        """Count lines for as long as an answer may take for it."""
        self.index.count(
            self.descriptor,
            upto=self.size_bytes,
            until_s=min(self.until_s, self.now_s() + COUNT_S),
            stopped=self.stopped,
        )

    def total_lines(self) -> int | None:
        """Return how many lines there are; None while they were not counted."""
        if self.size_bytes <= self.first:
            return 0
        number = self.index.number_at(self.descriptor, self.size_bytes)
        if number is None:
            return None
        unit = self.encoding.unit
        ended = os.pread(self.descriptor, unit, self.size_bytes - unit) == self.encoding.newline
        return number - 1 if ended else number

    def _window(self, start: int, raw: bytes) -> Window:
        lines = self._lines(start, raw, first=self.index.number_at(self.descriptor, start))
        end = start + len(raw)
        at_end = end >= self.size_bytes
        unit = self.encoding.unit
        ended = not raw or raw[-unit:] == self.encoding.newline
        if at_end and not ended and lines and lines[-1].offset > start:
            end = lines[-1].offset  # it may still grow: whoever follows reads it again
        return Window(lines=lines, start=start, end=end, at_start=start <= self.first, at_end=at_end)

    def _lines(self, start: int, raw: bytes, *, first: int | None) -> list[LogLine]:
        unit, lines, at = self.encoding.unit, list[LogLine](), 0
        whole = start <= self.first or self._is_newline(start - unit)
        while at < len(raw):
            end = self.encoding.newline_at(raw, at, origin=start)
            ended = end >= 0
            end = end if ended else len(raw)
            number = None if first is None else first + len(lines)
            begins = whole or at > 0
            ends = ended or start + end >= self.size_bytes
            lines.append(self._line(start + at, raw[at:end], number=number, begins=begins, ends=ends))
            at = end + unit
        return lines

    def _line(self, offset: int, raw: bytes, *, number: int | None, begins: bool, ends: bool) -> LogLine:
        if begins and ends:
            text = self.encoding.decode(raw).removesuffix("\r")
        else:
            text = part_of_line(raw, self.encoding, begins=begins, ends=ends)
        shown = text[:MAX_TEXT_CHARS]
        return LogLine(
            offset=offset,
            number=number,
            text=shown,
            level=level_of(shown),
            cut=len(shown) < len(text) or not (begins and ends),
        )

    def _is_newline(self, at: int) -> bool:
        return os.pread(self.descriptor, self.encoding.unit, at) == self.encoding.newline

    # -- what was found --------------------------------------------------------------------------------

    def found(self, told: Sequence[Mapping[str, Any]], *, context: int) -> list[LogLine]:
        """Return lines that the finder told, with those around each."""
        by_offset: dict[int, LogLine] = {}
        for item in told:
            if context and not self.stopped():
                for line in (*self._before(item, context), *self._after(item, context)):
                    by_offset.setdefault(line.offset, line)
            by_offset[int(item["offset"])] = LogLine(
                offset=item["offset"],
                number=item["number"],
                text=item["text"],
                level=item["level"],
                hit=True,
                spans=item["spans"],
                cut=item["cut"],
            )
        return [by_offset[offset] for offset in sorted(by_offset)]

    def _before(self, item: Mapping[str, Any], context: int) -> list[LogLine]:
        unit, offset = self.encoding.unit, int(item["offset"])
        begin = max(self.first, offset - AROUND_BYTES)
        begin += (begin - self.first) % unit
        raw, lines = os.pread(self.descriptor, max(0, offset - begin), begin), list[LogLine]()
        end = len(raw) - unit  # where the newline of the line before stands
        while len(lines) < context and end >= 0:
            newline = self.encoding.newline_before(raw, end, origin=begin)
            if newline < 0 and begin > self.first:  # it begins before what was read
                break
            start = newline + unit if newline >= 0 else 0
            number = item["number"] - len(lines) - 1
            lines.append(self._line(begin + start, raw[start:end], number=number, begins=True, ends=True))
            end = newline
        return lines[::-1]

    def _after(self, item: Mapping[str, Any], context: int) -> list[LogLine]:
        unit = self.encoding.unit
        begin = int(item["end"]) + unit
        raw, lines, at = os.pread(self.descriptor, AROUND_BYTES, begin), list[LogLine](), 0
        while len(lines) < context and at < len(raw):
            newline = self.encoding.newline_at(raw, at, origin=begin)
            if newline < 0 and begin + len(raw) < self.size_bytes:  # it ends behind what was read
                break
            end = newline if newline >= 0 else len(raw)
            number = item["number"] + len(lines) + 1
            lines.append(self._line(begin + at, raw[at:end], number=number, begins=True, ends=True))
            at = end + unit
        return lines
