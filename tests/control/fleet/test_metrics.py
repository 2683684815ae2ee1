"""What is shown of the keeping of a fleet."""

from __future__ import annotations

from pathlib import Path

from gwf.control.fleet.metrics import SPECS, FleetCollector
from gwf.core.looplag import LoopLag
from gwf.core.metrics import new_registry, reference_table, render
from tests.control.fleet.centre import Calling, Centre, with_centre

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


def test_the_reference_has_one_row_for_each_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")


def test_lag_heartbeats_and_rounds_are_shown() -> None:
    async def work(centre: Centre) -> str:
        lag, registry = LoopLag(), new_registry()
        registry.register(FleetCollector(lag, centre.heartbeats, centre.keeper.facts))
        calling = Calling((await centre.enrol()).credential)
        await centre.call(calling)
        await centre.call(calling)
        lag.take(0.25)
        centre.keeper.facts.round_s = 0.125
        return render(registry)

    page = with_centre(work)
    shown = ("gwf_event_loop_lag_seconds 0.25", "gwf_heartbeats_total 2", "gwf_fleet_round_seconds 0.125")
    assert all(f"\n{line}\n" in page for line in shown)
