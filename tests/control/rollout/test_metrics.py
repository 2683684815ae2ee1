from __future__ import annotations

import asyncio
from pathlib import Path

from gwf.control.config.canonical import hash_of
from gwf.control.rollout.metrics import SPECS
from gwf.core.metrics import reference_table, render
from tests.control.rollout.lab import ANN, TENANT, Lab, a_lab, percent

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
GOOD = {"agent": {"transfer": {"workers": 8}}}
BAD = {"agent": {"transfer": {"workers": 9}}}


def lines(lab: Lab) -> set[str]:
    return set(render(lab.registry).splitlines())


async def _watch() -> None:
    async with a_lab(100) as lab:
        layer = await lab.layer()
        good = await lab.roll_out(await lab.version(layer, GOOD), *percent(10, 100))
        await lab.seconds(5)
        assert {
            'gwf_rollouts{status="running"} 1',
            'gwf_rollout_agents{outcome="applied"} 10',
            "gwf_rollout_oldest_seconds 5",
            "gwf_rollout_waves_total 1",
        } <= lines(lab)
        await lab.rollouts.pause(TENANT, good, caller=ANN)
        await lab.rollouts.resume(TENANT, good, caller=ANN)
        took_s = await lab.until_ended(good)
        lab.unusable.add(hash_of(BAD))
        await lab.until_ended(await lab.roll_out(await lab.version(layer, BAD), *percent(1, 100)))
        assert {
            'gwf_rollouts{status="running"} 0',
            "gwf_rollout_oldest_seconds 0",
            "gwf_rollouts_begun_total 2",
            'gwf_rollouts_ended_total{status="completed"} 1',
            'gwf_rollouts_ended_total{status="reverted"} 1',
            "gwf_rollout_waves_total 3",
            'gwf_rollout_halts_total{cause="person"} 1',
            'gwf_rollout_halts_total{cause="failure_share"} 1',
            'gwf_rollout_reverts_total{cause="failure_share"} 1',
            'gwf_rollout_offers_total{kind="wave"} 101',
            'gwf_rollout_reports_total{phase="applied"} 100',
            'gwf_rollout_reports_total{phase="failed"} 1',
            'gwf_rollout_duration_seconds_count{status="completed"} 1',
            f'gwf_rollout_duration_seconds_sum{{status="completed"}} {took_s + 5}',
        } <= lines(lab)


def test_a_rollout_that_goes_through_and_one_that_is_refused_are_counted() -> None:
    asyncio.run(_watch())


def test_the_reference_has_one_row_for_each_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")
