"""The metrics of the fleet's keeping: their declarations and their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.keeper import KeeperFacts
from gwf.core.looplag import LoopLag
from gwf.core.metrics import MetricSpec, MetricType

_C, _G = MetricType.COUNTER, MetricType.GAUGE

SPECS: Final[tuple[MetricSpec, ...]] = (
    MetricSpec(
        name="gwf_event_loop_lag_seconds",
        type=_G,
        unit="s",
        meaning="How late the event loop came to nine of ten things that were due in the last 3 s, at most.",
    ),
    MetricSpec(
        name="gwf_heartbeats_total", type=_C, unit="heartbeats", meaning="Heartbeats that this process answered."
    ),
    MetricSpec(
        name="gwf_fleet_round_seconds", type=_G, unit="s", meaning="Length of the last round of writing what was heard."
    ),
)  #: one row each in docs/reference/metrics.md


class FleetCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, lag: LoopLag, heartbeats: Heartbeats, facts: KeeperFacts) -> None:
        """Look at these."""
        self._lag = lag
        self._heartbeats = heartbeats
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        values = (self._lag.usual_s, self._heartbeats.taken_total, self._facts.round_s)
        for spec, value in zip(SPECS, values, strict=True):
            family = CounterMetricFamily if spec.type is _C else GaugeMetricFamily
            yield family(spec.name, spec.meaning, value=float(value))
