"""The metrics of the ingest: their declarations and their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gwf.core.metrics import MetricSpec, MetricType
from gwf.ingest.service import IngestService

_C, _G = MetricType.COUNTER, MetricType.GAUGE


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str) -> MetricSpec:
    return MetricSpec(name=f"gwf_ingest_{name}", type=type_, unit=unit, meaning=meaning)


SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec("file_events_total", _C, "events", meaning="File events that this process stored."),
    _spec("events_total", _C, "events", meaning="Other events that this process stored."),
    _spec("duplicates_total", _C, "events", meaning="Events whose source and id were known."),
    _spec("rejected_total", _C, "events", meaning="Rows of outboxes that could not be taken and were kept aside."),
    _spec("gaps_total", _C, "batches", meaning="Batches that did not follow what is stored."),
    _spec("refused_total", _C, "requests", meaning="Requests that were asked to come back later."),
    _spec("write_failures_total", _C, "transactions", meaning="Transactions that the database did not take."),
    _spec("waiting_events", _G, "events", meaning="Events that were let in and are not stored yet."),
    _spec("waiting_bytes", _G, "bytes", meaning="Unpacked size of the requests they came in."),
    _spec("rate", _G, "events/s", meaning="Events that the database takes in a second, as measured lately."),
    _spec("last_write_seconds", _G, "s", meaning="Length of the last transaction."),
)  #: one row each in docs/reference/metrics.md


class IngestCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, ingest: IngestService) -> None:
        """Look at `ingest`."""
        self._ingest = ingest

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        facts, gate = self._ingest.facts, self._ingest.gate
        values = (
            facts.file_events_total, facts.events_total, facts.duplicates_total, facts.rejected_total,
            facts.gaps_total, gate.refused_total, facts.write_failures_total, gate.events_inside, gate.bytes_inside,
            gate.rate, facts.last_write_s,
        )  # fmt: skip
        for spec, value in zip(SPECS, values, strict=True):
            family = CounterMetricFamily if spec.type is _C else GaugeMetricFamily
            yield family(spec.name, spec.meaning, value=float(value))
