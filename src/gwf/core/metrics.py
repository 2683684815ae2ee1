"""Declared metrics on a private registry, and their text in the style of the Go version."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SURROGATE = re.compile("[\ud800-\udfff]")  # bytes of a path that are no UTF-8
_LINE_ORDER = {"_bucket": 0, "_sum": 1, "_count": 2}


class MetricType(enum.StrEnum):
    """What a metric's number does: only grow, go up and down, or fall into buckets."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """One declared metric; docs/reference/metrics.md has one row for each."""

    #: full name as scraped; of a counter with its `_total`
    name: str
    type: MetricType
    #: what is counted or measured: files, s, bytes, 0..1
    unit: str
    #: one sentence, the HELP text
    meaning: str
    labels: tuple[str, ...] = ()
    #: upper bounds of a histogram's buckets, without +Inf
    buckets: tuple[float, ...] = ()


def new_registry() -> CollectorRegistry:
    """Return an empty registry of its own: nothing of the process or of other libraries is in it."""
    return CollectorRegistry(auto_describe=False)


def counter(registry: CollectorRegistry, spec: MetricSpec) -> Counter:
    """Create the counter that `spec` declares; without labels it starts at 0."""
    return Counter(spec.name, spec.meaning, spec.labels, registry=registry)


def gauge(registry: CollectorRegistry, spec: MetricSpec) -> Gauge:
    """Create the gauge that `spec` declares."""
    return Gauge(spec.name, spec.meaning, spec.labels, registry=registry)


def histogram(registry: CollectorRegistry, spec: MetricSpec) -> Histogram:
    """Create the histogram that `spec` declares."""
    return Histogram(spec.name, spec.meaning, spec.labels, registry=registry, buckets=spec.buckets)


def render(registry: CollectorRegistry) -> str:
    """Return all metrics as text: HELP and TYPE for each, plain decimals, no `_created` lines.

    Series are in the order of their label values, so that two scrapes can be compared line by line.
    """
    return "".join(f"{line}\n" for metric in registry.collect() for line in _metric_lines(metric))


def reference_table(specs: Iterable[MetricSpec]) -> str:
    """Return the rows of the metrics dictionary in Markdown."""
    head = "| name | type | labels | unit | meaning |\n|---|---|---|---|---|\n"
    return head + "".join(_reference_row(spec) for spec in specs)


def _reference_row(spec: MetricSpec) -> str:
    labels = ", ".join(f"`{label}`" for label in spec.labels) or "–"
    buckets = f"; buckets {' '.join(_number(bound) for bound in spec.buckets)}" if spec.buckets else ""
    return f"| `{spec.name}` | {spec.type} | {labels} | {spec.unit} | {spec.meaning}{buckets} |\n"


def _metric_lines(metric: Metric) -> Iterator[str]:
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    yield f"# HELP {name} {_help(metric.documentation)}"
    yield f"# TYPE {name} {metric.type if metric.type in set(MetricType) else 'untyped'}"
    samples = [sample for sample in metric.samples if sample.name != f"{metric.name}_created"]
    for sample in sorted(samples, key=_order):
        labels = ",".join(f'{label}="{_label_text(label, value)}"' for label, value in sample.labels.items())
        yield (
            f"{sample.name}{{{labels}}} {_number(sample.value)}" if labels else f"{sample.name} {_number(sample.value)}"
        )


def _order(sample: Sample) -> tuple[list[tuple[str, str]], int]:
    """Sort whole series by their labels; the lines of a histogram keep bucket, sum, count."""
    series = [pair for pair in sample.labels.items() if pair[0] != "le"]
    return series, next((rank for end, rank in _LINE_ORDER.items() if sample.name.endswith(end)), 0)


def _label_text(label: str, value: str) -> str:
    if label == "le":
        return _number(float(value))
    return _SURROGATE.sub("\ufffd", value).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    """Return plain decimals without exponent: 4, 0.25, 0.000001."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")
