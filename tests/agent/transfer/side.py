"""One destination with its far end, and what it reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.destination import Destination
from gwf.agent.transfer.limits import EdgeLimits, StoreLimits
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import CircuitBreaker
from gwf.core.clock import Clock, SystemClock
from gwf.core.settings.model import BreakerSettings, StoreSettings, TransferSettings, WatchSettings
from tests.agent.transfer.far_end import FarEnd

QUICK = BreakerSettings(min_outcomes=3, window=10, open_for=0.05, open_cap=0.1)


def limits_of(
    *,
    edge: dict[str, float] | None = None,
    store: dict[str, float] | None = None,
    trees: dict[str, dict[str, float]] | None = None,
    clock: Clock | None = None,
) -> StoreLimits:
    """Return limits of a store as the settings would give them; `trees` by their root."""
    made = EdgeLimits(clock or SystemClock())
    roots = [
        (root.encode(), WatchSettings.model_validate({"path": root, **own})) for root, own in (trees or {}).items()
    ]
    stores = {"s": StoreSettings.model_validate({"url": "memory://", **(store or {})})}
    made.reconfigure(TransferSettings.model_validate(edge or {}), stores, roots)
    return made.of_store("s")


class Side:
    """One destination with its far end, and what it reported."""

    def __init__(
        self,
        store: FarEnd,
        *,
        workers: int = 4,
        settings: BreakerSettings = QUICK,
        limits: StoreLimits | None = None,
        **more: Any,
    ) -> None:
        self.store = store
        self.outcomes: list[Outcome] = []
        self.breaker = CircuitBreaker(settings, SystemClock())
        limits = limits or limits_of()
        sender = Sender(
            store,
            save=lambda work, state: setattr(work, "upload_state", state),
            follows=lambda _: None,
            may_send=lambda _: True,
            pay=limits.pay_part,
        )
        self.orphans_gone: list[int] = []
        self.destination = Destination(
            "s", store, sender, workers=workers, breaker=self.breaker, finish=self.outcomes.append,
            orphan_gone=self.orphans_gone.append, limits=limits, **more,
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
