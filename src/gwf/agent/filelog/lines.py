"""Finds where the line around a place in a file begins and ends, also when it reaches beyond what is in memory."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from gwf.agent.filelog.encoding import Encoding

STEP_BYTES = 64 * 1024  #: read at once when a line reaches beyond the chunk
MAX_SYNC_BYTES = 256  #: how far behind a cut a character is looked for that begins for certain
CUT = "…"  #: stands where a line was cut

_NEVER_INSIDE = re.compile(rb"[\x00-\x2f]")  # no byte of a longer character in UTF-8 or GB18030


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Bytes in memory and where they stand in the file."""

    data: bytes
    origin: int

    @property
    def end(self) -> int:
        """The place behind the last byte."""
        return self.origin + len(self.data)


class LineFinder:
    """Line bounds in one open file."""

    def __init__(
        self, descriptor: int, encoding: Encoding, *, end: int, max_line_bytes: int, stopped: Callable[[], bool]
    ) -> None:
        """Look no further than `end`; back no further than `max_line_bytes`."""
        self._descriptor = descriptor
        self._encoding = encoding
        self._end = end
        self._max_line_bytes = max_line_bytes
        self._stopped = stopped

    def start_of(self, place: int, chunk: Chunk, *, floor: int) -> int:
        """Return where the line begins; `floor` is a place at which a line is known to begin.

        Of a line of more than the longest length a later place may be returned.
        """
        unit = self._encoding.unit
        newline = self._encoding.newline_before(chunk.data, place - chunk.origin, origin=chunk.origin)
        if newline >= 0:
            return max(floor, chunk.origin + newline + unit)
        upto, lowest = chunk.origin, max(floor, chunk.origin - self._max_line_bytes - unit)
        while upto > lowest:
            at = max(lowest, upto - STEP_BYTES)
            newline = self._encoding.newline_before(os.pread(self._descriptor, upto - at, at), upto - at, origin=at)
            if newline >= 0:
                return at + newline + unit
            upto = at
        return max(floor, lowest)

    def end_of(self, place: int, chunk: Chunk) -> int:
        """Return where the line's newline stands, or the end of all."""
        newline = self._encoding.newline_at(chunk.data, place - chunk.origin, origin=chunk.origin)
        if newline >= 0:
            return chunk.origin + newline
        at = chunk.end - chunk.end % self._encoding.unit
        while at < self._end and not self._stopped():
            data = os.pread(self._descriptor, min(STEP_BYTES, self._end - at), at)
            newline = self._encoding.newline_at(data, 0, origin=at)
            if newline >= 0:
                return at + newline
            if not data:
                break
            at += len(data)
        return min(at, self._end)


def part_of_line(raw: bytes, encoding: Encoding, *, begins: bool, ends: bool) -> str:
    """Return a part of a line as text, marked where it was cut; `begins` and `ends` tell where it was not."""
    if not begins and encoding.unit == 1:
        certain = _NEVER_INSIDE.search(raw, 0, MAX_SYNC_BYTES)
        raw = raw[certain.start() :] if certain else raw
    decoder = codecs.getincrementaldecoder(encoding.codecs[0])("replace")
    text = decoder.decode(raw, final=ends)
    return ("" if begins else CUT) + text + ("" if ends else CUT)
