"""Cuts a stream of bytes into syslog messages (RFC 6587), counted ones and lines, each by its look. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_COUNT = 1024 * 1024  #: a message that says to be longer is no message
_COUNT = re.compile(rb"([1-9][0-9]{0,6}) ")
_MAYBE_COUNT = re.compile(rb"[1-9][0-9]{0,6}")
_ENDS = b"\n\0"


class FramingError(ValueError):
    """The stream cannot be cut: the connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as it came."""

    data: bytes
    #: it was longer than may be
    is_cut: bool = False


class Framer:
    """Cuts one stream; it holds no more than the longest message."""

    def __init__(self, max_bytes: int) -> None:
        """Cut messages to `max_bytes`."""
        self._max = max_bytes
        self._buffer = bytearray()
        #: bytes of a counted message that still come and are passed over
        self._skip = 0
        #: the rest of a line that is too long is passed over
        self._is_in_long_line = False

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that are whole now.

        Raises:
            FramingError: A count is too large.
        """
        self._buffer += data
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            if frame.data:
                frames.append(frame)
        return frames

    def rest(self) -> list[Frame]:
        """Return what the stream ended in, if it is a line; a counted message that is not whole is none."""
        data = bytes(self._buffer).strip(b"\r\n\0")
        self._buffer.clear()
        if not data or self._is_in_long_line or self._skip or _MAYBE_COUNT.match(data):
            return []
        return [Frame(data[: self._max], len(data) > self._max)]

    def _next(self) -> Frame | None:
        if self._skip:
            passed = min(self._skip, len(self._buffer))
            del self._buffer[:passed]
            self._skip -= passed
            if self._skip:
                return None
        if not self._buffer:
            return None
        count = _COUNT.match(self._buffer)
        if count is not None and not self._is_in_long_line:
            return self._counted(count.end(), int(count[1]))
        if not self._is_in_long_line and len(self._buffer) < 8 and _MAYBE_COUNT.fullmatch(self._buffer):
            return None  # the count may go on
        return self._line()

    def _counted(self, begin: int, size: int) -> Frame | None:
        if size > MAX_COUNT:
            raise FramingError(f"a message of {size} bytes is announced; at most {MAX_COUNT} are taken")
        kept = min(size, self._max)
        if len(self._buffer) < begin + kept:
            return None
        data = bytes(self._buffer[begin : begin + kept])
        self._skip = size - kept
        del self._buffer[: begin + kept]
        return Frame(data.rstrip(b"\r\n\0"), size > kept) if data.strip(b"\r\n\0") else Frame(b"")

    def _line(self) -> Frame | None:
        ends = [at for end in _ENDS if (at := self._buffer.find(end)) >= 0]
        if ends:
            end = min(ends)
            line, cut = bytes(self._buffer[:end]).rstrip(b"\r"), self._is_in_long_line
            del self._buffer[: end + 1]
            self._is_in_long_line = False
            return Frame(b"") if cut else Frame(line[: self._max], len(line) > self._max)
        if len(self._buffer) <= self._max:
            return None
        frame = Frame(b"") if self._is_in_long_line else Frame(bytes(self._buffer[: self._max]), is_cut=True)
        self._buffer.clear()
        self._is_in_long_line = True
        return frame
