"""Reads whole lines from a place in an open log on, as UTF-8, a piece at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.agent.filelog.encoding import PROBE_BYTES, SAMPLE_BYTES, Encoding, guessed_encoding, marked_encoding
from gwf.agent.inputs.logs.spot import HEAD_BYTES, Spot, head_of
from gwf.alerts.logs.joining import Joiner

PIECE_BYTES = 256 * 1024
MAX_LINE_BYTES = 64 * 1024  #: of a line; what is longer is cut, and its rest passed over
_UTF8 = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Whole lines of a log."""

    #: where it was read from, by the name it had when its lines were written
    path: bytes
    #: in UTF-8, each line with its newline, without carriage returns
    block: bytes
    #: the place behind it
    spot: Spot
    #: where events of several lines end in the block; None = each line is one
    ends: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How much of a log is taken."""

    #: nothing more will be written: the last line needs no newline
    to_end: bool = False
    #: joins lines; None = each stands alone
    joiner: Joiner | None = None
    #: nothing was written for so long that the last event is whole
    rests: bool = False


USUAL = Manner()


def read_piece(descriptor: int, spot: Spot, encoding: Encoding, *, manner: Manner = USUAL) -> Piece | None:
    """Return the next whole lines, or whole events where lines are joined; None when there is none yet.

    Raises:
        OSError: As pread(2).
    """
    begin = max(spot.offset, len(encoding.bom))
    data = os.pread(descriptor, PIECE_BYTES, begin)
    end, inside = _end_of_lines(data, begin, encoding, to_end=manner.to_end)
    if end == 0:
        return None
    raw = data[:end]
    if spot.inside_long_line:
        newline = encoding.newline_at(raw, 0, origin=begin)
        raw = b"" if newline < 0 else raw[newline + encoding.unit :]
        inside = inside or newline < 0
    block = _in_utf8(raw, encoding)
    ends: Sequence[int] | None = None
    if manner.joiner is not None and block:
        goes_on = len(data) == PIECE_BYTES
        ends = manner.joiner.ends(block, is_all=inside or ((manner.to_end or manner.rests) and not goes_on))
        if not ends and goes_on:  # one event that is longer than what is read at a time
            ends = manner.joiner.ends(block, is_all=True)
        if not ends:
            return None
        end = _end_before(data, end, encoding, origin=begin, lines=block.count(b"\n", ends[-1]))
        block = block[: ends[-1]]
    head_bytes = min(HEAD_BYTES, max(spot.head_bytes, begin + end))
    head = spot.head if head_bytes == spot.head_bytes else head_of(descriptor, head_bytes)
    after = replace(spot, offset=begin + end, head=head, head_bytes=head_bytes, inside_long_line=inside)
    return Piece(path=spot.path, block=block, spot=after, ends=ends)


def encoding_of(descriptor: int, size_bytes: int) -> Encoding:
    """Return the encoding of an open log by its mark, else by its last lines."""
    marked = marked_encoding(os.pread(descriptor, PROBE_BYTES, 0))
    if marked is not None:
        return marked
    sample = os.pread(descriptor, SAMPLE_BYTES, max(0, size_bytes - SAMPLE_BYTES))
    first, last = sample.find(b"\n"), sample.rfind(b"\n")
    return guessed_encoding(sample[first + 1 : last + 1] if first < last else sample)


def _end_of_lines(data: bytes, origin: int, encoding: Encoding, *, to_end: bool) -> tuple[int, bool]:
    """Return how much of what was read is whole lines, and whether it ends inside a line that is too long."""
    newline = encoding.newline_before(data, len(data), origin=origin)
    if newline >= 0:
        return newline + encoding.unit, False
    if to_end:
        return len(data), False
    if len(data) < MAX_LINE_BYTES:
        return 0, False
    return len(data) - len(data) % encoding.unit, True


def _end_before(data: bytes, end: int, encoding: Encoding, *, origin: int, lines: int) -> int:
    """Return where the last `lines` lines before `end` begin, which is behind a newline."""
    if lines == 0:
        return end
    at = end
    for _ in range(lines + 1):  # the first one that is found ends the last line
        at = encoding.newline_before(data, at, origin=origin)
    return at + encoding.unit


def _in_utf8(raw: bytes, encoding: Encoding) -> bytes:
    block = raw if encoding.codecs[0] == _UTF8 and _is_utf8(raw) else _decoded(raw, encoding)
    if b"\0" in block:  # left by a writer that went on at its old place after the log was cut to nothing
        block = block.replace(b"\0", b"")
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    return _short(block)


def _decoded(raw: bytes, encoding: Encoding) -> bytes:
    if encoding.unit > 1:
        return encoding.decode(raw).encode(_UTF8, "replace")
    return b"\n".join(encoding.decode(line).encode(_UTF8, "replace") for line in raw.split(b"\n"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode(_UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _short(block: bytes) -> bytes:
    """Return the block with lines that are too long cut."""
    if len(block) <= MAX_LINE_BYTES:
        return block
    lines = block.split(b"\n")
    if max(map(len, lines)) <= MAX_LINE_BYTES:
        return block
    cut = (line[:MAX_LINE_BYTES].decode(_UTF8, "ignore").encode() for line in lines)
    return b"\n".join(cut)
