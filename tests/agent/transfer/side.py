"""One destination with its far end, and what it reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.destination import Destination
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import CircuitBreaker
from gwf.core.clock import SystemClock
from gwf.core.settings.model import BreakerSettings
from tests.agent.transfer.far_end import FarEnd

QUICK = BreakerSettings(min_outcomes=3, window=10, open_for=0.05, open_cap=0.1)


class Side:
    """One destination with its far end, and what it reported."""

    def __init__(self, store: FarEnd, *, workers: int = 4, settings: BreakerSettings = QUICK, **more: Any) -> None:
        self.store = store
        self.outcomes: list[Outcome] = []
        self.breaker = CircuitBreaker(settings, SystemClock())
        sender = Sender(
            store,
            save=lambda work, state: setattr(work, "upload_state", state),
            follows=lambda _: None,
            may_send=lambda _: True,
        )
        self.orphans_gone: list[int] = []
        self.destination = Destination(
            "s", store, sender, workers=workers, breaker=self.breaker, finish=self.outcomes.append,
            orphan_gone=self.orphans_gone.append, **more,
        )  # fmt: skip
        self.destination.start()
        self.stopped = False

    def results(self) -> list[Result]:
        return [outcome.result for outcome in self.outcomes]

    def stop(self, within_s: float = 10.0) -> int:
        self.stopped = True
        return self.destination.stop(time.monotonic() + within_s)


MakeSide = Callable[..., Side]


MakeWorks = Callable[[int], list[Work]]
