from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gwf.agent.exposition import SPECS
from gwf.core.errors import ErrorClass, TooLargeError
from gwf.core.metrics import MetricType, reference_table
from tests.agent.edges import Place
from tests.agent.shown import shown_edge
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.waiting import until

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
LEGACY = {
    "gwf_file_events_total": "counter",
    "gwf_upload_queue_length": "gauge",
    "gwf_upload_inflight": "gauge",
    "gwf_upload_workers": "gauge",
    "gwf_upload_queue_full_total": "counter",
    "gwf_upload_queue_shed_total": "counter",
    "gwf_upload_retry_total": "counter",
    "gwf_upload_success_total": "counter",
    "gwf_upload_failure_total": "counter",
    "gwf_upload_failure_reason_total": "counter",
    "gwf_upload_duration_seconds": "histogram",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_page_shows_exactly_the_declared_metrics(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        page = shown.page()
    assert re.findall(r"(?m)^# TYPE (\S+) (\S+)$", page) == [(spec.name, spec.type.value) for spec in SPECS]
    assert re.findall(r"(?m)^# HELP (\S+) (.+)$", page) == [(spec.name, spec.meaning) for spec in SPECS]


def test_scrapers_read_the_page_and_find_the_declared_labels(place: Place) -> None:
    store = FarEnd()
    store.before = refusing(TooLargeError("too large"))
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write("a")
        until(lambda: shown.value("gwf_upload_failure_total") == 1)
        families = list(text_string_to_metric_families(shown.page()))
    labels = {spec.name.removesuffix("_total"): set(spec.labels) for spec in SPECS}
    for family in families:
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels[family.name]


def test_the_reference_has_one_row_for_each_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")


def test_the_names_and_types_of_the_go_version_are_kept() -> None:
    declared = {spec.name: spec.type.value for spec in SPECS}
    assert {name: declared.get(name) for name in LEGACY} == LEGACY
    (duration,) = [spec for spec in SPECS if spec.name == "gwf_upload_duration_seconds"]
    assert duration.buckets == (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


def test_names_tell_their_kind_and_have_few_labels() -> None:
    for spec in SPECS:
        assert spec.name.endswith("_total") is (spec.type is MetricType.COUNTER)
        assert len(spec.labels) <= 1
    assert len({spec.name for spec in SPECS}) == len(SPECS)


def test_numbers_follow_the_work(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        place.write("a", "b", "c", content=b"12345")
        until(lambda: shown.value("gwf_upload_success_total") == 3)
        assert shown.value("gwf_edge_uploaded_bytes_total") == 15
        assert shown.value("gwf_file_events_total") == 3
        assert shown.value("gwf_upload_duration_seconds_count") == 3
        assert shown.value('gwf_upload_duration_seconds_bucket{le="+Inf"}') == 3
        assert shown.value('gwf_edge_store_up{store="default"}') == 1
        assert shown.value('gwf_edge_tree_up{tree="0"}') == 1
        assert shown.value("gwf_edge_journal_up") == 1
        assert shown.value("gwf_edge_data_free_bytes") > 0


def test_dead_letters_are_counted_by_class_and_never_by_text(place: Place) -> None:
    store = FarEnd()
    store.before = refusing(TooLargeError("file /secret/path is too large"))
    with shown_edge(place.settings(), {"default": store}) as shown:
        place.write("a", "b")
        until(lambda: shown.value("gwf_upload_failure_total") == 2)
        assert shown.value('gwf_upload_failure_reason_total{reason="too_large"}') == 2
        assert shown.value('gwf_edge_files{state="dead"}') == 2
        assert "secret" not in shown.page()


def test_every_error_class_has_its_series_from_the_start(place: Place) -> None:
    with shown_edge(place.settings()) as shown:
        for name in ErrorClass:
            assert shown.value(f'gwf_edge_attempt_failures_total{{error_class="{name}"}}') == 0
