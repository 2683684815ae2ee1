"""What came of everything that inputs brought, and its metrics."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gwf.core.metrics import MetricSpec, MetricType

_INPUT = ("input",)


class Fate(enum.StrEnum):
    """What became of an event, or of a whole request where nothing in it could be read."""

    #: stored
    ACCEPTED = "accepted"
    #: it was stored before
    DUPLICATE = "duplicate"
    #: it is none that can be taken
    REJECTED = "rejected"
    #: there was no room
    DROPPED = "dropped"
    #: nobody known sent it
    DENIED = "denied"


SPECS: Final[tuple[MetricSpec, ...]] = (
    MetricSpec(
        name="gwf_inputs_events_total", type=MetricType.COUNTER, unit="events", labels=("input", "fate"),
        meaning="What inputs brought, by what became of it: accepted, duplicate, rejected, dropped, denied.",
    ),
    MetricSpec(
        name="gwf_inputs_connections", type=MetricType.GAUGE, unit="connections", labels=_INPUT,
        meaning="Connections that an input holds.",
    ),
    MetricSpec(
        name="gwf_inputs_waiting", type=MetricType.GAUGE, unit="messages", labels=_INPUT,
        meaning="Messages that an input read and that are not stored yet.",
    ),
)  # fmt: skip
"""One row each in docs/reference/metrics.md."""


@dataclass(slots=True)
class InputFacts:
    """Counters of all inputs of a process; `input` is alertmanager, webhook/NAME, syslog or plugin/NAME."""

    fates: Counter[tuple[str, Fate]] = field(default_factory=Counter[tuple[str, Fate]])
    connections: dict[str, int] = field(default_factory=dict[str, int])
    waiting: dict[str, int] = field(default_factory=dict[str, int])

    def count(self, name: str, fate: Fate, *, events: int = 1) -> None:
        """Add events; the series of an input appear together with the first of them."""
        for each in Fate:
            self.fates[name, each] += events if each is fate else 0


class InputCollector:
    """Gathers the metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, facts: InputFacts) -> None:
        """Look at `facts`."""
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        events, connections, waiting = SPECS
        counted = CounterMetricFamily(events.name, events.meaning, labels=events.labels)
        for (name, fate), count in list(self._facts.fates.items()):
            counted.add_metric((name, fate.value), float(count))
        yield counted
        for spec, values in ((connections, self._facts.connections), (waiting, self._facts.waiting)):
            gauge = GaugeMetricFamily(spec.name, spec.meaning, labels=spec.labels)
            for name, value in list(values.items()):
                gauge.add_metric((name,), float(value))
            yield gauge
