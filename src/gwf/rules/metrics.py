"""The metrics of the rules: their declarations and their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gwf.core.metrics import MetricSpec, MetricType
from gwf.rules.book import RuleBook
from gwf.rules.decider import Decider

_C, _G = MetricType.COUNTER, MetricType.GAUGE


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str) -> MetricSpec:
    return MetricSpec(name=f"gwf_rules_{name}", type=type_, unit=unit, meaning=meaning)


SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec("events_total", _C, "events", meaning="Events that this process decided about."),
    _spec("matched_total", _C, "events", meaning="Those among them that any rule matched."),
    _spec("observed_total", _C, "matches", meaning="Matches of rules that only note them."),
    _spec("drafts_total", _C, "actions", meaning="Actions that came of them."),
    _spec("faults_total", _C, "actions", meaning="Actions that could not be made: the event lacked a value."),
    _spec(
        "failures_total", _C, "times", meaning="Times that a batch could not be decided or its actions not be stored."
    ),
    _spec("waiting_batches", _G, "batches", meaning="Batches of events that wait for this process."),
    _spec("stuck_batches", _G, "batches", meaning="Batches that could not be decided about at the last look."),
    _spec("in_force", _G, "rules", meaning="Rules in force of all tenants, disabled ones included."),
    _spec("unreadable", _G, "rules", meaning="Rules in force that this release cannot read: they decide nothing."),
)  #: one row each in docs/reference/metrics.md


class DeciderCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, decider: Decider, book: RuleBook) -> None:
        """Look at these."""
        self._decider = decider
        self._book = book

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        facts, book = self._decider.facts, self._book
        in_force = sum(len(book.of(tenant).rules.rules) for tenant in book.tenants())
        values = (
            facts.events_total, facts.matched_total, facts.observed_total, facts.drafts_total, facts.faults_total,
            facts.failures_total, facts.waiting, facts.stuck, in_force, book.unreadable,
        )  # fmt: skip
        for spec, value in zip(SPECS, values, strict=True):
            family = CounterMetricFamily if spec.type is _C else GaugeMetricFamily
            yield family(spec.name, spec.meaning, value=float(value))
