"""The texts in which the Go version wrote sizes and times."""

from __future__ import annotations

import time

UNSET = "--"
_SECONDS = tuple(f"{second:02d}" for second in range(60))
_MAX_MINUTES = 200_000  #: minutes kept; a tree with files of more different minutes is formatted anew


def size_text(size_bytes: int) -> str:
    """Return a size with one decimal from KB on, `--` for nothing."""
    if size_bytes <= 0:
        return UNSET
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024**2:
        return "%.1f KB" % (size_bytes / 1024)
    if size_bytes < 1024**3:
        return "%.1f MB" % (size_bytes / 1024**2)
    return f"{size_bytes / 1024**3:.1f} GB"


class LocalTimes:
    """Writes `YYYY-MM-DD HH:MM:SS` of the server's zone; the part up to the minute is kept."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._minutes: dict[int, str] = {}

    def text(self, at_s: int) -> str:
        """Return the local time of a second since 1970."""
        minute, second = divmod(at_s, 60)
        return (self._minutes.get(minute) or self._minute(minute)) + _SECONDS[second]

    def _minute(self, minute: int) -> str:
        if len(self._minutes) > _MAX_MINUTES:
            self._minutes.clear()
        try:
            text = time.strftime("%Y-%m-%d %H:%M:", time.localtime(minute * 60))
        except (OverflowError, OSError, ValueError):  # a file may claim any time
            text = "1970-01-01 00:00:"
        self._minutes[minute] = text
        return text


def month_day(at_s: float) -> str:
    """Return `MM-DD` of the server's zone."""
    return time.strftime("%m-%d", time.localtime(at_s))
