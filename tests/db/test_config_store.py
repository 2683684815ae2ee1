from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gwf.control.config.canonical import hash_of
from gwf.control.config.model import LayerId, LayerKind, VersionId
from gwf.control.rollout.model import AttemptId, AttemptPhase, HealthLevel, RolloutId
from gwf.control.rollout.ports import AttemptFilter, Page, VersionFilter
from gwf.control.rollout.records import Attempt, OfferKind, PhaseChange
from gwf.core.clock import ManualClock
from gwf.core.errors import ConflictError, NotFoundError
from gwf.db.address import DatabaseAddress
from gwf.db.database import open_database
from gwf.db.lead import SharedLead
from tests.control.rollout.lab import ANN, TENANT, Lab, SimFleet, a_lab, agents, percent
from tests.db.test_half import stored_rows

GOOD = {"agent": {"transfer": {"workers": 8}}}


def in_lab(address: DatabaseAddress, work: Callable[[Lab], Awaitable[None]], count: int = 10) -> None:
    async def run() -> None:
        async with a_lab(count, address=address) as lab:
            await work(lab)

    asyncio.run(run())


def attempt(number: int, agent: str = "a", *, rollout: str | None = None) -> Attempt:
    return Attempt(
        id=AttemptId(f"t{number}"),
        tenant=TENANT,
        agent=agent,
        kind=OfferKind.FOLLOW,
        rollout=None if rollout is None else RolloutId(rollout),
        hash=f"sha256:{number}",
        versions=(VersionId("v1"), VersionId("v2")),
        phase=AttemptPhase.OFFERED,
        health_before=HealthLevel.DEGRADED,
        offered_at_ms=1000 + number // 2,
        changed_at_ms=1000 + number,
    )


def test_a_rollout_is_the_same_after_it_was_stored_and_moved(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        version = await lab.version(layer, GOOD)
        rollout = await lab.roll_out(version, *percent(0.5, 100))
        await lab.seconds(80)
        stored = await lab.rollout(rollout)
        assert stored == lab.boards.of(TENANT).rollouts[rollout]
        assert stored.state.wave == 1
        assert (await lab.configs.version(TENANT, version)).document == GOOD

    in_lab(address, work)


def test_of_two_who_move_a_rollout_one_is_told(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        rollout = await lab.rollout(await lab.roll_out(await lab.version(await lab.layer(), GOOD)))
        async with lab.store.change() as change:
            await change.put_rollout(replace(rollout, revision=2))
        with pytest.raises(ConflictError):
            async with lab.store.change() as change:
                await change.put_rollout(replace(rollout, revision=2))

    in_lab(address, work)


def test_a_layer_has_one_rollout_and_a_subject_one_layer(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        rollout = await lab.rollout(await lab.roll_out(await lab.version(layer, GOOD)))
        with pytest.raises(ConflictError):
            await lab.layer()
        with pytest.raises(ConflictError):
            async with lab.store.change() as change:
                await change.add_rollout(replace(rollout, id=RolloutId("other")))

    in_lab(address, work)


def test_an_agent_has_one_open_attempt(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        async with lab.store.change() as change:
            await change.add_attempts([attempt(1), attempt(2, "b")])
        async with lab.store.change() as change:
            await change.add_attempts([attempt(3)])
        async with lab.store.view() as reads:
            found = await reads.list_attempts(TENANT, AttemptFilter(), Page(limit=10))
            assert {(one.id, one.phase.value) for one in found} == {
                ("t1", "superseded"),
                ("t2", "offered"),
                ("t3", "offered"),
            }
            assert await reads.attempt(TENANT, AttemptId("t3")) == attempt(3)
            with pytest.raises(NotFoundError):
                await reads.attempt("other", AttemptId("t3"))

    in_lab(address, work)


def test_what_was_written_since_a_change_is_found(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        async with lab.store.change() as change:
            await change.add_attempts([attempt(1), attempt(2, "b")])
        async with lab.store.view() as reads:
            before = await reads.changes()
        async with lab.store.change() as change:
            await change.put_phases([PhaseChange(id=AttemptId("t2"), phase=AttemptPhase.APPLIED, at_ms=5)])
        async with lab.store.view() as reads:
            assert await reads.changes() == before + 1
            assert [one.id for one in await reads.attempts_since(TENANT, before)] == ["t2"]

    in_lab(address, work)


def test_lists_are_paged_without_gaps_and_doubles(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        async with lab.store.change() as change:
            await change.add_attempts([attempt(number, f"a{number}") for number in range(25)])
        found: list[str] = []
        page = Page(limit=4)
        async with lab.store.view() as reads:
            while some := await reads.list_attempts(TENANT, AttemptFilter(), page):
                found += [one.id for one in some]
                page = Page(limit=4, after=(some[-1].offered_at_ms, some[-1].id))
        assert len(found) == len(set(found)) == 25

    in_lab(address, work)


def test_versions_are_numbered_within_their_layer(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        lab.fleet.agents["a00001"].groups = ("g",)
        base, group = await lab.layer(), await lab.layer(LayerKind.GROUP, "g")
        for layer in (base, base, group):
            await lab.version(layer, GOOD)
        numbers = [
            (one.layer, one.number) for one in await lab.configs.versions(TENANT, VersionFilter(), Page(limit=9))
        ]
        assert sorted(numbers) == sorted([(base.id, 1), (base.id, 2), (group.id, 1)])
        async with lab.store.view() as reads:
            of_base = VersionFilter(layer=base.id)
            assert [await reads.count_versions(TENANT, one) for one in (VersionFilter(), of_base)] == [3, 2]
            for text, found in (("v2", 1), ("ANN", 2), ("nobody", 0), ("100%", 0)):
                wanted = VersionFilter(layer=base.id, text=text)
                assert len(await reads.list_versions(TENANT, wanted, Page(limit=9))) == found, text
                assert await reads.count_versions(TENANT, wanted) == found, text
        with pytest.raises(ConflictError):
            await lab.configs.add_version(TENANT, base.id, GOOD, caller=ANN, parent=VersionId("s000003"), dry_run=False)
        assert await lab.configs.versions("other", VersionFilter(), Page(limit=9)) == []
        with pytest.raises(NotFoundError):
            await lab.configs.layer("other", LayerId(base.id))

    in_lab(address, work)


def test_every_change_is_in_the_audit_of_its_transaction(address: DatabaseAddress) -> None:
    async def work(lab: Lab) -> None:
        layer = await lab.layer()
        rollout = await lab.roll_out(await lab.version(layer, GOOD), *percent(100))
        await lab.rollouts.pause(TENANT, rollout, caller=ANN)
        await lab.rollouts.resume(TENANT, rollout, caller=ANN)
        await lab.until_ended(rollout)
        rows = [row.action for row in await stored_rows(lab.database)]
        assert rows[:5] == [
            "config_layer.create",
            "config_version.create",
            "rollout.create",
            "rollout.pause",
            "rollout.resume",
        ]
        assert rows.count("config.applied") == 10
        assert rows.count("rollout.move") == 2

    in_lab(address, work)


def test_two_servers_over_one_postgresql_see_each_others_changes(postgres_address: DatabaseAddress) -> None:
    async def run() -> None:
        clock, fleet = ManualClock(), SimFleet(agents(10))
        async with (
            await open_database(postgres_address, fallback=False) as first,
            await open_database(postgres_address, fallback=False) as second,
        ):
            mover, other = Lab(first, fleet, clock, name="m"), Lab(second, fleet, clock, name="o")
            rollout = await other.roll_out(await other.version(await other.layer(), GOOD), *percent(100))
            with other.bells.hung("a00003") as bell:
                await mover.driver.turn()
                assert await other.boards.refresh()
                assert await bell.heard(0.01) == {"config"}
            desired = other.desk.desired(TENANT, "a00003", None)
            assert desired is not None
            assert desired[0] == hash_of(GOOD)
            await other.obey(fleet.agents["a00003"])
            await mover.boards.refresh()
            assert mover.desk.desired(TENANT, "a00003", fleet.agents["a00003"].running) is None
            await other.rollouts.abort(TENANT, rollout, caller=ANN)
            await mover.until_ended(rollout)
            assert {agent.running for agent in fleet.agents.values()} <= {None, hash_of({})}

    asyncio.run(run())


def test_one_of_several_servers_has_the_lead(postgres_address: DatabaseAddress) -> None:
    async def run() -> None:
        async with await open_database(postgres_address, fallback=False) as database:
            clock = ManualClock()
            one, two = (SharedLead(database.core, name="rollouts", owner=name, clock=clock) for name in ("one", "two"))
            assert await one.is_mine()
            assert not await two.is_mine()
            clock.advance(5)
            assert await one.is_mine()
            await one.release()
            assert await two.is_mine()
            clock.advance(5)
            assert not await one.is_mine()

    asyncio.run(run())
