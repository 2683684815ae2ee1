"""A wall clock that jumps: files that wait are sent in time and files that settle are not taken for old."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gwf.agent.engine import Edge
from gwf.agent.metrics import EdgeMetrics
from gwf.core.clock import SystemClock
from gwf.core.settings.model import Settings
from gwf.storage.factory import open_store
from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos.lab import Lab

HOUR_S = 3600.0


class JumpingClock(SystemClock):
    """The system's clock until somebody sets it."""

    def __init__(self) -> None:
        self._offset_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self._offset_ms

    def jump(self, seconds: float) -> None:
        self._offset_ms += round(seconds * 1000)


@contextmanager
def running_edge(lab: Lab, clock: JumpingClock) -> Iterator[Edge]:
    """Run the edge inside this process, because a child's clock cannot be set."""
    settings = Settings.model_validate(lab.program.settings)
    Path(settings.data_dir).mkdir(exist_ok=True)
    stores = {name: open_store(name, item, workers=4) for name, item in settings.stores.items()}
    edge = Edge(
        settings.agent,
        data_dir=settings.data_dir,
        stores=stores,
        store_settings=settings.stores,
        clock=clock,
        metrics=EdgeMetrics(),
    )
    edge.start()
    try:
        yield edge
    finally:
        edge.stop()


@pytest.mark.parametrize("jump_s", [-40 * 24 * HOUR_S, -HOUR_S, -3.0, 40 * 24 * HOUR_S])
def test_clock_that_jumps_while_files_wait_and_settle(lab: Lab, jump_s: float) -> None:
    lab.tune("retry", base="300ms", cap="1s", max_age="100d", max_attempts=1000)
    lab.tune("breaker", min_outcomes=100_000)  # so that files wait for a time of day, not for the store
    load = lab.load(lab.watch("in", store="s3"))
    clock = JumpingClock()
    lab.sink.set_faults(Faults(status=503, code="ServiceUnavailable", methods=("PUT",)))
    load.small(20, prefix=b"before")
    with running_edge(lab, clock) as edge:
        until(lambda: edge.metrics.retries_total >= 20)
        load.small(20, prefix=b"settling")
        clock.jump(jump_s)
        load.small(20, prefix=b"after")
        until(lambda: edge.metrics.retries_total >= 120)
        lab.sink.set_faults()
        until(lambda: lab.verdict().is_clean(), every_s=0.1)
    lab.record(lab.verdict())
