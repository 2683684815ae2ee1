"""Offers configurations that do harm to a fleet over real HTTP, and measures how far they come and how soon they go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.centre import Centre
from bench.plan import Plan
from bench.report import Column, Goal, Report, Row
from gwf.control.config.canonical import hash_of
from gwf.sim import model
from gwf.sim.fleet import SimFleet
from gwf.sim.ledger import ConfigTally
from gwf.sim.poison import Harm, Poison

AGENTS = 1_000
WORTH_IT = 500  #: fewer agents only show that it works: one of them is more than one percent
HEARTBEAT_S, SMALL_HEARTBEAT_S = 30.0, 1.0
#: trial of a configuration at an agent: as a real agent has it when nothing else is said, and in a run that only shows
#: that it works
CONFIRM_S, SMALL_CONFIRM_S = 10.0, 0.4
WAVES = [1, 10, 50, 100]
SILENT_S = 30.0  #: until an agent that does not answer counts as failed, in the case that needs it
STILL_S, SMALL_STILL_S = 20.0, 0.5  #: after the end of a rollout, in which nothing may be offered again
ENDLESS_S = 86_400.0
GOOD_BASE_S = 5

COLUMNS = (
    Column("agents", "agents"),
    Column("ran_pct", "ever ran it %", 2),
    Column("reverted_s", "gone after s", 1, spread=True),
    Column("ended_s", "rollout ended after s", 1),
    Column("on_record", "attempts on record"),
    Column("again", "offered again"),
    Column("left_out", "left out next time"),
    Column("p99_ms", "heartbeat p99 ms", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way in which a configuration does harm."""

    name: str
    #: `agent.retry.base` in seconds, which names the poison
    base_s: int
    harm: Harm
    #: from coming into force to the harm, in lengths of a trial
    trials: float = 0.0
    gates: Mapping[str, float] = field(default_factory=dict[str, float])

    def poison(self, confirm_s: float) -> Poison:
        """Return the rule that simulated hosts obey whose trials last `confirm_s`."""
        place = ("agent", "retry", "base")
        return Poison(place=place, value=self.base_s, harm=self.harm, after_s=self.trials * confirm_s)


CASES = (
    Case(name="refused when checked", base_s=11, harm=Harm.REJECT),
    Case(name="ill within the trial", base_s=12, harm=Harm.SICK, trials=0.2),
    Case(name="ill after it was kept", base_s=13, harm=Harm.SICK, trials=1.5),
    Case(name="silent", base_s=14, harm=Harm.SILENT, trials=0.2, gates={"attempt_timeout_s": SILENT_S}),
)


def run(plan: Plan) -> Report:
    """Measure every case, with the stream of the centre open as real agents have it, and without."""
    agents = plan.count(AGENTS)
    whole = agents >= WORTH_IT
    goals = [Goal(_row(case, listens=True), "ran_pct", "at most", 1) for case in CASES]
    goals += [Goal(_row(case, listens=True), "reverted_s", "at most", 60) for case in CASES if case.harm is Harm.SICK]
    goals += [Goal(_row(case, listens=True), "again", "at most", 0) for case in CASES]
    report = Report("poison", f"{agents:,} agents, waves {WAVES} %", COLUMNS, goals=tuple(goals if whole else ()))
    for _ in range(plan.rounds):
        for listens in (True, False) if whole else (True,):
            home = plan.workplace("poison")
            asyncio.run(_round(report, home, agents=agents, listens=listens))
    return report


def _row(case: Case, *, listens: bool) -> str:
    return case.name if listens else f"{case.name}, heartbeats only"


async def _round(report: Report, home: Path, *, agents: int, listens: bool) -> None:
    whole = agents >= WORTH_IT
    confirm_s = CONFIRM_S if whole else SMALL_CONFIRM_S
    cases = CASES if whole else [case for case in CASES if case.harm is Harm.SICK]
    with Centre(home, agents={"heartbeat": HEARTBEAT_S if whole else SMALL_HEARTBEAT_S}) as centre:
        token = centre.send("/api/v1/enrolment-tokens", {"name": "bench", "max_uses": agents})["secret"]
        plan = model.Plan(
            url=centre.url, token=token, agents=agents, seconds=ENDLESS_S, listens=listens,
            confirm_s=confirm_s, poisons=tuple(case.poison(confirm_s) for case in cases),
        )  # fmt: skip
        fleet = SimFleet(plan)
        work = asyncio.create_task(fleet.run())
        try:
            await asyncio.to_thread(_prepare, centre, agents, work)
            for case in cases:
                row = report.row(_row(case, listens=listens))
                await asyncio.to_thread(_measure, row, centre, fleet, case, still_s=STILL_S if whole else SMALL_STILL_S)
        finally:
            work.cancel()
            await asyncio.wait([work])


def _prepare(centre: Centre, agents: int, work: asyncio.Task[Any]) -> None:
    """Wait for the fleet, and put a good configuration into force everywhere."""
    _until(lambda: work.done() or _known(centre) == agents, 300)
    if work.done():
        work.result()
    layer = centre.send("/api/v1/config-layers", {"kind": "base"})["layer_id"]
    begun = _roll_out(centre, layer, GOOD_BASE_S, waves=[100], gates={"soak_s": 0})
    _until(lambda: _rollout(centre, begun)["status"] == "completed", 300)


def _known(centre: Centre) -> int:
    states = centre.ask("/api/v1/agents?limit=1&facets=true")["facets"]["states"]
    return int(states.get("online", 0))


def _measure(row: Row, centre: Centre, fleet: SimFleet, case: Case, *, still_s: float) -> None:
    layer = centre.ask("/api/v1/config-layers")["items"][0]["layer_id"]
    before = len(fleet.outcome.heartbeat_latency.samples)
    begun_s = time.monotonic()
    rollout = _roll_out(centre, layer, case.base_s, waves=WAVES, gates=case.gates)
    _until(lambda: _rollout(centre, rollout)["ended_at"] is not None, 900)
    ended_s = time.monotonic() - begun_s
    tally = fleet.ledger.tallies[hash_of(_document(case.base_s))]
    offered = len(tally.offers)
    time.sleep(still_s)
    view = _rollout(centre, rollout)
    if view["status"] != "reverted":
        raise RuntimeError(f"the poison was not taken back: {view}")
    kept = centre.ask(f"/api/v1/rollouts/{rollout}/attempts?limit=1000")["items"]
    waves = [item for item in kept if item["kind"] == "wave"]
    wish = {"version_id": view["version_id"], "waves": WAVES}
    impact = centre.send("/api/v1/rollouts?dry_run=true", wish)["impact"]
    samples = sorted(fleet.outcome.heartbeat_latency.samples[before:])
    row.add(
        agents=len(fleet.agents),
        ran_pct=100 * len(tally.ran) / len(fleet.agents),
        ended_s=ended_s,
        on_record=len(waves),
        again=len(tally.offers) - offered + sum(len(attempts) > 1 for attempts in tally.offers.values()),
        left_out=impact["refused"],
        p99_ms=samples[int(0.99 * len(samples))] if samples else 0.0,
    )
    gone_s = _gone_s(tally, case.poison(fleet.plan.confirm_s))
    if gone_s is not None:
        row.add(reverted_s=gone_s)


def _gone_s(tally: ConfigTally, poison: Poison) -> float | None:
    """Return the time from the first harm until nobody worked by the poison any more; None = it never ran, or stays."""
    if tally.first_ms is None or tally.left_ms is None or tally.running:
        return None
    return (tally.left_ms - tally.first_ms) / 1000 - poison.after_s


def _roll_out(centre: Centre, layer: str, base_s: int, *, waves: list[int], gates: Mapping[str, float]) -> str:
    written = centre.send(f"/api/v1/config-layers/{layer}/versions", _document(base_s))
    wish = {"version_id": written["version"]["version_id"], "waves": waves, "gates": dict(gates)}
    return str(centre.send("/api/v1/rollouts", wish)["rollout"]["rollout_id"])


def _document(base_s: int) -> dict[str, object]:
    return {"agent": {"retry": {"base": base_s, "cap": 600}}}


def _rollout(centre: Centre, rollout: str) -> dict[str, Any]:
    return dict(centre.ask(f"/api/v1/rollouts/{rollout}"))


def _until(is_so: Callable[[], bool], within_s: float) -> None:
    end_s = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end_s:
            raise TimeoutError("the fleet did not come so far in time")
        time.sleep(0.25)
