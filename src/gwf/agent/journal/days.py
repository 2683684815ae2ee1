"""Counters by day of the server's zone, kept beside the lasting ones."""

from __future__ import annotations

import sqlite3
import time

PREFIX = "day:"
KEEP_DAYS = 40

_CLEAR = "DELETE FROM tallies WHERE name>='day:' AND name<?"


def day_tally(name: str, at_ms: int) -> str:
    """Return the name of the counter `name` for the day of `at_ms`, for example day:2026-11-22:done."""
    return f"{PREFIX}{_day(at_ms)}:{name}"


def clear_days(connection: sqlite3.Connection, now_ms: int) -> None:
    """Forget days long past."""
    connection.execute(_CLEAR, (PREFIX + _day(now_ms - KEEP_DAYS * 86_400_000),))


def _day(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at_ms / 1000))
