"""The metrics of the delivery of notices: their declarations and their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, Metric

from gwf.alerts.delivery.runner import DeliveryRunner
from gwf.core.metrics import MetricSpec, MetricType


def _spec(name: str, unit: str, *, labels: tuple[str, ...], meaning: str) -> MetricSpec:
    return MetricSpec(name=f"gwf_delivery_{name}", type=MetricType.COUNTER, unit=unit, labels=labels, meaning=meaning)


SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec("messages_total", "messages", labels=("channel",), meaning="Messages about alerts that channels took."),
    _spec("notices_total", "notices", labels=("channel",), meaning="Notices that were told by them."),
    _spec("failures_total", "times", labels=("channel", "error_class"), meaning="Tries that failed, by class."),
    _spec(
        "turns_failed_total", "times", labels=(), meaning="Times that the delivery could not look what is to be sent."
    ),
)  #: one row each in docs/reference/metrics.md


class DeliveryCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, runner: DeliveryRunner) -> None:
        """Look at `runner`."""
        self._runner = runner

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        facts = self._runner.facts
        values: tuple[dict[tuple[str, ...], int], ...] = (
            {(name,): count for name, count in facts.sent_total.items()},
            {(name,): count for name, count in facts.told_total.items()},
            {(name, kind): count for (name, kind), count in facts.failed_tries_total.items()},
            {(): facts.turns_failed_total},
        )
        for spec, found in zip(SPECS, values, strict=True):
            family = CounterMetricFamily(spec.name, spec.meaning, labels=spec.labels)
            for labels, value in sorted(found.items()):
                family.add_metric(labels, float(value))
            yield family
