"""How many messages a channel takes a minute. Pure but for its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gwf.core.errors import ErrorClass, UnavailableError

WINDOW_S = 60.0


class BudgetSpentError(UnavailableError):
    """The channel took as many messages as it may for now; the task waits until there is room."""

    code = "channel_budget_spent"
    error_class = ErrorClass.THROTTLED


class Budget:
    """Lets through at most so many messages in any minute, as the services count them. Thread-safe."""

    def __init__(self, per_minute: int, now_s: Callable[[], float]) -> None:
        """`now_s` is a clock that never goes back."""
        self._most = per_minute
        self._now_s = now_s
        self._lock = threading.Lock()
        self._sent_s: list[float] = []

    def take(self) -> None:
        """Take a place for one message.

        Raises:
            BudgetSpentError: There is none; `retry_after_s` says when there is.
        """
        now_s = self._now_s()
        with self._lock:
            self._sent_s = [moment for moment in self._sent_s if moment > now_s - WINDOW_S]
            if len(self._sent_s) >= self._most:
                wait_s = self._sent_s[0] + WINDOW_S - now_s
                raise BudgetSpentError("the channel takes no more for now", retry_after_s=max(0.1, wait_s))
            self._sent_s.append(now_s)
