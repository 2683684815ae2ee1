"""A log file that is closed at a size and kept in a bounded number of older files."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

_MODE = 0o640  # paths of business files stand in the log


class RotatingFile(logging.Handler):
    """Appends lines to a file; past `max_bytes` it becomes file.1, file.1 becomes file.2, and so on.

    The standard library's handler formats every line twice and asks for the file's status each time.
    A line that cannot be written is lost; that is told once on standard error until writing works again.
    """

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        """Open the file at once, so that a bad path shows at the start.

        Raises:
            OSError: The directory cannot be made or the file not opened.
        """
        super().__init__()
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._failing = False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = self._open()
        self._size = os.fstat(self._fd).st_size

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; called with the handler's lock held."""
        if self._fd < 0:  # closed while another thread was on its way here: the handlers that took its place write it
            for handler in logging.getLogger().handlers:
                if handler is not self:
                    handler.handle(record)
            return
        try:
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            if self._max_bytes and self._size and self._size + len(line) > self._max_bytes:
                self._rotate()
            self._size += os.write(self._fd, line)
            self._failing = False
        except OSError as exc:
            self._tell(exc)
        except Exception:  # noqa: BLE001  # a value whose text cannot be made must not stop the work that logs it
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        try:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
        finally:
            self.release()
        super().close()

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)

    def _rotate(self) -> None:
        for number in range(self._keep - 1, 0, -1):
            if os.path.exists(self._numbered(number)):
                os.replace(self._numbered(number), self._numbered(number + 1))
        if self._keep:
            os.replace(self._path, self._numbered(1))
        else:
            os.truncate(self._path, 0)
        fd, self._fd = self._fd, self._open()
        os.close(fd)
        self._size = os.fstat(self._fd).st_size

    def _numbered(self, number: int) -> str:
        return f"{self._path}.{number}"

    def _tell(self, exc: OSError) -> None:
        if not self._failing:
            sys.stderr.write(f"gwf: log file {self._path} cannot be written: {exc.strerror}; lines are lost\n")
        self._failing = True
