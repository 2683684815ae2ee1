from __future__ import annotations

from pathlib import Path

from gwf.core.metrics import new_registry, reference_table, render
from gwf.ingest.inputs.metrics import SPECS, Fate, InputCollector, InputFacts

REFERENCE = Path(__file__).parents[3] / "docs/reference/metrics.md"


def test_the_dictionary_has_every_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")


def test_an_input_appears_with_all_fates_once_something_came() -> None:
    facts, registry = InputFacts(), new_registry()
    registry.register(InputCollector(facts))
    facts.count("syslog", Fate.DROPPED, events=3)
    facts.waiting["syslog"] = 7
    page = render(registry)
    assert 'gwf_inputs_events_total{input="syslog",fate="dropped"} 3\n' in page
    assert 'gwf_inputs_events_total{input="syslog",fate="accepted"} 0\n' in page
    assert 'gwf_inputs_waiting{input="syslog"} 7\n' in page
