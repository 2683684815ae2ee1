from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from gwf.control.config.canonical import hash_of
from gwf.control.config.check import FaultyDocumentError
from gwf.control.config.model import Document, LayerKind
from gwf.control.rollout.advance import MIN_OFFERS
from gwf.control.rollout.model import AttemptPhase, CauseCode, Gates, HealthLevel, Plan, RolloutStatus
from gwf.control.rollout.standing import ConfigStanding
from gwf.control.rollout.wish import RolloutUnderWayError, Wish
from gwf.core.errors import ConflictError, InputError, NotFoundError
from tests.control.rollout.lab import ANN, TENANT, WAVES, Lab, SimAgent, a_lab, percent

Result = TypeVar("Result")
GOOD = {"agent": {"transfer": {"workers": 8}}}
BETTER = {"agent": {"transfer": {"workers": 9}}}


def in_lab(work: Callable[[Lab], Awaitable[Result]], count: int = 100) -> Result:
    async def run() -> Result:
        async with a_lab(count) as lab:
            return await work(lab)

    return asyncio.run(run())


async def in_force(lab: Lab, document: Document) -> str:
    """Put a document into force everywhere; return its hash."""
    layer = await lab.layer()
    await lab.until_ended(await lab.roll_out(await lab.version(layer, document), *percent(100), gates=Gates(soak_s=0)))
    return hash_of(document)


def running(lab: Lab) -> set[str | None]:
    return {agent.running for agent in lab.fleet.agents.values()}


def test_a_good_version_is_in_force_everywhere_after_its_waves() -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        rollout = await lab.roll_out(await lab.version(layer, GOOD))
        took_s = await lab.until_ended(rollout)
        assert 4 * 60 < took_s < 4 * 60 + 30
        assert running(lab) == {hash_of(GOOD)}
        assert (await lab.rollout(rollout)).state.status is RolloutStatus.COMPLETED
        assert await lab.phases(rollout) == {"wave.applied": 100}

    in_lab(work)


def test_a_wave_comes_to_its_end_though_the_centre_is_busy() -> None:
    async def work(lab: Lab) -> None:
        layer, lab.lag_s = await lab.layer(), 60.0
        rollout = await lab.roll_out(await lab.version(layer, GOOD), *percent(100), gates=Gates(soak_s=0))
        await lab.second()
        assert await lab.phases(rollout) == {"wave.applied": MIN_OFFERS}
        assert await lab.until_ended(rollout) < 20
        assert running(lab) == {hash_of(GOOD)}

    in_lab(work)


def test_the_board_knows_of_a_report_as_soon_as_it_is_written() -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        await lab.roll_out(await lab.version(layer, GOOD), *percent(100))
        await lab.driver.turn()
        name, agent = next(iter(lab.fleet.agents.items()))
        lab.unusable.add(hash_of(GOOD))
        await lab.obey(agent)
        assert lab.boards.of(TENANT).newest[name].phase is AttemptPhase.FAILED
        assert lab.desk.desired(TENANT, name, None) is None

    in_lab(work)


def test_agents_that_have_not_begun_do_not_hold_up_the_taking_back() -> None:
    async def work(lab: Lab) -> None:
        await in_force(lab, GOOD)
        (layer,) = await lab.configs.layers(TENANT)
        lab.unusable.add(hash_of(BETTER))
        lab.silent.update(list(lab.fleet.agents)[::2])
        rollout = await lab.roll_out(await lab.version(layer, BETTER), *percent(20, 100))
        assert await lab.until_ended(rollout) <= 35  # one heartbeat and some looks
        phases = await lab.phases(rollout)
        assert phases["wave.failed"] + phases["wave.superseded"] == 20
        assert phases["wave.superseded"] > 0

    in_lab(work)


def test_poison_is_run_by_one_percent_at_most_and_taken_back_within_a_minute() -> None:
    async def work(lab: Lab) -> None:
        before = await in_force(lab, GOOD)
        await lab.seconds(30)
        (layer,) = await lab.configs.layers(TENANT)
        poison = hash_of(BETTER)
        lab.poison.add(poison)
        rollout = await lab.roll_out(await lab.version(layer, BETTER))
        assert await lab.until_ended(rollout) <= 60
        ran = [agent for agent in lab.fleet.agents.values() if poison in agent.ever_ran]
        assert 1 <= len(ran) <= 10
        assert running(lab) == {before}
        stored = await lab.rollout(rollout)
        assert stored.state.status is RolloutStatus.REVERTED
        assert stored.state.cause is not None
        assert stored.state.cause.code is CauseCode.UNHEALTHY_SHARE
        assert await lab.phases(rollout) == {"wave.applied": 10, "revert.applied": len(ran)}
        assert [event.type for event in lab.sink.events if event.subject == rollout] == [
            "gwf.rollout.running",
            "gwf.rollout.reverting",
            "gwf.rollout.reverted",
        ]

    in_lab(work, 1000)


def test_what_an_agent_refused_is_not_offered_again_before_a_person_says_so() -> None:
    async def work(lab: Lab) -> None:
        await in_force(lab, GOOD)
        (layer,) = await lab.configs.layers(TENANT)
        bad = hash_of(BETTER)
        lab.unusable.add(bad)
        version = await lab.version(layer, BETTER)
        first = await lab.roll_out(version)
        await lab.until_ended(first)
        (refuser,) = [name for name, hashes in lab.boards.of(TENANT).refused.items() if bad in hashes]
        lab.unusable.clear()
        second = await lab.roll_out(version, *percent(100), gates=Gates(soak_s=0))
        await lab.until_ended(second)
        await lab.seconds(300)
        assert lab.fleet.agents[refuser].running == hash_of(GOOD)
        assert lab.configs.agent(TENANT, refuser).standing.word is ConfigStanding.HELD
        assert await lab.rollouts.offer_again(TENANT, refuser, caller=ANN) == bad
        await lab.seconds(40)
        assert running(lab) == {bad}

    in_lab(work)


def test_a_rollout_goes_on_where_it_was_after_a_restart() -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        rollout = await lab.roll_out(await lab.version(layer, GOOD))
        await lab.seconds(90)
        there = await lab.rollout(rollout)
        anew = Lab(lab.database, lab.fleet, lab.clock, name="t")
        await anew.driver.turn()
        assert (await anew.rollout(rollout)).state.wave == there.state.wave >= 1
        await anew.until_ended(rollout)
        assert running(anew) == {hash_of(GOOD)}

    in_lab(work)


def test_an_agent_that_was_away_gets_it_when_it_returns() -> None:
    async def work(lab: Lab) -> None:
        away = lab.fleet.agents["a00007"]
        away.reachable = False
        await in_force(lab, GOOD)
        assert away.running is None
        away.reachable = True
        await lab.seconds(3)
        assert away.running == hash_of(GOOD)

    in_lab(work)


def test_an_agent_that_is_away_when_it_is_taken_back_goes_back_when_it_returns() -> None:
    async def work(lab: Lab) -> None:
        before = await in_force(lab, GOOD)
        (layer,) = await lab.configs.layers(TENANT)
        rollout = await lab.roll_out(await lab.version(layer, BETTER), *percent(10, 100))
        await lab.seconds(5)
        away = next(agent for agent in lab.fleet.agents.values() if agent.running == hash_of(BETTER))
        lab.beat(away)
        away.reachable = False
        await lab.rollouts.abort(TENANT, rollout, caller=ANN)
        await lab.until_ended(rollout)
        assert away.running == hash_of(BETTER)
        away.reachable = True
        await lab.seconds(3)
        assert running(lab) == {before}

    in_lab(work)


def test_a_higher_layer_keeps_its_agents_out_of_a_rollout() -> None:
    async def work(lab: Lab) -> None:
        for name in ("a00001", "a00002"):
            lab.fleet.agents[name].groups = ("canary",)
        group = await lab.layer(LayerKind.GROUP, "canary")
        await lab.until_ended(await lab.roll_out(await lab.version(group, BETTER), *percent(100)))
        await in_force(lab, GOOD)
        ran = {name: agent.running for name, agent in lab.fleet.agents.items()}
        assert {name for name, hash_ in ran.items() if hash_ == hash_of(BETTER)} == {"a00001", "a00002"}

    in_lab(work)


def test_an_agent_that_changes_its_group_follows() -> None:
    async def work(lab: Lab) -> None:
        lab.fleet.agents["a00001"].groups = ("canary",)
        await in_force(lab, GOOD)
        group = await lab.layer(LayerKind.GROUP, "canary")
        await lab.until_ended(await lab.roll_out(await lab.version(group, BETTER), *percent(100)))
        lab.fleet.agents["a00002"].groups = ("canary",)
        lab.fleet.agents["a00001"].groups = ()
        await lab.seconds(2)
        assert lab.fleet.agents["a00001"].running == hash_of(GOOD)
        assert lab.fleet.agents["a00002"].running == hash_of(BETTER)

    in_lab(work)


def test_an_agent_that_does_not_answer_is_asked_again() -> None:
    async def work(lab: Lab) -> None:
        lab.silent.add("a00003")
        await in_force(lab, GOOD)
        await lab.seconds(400)
        lab.silent.clear()
        await lab.seconds(240)
        assert running(lab) == {hash_of(GOOD)}

    in_lab(work)


def test_two_rollouts_never_meet_at_an_agent() -> None:
    async def work(lab: Lab) -> None:
        lab.fleet.agents["a00001"].groups = ("canary",)
        lab.fleet.agents["a00002"].groups = ("other",)
        base, canary = await lab.layer(), await lab.layer(LayerKind.GROUP, "canary")
        other = await lab.layer(LayerKind.GROUP, "other")
        await lab.roll_out(await lab.version(canary, BETTER), *percent(100))
        await lab.roll_out(await lab.version(other, BETTER), *percent(100))
        version = await lab.version(base, {"agent": {"retry": {"base": "2s"}}})
        with pytest.raises(RolloutUnderWayError) as caught:
            await lab.roll_out(version)
        assert caught.value.context["agents"] == 1

    in_lab(work)


def test_one_agent_gets_a_configuration_of_its_own_and_loses_it_when_it_does_harm() -> None:
    async def work(lab: Lab) -> None:
        await in_force(lab, GOOD)
        own = {"agent": {"retry": {"base": "2s"}}}
        change = await lab.rollouts.set_agent(TENANT, "a00005", own, caller=ANN, dry_run=True)
        assert change.prospect.impact.affected == 1
        assert len(await lab.configs.layers(TENANT)) == 1
        change = await lab.rollouts.set_agent(TENANT, "a00005", own, caller=ANN, dry_run=False)
        await lab.until_ended(change.prospect.rollout.id)
        assert [name for name, agent in lab.fleet.agents.items() if agent.running != hash_of(GOOD)] == ["a00005"]
        harmful = {"agent": {"retry": {"base": "3s"}}}
        lab.poison.add(hash_of({"agent": {**GOOD["agent"], **harmful["agent"]}}))
        change = await lab.rollouts.set_agent(TENANT, "a00005", harmful, caller=ANN, dry_run=False)
        await lab.until_ended(change.prospect.rollout.id)
        assert lab.fleet.agents["a00005"].running == hash_of({"agent": {**GOOD["agent"], **own["agent"]}})

    in_lab(work)


def test_a_configuration_that_does_not_fit_the_agent_is_refused() -> None:
    async def work(lab: Lab) -> None:
        document = {"agent": {"watch": [{"path": "/a", "key": "{label.site}/{path}"}]}}
        with pytest.raises(FaultyDocumentError) as caught:
            await lab.rollouts.set_agent(TENANT, "a00005", document, caller=ANN, dry_run=False)
        assert caught.value.faults[0].pointer == "/agent/watch/0/key"
        assert await lab.configs.layers(TENANT) == []
        lab.fleet.agents["a00005"].labels = {"site": "sh"}
        await lab.rollouts.set_agent(TENANT, "a00005", document, caller=ANN, dry_run=False)

    in_lab(work)


def test_steering_is_for_the_states_that_allow_it() -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        version = await lab.version(layer, GOOD)
        rollout = await lab.roll_out(version, *percent(1, 100))
        assert (await lab.rollouts.pause(TENANT, rollout, caller=ANN)).state.status is RolloutStatus.PAUSED
        await lab.seconds(5)
        assert await lab.phases(rollout) == {}
        await lab.rollouts.resume(TENANT, rollout, caller=ANN)
        await lab.rollouts.promote(TENANT, rollout, caller=ANN)
        await lab.seconds(3)
        assert len(running(lab)) == 1
        await lab.rollouts.promote(TENANT, rollout, caller=ANN)
        with pytest.raises(ConflictError):
            await lab.rollouts.abort(TENANT, rollout, caller=ANN)
        with pytest.raises(NotFoundError):
            await lab.rollouts.abort("another", rollout, caller=ANN)
        with pytest.raises(InputError):
            await lab.roll_out(version)

    in_lab(work)


def test_a_preview_says_what_would_happen_and_changes_nothing() -> None:
    async def work(lab: Lab) -> None:
        lab.fleet.agents["a00001"].reachable = False
        lab.fleet.agents["a00002"].local = True
        layer = await lab.layer()
        version = await lab.version(layer, {"agent": {"watch": [{"path": "/a", "key": "{label.site}/{path}"}]}})
        wish = Wish(version=version, plan=Plan(waves=WAVES, gates=Gates()))
        impact = (await lab.rollouts.preview(TENANT, wish, caller=ANN)).impact
        assert (impact.layer_agents, impact.affected, impact.reachable, impact.local) == (100, 100, 99, 1)
        assert [wave.agents for wave in impact.waves] == [1, 10, 50, 100]
        assert [(item.fault.pointer, item.agents) for item in impact.faults] == [("/agent/watch/0/key", 100)]
        await lab.seconds(3)
        assert running(lab) == {None}

    in_lab(work)


def test_a_look_ahead_names_the_agent_that_will_be_first() -> None:
    async def work(lab: Lab) -> None:
        version = await lab.version(await lab.layer(), GOOD)
        wish = Wish(version=version, plan=Plan(waves=WAVES, gates=Gates()))
        first = (await lab.rollouts.preview(TENANT, wish, caller=ANN)).impact.waves[0].first
        await lab.roll_out(version, *WAVES)
        await lab.seconds(5)
        assert tuple(name for name, agent in lab.fleet.agents.items() if agent.running == hash_of(GOOD)) == first

    in_lab(work)


def test_an_agent_that_was_ill_before_is_no_reason_to_take_it_back() -> None:
    async def work(lab: Lab) -> None:
        def ill(agent: SimAgent) -> None:
            agent.health = agent.told_health = HealthLevel.DEGRADED

        layer = await lab.layer()
        for agent in lab.fleet.agents.values():
            ill(agent)
        rollout = await lab.roll_out(await lab.version(layer, GOOD), gates=Gates(soak_s=5))
        for _ in range(40):
            for agent in lab.fleet.agents.values():
                ill(agent)
            await lab.second()
        assert (await lab.rollout(rollout)).state.status is not RolloutStatus.REVERTED

    in_lab(work)
