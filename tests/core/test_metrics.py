from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from gwf.core.metrics import MetricSpec, MetricType, counter, gauge, histogram, new_registry, reference_table, render

SCRAPED_FROM_GO = Path(__file__).parent / "data" / "metrics_go.txt"
FILES = MetricSpec(name="gwf_files_total", type=MetricType.COUNTER, unit="files", meaning="Files.", labels=("reason",))


def test_the_page_of_the_go_version_is_reproduced_byte_for_byte() -> None:
    page = SCRAPED_FROM_GO.read_text(encoding="utf-8")
    registry = new_registry()
    for block in re.split(r"(?m)^(?=# HELP )", page)[1:]:
        _rebuild(registry, block.splitlines())
    assert render(registry) == page


def _rebuild(registry: CollectorRegistry, lines: list[str]) -> None:
    name, meaning = re.fullmatch(r"# HELP (\S+) (.*)", lines[0]).groups()  # type: ignore[union-attr]  # a HELP line
    kind = MetricType(lines[1].split()[-1])
    if kind is MetricType.HISTOGRAM:
        _rebuild_histogram(registry, name, meaning, lines[2:])
        return
    series = [re.fullmatch(r"[^{ ]+(?:\{(.*)\})? (\S+)", line) for line in lines[2:]]
    pairs = [(dict(re.findall(r'(\w+)="([^"]*)"', match[1] or "")), float(match[2])) for match in series if match]
    labels = tuple(pairs[0][0]) if pairs else ("reason",)
    spec = MetricSpec(name=name, type=kind, unit="", meaning=meaning, labels=labels)
    if kind is MetricType.COUNTER:
        made = counter(registry, spec)
        for values, number in reversed(pairs):
            (made.labels(**values) if labels else made).inc(number)
    else:
        shown = gauge(registry, spec)
        for values, number in reversed(pairs):
            (shown.labels(**values) if labels else shown).set(number)


def _rebuild_histogram(registry: CollectorRegistry, name: str, meaning: str, lines: list[str]) -> None:
    bounds = [float(bound) for bound in re.findall(r'le="([0-9.]+)"', "\n".join(lines))]
    spec = MetricSpec(name=name, type=MetricType.HISTOGRAM, unit="s", meaning=meaning, buckets=tuple(bounds))
    made = histogram(registry, spec)
    seen = 0
    for bound, line in zip([*bounds, float("inf")], lines, strict=False):
        while seen < int(line.split()[-1]):
            made.observe(bound)
            seen += 1
    made._sum.set(float(lines[-2].split()[-1]))


@given(st.text(st.characters(), max_size=40))
def test_any_label_value_gives_a_page_that_scrapers_read(value: str) -> None:
    registry = new_registry()
    counter(registry, FILES).labels(value).inc()
    page = render(registry)
    page.encode()
    (family,) = text_string_to_metric_families(page)
    assert family.samples[0].labels["reason"] == re.sub("[\ud800-\udfff]", "\ufffd", value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.0, "4"), (0.25, "0.25"), (1e-7, "0.0000001"), (1e22, "1" + "0" * 22), (float("inf"), "+Inf"),
     (float("-inf"), "-Inf"), (float("nan"), "NaN"), (-0.5, "-0.5")],
)  # fmt: skip
def test_numbers_are_plain_decimals(value: float, text: str) -> None:
    registry = new_registry()
    gauge(registry, MetricSpec(name="gwf_x", type=MetricType.GAUGE, unit="s", meaning="x")).set(value)
    assert render(registry).splitlines()[-1] == f"gwf_x {text}"


def test_histograms_with_labels_keep_each_series_together() -> None:
    registry = new_registry()
    spec = MetricSpec(
        name="gwf_d_seconds", type=MetricType.HISTOGRAM, unit="s", meaning="d", labels=("store",), buckets=(0.5, 1)
    )
    made = histogram(registry, spec)
    made.labels("b").observe(0.7)
    made.labels("a").observe(3)
    assert [line.split()[0] for line in render(registry).splitlines()[2:]] == [
        f"gwf_d_seconds{end}"
        for store in ("a", "b")
        for end in (
            *(f'_bucket{{store="{store}",le="{bound}"}}' for bound in ("0.5", "1", "+Inf")),
            f'_sum{{store="{store}"}}',
            f'_count{{store="{store}"}}',
        )
    ]


def test_the_reference_has_one_row_a_metric() -> None:
    assert reference_table([FILES]).splitlines()[2] == "| `gwf_files_total` | counter | `reason` | files | Files. |"
