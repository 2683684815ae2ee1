"""Counts lines from the beginning of a file, as far as there is time, and remembers how many stand before each step."""

from __future__ import annotations

import bisect
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gwf.agent.filelog.encoding import Encoding

STEP_BYTES = 1024 * 1024  #: between two remembered places
KEPT = 32  #: files whose counts are remembered
MARK_BYTES = 256  #: of the beginning of a file, by which it is known again

FileMark = tuple[int, int, bytes, int]
"""Device, inode, first bytes, and code unit of a file."""


@dataclass(slots=True)
class LineIndex:
    """Lines before each step of one file. A file that only grows is never counted twice."""

    unit: int
    newline: bytes
    #: newlines before step number i
    before: list[int] = field(default_factory=lambda: [0])
    #: bytes counted; all whole steps, and the rest of the file if it was reached
    counted_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, descriptor: int, *, upto: int, until_s: float, stopped: Callable[[], bool]) -> bool:
        """Go on counting; tell whether `upto` was reached.

        Raises:
            OSError: As pread(2).
        """
        with self.lock:
            while (len(self.before) - 1) * STEP_BYTES + STEP_BYTES <= upto:
                if time.monotonic() > until_s or stopped():
                    return False
                at = (len(self.before) - 1) * STEP_BYTES
                data = os.pread(descriptor, STEP_BYTES, at)
                if len(data) < STEP_BYTES:
                    return False  # it was cut meanwhile
                self.before.append(self.before[-1] + self._newlines(data))
            return True

    def number_at(self, descriptor: int, offset: int) -> int | None:
        """Return the number of the line that begins at `offset`, from 1; None if it is not known yet."""
        step = offset // STEP_BYTES
        with self.lock:
            if step >= len(self.before):
                return None
            before = self.before[step]
        return before + self._newlines(os.pread(descriptor, offset - step * STEP_BYTES, step * STEP_BYTES)) + 1

    def offset_of(self, descriptor: int, number: int) -> int | None:
        """Return where a line begins; None if it lies behind what was counted, or there is none."""
        with self.lock:
            step = bisect.bisect_left(self.before, number - 1) - 1 if number > 1 else 0
            step = max(0, step)
            missing = number - 1 - self.before[step]
        at = step * STEP_BYTES
        data = os.pread(descriptor, STEP_BYTES + self.unit, at)
        place = 0
        for _ in range(missing):
            found = self._find(data, place)
            if found < 0:
                return None
            place = found + self.unit
        return at + place

    def _find(self, data: bytes, start: int) -> int:
        found = data.find(self.newline, start)
        while found >= 0 and found % self.unit:
            found = data.find(self.newline, found + 1)
        return found

    def _newlines(self, data: bytes) -> int:
        if self.unit == 1:
            return data.count(self.newline)
        return data.decode("utf-16-le" if self.newline[0] else "utf-16-be", "replace").count("\n")


class LineIndexes:
    """The last files' counts. Thread-safe."""

    def __init__(self) -> None:
        """Know none."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[FileMark, LineIndex] = OrderedDict()

    def of(self, descriptor: int, encoding: Encoding) -> LineIndex:
        """Return the counts of an open file; another file under the same inode is recognised by its beginning.

        Raises:
            OSError: As pread(2).
        """
        status = os.fstat(descriptor)
        beginning = os.pread(descriptor, MARK_BYTES, 0)
        whole = beginning if len(beginning) == MARK_BYTES else b""
        key = (status.st_dev, status.st_ino, whole, encoding.unit)
        with self._lock:
            index = self._kept.get(key)
            if index is None or status.st_size < (len(index.before) - 1) * STEP_BYTES:
                index = self._kept[key] = LineIndex(unit=encoding.unit, newline=encoding.newline)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return index
