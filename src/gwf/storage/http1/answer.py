"""Parsing of an answer's head, by plain searches in the bytes: this runs once per object."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gwf.storage.http1.failures import BadAnswerError

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 32 * 1024**2  #: for bodies held in memory: errors, lists; objects are streamed
MAX_RETRY_AFTER_S = 3600.0
UNTIL_CLOSE = -1
CHUNKED = -2


class Answer:
    """Status, headers and, once read, the body of one answer."""

    __slots__ = ("_head", "_lower", "body", "length", "reusable", "status")

    def __init__(self, head: bytes, *, to_head: bool = False) -> None:
        """Parse the bytes before the blank line; `to_head` for the answer to a HEAD request.

        Raises:
            BadAnswerError: It is no HTTP/1 head, or its framing is contradictory.
        """
        self._head = head
        self._lower = lower = head.lower()
        if not lower.startswith(b"http/1.") or not lower[9:12].isdigit():
            raise BadAnswerError("no HTTP/1 status line")
        self.status = int(lower[9:12])
        self.body = b""
        connection = self._raw(b"connection")
        #: whether the connection serves another request after this answer
        self.reusable = connection != b"close" if lower[7:8] == b"1" else connection == b"keep-alive"
        #: bytes of the body, UNTIL_CLOSE or CHUNKED
        self.length = 0 if to_head or self.status in {204, 304} else self._framing()
        if self.length == UNTIL_CLOSE:
            self.reusable = False

    def header(self, name: str) -> str:
        """Return a header's value by its lower-case name, "" when absent."""
        value = self._find(name.encode())
        return value.decode("latin-1") if value else ""

    def retry_after_s(self) -> float | None:
        """Return the wait in seconds that the server asks for, at most an hour; None when it asks for none."""
        text = self.header("retry-after")
        if not text:
            return None
        if text.isdigit():
            return min(float(text), MAX_RETRY_AFTER_S)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), MAX_RETRY_AFTER_S)

    def _find(self, name: bytes) -> bytes:
        at = self._lower.find(b"\r\n" + name + b":")
        if at < 0:
            return b""
        start = at + len(name) + 3
        end = self._head.find(b"\r\n", start)
        return (self._head[start:end] if end >= 0 else self._head[start:]).strip()

    def _raw(self, name: bytes) -> bytes:
        return self._find(name).lower()

    def _framing(self) -> int:
        coding = self._raw(b"transfer-encoding")
        if coding:
            if coding != b"chunked":
                raise BadAnswerError("unknown transfer coding")
            return CHUNKED
        length = self._find(b"content-length")
        if not length:
            return UNTIL_CLOSE
        if not length.isdigit() or self._lower.count(b"\r\ncontent-length:") > 1:
            raise BadAnswerError("content length is not usable")
        return int(length)
