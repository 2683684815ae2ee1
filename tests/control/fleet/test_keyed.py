from __future__ import annotations

from dataclasses import replace

import pytest

from gwf.control.fleet.keyed import (
    AgentDrainingError,
    AgentHasCredentialError,
    AgentRevokedError,
    AgentWord,
    KeyedAgent,
    KeyedAgents,
)
from gwf.control.fleet.listing import AgentFilter
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.state import AgentState
from gwf.core.errors import InputError, NotFoundError
from gwf.db.address import DatabaseAddress
from tests.control.fleet.centre import BY, Centre, enrolled, with_centre

WORD = AgentWord(hostname="h1", version="1.0", ip="10.0.0.1", group_name="g1")


def keyed(centre: Centre) -> KeyedAgents:
    return KeyedAgents(centre.store, centre.roster, centre.clock)


async def registered(centre: Centre, key: str = "key-1", word: AgentWord = WORD) -> KeyedAgent:
    return (await keyed(centre).register("default", key, word, by=BY))[0]


def test_an_agent_is_known_by_its_key_and_what_it_says_last_counts(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> tuple[KeyedAgent, KeyedAgent, bool]:
        first = await registered(centre)
        again, created = await keyed(centre).register("default", "key-1", AgentWord(hostname="h1b"), by=BY)
        return first, again, created

    first, again, created = with_centre(work, address=address)
    assert (first.agent_id, first.group_name, first.state) == ("agt-000001", "g1", AgentState.ONLINE)
    assert (again.agent_id, again.hostname, again.version, again.group_name) == ("agt-000001", "h1b", "", "default")
    assert not created


def test_numbers_go_on_after_a_restart(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> list[str]:
        await registered(centre)
        other = await centre.again()
        await registered(other, "key-2")
        return sorted(agent.agent_id for agent in keyed(other).all("default"))

    assert with_centre(work, address=address) == ["agt-000001", "agt-000002"]


def test_a_heartbeat_changes_only_what_it_says(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> tuple[KeyedAgent, list[str]]:
        agent = await registered(centre)
        desk = keyed(centre)
        await desk.heartbeat("default", agent.agent_id, AgentWord(version="1.1"), by=BY)
        shown = await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY)
        return shown, await centre.audited()

    shown, audited = with_centre(work, address=address)
    assert (shown.hostname, shown.version, shown.heartbeats) == ("h1", "1.1", 2)
    assert audited == ["agent.register", "agent.update"]


def test_an_agent_that_calls_no_more_is_offline_until_it_calls_again() -> None:
    async def work(centre: Centre) -> list[AgentState]:
        agent = await registered(centre)
        desk = keyed(centre)
        await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY)
        await centre.pass_time(200)
        states = [(await desk.get("default", agent.agent_id)).state]
        states.append((await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY)).state)
        return states

    assert with_centre(work) == [AgentState.OFFLINE, AgentState.ONLINE]


def test_registering_again_counts_as_contact_and_not_as_a_heartbeat() -> None:
    async def work(centre: Centre) -> KeyedAgent:
        await registered(centre)
        await centre.pass_time(200)
        return await registered(centre)

    shown = with_centre(work)
    assert (shown.state, shown.heartbeats) == (AgentState.ONLINE, 0)


def test_draining_ends_when_a_person_says_so(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> AgentState:
        agent = await registered(centre)
        desk = keyed(centre)
        await desk.drain("default", agent.agent_id, by=BY)
        with pytest.raises(AgentDrainingError):
            await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY, working=True)
        assert (await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY)).state is AgentState.DRAINING
        assert (await registered(centre)).state is AgentState.DRAINING
        await centre.fleet.undrain("default", AgentId(agent.agent_id), by=BY)
        return (await desk.heartbeat("default", agent.agent_id, AgentWord(), by=BY, working=True)).state

    assert with_centre(work, address=address) is AgentState.ONLINE


def test_both_kinds_of_agents_are_one_fleet() -> None:
    async def work(centre: Centre) -> tuple[list[str], int]:
        live, _ = await enrolled(centre)
        agent = await registered(centre)
        listed = (await centre.fleet.agents("default", AgentFilter(), after=None, limit=9)).items
        keys = {one.agent_id: one.key for one in keyed(centre).all("default")}
        assert keys[live.agent.agent_id] == live.agent.instance_id
        return sorted({agent.agent_id, live.agent.agent_id}), len(listed)

    ids, listed = with_centre(work)
    assert len(ids) == listed == 2


def test_nobody_speaks_for_an_agent_that_has_a_credential() -> None:
    async def work(centre: Centre) -> None:
        live, _ = await enrolled(centre)
        desk = keyed(centre)
        with pytest.raises(AgentHasCredentialError):
            await desk.heartbeat("default", live.agent.agent_id, AgentWord(), by=BY)
        with pytest.raises(AgentHasCredentialError):
            await desk.register("default", live.agent.instance_id, WORD, by=BY)
        assert await centre.audited() == ["agent.register"]

    with_centre(work)


def test_a_revoked_agent_stays_out() -> None:
    async def work(centre: Centre) -> None:
        agent = await registered(centre)
        await centre.fleet.revoke("default", AgentId(agent.agent_id), by=BY)
        with pytest.raises(AgentRevokedError):
            await keyed(centre).heartbeat("default", agent.agent_id, AgentWord(), by=BY)
        with pytest.raises(AgentRevokedError):
            await registered(centre)

    with_centre(work)


def test_an_agent_of_another_process_is_found(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> KeyedAgent:
        other = await centre.again()
        agent = await registered(centre)
        return await keyed(other).heartbeat("default", agent.agent_id, AgentWord(), by=BY)

    assert with_centre(work, address=address).agent_id == "agt-000001"


def test_tenants_do_not_see_each_others_agents() -> None:
    async def work(centre: Centre) -> None:
        agent = await registered(centre)
        desk = keyed(centre)
        assert desk.all("other") == []
        with pytest.raises(NotFoundError):
            await desk.get("other", agent.agent_id)
        with pytest.raises(NotFoundError):
            await desk.drain("other", agent.agent_id, by=BY)
        theirs, created = await desk.register("other", "key-1", WORD, by=BY)
        assert (theirs.agent_id, created) == ("agt-000002", True)

    with_centre(work)


@pytest.mark.parametrize("word", [replace(WORD, hostname="x" * 256), replace(WORD, group_name="x" * 256)])
def test_what_is_too_long_is_refused(word: AgentWord) -> None:
    async def work(centre: Centre) -> None:
        with pytest.raises(InputError):
            await registered(centre, word=word)
        assert await centre.audited() == []

    with_centre(work)


def test_odd_characters_do_no_harm(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> KeyedAgent:
        agent = await registered(centre, "k\x00", AgentWord(hostname="\ud800", group_name="组"))
        with pytest.raises(NotFoundError):
            await keyed(centre).get("default", "agt\x00")
        return await registered(centre, "k\x00", AgentWord(hostname=agent.hostname, group_name="组"))

    shown = with_centre(work, address=address)
    assert (shown.key, shown.hostname, shown.group_name) == ("k\\x00", "\\ud800", "组")
