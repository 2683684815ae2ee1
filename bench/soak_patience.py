"""Asks the instance of a soak. One that is slow stalls, which is counted; one that is dead ends the soak."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from bench.soak_verdict import Stalls
from gwf.core.errors import UnavailableError
from gwf.wire.edge import Overview

DEAD_S = 120.0  #: without one answer; a machine that others starve answers late, but it answers


class Asked(Protocol):
    """What is asked: a running instance (drills.instance)."""

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        ...

    def get(self, path: str) -> Mapping[str, object]:
        """Return the JSON of a GET; UnavailableError when no answer came in time."""
        ...


class Patience:
    """Asks again and again; not thread-safe."""

    def __init__(self, asked: Asked, stalls: Stalls, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Count in `stalls`; `clock` tells seconds."""
        self._asked = asked
        self._stalls = stalls
        self._clock = clock
        #: when the first question of the present stall was asked
        self._since_s: float | None = None
        #: the last answer
        self.last: Overview | None = None

    def overview(self) -> Overview | None:
        """Return how it stands; None = it gives no answer now.

        Raises:
            UnavailableError: Its process is gone, or it gave no answer for DEAD_S.
        """
        asked_s = self._clock()
        try:
            self.last = Overview.model_validate(self._asked.get("/api/v1/overview"))
        except UnavailableError:
            self._missed(asked_s)
            return None
        self.over()
        return self.last

    def wait(self) -> Overview:
        """Return how it stands, as soon as it says so. Raises as `overview`."""
        while (now := self.overview()) is None:
            time.sleep(1.0)
        return now

    def over(self) -> None:
        """End a stall: it answered, or its life is over."""
        if self._since_s is not None:
            self._stalls.add(self._clock() - self._since_s)
            self._since_s = None

    def _missed(self, asked_s: float) -> None:
        if self._since_s is None:
            self._since_s = asked_s
        lasted_s = self._clock() - self._since_s
        if self._asked.alive and lasted_s < DEAD_S:
            return
        self.over()
        if not self._asked.alive:
            raise UnavailableError("the process of the instance is gone")
        raise UnavailableError(f"the instance gave no answer for {lasted_s:.0f} s")
