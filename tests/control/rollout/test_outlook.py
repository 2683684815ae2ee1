"""Where versions run and how far a rollout came, on a fleet that lives by the tests' clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import given
from hypothesis import strategies as st

from gwf.audit.ports import AuditStore
from gwf.control.config.canonical import hash_of
from gwf.control.config.model import LayerKind, VersionId
from gwf.control.rollout.model import Gates, Plan, Wave, WaveKind
from gwf.control.rollout.outlook import ConfigOutlook
from gwf.control.rollout.ports import Page, Take, VersionFilter
from gwf.control.rollout.seats import SeatState
from gwf.control.rollout.spread import course_of
from gwf.control.rollout.wish import Wish
from gwf.db.address import DatabaseAddress
from gwf.db.audit_store import SqlAuditStore
from tests.control.rollout.lab import ANN, TENANT, Lab, a_lab, percent

GOOD = {"agent": {"transfer": {"workers": 8}}}
BETTER = {"agent": {"transfer": {"workers": 9}}}
EVERYBODY = percent(100)


def in_lab(work: Callable[[Lab, ConfigOutlook], Awaitable[None]], count: int, address: DatabaseAddress) -> None:
    async def run() -> None:
        async with a_lab(count, address=address) as lab:
            audit: AuditStore = SqlAuditStore(lab.database.core)
            await work(lab, ConfigOutlook(lab.store, audit, lab.boards, fleet=lab.fleet))

    asyncio.run(run())


def test_seats_follow_the_waves_and_say_why_somebody_is_left_out(address: DatabaseAddress) -> None:
    async def work(lab: Lab, outlook: ConfigOutlook) -> None:
        version = await lab.version(await lab.layer(), GOOD)
        lab.fleet.agents["a00003"].reachable = False
        plan = Plan(waves=percent(10, 50, 100), gates=Gates())
        ahead = await lab.rollouts.preview(TENANT, Wish(version=version, plan=plan), caller=ANN)
        planned = {seat.agent: seat.wave for seat in ahead.seats}
        assert sorted(planned.values()) == [0, 1, 1, 1, 1, 2, 2, 2, 2, 2]
        assert {seat.agent for seat in ahead.seats if seat.state is SeatState.ABSENT} == {"a00003"}
        rollout = await lab.roll_out(version, *percent(10, 50, 100))
        await lab.seconds(75)
        _, seats, began = await outlook.seats(TENANT, rollout)
        assert len(began) == 2
        assert {seat.agent: seat.wave for seat in seats} == planned
        assert {seat.state for seat in seats if seat.wave < 2} == {SeatState.APPLIED}
        assert [seat.state for seat in seats if seat.wave == 2].count(SeatState.PENDING) == 4

    in_lab(work, 10, address)


def test_seats_of_a_rollout_that_was_taken_back_stay_on_record(address: DatabaseAddress) -> None:
    async def work(lab: Lab, outlook: ConfigOutlook) -> None:
        layer = await lab.layer()
        await lab.until_ended(await lab.roll_out(await lab.version(layer, GOOD), *EVERYBODY))
        bad = await lab.version(layer, BETTER)
        lab.poison.add(hash_of(BETTER))
        rollout = await lab.roll_out(bad, *percent(20, 100))
        await lab.until_ended(rollout)
        _, seats, began = await outlook.seats(TENANT, rollout)
        assert [(seat.wave, seat.state) for seat in seats] == [(0, SeatState.TAKEN_BACK)] * 2
        assert len(began) == 1
        moves = await outlook.moves(TENANT, rollout)
        assert [row.action for row in moves][-1] == "rollout.create"
        of_layer = VersionFilter(layer=layer.id)
        stories = {story.version.id: story for story in await outlook.stories(TENANT, of_layer, Page(limit=10))}
        assert stories[bad].changes == 1
        assert stories[bad].rollout is not None
        assert sum(stories[bad].phases.values()) == 2

    in_lab(work, 10, address)


def test_a_wave_of_a_group_holds_that_group(address: DatabaseAddress) -> None:
    async def work(lab: Lab, outlook: ConfigOutlook) -> None:
        for name in ("a00001", "a00002"):
            lab.fleet.agents[name].groups = ("canary",)
        waves = (Wave(kind=WaveKind.GROUPS, groups=("canary",)), *EVERYBODY)
        wish = Wish(version=await lab.version(await lab.layer(), GOOD), plan=Plan(waves=waves, gates=Gates()))
        ahead = await lab.rollouts.preview(TENANT, wish, caller=ANN)
        assert {seat.agent for seat in ahead.seats if seat.wave == 0} == {"a00001", "a00002"}

    in_lab(work, 6, address)


def test_the_spread_tells_who_runs_which_version(address: DatabaseAddress) -> None:
    async def work(lab: Lab, outlook: ConfigOutlook) -> None:
        lab.fleet.agents["a00001"].groups = ("canary",)
        layer = await lab.layer()
        first, second = await lab.version(layer, GOOD), await lab.version(layer, BETTER)
        await lab.until_ended(await lab.roll_out(first, *EVERYBODY))
        await lab.seconds(31)
        before = lab.clock.now_ms()
        lab.fleet.agents["a00000"].reachable = False
        await lab.until_ended(await lab.roll_out(second, *EVERYBODY), limit_s=4000)
        await lab.seconds(31)
        spread, numbers = await outlook.spread(TENANT, layer.id)
        assert dict(spread.whole.versions) == {first: 1, second: 3}
        assert dict(spread.groups["canary"].versions) == {second: 1}
        assert (numbers[first], numbers[second], spread.whole.unknown) == (1, 2, 0)
        course, _ = await outlook.course(TENANT, layer.id, (0, before, lab.clock.now_ms()))
        assert course.agents == {first: (0, 4, 1), second: (0, 0, 3)}
        other = await lab.layer(LayerKind.GROUP, "canary")
        await lab.boards.refresh()
        spread, _ = await outlook.spread(TENANT, other.id)
        assert (spread.whole.agents, spread.whole.none) == (1, 1)

    in_lab(work, 4, address)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["v1", "v2", "x"]), st.integers(0, 50)), max_size=30))
def test_no_agent_is_counted_twice_at_any_moment(raw: list[tuple[str, str, int]]) -> None:
    in_time = sorted(raw, key=lambda item: item[2])
    takes = [Take(agent, (VersionId("base"), VersionId(version)), at) for agent, version, at in in_time]
    mine = {VersionId("v1"), VersionId("v2")}
    course = course_of(takes, mine, range(0, 51, 5))
    for place, moment in enumerate(course.times_ms):
        last = {take.agent: take.versions[1] for take in takes if take.at_ms <= moment}
        wanted = {version: list(last.values()).count(version) for version in mine}
        assert {version: course.agents.get(version, (0,) * 11)[place] for version in mine} == wanted
