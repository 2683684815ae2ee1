"""What is counted of runs: each beginning and each end once, however often they are looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gwf.core.metrics import new_registry, reference_table, render
from gwf.flows import metrics
from gwf.flows.metrics import FLOW_SPECS, Beginning, FlowMetrics, Passage
from gwf.flows.run import RESTING, RunId, RunState, StepState
from gwf.flows.times import StepTime, stats_of

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


@dataclass
class Rows:
    passages: dict[str, Passage] = field(default_factory=dict)

    def put(self, name: str, at_ms: int, state: RunState = RunState.RUNNING, **more: object) -> None:
        old = self.passages.get(name)
        begun_ms = at_ms if old is None else old.begun_at_ms
        ended_ms = at_ms if state in RESTING else None
        self.passages[name] = Passage(
            run_id=RunId(name), revision=1 if old is None else old.revision + 1, state=state,
            begun_by=Beginning(str(more.get("by", "person"))), begun_at_ms=begun_ms, changed_at_ms=at_ms,
            ended_at_ms=ended_ms,
        )  # fmt: skip

    async def counts(self) -> Mapping[RunState, int]:
        states = [one.state for one in self.passages.values()]
        return {state: states.count(state) for state in states}

    async def approvals_waiting(self) -> int:
        return 2

    async def passages_since(self, since_ms: int, *, limit: int) -> Sequence[Passage]:
        found = [one for one in self.passages.values() if one.changed_at_ms >= since_ms]
        return sorted(found, key=lambda one: one.changed_at_ms)[:limit]


def test_the_reference_has_one_row_for_each_metric_of_runs() -> None:
    assert reference_table(FLOW_SPECS) in REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("most", [5_000, 3])
def test_each_beginning_and_each_end_counts_once(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(metrics, "MANY", most)
    registry, rows = new_registry(), Rows()
    rows.put("old", 90_000)
    counted = FlowMetrics(registry, rows, since_ms=100_000)

    def look() -> None:
        asyncio.run(counted.look())

    look()
    for number in range(4):
        rows.put(f"run{number}", 101_000 + number)
    rows.put("by rule", 101_500, by="rule")
    look()
    look()
    rows.put("run0", 102_000, RunState.FAILED)
    rows.put("old", 102_500, RunState.SUCCEEDED)
    look()
    rows.put("run0", 130_000)
    rows.put("run0", 131_000, RunState.SUCCEEDED)
    rows.put("run1", 131_000, RunState.STUCK)
    look()
    look()
    page = render(registry)
    for line in (
        'gwf_flow_runs_started_total{by="person"} 4', 'gwf_flow_runs_started_total{by="rule"} 1',
        'gwf_flow_runs_ended_total{state="failed"} 1', 'gwf_flow_runs_ended_total{state="succeeded"} 2',
        'gwf_flow_runs_ended_total{state="stuck"} 1', 'gwf_flow_runs_ended_total{state="cancelled"} 0',
        "gwf_flow_run_duration_seconds_count 4", 'gwf_flow_runs{state="running"} 3', "gwf_flow_approvals_waiting 2",
    ):  # fmt: skip
        assert f"\n{line}\n" in page, line


def test_times_are_of_what_ended_well() -> None:
    took = [StepTime(step="a", state=StepState.SUCCEEDED, took_ms=ms) for ms in range(1, 101)]
    bad = StepTime(step="a", state=StepState.FAILED, took_ms=9_999)
    first, second = stats_of([*took, bad], ["a", "b"])
    assert (first.good, first.bad, first.p50_ms, first.p95_ms) == (100, 1, 50, 95)
    assert (second.good, second.p50_ms) == (0, None)
