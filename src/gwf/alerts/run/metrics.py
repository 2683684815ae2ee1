"""The metrics of alerts in the centre: their declarations and their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gwf.alerts.run.runner import AlertRunner
from gwf.core.metrics import MetricSpec, MetricType

_C, _G = MetricType.COUNTER, MetricType.GAUGE


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str) -> MetricSpec:
    return MetricSpec(name=f"gwf_alerts_{name}", type=type_, unit=unit, meaning=meaning)


SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec("events_total", _C, "events", meaning="Events that this process asked the rules of alerts about."),
    _spec("opened_total", _C, "alerts", meaning="Alerts that it opened."),
    _spec("notices_total", _C, "notices", meaning="Notices that it decided to tell."),
    _spec("turns_total", _C, "turns", meaning="Transactions in which it moved alerts on."),
    _spec("failures_total", _C, "times", meaning="Times that it could not, and began again from what was kept."),
    _spec("open", _G, "alerts", meaning="Alerts that are open; 0 on a server that does not move them."),
)  #: one row each in docs/reference/metrics.md


class AlertCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, runner: AlertRunner) -> None:
        """Look at `runner`."""
        self._runner = runner

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        facts = self._runner.facts
        values = (
            facts.events_total, facts.opened_total, facts.notices_total, facts.turns_total, facts.failures_total,
            facts.open_now,
        )  # fmt: skip
        for spec, value in zip(SPECS, values, strict=True):
            family = CounterMetricFamily if spec.type is _C else GaugeMetricFamily
            yield family(spec.name, spec.meaning, value=float(value))
