from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from gwf.control.fleet.marks import news_in
from gwf.control.fleet.pace import Advice, next_wait_s
from gwf.control.fleet.roster import Live
from gwf.control.fleet.state import AgentHealth, AgentState
from gwf.core.errors import UnavailableError
from gwf.db.address import DatabaseAddress
from gwf.db.fleet import FleetWriter
from gwf.events.model import Event
from tests.control.fleet.centre import BY, Calling, Centre, enrolled, with_centre


def shown(live: Live) -> str:
    return live.verdict.state.value


def test_an_agent_that_calls_no_more_is_late_then_offline_then_back(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.pass_time(60, caller)
        assert shown(live) == "online"
        await centre.pass_time(120)
        assert shown(live) == "offline"
        assert (await centre.call(caller)).state is AgentState.ONLINE
        await centre.keeper.round()
        assert centre.kinds() == ["agent.degraded", "agent.offline", "agent.online"]
        assert centre.sink.events[1].data == {
            "hostname": "host-1", "state": "offline", "before": "degraded", "cause": "silent", "silent_s": 91,
        }  # fmt: skip

    with_centre(work, address=address)


def test_one_that_calls_less_often_by_its_own_settings_is_given_longer(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        caller.more = {"metrics": {"queued": 0, "heartbeat_s": 300.0}}
        await centre.call(caller)
        await centre.pass_time(560)
        assert shown(live) == "online"
        await centre.keeper.close()
        other = await centre.again()
        assert other.roster.all()[0].wait_s() == 300.0
        await centre.pass_time(360)
        assert shown(live) == "offline"

    with_centre(work, address=address)


def test_nobody_is_offline_after_a_restart_that_took_long(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        _, gone = await enrolled(centre, 2)
        await centre.pass_time(30, caller, gone)
        await centre.pass_time(300, caller)
        assert centre.kinds() == ["agent.degraded", "agent.offline"]
        centre.clock.advance(3600)  # the centre was away for an hour
        after = await centre.again()
        await after.pass_time(300, caller)
        assert after.kinds() == ["agent.degraded", "agent.offline"]

    with_centre(work, address=address)


def test_an_agent_that_was_told_to_wait_long_is_not_offline_after_a_restart(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        centre.heartbeats.lag_s = 1.0
        assert (await centre.call(caller)).backoff_s == 120
        await centre.keeper.round()
        after = await centre.again()  # the one before was killed
        await after.pass_time(119)
        assert after.kinds() == []

    with_centre(work, address=address)


def test_time_until_the_port_of_a_restarted_centre_is_open_counts_for_nobody() -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        _, gone = await enrolled(centre, 2)
        await centre.pass_time(30, caller, gone)
        after = await centre.again()
        await after.pass_time(50)  # a busy host: the fleet was read, and nobody can call yet
        await after.pass_time(80, caller)
        assert "agent.offline" not in after.kinds()
        await after.pass_time(20, caller)
        assert after.kinds().count("agent.offline") == 1

    with_centre(work)


def test_an_agent_that_is_late_is_not_well_because_the_centre_restarts(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        await centre.call(caller)
        await centre.pass_time(70)
        after = await centre.again()
        await after.pass_time(30)
        await after.call(caller)
        await after.keeper.round()
        assert after.kinds() == ["agent.degraded", "agent.recovered"]

    with_centre(work, address=address)


def test_a_heartbeat_that_changes_nothing_is_written_every_five_minutes_only() -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        await centre.pass_time(2, caller)
        before = centre.keeper.facts.written_total
        await centre.pass_time(900, caller)
        assert centre.keeper.facts.written_total - before in {2, 3}

    with_centre(work)


def test_what_was_heard_is_kept_when_the_centre_stops(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.pass_time(200, caller)
        await centre.keeper.close()
        found = (await centre.again()).roster.find(live.agent.agent_id)
        assert found is not None
        assert found.beat is not None
        assert (found.beat.seq, found.beat.metrics, found.heartbeats) == (7, {"queued": 7}, 7)

    with_centre(work, address=address)


def test_two_processes_that_hear_agents_in_turn_call_nobody_offline(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        both, chance = (centre, other), random.Random(7)
        callers = [(await enrolled(both[number % 2], number))[1] for number in range(1, 9)]
        due = {number: chance.random() * 30 for number in range(len(callers))}
        for second in range(600):
            centre.clock.advance(1.0)
            for number, caller in enumerate(callers):
                if due[number] <= second:
                    await chance.choice(both).call(caller)
                    due[number] += next_wait_s(Advice(heartbeat_s=30), chance.random())
            for one in both:
                await one.keeper.round()
        assert centre.kinds() == []
        assert [one.keeper.facts.problem for one in both] == ["", ""]

    with_centre(work, address=address, shared=True)


def test_two_processes_tell_of_an_offline_agent_once(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        _, caller = await enrolled(centre)
        await centre.pass_time(3, caller)
        for _ in range(200):
            centre.clock.advance(1.0)
            await centre.keeper.round()
            await other.keeper.round()
        assert centre.kinds() == ["agent.degraded", "agent.offline"]

    with_centre(work, address=address, shared=True)


def test_two_processes_that_hear_of_the_same_breaker_tell_of_it_once(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        _, caller = await enrolled(centre)
        await centre.pass_time(3, caller)
        await other.pass_time(3)
        for word in ("open", "closed"):
            for one in (centre, other):  # within the time between two looks at the database
                centre.clock.advance(0.5)
                await one.call(caller, breakers={"a": word})
                await one.keeper.round()
        assert centre.kinds() == ["agent.breaker_opened", "agent.breaker_closed"]

    with_centre(work, address=address, shared=True)


@pytest.mark.parametrize("gap_s", [0.3, 1.2, 30.0])
def test_an_agent_that_two_processes_hear_in_turn_is_told_to_be_unwell_and_well_again_once(
    address: DatabaseAddress, gap_s: float
) -> None:
    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        both = (centre, other)

        async def pass_time(seconds: float) -> None:
            for _ in range(round(seconds * 10)):
                centre.clock.advance(0.1)
                if centre.clock.now_ms() % 1000 < 100:
                    for one in both:
                        await one.keeper.round()

        _, caller = await enrolled(centre)
        await centre.call(caller)
        await pass_time(5)
        for turn in range(3):
            one, another = both[turn % 2], both[(turn + 1) % 2]
            await one.call(caller, health=AgentHealth.DEGRADED, reasons=[{"code": "disk_low", "params": {}}])
            await pass_time(gap_s)
            await another.call(caller)
            for again in range(4):
                await pass_time(30)
                await both[again % 2].call(caller)
        told = ["agent.degraded", "agent.disk_low", "agent.recovered", "agent.disk_low_ended"]
        counts = {kind: centre.kinds().count(kind) for kind in told}
        assert counts == dict.fromkeys(told, counts["agent.degraded"])
        assert counts["agent.degraded"] == len(centre.kinds()) / 4
        assert gap_s < 1.2 or counts["agent.degraded"] == 3

    with_centre(work, address=address, shared=True)


def test_what_one_process_changes_the_other_knows_soon(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        live, caller = await enrolled(centre)
        await other.pass_time(3)
        await other.fleet.drain("default", live.agent.agent_id, by=BY)
        await centre.pass_time(3)
        assert (await centre.call(caller)).drain

    with_centre(work, address=address, shared=True)


def test_only_what_another_process_wrote_is_news(address: DatabaseAddress) -> None:
    async def news(centre: Centre) -> list[str]:
        async with centre.store.view() as reads:
            return list(map(str, news_in(await reads.marks(updated_since_ms=1), centre.roster)))

    async def work(centre: Centre) -> None:
        other = await centre.again(shared=True)
        (first, caller), (second, _) = await enrolled(centre), await enrolled(centre, 2)
        await centre.pass_time(30, caller)
        assert await news(centre) == []
        await other.pass_time(3)
        assert await news(other) == []
        await other.fleet.drain("default", second.agent.agent_id, by=BY)
        assert await news(centre) == [second.agent.agent_id]
        await centre.pass_time(3)
        assert await news(centre) == []
        await other.call(caller)
        await other.pass_time(8)
        assert first.agent.agent_id in await news(centre)

    with_centre(work, address=address, shared=True)


def test_time_in_which_the_clock_jumped_counts_for_nobody() -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        await centre.pass_time(30, caller)
        centre.clock.jump(3600)
        await centre.pass_time(30, caller)
        centre.clock.jump(-7200)
        await centre.pass_time(30, caller)
        assert centre.kinds() == []

    with_centre(work)


def test_breakers_and_high_water_become_events_that_end() -> None:
    async def work(centre: Centre) -> None:
        _, caller = await enrolled(centre)
        await centre.call(caller)
        bad = {"health": AgentHealth.DEGRADED, "reasons": [{"code": "high_water_files", "params": {}}]}
        await centre.call(caller, breakers={"a": "open", "b": "closed"}, **bad)
        await centre.keeper.round()
        await centre.call(caller, breakers={"a": "half_open"}, **bad)
        await centre.keeper.round()
        await centre.call(caller, breakers={"a": "closed"})
        await centre.keeper.round()
        assert centre.kinds() == [
            "agent.degraded", "agent.breaker_opened", "agent.high_water", "agent.breaker_closed",
            "agent.high_water_ended",
        ]  # fmt: skip

    with_centre(work)


def test_labels_that_an_agent_tells_anew_are_on_record_and_sort_it_anew(address: DatabaseAddress) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.call(caller, labels={"env": "dev"}, version="0.3.0")
        await centre.keeper.round()
        assert live.agent.labels == {"env": "dev"}
        assert await centre.audited() == ["agent.register", "agent.update"]
        found = (await centre.again()).roster.find(live.agent.agent_id)
        assert found is not None
        assert (found.agent.labels, found.agent.version) == ({"env": "dev"}, "0.3.0")

    with_centre(work, address=address)


class _Failing:
    """Fails as often as it is told."""

    def __init__(self, centre: Centre, times: int) -> None:
        self._left, self._inner, self._change = times, centre.sink, centre.store.change

    async def emit(self, events: Sequence[Event]) -> None:
        await self._inner.emit(events)
        self._fail()

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[FleetWriter]:
        async with self._change() as change:
            yield change
            self._fail()

    def _fail(self) -> None:
        if self._left > 0:
            self._left -= 1
            raise UnavailableError("the database does not answer")


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("where", ["sink", "store"])
def test_what_could_not_be_told_or_written_is_told_once_later(
    where: str, monkeypatch: pytest.MonkeyPatch, *, shared: bool
) -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.pass_time(2, caller)
        failing = _Failing(centre, times=5)
        if where == "sink":
            monkeypatch.setattr(centre.keeper, "_sink", failing)
        else:
            monkeypatch.setattr(centre.store, "change", failing.change)
        await centre.pass_time(120)
        assert centre.kinds() == ["agent.degraded", "agent.offline"]
        assert live.stored is not None
        assert live.stored.state is AgentState.OFFLINE
        assert centre.keeper.facts.problem == ""

    with_centre(work, shared=shared)


def test_a_replayed_heartbeat_changes_nothing() -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.call(caller)
        contact_ms = live.contact_ms
        centre.clock.advance(10)
        await centre.call(Calling(caller.credential))
        assert (live.contact_ms, live.heartbeats) == (contact_ms, 1)

    with_centre(work)


def test_the_clock_of_an_agent_is_compared_with_ours() -> None:
    async def work(centre: Centre) -> None:
        live, caller = await enrolled(centre)
        await centre.call(caller, sent_at_ms=centre.clock.now_ms() + 4_200)
        assert live.best_skew_ms() == 4_200

    with_centre(work)
