"""The last lines of a text file, read from its end only."""

from __future__ import annotations

import os

from gwf.agent.filelog.encoding import PROBE_BYTES, Encoding, guessed_encoding, marked_encoding
from gwf.agent.filelog.refusals import NotTextError

WINDOW_BYTES = 512 * 1024
MAX_LINES = 500


def tail(descriptor: int, size_bytes: int) -> list[str]:
    """Return at most MAX_LINES lines from the last WINDOW_BYTES, oldest first.

    A line that begins before the window is left out, unless it is the only one: then its end is shown.

    Raises:
        NotTextError: The window holds a NUL character.
        OSError: As pread(2).
    """
    encoding = marked_encoding(os.pread(descriptor, PROBE_BYTES, 0))
    bom, unit = (len(encoding.bom), encoding.unit) if encoding else (0, 1)
    start = max(bom, size_bytes - WINDOW_BYTES)
    start += start % unit
    raw = os.pread(descriptor, max(0, size_bytes - start), start)
    raw = raw[: len(raw) // unit * unit]  # half a code unit: the other half is not written yet
    if unit == 1 and b"\0" in raw:
        raise NotTextError("only text files are shown")
    if start > bom:
        raw = _from_whole_line(raw, encoding or Encoding(codecs=("utf-8",)), origin=start)
    return _lines(raw, encoding or guessed_encoding(raw))


def without_return(line: str) -> str:
    """Return a line without the carriage return that Windows puts before the newline."""
    return line.removesuffix("\r")


def _from_whole_line(raw: bytes, encoding: Encoding, *, origin: int) -> bytes:
    newline = encoding.newline_at(raw, 0, origin=origin)
    return raw if newline < 0 else raw[newline + encoding.unit :]


def _lines(raw: bytes, encoding: Encoding) -> list[str]:
    if encoding.unit > 1:
        text = encoding.decode(raw)
        if "\0" in text:
            raise NotTextError("only text files are shown")
        pieces = text.split("\n")
    else:
        pieces = [encoding.decode(line) for line in _last(raw.split(b"\n"))]
    if pieces[-1:] == [""]:
        pieces.pop()
    return [without_return(line) for line in pieces[-MAX_LINES:]]


def _last(lines: list[bytes]) -> list[bytes]:
    return lines[-MAX_LINES - 1 :]  # one more: the last may be the empty one after the final newline
