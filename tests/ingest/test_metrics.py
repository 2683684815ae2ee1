from __future__ import annotations

from pathlib import Path

from gwf.core.clock import ManualClock
from gwf.core.metrics import new_registry, reference_table, render
from gwf.ingest.metrics import SPECS, IngestCollector
from gwf.ingest.service import IngestService
from tests.ingest.memory_store import MemoryStore

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def test_the_page_shows_what_the_ingest_counts() -> None:
    ingest = IngestService(MemoryStore(), ManualClock())
    registry = new_registry()
    registry.register(IngestCollector(ingest))
    ingest.facts.file_events_total = 7
    ingest.gate.enter(100, 3)
    page = render(registry)
    assert "\ngwf_ingest_file_events_total 7\n" in page
    assert "\ngwf_ingest_waiting_events 3\n" in page
    assert all(f"# TYPE {spec.name} {spec.type}\n" in page for spec in SPECS)


def test_the_reference_has_one_row_for_each_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")
