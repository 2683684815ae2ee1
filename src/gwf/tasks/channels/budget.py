"""How many messages tasks may send through a channel, beside all others that use it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from gwf.alerts.delivery.budget import Spend, room
from gwf.core.clock import Clock
from gwf.core.errors import ErrorClass, UnavailableError


class BudgetSpentError(UnavailableError):
    """The channel took as many messages as it may for now; the task waits until there is room."""

    code = "channel_budget_spent"
    error_class = ErrorClass.THROTTLED


def spent(next_at_ms: int, now_ms: int) -> BudgetSpentError:
    """Return the error that says when there is room again."""
    wait_s = (next_at_ms - now_ms) / 1000 if next_at_ms else 1.0
    return BudgetSpentError("the channel takes no more for now", retry_after_s=max(0.1, wait_s))


class MemoryBudgets:
    """See gwf.tasks.actions.notify.Budgets; for one process that keeps nothing. Thread-safe."""

    def __init__(self, per_minute: Mapping[str, int], clock: Clock) -> None:
        """`per_minute` says how many messages each channel takes."""
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._spends: dict[str, dict[str, Spend]] = {}

    async def take(self, channel: str, key: str, *, urgent: bool, timeout_s: float) -> None:  # noqa: ARG002  # nobody takes over what is on its way
        """See the port."""
        now_ms = self._clock.now_ms()
        with self._lock:
            ours = self._spends.setdefault(channel, {})
            for name in [name for name, spend in ours.items() if not spend.counts(now_ms)]:
                del ours[name]
            found = room([*ours.values()], per_minute=self._per_minute[channel], urgent=urgent, now_ms=now_ms)
            if not found.slots:
                raise spent(found.next_at_ms, now_ms)
            ours[key] = Spend(at_ms=now_ms, end_ms=None, urgent=urgent)

    async def ended(self, channel: str, key: str) -> None:
        """See the port."""
        with self._lock:
            spend = self._spends[channel][key]
            self._spends[channel][key] = Spend(at_ms=spend.at_ms, end_ms=self._clock.now_ms(), urgent=spend.urgent)
