"""How often a task is tried, how long each try may take, and when the next one is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.core.errors import ErrorClass

MAX_ATTEMPTS = 100
LONGEST_S = 86_400.0  #: of any time that a policy names


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a task may cost; times in seconds."""

    #: attempts of one run, until the task is dead
    max_attempts: int = 5
    #: of one attempt; its executor is told to stop, and it counts as failed
    timeout_s: float = 60.0
    #: ceiling of the wait after the first failed attempt; doubled after each further one
    first_wait_s: float = 2.0
    longest_wait_s: float = 300.0
    #: executors that may vanish with it in one run: what kills whoever touches it must come to an end
    max_lost: int = 3
    #: classes of failures after which no other attempt is made, whatever its executor says
    never_after: tuple[ErrorClass, ...] = ()


def wait_s(policy: Policy, attempts: int, *, chance: float, retry_after_s: float | None = None) -> float:
    """Return the wait after so many failed attempts: full jitter below a doubling ceiling.

    `chance` is a number from 0 up to 1; what the other side asked for is never undercut.
    """
    ceiling_s = min(policy.longest_wait_s, policy.first_wait_s * 2.0 ** min(max(0, attempts - 1), 30))
    asked_s = min(retry_after_s or 0.0, LONGEST_S)
    return asked_s + ceiling_s * chance
