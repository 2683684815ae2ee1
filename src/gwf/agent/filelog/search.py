"""Finds lines in a text file of any size: bytes are sieved chunk by chunk, only lines with a find are decoded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.filelog.hay import Hay
from gwf.agent.filelog.lines import Chunk, LineFinder, part_of_line
from gwf.agent.filelog.needle import Needle
from gwf.agent.filelog.tail import without_return

CHUNK_BYTES = 1024 * 1024  #: read and sieved at once; holds the interpreter for half a millisecond
MAX_LINE_BYTES = 1024 * 1024  #: of a longer line only the part around the find is shown
PART_BYTES = 32 * 1024  #: how much of such a line is shown on each side of the find
MAX_FOUND_BYTES = 16 * 1024 * 1024  #: lines of so much in all end a search


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is searched, and for how long."""

    #: place of the first byte of text, and the place behind the last one
    start: int
    end: int
    max_lines: int
    #: asked before each chunk; True ends the search
    stopped: Callable[[], bool]
    #: even, as all sizes here: UTF-16 is read in pairs
    chunk_bytes: int = CHUNK_BYTES
    max_line_bytes: int = MAX_LINE_BYTES
    part_bytes: int = PART_BYTES


@dataclass(slots=True)
class Found:
    """Lines found so far, in the order of the file."""

    lines: list[str] = field(default_factory=list[str])
    #: there may be more
    truncated: bool = False
    #: bytes looked through
    scanned_bytes: int = 0


class Search:
    """One pass over an open file."""

    def __init__(self, descriptor: int, encoding: Encoding, *, needle: Needle, extent: Extent) -> None:
        """Nothing is read before `run`."""
        self._descriptor = descriptor
        self._encoding = encoding
        self._needle = needle
        self._extent = extent
        self._overlap = max(map(len, needle.pins), default=1) - 1
        self._chunk_bytes = max(extent.chunk_bytes, 4 * (self._overlap + encoding.unit))
        self._lines = LineFinder(
            descriptor,
            encoding,
            end=extent.end,
            max_line_bytes=extent.max_line_bytes,
            stopped=extent.stopped,
        )
        self._found = Found()
        self._found_bytes = 0
        #: where a line begins for certain; everything before it has been dealt with
        self._floor = extent.start
        #: the line looked at last, so that many finds in a long line look for its ends once
        self._line = (extent.start, extent.start)

    def run(self) -> Found:
        """Search to the end, until enough was found, or until told to stop.

        Raises:
            OSError: As pread(2).
        """
        at = self._extent.start
        while at < self._extent.end and self._needle.pins and not self._is_full():
            if self._extent.stopped():
                self._found.truncated = True
                break
            data = os.pread(self._descriptor, min(self._chunk_bytes, self._extent.end - at), at)
            if not data:  # the file was cut meanwhile
                break
            at = self._sieve(Chunk(data=data, origin=at))
        self._found.truncated = self._found.truncated or self._is_full()
        self._found.scanned_bytes = min(at, self._extent.end) - self._extent.start
        return self._found

    def _is_full(self) -> bool:
        return len(self._found.lines) >= self._extent.max_lines or self._found_bytes >= MAX_FOUND_BYTES

    def _sieve(self, chunk: Chunk) -> int:
        """Deal with every find in one chunk; return where to go on."""
        places = self._places(chunk.data)
        at = places.first(max(0, self._floor - chunk.origin))
        while at >= 0:
            go_on = self._look_at(chunk.origin + at, chunk)
            if self._is_full() or go_on >= chunk.end:
                return go_on
            at = places.first(go_on - chunk.origin)
        if chunk.end >= self._extent.end or len(chunk.data) <= self._overlap + self._encoding.unit:
            return chunk.end
        go_on = max(self._floor, chunk.end - self._overlap)
        return go_on - go_on % self._encoding.unit

    def _places(self, data: bytes) -> _Places:
        if self._needle.foreign and data.isascii():  # told at a tenth of the price of looking
            return _Places(data, ())
        return _Places(self._needle.reduced(data), self._needle.pins)

    def _look_at(self, place: int, chunk: Chunk) -> int:
        """Keep the line around a find if it fits; return where to go on."""
        start, end = self._line_around(place - place % self._encoding.unit, chunk)
        endless = end - start > self._extent.max_line_bytes
        if endless:
            text = self._part_around(place, start, end)
        else:
            text = without_return(self._encoding.decode(self._bytes(chunk, start, end)))
        if self._needle.fits(text):
            self._found.lines.append(text)
            self._found_bytes += min(end - start, 2 * self._extent.part_bytes) if endless else end - start
        elif endless:
            if self._extent.stopped():  # each of many places in such a line costs a look at a part of it
                self._found.truncated = True
                return chunk.end
            return place + 1
        self._floor = end + self._encoding.unit
        return self._floor

    def _line_around(self, place: int, chunk: Chunk) -> tuple[int, int]:
        start, end = self._line
        if not start <= place < end:
            start = self._lines.start_of(place, chunk, floor=self._floor)
            end = self._lines.end_of(place, chunk)
            self._line = (start, end)
        return self._line

    def _part_around(self, place: int, start: int, end: int) -> str:
        half = self._extent.part_bytes
        first, last = max(start, place - half), min(end, place + half)
        first, last = first - first % self._encoding.unit, last - last % self._encoding.unit
        raw = os.pread(self._descriptor, last - first, first)
        return part_of_line(raw, self._encoding, begins=first == start, ends=last == end)

    def _bytes(self, chunk: Chunk, start: int, end: int) -> bytes:
        if start >= chunk.origin and end <= chunk.end:
            return chunk.data[start - chunk.origin : end - chunk.origin]
        return os.pread(self._descriptor, end - start, start)


class _Places:
    """Where any of some byte strings stands next."""

    def __init__(self, hay: bytes, pins: Sequence[bytes]) -> None:
        self._hay = Hay(hay)
        self._next = dict.fromkeys(pins, -2)  # -2: not looked for yet, -1: stands nowhere behind

    def first(self, start: int) -> int:
        """Return the first place from `start` on, -1 for none; `start` never falls."""
        for pin, at in self._next.items():
            if at != -1 and at < start:
                self._next[pin] = self._hay.find(pin, start)
        return min((at for at in self._next.values() if at >= 0), default=-1)
