from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from gwf.control.fleet.groupdesk import GroupWish
from gwf.control.fleet.listing import AgentFilter, AgentSort, Order
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Live
from gwf.control.fleet.service import AgentWish
from gwf.control.fleet.state import AgentHealth, AgentState, Thresholds
from gwf.control.fleet.track import Condition
from gwf.control.selectors import SelectorError, parse
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.db.address import DatabaseAddress
from tests.control.fleet.centre import BY, Centre, enrolled, with_centre


def test_an_agent_is_drained_and_given_work_again(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        agent_id = live.agent.agent_id
        await centre.fleet.drain("default", agent_id, by=BY)
        await centre.fleet.drain("default", agent_id, by=BY)
        answer = await centre.call(caller)
        assert (answer.state, answer.drain) == (AgentState.DRAINING, True)
        await centre.fleet.undrain("default", agent_id, by=BY)
        assert (await centre.call(caller)).state is AgentState.ONLINE
        assert await centre.audited() == ["agent.register", "agent.drain", "agent.undrain"]

    with_centre(work, address=address)


def test_nobody_sees_or_changes_an_agent_of_another_tenant() -> None:
    async def work(centre: Centre) -> None:
        live, _ = await enrolled(centre)
        for call in (centre.fleet.drain, centre.fleet.undrain, centre.fleet.revoke):
            with pytest.raises(NotFoundError):
                await call("other", live.agent.agent_id, by=BY)
        with pytest.raises(NotFoundError):
            centre.fleet.agent("other", live.agent.agent_id)
        assert (await centre.fleet.agents("other", AgentFilter(), after=None, limit=9)).items == []

    with_centre(work)


def test_changing_labels_sorts_an_agent_anew_at_once(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        slow = GroupWish(name="slow", selector="speed=slow", thresholds=Thresholds(heartbeat_s=120))
        await centre.groups.create("default", slow, by=BY)
        assert (await centre.call(caller)).heartbeat_s == 30
        wish = AgentWish(labels={"speed": "slow"}, revision=1)
        await centre.fleet.change_agent("default", live.agent.agent_id, wish, by=BY)
        assert (await centre.call(caller)).heartbeat_s == 120
        assert [group.name for group in live.membership.groups] == ["slow"]
        wish = AgentWish(labels={"speed": None})
        await centre.fleet.change_agent("default", live.agent.agent_id, wish, by=BY)
        assert live.membership.groups == ()
        with pytest.raises(ConflictError):
            await centre.fleet.change_agent("default", live.agent.agent_id, AgentWish(revision=1), by=BY)

    with_centre(work, address=address)


def test_a_group_by_name_holds_until_it_is_removed(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, _ = await enrolled(centre)
        group = await centre.groups.create("default", GroupWish(name="canary"), by=BY)
        await centre.fleet.change_agent("default", live.agent.agent_id, AgentWish(group="canary"), by=BY)
        assert centre.groups.members("default") == {group.group_id: 1}
        await centre.groups.delete("default", "canary", by=BY)
        assert (live.agent.group_id, live.membership.groups) == (None, ())
        await centre.fleet.drain("default", live.agent.agent_id, by=BY)
        other = (await centre.again()).fleet.agent("default", live.agent.agent_id)
        assert other.agent == live.agent
        assert (await centre.audited())[-2:] == ["group.delete", "agent.drain"]

    with_centre(work, address=address)


def test_a_group_is_changed_and_refused_as_it_should_be(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        await centre.groups.create("default", GroupWish(name="a", selector="env=prod"), by=BY)
        await centre.groups.create("default", GroupWish(name="b"), by=BY)
        with pytest.raises(ConflictError):
            await centre.groups.create("default", GroupWish(name="a"), by=BY)
        with pytest.raises(ConflictError):
            await centre.groups.change("default", "b", GroupWish(name="a"), by=BY)
        with pytest.raises(ConflictError):
            await centre.groups.change("default", "b", GroupWish(description="x", revision=7), by=BY)
        with pytest.raises(SelectorError):
            await centre.groups.change("default", "b", GroupWish(selector="env="), by=BY)
        with pytest.raises(InputError):
            await centre.groups.create("default", GroupWish(name="no/good"), by=BY)
        changed = await centre.groups.change("default", "a", GroupWish(selector="", priority=3), by=BY)
        assert (changed.selector, changed.priority, changed.revision) == (None, 3, 2)
        assert centre.groups.group("default", changed.group_id) == changed
        assert (await centre.again()).groups.group("default", "a") == changed

    with_centre(work, address=address)


def test_a_list_is_filtered_counted_and_paged_in_a_fixed_order() -> None:
    async def work(centre: Centre) -> None:
        for number in range(1, 8):
            await enrolled(centre, number, labels={"env": "prod" if number % 2 else "dev"})
        first = await centre.fleet.agents("default", AgentFilter(), after=None, limit=4)
        second = await centre.fleet.agents("default", AgentFilter(), after=first.after, limit=4)
        assert [live.agent.hostname for live in (*first.items, *second.items)] == [f"host-{n}" for n in range(1, 8)]
        assert second.after is None
        prod = AgentFilter(selector=parse("env=prod"), text="HOST-")
        facets = await centre.fleet.facets("default", prod)
        assert (facets.states[AgentState.ONLINE], facets.labels["env"]) == (4, {"prod": 4})
        nobody = replace(prod, states=frozenset({AgentState.OFFLINE}))
        assert (await centre.fleet.agents("default", nobody, after=None, limit=4)).items == []
        assert (await centre.fleet.facets("default", nobody)).states[AgentState.ONLINE] == 4

    with_centre(work)


def test_an_agent_that_is_not_there_is_not_found() -> None:
    async def work(centre: Centre) -> None:
        with pytest.raises(NotFoundError):
            await centre.fleet.revoke("default", AgentId("agt_none"), by=BY)

    with_centre(work)


METRICS = {"queued": 0.0, "sending": 0.0, "waiting": 0.0, "done_total": 0.0, "failed_total": 0.0}


async def fleet_of_five(centre: Centre) -> None:
    """Two that are well, one that waits, one that fails, one that cannot do its duty."""
    beats: list[dict[str, object]] = [
        {"metrics": METRICS},
        {"metrics": {**METRICS, "queued": 7.0}},
        {"metrics": {**METRICS, "done_total": 90.0, "failed_total": 10.0}},
        {"metrics": METRICS, "health": AgentHealth.FAILING, "reasons": [{"code": "disk_low", "params": {}}]},
        {"metrics": METRICS},
    ]
    for number, beat in enumerate(beats, 1):
        _, caller = await enrolled(centre, number)
        await centre.call(caller, metrics=METRICS)
        await centre.call(caller, **beat)


def test_every_order_of_a_list_is_paged_without_gap_or_repeat() -> None:
    last = {AgentSort.CONDITION: "host-4", AgentSort.QUEUED: "host-2", AgentSort.FAILED: "host-3"}

    async def work(centre: Centre) -> None:
        await fleet_of_five(centre)
        for by, descending in itertools.product(AgentSort, (False, True)):
            order = Order(by=by, descending=descending, now_ms=centre.fleet.steady.now_ms())
            whole = await centre.fleet.agents("default", AgentFilter(), order, after=None, limit=9)
            found: list[Live] = []
            after = None
            for _ in range(3):
                page = await centre.fleet.agents("default", AgentFilter(), order, after=after, limit=2)
                found += page.items
                after = page.after
            assert (by, found, page.total, after) == (by, list(whole.items), 5, None)
            worst = whole.items[0 if descending else -1].agent.hostname
            assert worst == last.get(by, worst)

    with_centre(work)


def test_each_kind_is_counted_as_if_the_list_were_not_filtered_by_it() -> None:
    async def work(centre: Centre) -> None:
        await fleet_of_five(centre)
        wanted = AgentFilter(conditions=frozenset({Condition.FAILING}), text="host")
        facets = await centre.fleet.facets("default", wanted)
        assert (facets.conditions[Condition.ONLINE], facets.conditions[Condition.FAILING]) == (4, 1)
        assert (facets.problems, sum(facets.versions.values())) == ({"disk_low": 1}, 1)
        both = replace(wanted, problems=frozenset({"network"}))
        facets = await centre.fleet.facets("default", both)
        assert (facets.conditions[Condition.FAILING], facets.problems, facets.versions) == (0, {"disk_low": 1}, {})

    with_centre(work)


def test_the_fleet_at_one_look_keeps_the_worst_of_a_large_group() -> None:
    async def work(centre: Centre) -> None:
        await centre.groups.create("default", GroupWish(name="even", selector="n in (2,4)"), by=BY)
        await fleet_of_five(centre)
        for number in (2, 4):
            live = next(live for live in centre.roster.all() if live.agent.hostname == f"host-{number}")
            wish = AgentWish(labels={"n": str(number)})
            await centre.fleet.change_agent("default", live.agent.agent_id, wish, by=BY)
        await centre.groups.create("default", GroupWish(name="few", selector="n=2", priority=-1), by=BY)
        (even, rest) = (await centre.fleet.heat("default", AgentFilter(), cells=2)).groups
        assert (even.agents, even.conditions) == (2, {Condition.ONLINE: 1, Condition.FAILING: 1})
        assert (rest.group, rest.agents, [cell.agent.hostname for cell in rest.cells]) == (
            None,
            3,
            ["host-1", "host-3"],
        )
        whole = await centre.fleet.heat("default", AgentFilter(), cells=1, every=True)
        assert [cell.agent.hostname for cell in whole.groups[0].cells] == ["host-4"]
        assert [group.agents for group in whole.groups] == [2, 1, 3]
        assert whole.conditions == {Condition.ONLINE: 4, Condition.FAILING: 1}

    with_centre(work)


def test_a_preview_tells_who_would_come_and_who_would_go() -> None:
    async def work(centre: Centre) -> None:
        await centre.groups.create("default", GroupWish(name="prod", selector="env=prod"), by=BY)
        for number in range(1, 6):
            await enrolled(centre, number, labels={"env": "prod" if number < 3 else "dev", "n": str(number)})
        pinned = next(live for live in centre.roster.all() if live.agent.hostname == "host-5")
        await centre.fleet.change_agent("default", pinned.agent.agent_id, AgentWish(group="prod"), by=BY)
        moves = await centre.groups.preview("default", "prod", "n in (2,3)")
        told = [[live.agent.hostname for live in part] for part in (moves.members, moves.joining, moves.leaving)]
        assert (told, moves.by_name) == ([["host-2", "host-3", "host-5"], ["host-3"], ["host-1"]], 1)
        fresh = await centre.groups.preview("default", None, "env=dev")
        assert (len(fresh.joining), fresh.leaving) == (3, [])
        with pytest.raises(SelectorError):
            await centre.groups.preview("default", None, "env=")
        assert [group.selector for group in centre.groups.groups("default")] == [parse("env=prod")]

    with_centre(work)
