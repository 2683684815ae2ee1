"""Decides how often agents call: the wait a centre tells, and how an agent spreads it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

JITTER = 0.2  #: each wait is varied by up to this share, so that agents do not come in step
FIRST_SHARE = 1.0  #: the first heartbeat comes within this share of the wait, anywhere in it
BUSY_LAG_S = 0.25  #: from here on the centre asks for longer waits
MAX_STRETCH = 10.0
MIN_SHARE = 0.1  #: of the longest wait for another try
FIRST_RETRY_S, FIRST_RETRY_SHARE = (
    2.0,
    0.25,
)  #: longest wait before the first one: the longer of it and a share of a heartbeat
MAX_RETRY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the answer of a heartbeat says about the next one."""

    heartbeat_s: float
    #: wait at least so long this time; None = no wish
    backoff_s: float | None = None

    @property
    def longest_s(self) -> float:
        """Return the longest wait that keeps to this."""
        return max(self.heartbeat_s * (1 + JITTER), (self.backoff_s or 0.0) * (1 + JITTER))


def advise(heartbeat_s: float, *, lag_s: float) -> Advice:
    """Return the advice of a centre whose event loop answers `lag_s` late.

    A centre that is twice as late as is well asks for twice the wait, and so on up to MAX_STRETCH.
    """
    if lag_s <= BUSY_LAG_S:
        return Advice(heartbeat_s=heartbeat_s)
    return Advice(heartbeat_s=heartbeat_s, backoff_s=heartbeat_s * min(MAX_STRETCH, lag_s / BUSY_LAG_S))


def next_wait_s(advice: Advice, chance: float) -> float:
    """Return an agent's wait until its next heartbeat; `chance` is random, from 0 up to 1."""
    if advice.backoff_s is not None and advice.backoff_s > advice.heartbeat_s:
        return advice.backoff_s * (1 + JITTER * chance)
    return advice.heartbeat_s * (1 + JITTER * (2 * chance - 1))


def first_wait_s(heartbeat_s: float, chance: float) -> float:
    """Return the wait before the first heartbeat of a process: anywhere in one interval."""
    return heartbeat_s * FIRST_SHARE * chance


def retry_wait_s(heartbeat_s: float, failures: int, chance: float) -> float:
    """Return the wait after `failures` calls in a row that got no answer (from 1 on), spread over its whole length.

    It is never longer than one heartbeat, or a minute: when a centre is back after however long, it hears of all its
    agents within the term that it gives them before it may call one offline. It is long enough that a centre that was
    away for some seconds meets no more than twice its usual load.
    """
    first_s = max(FIRST_RETRY_S, FIRST_RETRY_SHARE * heartbeat_s)
    longest = min(heartbeat_s, MAX_RETRY_S, first_s * 2.0 ** min(failures - 1, 10))
    return longest * max(MIN_SHARE, chance)
