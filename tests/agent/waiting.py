"""Waiting for something that other threads or processes bring about, with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")
_never = threading.Event()


def until(look: Callable[[], Seen], *, within_s: float = 20.0, every_s: float = 0.01) -> Seen:
    """Return the first true value that `look` gives; fail when none came in time."""
    deadline_s = time.monotonic() + within_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline_s:
            raise AssertionError(f"nothing true within {within_s} s; last seen: {seen!r}")
        _never.wait(every_s)


def stays(look: Callable[[], object], *, for_s: float) -> None:
    """Fail when `look` gives a false value within `for_s` seconds."""
    deadline_s = time.monotonic() + for_s
    while time.monotonic() < deadline_s:
        assert look()
        _never.wait(0.01)
