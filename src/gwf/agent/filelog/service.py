"""What the HTTP port asks about watched text files: their last lines, and lines with a text in them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from gwf.agent.filelog.encoding import PROBE_BYTES, SAMPLE_BYTES, Encoding, guessed_encoding, marked_encoding
from gwf.agent.filelog.needle import compile_needle
from gwf.agent.filelog.place import Grounds, opened
from gwf.agent.filelog.refusals import NotTextError
from gwf.agent.filelog.search import Extent, Found, Search
from gwf.agent.filelog.tail import tail
from gwf.core.errors import InputError, LocalIoError, OverloadedError
from gwf.wire.filelog import LinesFound, LogSearch

MAX_LINES = 2000  #: lines one search returns at most
MAX_QUERY_CHARS = 1000
SEARCHES_AT_ONCE = 2  #: each takes one core
TIME_LIMIT_S = 30.0  #: a longer search returns what it has found so far


class FileLog:
    """Reads watched text files (api.ports.FileLogSource)."""

    def __init__(
        self,
        grounds: Callable[[], Grounds],
        *,
        stopping: Callable[[], bool] = bool,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        """`grounds` is asked anew for each request, because what is watched may change.

        When `stopping` says so, running searches end with what they found.
        """
        self._grounds = grounds
        self._stopping = stopping
        self._time_limit_s = time_limit_s
        self._slots = threading.BoundedSemaphore(SEARCHES_AT_ONCE)

    def tail(self, path: str) -> list[str]:
        """Return the last lines of a file, oldest first.

        Raises:
            InputError: The path leads to no text file below a watched directory.
            LocalIoError: The file cannot be read.
        """
        with _reading(path), opened(path, self._grounds()) as (descriptor, size_bytes):
            return tail(descriptor, size_bytes)

    def search(self, asked: LogSearch, *, stopped: Callable[[], bool]) -> LinesFound:
        """Return lines that hold a text, from the beginning of the file on.

        `stopped` is asked every few hundred microseconds; True ends the search with what was found.

        Raises:
            InputError: The path leads to no text file below a watched directory, or the text is too long.
            LocalIoError: The file cannot be read.
            OverloadedError: Enough searches are running.
        """
        if len(asked.query) > MAX_QUERY_CHARS:
            raise InputError("the text to search for is too long", max_chars=MAX_QUERY_CHARS)
        with _reading(asked.path), opened(asked.path, self._grounds()) as (descriptor, size_bytes), self._slot():
            found = self._found(descriptor, size_bytes, asked=asked, stopped=stopped)
        return LinesFound(lines=tuple(found.lines), truncated=found.truncated, scanned_bytes=found.scanned_bytes)

    def _found(self, descriptor: int, size_bytes: int, *, asked: LogSearch, stopped: Callable[[], bool]) -> Found:
        encoding = _encoding_of(descriptor, size_bytes)
        deadline_s = time.monotonic() + self._time_limit_s
        extent = Extent(
            start=len(encoding.bom),
            end=size_bytes,
            max_lines=asked.limit if 0 < asked.limit <= MAX_LINES else MAX_LINES,
            stopped=lambda: stopped() or self._stopping() or time.monotonic() > deadline_s,
        )
        needle = compile_needle(asked.query, encoding, case_sensitive=asked.case_sensitive)
        return Search(descriptor, encoding, needle=needle, extent=extent).run()

    @contextmanager
    def _slot(self) -> Generator[None]:
        if not self._slots.acquire(blocking=False):
            raise OverloadedError(
                "enough searches are running; try again when one has ended", retry_after_s=1.0, most=SEARCHES_AT_ONCE
            )
        try:
            yield
        finally:
            self._slots.release()


@contextmanager
def _reading(path: str) -> Generator[None]:
    try:
        yield
    except OSError as exc:
        reason = (exc.strerror or str(exc)).lower()
        raise LocalIoError("the file cannot be read", call="read", path=path, reason=reason) from exc


def _encoding_of(descriptor: int, size_bytes: int) -> Encoding:
    beginning = os.pread(descriptor, SAMPLE_BYTES, 0)
    encoding = marked_encoding(beginning)
    if encoding is not None and encoding.unit > 1:
        return encoding
    if b"\0" in beginning[:PROBE_BYTES]:
        raise NotTextError("only text files are shown")
    if encoding is not None:
        return encoding
    if size_bytes <= len(beginning):
        return guessed_encoding(beginning)
    end = os.pread(descriptor, SAMPLE_BYTES, max(len(beginning), size_bytes - SAMPLE_BYTES))
    return guessed_encoding(beginning[: beginning.rfind(b"\n") + 1] + end[end.find(b"\n") + 1 :])
