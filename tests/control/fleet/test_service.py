from __future__ import annotations

from dataclasses import replace

import pytest

from gwf.control.fleet.groupdesk import GroupWish
from gwf.control.fleet.listing import AgentFilter
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.service import AgentWish
from gwf.control.fleet.state import AgentState, Thresholds
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
