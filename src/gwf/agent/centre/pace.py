"""When to speak to the centre next: jittered waits, so that many edges never come at once. Pure but for chance."""

from __future__ import annotations

import random
from collections.abc import Callable

Uniform = Callable[[float, float], float]
"""Returns a number between two numbers."""

HEARTBEAT_S = 30.0  #: before the centre said anything
MIN_HEARTBEAT_S = 0.2  #: shortest that a centre can ask for
SPREAD = 0.2  #: a wait between two heartbeats varies by this share
WAKE_SPREAD_S = 2.0  #: a hint that reaches many edges at once is followed within this time
FIRST_S, FIRST_SHARE = (
    2.0,
    0.25,
)  #: longest wait for a centre that was there: the longer of it and a share of a heartbeat
AWAY_CAP_S = 60.0  #: longest wait for a centre that does not answer: it is back for everybody within a minute
REFUSED_BASE_S = 30.0  #: first wait after the centre knows us not
REFUSED_CAP_S = 900.0
MAX_WISH_S = 3600.0  #: longest wait that a centre can ask for


class Pace:
    """Decides waits. One thread."""

    def __init__(self, *, own_heartbeat_s: float | None, uniform: Uniform = random.uniform) -> None:
        """`own_heartbeat_s` is what this host's settings say; None = as the centre says."""
        self._own_s = own_heartbeat_s
        self._uniform = uniform
        #: failures in a row
        self.failures = 0
        self._first_s = FIRST_S
        self.heartbeat_s = own_heartbeat_s or HEARTBEAT_S

    def heard(self, heartbeat_s: float, *, backoff_s: float | None = None) -> float:
        """Return the wait after an answer."""
        self.failures = 0
        said_s = min(max(heartbeat_s, MIN_HEARTBEAT_S), MAX_WISH_S) if heartbeat_s > 0 else HEARTBEAT_S
        self.heartbeat_s = self._own_s or said_s
        self._first_s = max(FIRST_S, FIRST_SHARE * self.heartbeat_s)
        wait_s = self._uniform((1 - SPREAD) * self.heartbeat_s, (1 + SPREAD) * self.heartbeat_s)
        wish_s = min(backoff_s or 0.0, MAX_WISH_S)
        return wait_s if wait_s >= wish_s else self._uniform(wish_s, wish_s * (1 + SPREAD))

    def away(self, *, retry_after_s: float | None = None) -> float:
        """Return the wait after no answer, or after one that asks to come later.

        A centre that starts again finds the edges spread over a while; one that never answered is waited for by people.
        """
        self.failures += 1
        cap_s = min(self.heartbeat_s, self._first_s * 2.0 ** min(self.failures - 1, 10), AWAY_CAP_S)
        wish_s = min(retry_after_s or 0.0, MAX_WISH_S)
        return wish_s + self._uniform(0.0, max(cap_s, wish_s * SPREAD))

    def refused(self, *, retry_after_s: float | None = None) -> float:
        """Return the wait after the centre said that it does not know us, or wants us not."""
        self.failures += 1
        cap_s = min(REFUSED_BASE_S * 2.0 ** min(self.failures - 1, 10), REFUSED_CAP_S)
        return min(retry_after_s or 0.0, MAX_WISH_S) + self._uniform(cap_s / 2, cap_s)

    def hinted(self) -> float:
        """Return the wait after a hint that something is new."""
        return self._uniform(0.0, min(WAKE_SPREAD_S, self.heartbeat_s / 10))
