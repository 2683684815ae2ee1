"""One destination with its far end, and what it reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gwf.agent.journal.upload_state import state_to_json
from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.destination import Destination
from gwf.agent.transfer.limits import EdgeLimits, StoreLimits
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import CircuitBreaker
from gwf.core.clock import Clock, SystemClock
from gwf.core.settings.model import BreakerSettings, StoreSettings, TransferSettings, WatchSettings
from gwf.storage.memory import MemoryRecord
from gwf.storage.model import MultipartState, Part
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


class MemoryUploads:
    """Keeps uploads in parts as the journal does, in memory and in the work itself."""

    def __init__(self) -> None:
        #: what was kept, by file
        self.records: dict[int, MemoryRecord] = {}

    def of(self, work: Work) -> MemoryRecord:
        before = self.records.get(work.file_id)
        self.records[work.file_id] = record = _WorkRecord(work, before.state if before else None)
        return record

    def parts(self, work: Work) -> tuple[Part, ...]:
        record = self.records.get(work.file_id)
        return () if record is None or record.state is None else record.state.parts


class _WorkRecord(MemoryRecord):
    def __init__(self, work: Work, state: MultipartState | None) -> None:
        super().__init__(state)
        self._work = work

    def begun(self, state: MultipartState) -> None:
        super().begun(state)
        self._work.upload_state = state_to_json(state)


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
            uploads=MemoryUploads(),
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
