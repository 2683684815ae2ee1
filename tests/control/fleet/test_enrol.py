from __future__ import annotations

import asyncio

import pytest

from gwf.control.fleet.errors import AgentRefusedError, CredentialRevokedError, EnrolmentRefusedError
from gwf.db.address import DatabaseAddress
from tests.control.fleet.centre import BY, Calling, Centre, enrolled, with_centre


def test_the_same_installation_is_the_same_agent_with_a_new_credential(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        first = await centre.enrol()
        again = await centre.enrol(hostname="renamed")
        assert first.live.agent.agent_id == again.live.agent.agent_id
        assert first.credential != again.credential
        assert again.live.agent.hostname == "renamed"
        assert await centre.audited() == ["agent.register", "agent.register"]

    with_centre(work, address=address)


def test_the_old_credential_is_good_until_the_new_one_was_used() -> None:
    async def work(centre: Centre) -> None:
        old = await centre.enrol()
        new = await centre.enrol()
        await centre.heartbeats.recognise(old.credential)
        await centre.call(Calling(new.credential))
        with pytest.raises(AgentRefusedError):
            await centre.heartbeats.recognise(old.credential)
        await centre.keeper.round()
        other = await centre.again()
        await other.heartbeats.recognise(new.credential)
        with pytest.raises(AgentRefusedError):
            await other.heartbeats.recognise(old.credential)

    with_centre(work)


def test_a_token_lets_in_as_many_new_agents_as_it_may_and_known_ones_again(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        await centre.add_token("twice", max_uses=2)
        for number in (1, 2, 1, 2):
            await centre.enrol(number, token="twice")
        with pytest.raises(EnrolmentRefusedError):
            await centre.enrol(3, token="twice")

    with_centre(work, address=address)


@pytest.mark.parametrize(
    "why", [{"expires_at_ms": 5}, {"revoked_at_ms": 5}, {"max_uses": 0}, {"token_hash": b"another"}]
)
def test_a_token_that_is_no_good_lets_nobody_in(why: dict[str, object]) -> None:
    async def work(centre: Centre) -> None:
        await centre.add_token("bad", **why)
        with pytest.raises(EnrolmentRefusedError):
            await centre.enrol(token="bad")
        assert len(centre.roster) == 0
        assert await centre.audited() == []

    with_centre(work)


def test_labels_of_the_token_win_over_those_the_agent_tells() -> None:
    async def work(centre: Centre) -> None:
        await centre.add_token("shop", labels={"env": "stage", "site": "sh"})
        live = (await centre.enrol(token="shop")).live
        assert live.agent.all_labels == {"env": "stage", "site": "sh"}

    with_centre(work)


def test_a_revoked_agent_comes_back_only_by_a_later_token() -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        centre.clock.advance(1)
        await centre.fleet.revoke("default", live.agent.agent_id, by=BY)
        with pytest.raises(CredentialRevokedError):
            await centre.call(caller)
        with pytest.raises(EnrolmentRefusedError):
            await centre.enrol()
        centre.clock.advance(1)
        await centre.add_token("later")
        back = await centre.enrol(token="later")
        assert back.live.agent.agent_id == live.agent.agent_id
        assert (await centre.call(Calling(back.credential))).state.value == "online"
        with pytest.raises(AgentRefusedError):
            await centre.call(caller)

    with_centre(work)


def test_a_stranger_is_asked_for_once() -> None:
    async def work(centre: Centre) -> None:
        for _ in range(3):
            with pytest.raises(AgentRefusedError):
                await centre.heartbeats.recognise("nobody")

    with_centre(work)


def test_many_that_come_at_once_are_each_let_in_or_refused_by_themselves(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        await centre.add_token("hundred", max_uses=100)
        asked = [centre.enrol(number, token="hundred") for number in range(1, 151)]
        asked += [centre.enrol(200, token="unknown"), centre.enrol(1, token="hundred")]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, EnrolmentRefusedError)]
        assert len(refused) == 51
        assert len(centre.roster) == 100
        assert await centre.audited() == ["agent.register"] * 101

    with_centre(work, address=address)
