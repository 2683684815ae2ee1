"""Decides whether and when failed work is tried again. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from gwf.agent.model import FileStatus, Outcome
from gwf.core.settings.model import RetrySettings

MAX_RETRY_AFTER_S = 3600.0  #: a longer wish of the other side is cut to this


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of failed work."""

    #: WAITING or DEAD
    status: FileStatus
    #: wall time of the next attempt in ms; 0 when DEAD
    next_at_ms: int
    #: 1 if the attempt counts against the file, else 0
    charge: int


class RetryPolicy:
    """Exponential backoff with full jitter; the other side's own wish (`Retry-After`) wins."""

    def __init__(self, settings: RetrySettings, *, uniform: random.Random | None = None) -> None:
        """`uniform` is the source of jitter, given by tests."""
        self._settings = settings
        self._random = uniform or random.Random()  # noqa: S311 — jitter, no secret

    @property
    def longest_ms(self) -> int:
        """Return a bound of all waits this policy gives, in milliseconds."""
        return int((self._settings.cap + MAX_RETRY_AFTER_S) * 1000)

    def delay_s(self, attempts: int, retry_after_s: float | None) -> float:
        """Return the wait after `attempts` (1 = the first) failed attempts."""
        ceiling_s = min(self._settings.cap, self._settings.base * 2.0 ** min(attempts - 1, 40))
        jittered_s = self._random.uniform(0.0, ceiling_s)
        if retry_after_s is None:
            return jittered_s
        return min(MAX_RETRY_AFTER_S, max(retry_after_s, 0.0)) + jittered_s

    def decide(self, outcome: Outcome, now_ms: int) -> Decision:
        """Decide on a FAILED outcome."""
        work = outcome.work
        attempts = work.attempts + (1 if outcome.charged else 0)
        too_old = now_ms - work.queued_at_ms > self._settings.max_age * 1000
        if not outcome.retryable or attempts >= self._settings.max_attempts or too_old:
            return Decision(FileStatus.DEAD, 0, 1)
        wait_s = self.delay_s(max(1, attempts), outcome.retry_after_s)
        return Decision(FileStatus.WAITING, now_ms + round(wait_s * 1000), int(outcome.charged))
