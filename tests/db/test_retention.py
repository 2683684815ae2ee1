from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import Database
from gwf.db.partitions import DAY_MS, drop_partitions, ensure_partitions, partition_name
from gwf.db.retention import PORTION, Keep, Removed, portion_of, tend, tend_work
from gwf.db.rowids import first_row_id
from gwf.db.tables.agents import agent_status
from gwf.db.tables.configuration import config_layers, config_versions, rollout_attempts, rollouts
from gwf.db.tables.events import event_keys, events, file_events, outbox_rejects
from gwf.db.tables.flows import flow_runs
from gwf.db.tables.rollups import file_rollups
from gwf.db.tables.work import task_attempts, task_events, tasks
from gwf.flows.run import RESTING
from tests.db.rows import row
from tests.db.test_half import with_database

DAY_S = 86_400
KEEP = Keep(
    events_s=90 * DAY_S,
    file_events_s=30 * DAY_S,
    work_s=180 * DAY_S,
    minutes_s=8 * DAY_S,
    hours_s=400 * DAY_S,
    days_s=3_650 * DAY_S,
)
NOW = 1_764_115_200_000 + 5 * 3_600_000  # 2025-11-26 05:00


def of_day(table: sa.Table, days_ago: float, number: int) -> dict[str, Any]:
    """Return a row that was taken so long ago."""
    at_ms = NOW - round(days_ago * DAY_MS)
    given = row(table, number)
    for name, value in (("row_id", first_row_id(at_ms) + number), ("at_ms", at_ms), ("received_at_ms", at_ms)):
        if name in given:
            given[name] = value
    return given


async def put(database: Database, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    async with database.events.change() as change:
        await change.connection.execute(sa.insert(table), rows)


async def count(database: Database, table: sa.FromClause) -> int:
    async with database.events.view() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_what_is_older_than_wanted_goes_and_the_rest_stays(address: DatabaseAddress) -> None:
    ages = {events: 90, file_events: 30, outbox_rejects: 90}

    async def run(database: Database) -> dict[str, int]:
        await ensure_partitions(database.events, now_ms=NOW - 100 * DAY_MS)
        for table, days in ages.items():
            wanted = enumerate((days + 1.5, days + 9, days - 1))
            await put(database, table, [of_day(table, days_ago, number) for number, days_ago in wanted])
        keys = [{"digest": bytes([n]), "row_id": first_row_id(NOW - n * DAY_MS)} for n in (1, 89, 91, 200)]
        await put(database, event_keys, keys)
        removed = await tend(database.events, KEEP, now_ms=NOW)
        assert not {"events_p_rest", "file_events_p_rest"} & set(removed.partitions)
        return {table.name: await count(database, table) for table in (*ages, event_keys)}

    assert with_database(address, run) == {"events": 1, "file_events": 1, "outbox_rejects": 1, "event_keys": 2}


def test_sums_are_kept_by_their_length(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[tuple[int, int]]:
        for step_ms in (60_000, 3_600_000, DAY_MS):
            rows = [of_day(file_rollups, days, number) for number, days in enumerate((1, 9, 401, 3_651))]
            await put(database, file_rollups, [one | {"step_ms": step_ms} for one in rows])
        await tend(database.events, KEEP, now_ms=NOW)
        async with database.events.view() as connection:
            wanted = sa.select(file_rollups.c.step_ms, file_rollups.c.at_ms).order_by(*file_rollups.primary_key)
            return [(row.step_ms, round((NOW - row.at_ms) / DAY_MS)) for row in await connection.execute(wanted)]

    kept = [(60_000, 1), (3_600_000, 9), (3_600_000, 1), (DAY_MS, 401), (DAY_MS, 9), (DAY_MS, 1)]
    assert with_database(address, run) == kept


def test_more_than_a_portion_goes_in_one_run(address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[Removed, int]:
        await put(database, event_keys, [{"digest": n.to_bytes(4, "big"), "row_id": n} for n in range(2 * PORTION + 3)])
        removed = await tend(database.events, KEEP, now_ms=NOW)
        return removed, await count(database, event_keys)

    removed, left = with_database(address, run)
    assert (removed.rows, left) == ({"event_keys": 2 * PORTION + 3}, 0)


def test_portions_are_found_by_an_index(tmp_path: Path) -> None:
    conditions = {
        file_events: file_events.c.row_id < 5,
        event_keys: event_keys.c.row_id < 5,
        outbox_rejects: outbox_rejects.c.received_at_ms < 5,
        file_rollups: sa.and_(file_rollups.c.step_ms == 1, file_rollups.c.at_ms < 5),
    }

    async def run(database: Database) -> list[str]:
        plans: list[str] = []
        async with database.events.view() as connection:
            for table, condition in conditions.items():
                statement = portion_of(table, condition).compile(
                    dialect=connection.dialect, compile_kwargs={"literal_binds": True}
                )
                plans += [line.detail for line in await connection.execute(sa.text(f"EXPLAIN QUERY PLAN {statement}"))]
        return plans

    plans = with_database(parse_address("sqlite", data_dir=tmp_path), run)
    assert [plan for plan in plans if plan.startswith("SCAN")] == []


async def names(database: Database) -> set[str]:
    async with database.events.view() as connection:
        wanted = "SELECT relname FROM pg_class WHERE relname LIKE 'events_p_%' AND relkind = 'r'"
        return set((await connection.scalars(sa.text(wanted))).all())


def test_each_row_lies_in_the_partition_of_the_day_it_was_taken(postgres_address: DatabaseAddress) -> None:
    async def run(database: Database) -> int:
        await ensure_partitions(database.events, now_ms=NOW)
        await put(database, events, [of_day(events, 0, 1), of_day(events, 0.1, 2), of_day(events, 0.5, 3)])
        return await count(database, sa.table(partition_name("events", NOW - NOW % DAY_MS)))

    assert with_database(postgres_address, run) == 2


def test_rows_that_came_before_their_partition_are_moved_into_it(postgres_address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[int, int]:
        await put(database, events, [of_day(events, days, number) for number, days in enumerate((0, 1, 40))])
        assert await count(database, sa.table("events_p_rest")) == 3
        made = await ensure_partitions(database.events, now_ms=NOW)
        assert partition_name("events", NOW - NOW % DAY_MS) in made
        assert await ensure_partitions(database.events, now_ms=NOW) == ()
        return await count(database, sa.table("events_p_rest")), await count(database, events)

    assert with_database(postgres_address, run) == (1, 3)


def test_only_days_that_are_over_are_dropped(postgres_address: DatabaseAddress) -> None:
    day = NOW - NOW % DAY_MS

    async def run(database: Database) -> None:
        await ensure_partitions(database.events, now_ms=NOW)
        dropped = await drop_partitions(database.events, "events", before_ms=day + 5)
        assert dropped == (partition_name("events", day - DAY_MS),)
        assert partition_name("events", day) in await names(database)
        assert "events_p_rest" in await names(database)

    with_database(postgres_address, run)


def test_two_processes_may_tend_at_the_same_moment(postgres_address: DatabaseAddress) -> None:
    async def run(database: Database) -> int:
        runs = (tend(database.events, KEEP, now_ms=NOW) for _ in range(3))
        return len(await asyncio.gather(*runs))

    assert with_database(postgres_address, run) == 3


def test_old_work_goes_unless_something_depends_on_it(address: DatabaseAddress) -> None:
    old, new = NOW - 200 * DAY_MS, NOW - 100 * DAY_MS
    work = {"a": ("succeeded", old), "b": ("failed", new), "c": ("pending", None), "d": ("cancelled", old)}
    tries = {
        "gone": ("applied", old, None, False),
        "new": ("applied", new, None, False),
        "open": ("staged", old, None, False),
        "refused": ("failed", old, None, False),
        "forgiven": ("failed", old, None, True),
        "active": ("applied", old, "r1", False),
        "ended": ("applied", old, "r2", False),
    }

    async def run(database: Database) -> tuple[list[str], list[str], dict[str, int], dict[str, int]]:
        async with database.core.change() as change:
            for number, (name, (state, at_ms)) in enumerate(work.items()):
                named = {"task_id": name, "status": state, "finished_at_ms": at_ms, "idempotency_key": name}
                await change.connection.execute(sa.insert(tasks), [row(tasks, number) | named])
                for table in (task_attempts, task_events):
                    await change.connection.execute(sa.insert(table), [row(table, number) | {"task_id": name}])
            for number, is_active in enumerate((True, False), start=1):
                named_rollout = {"rollout_id": f"r{number}", "is_active": is_active}
                await change.connection.execute(sa.insert(rollouts), [row(rollouts, number) | named_rollout])
            for number, (name, (phase, at_ms, rollout, forgiven)) in enumerate(tries.items()):
                values = {"attempt_id": name, "phase": phase, "changed_at_ms": at_ms, "rollout_id": rollout}
                wanted = row(rollout_attempts, number) | values | {"forgiven": forgiven}
                await change.connection.execute(sa.insert(rollout_attempts), [wanted])
        removed = await tend_work(database.core, KEEP, now_ms=NOW)
        again = await tend_work(database.core, KEEP, now_ms=NOW)
        async with database.core.view() as connection:
            left = [str(one) for one in await connection.scalars(sa.select(tasks.c.task_id))]
            kept = [str(one) for one in await connection.scalars(sa.select(rollout_attempts.c.attempt_id))]
        return left, kept, removed, again

    left, kept, removed, again = with_database(address, run)
    assert sorted(left) == ["b", "c"]
    assert sorted(kept) == ["active", "new", "open", "refused"]
    assert removed == {"task_attempts": 2, "task_events": 2, "tasks": 2, "rollout_attempts": 3}
    assert again == {}


def test_what_is_left_of_a_removed_layer_goes_once_no_agent_runs_it(address: DatabaseAddress) -> None:
    old, new = NOW - 200 * DAY_MS, NOW - 100 * DAY_MS
    versions = {"kept": "there", "gone": "removed", "run": "removed", "fresh": "removed", "lately": "removed-lately"}
    moved = {"kept": "there", "gone": "removed", "lately": "removed-lately"}

    def of(layer: str) -> dict[str, Any]:
        return {"tenant_id": "t", "layer_id": layer}

    async def run(database: Database) -> tuple[list[str], list[str], list[str]]:
        async with database.core.change() as change:
            insert = change.connection.execute
            await insert(sa.insert(config_layers), [row(config_layers, 1) | {"layer_id": "there"}])
            for number, (name, layer) in enumerate(versions.items()):
                values = {"version_id": name, "created_at_ms": new if name == "fresh" else old}
                await insert(sa.insert(config_versions), [row(config_versions, number) | of(layer) | values])
            for number, (name, layer) in enumerate(moved.items()):
                values = {"rollout_id": name, "version_id": name, "is_active": False, "ended_at_ms": old}
                await insert(sa.insert(rollouts), [row(rollouts, number) | of(layer) | values])
            status = {"agent_id": "a", "config_hash": "h"}
            await insert(sa.insert(agent_status), [row(agent_status, 1) | status])
            taken = {"attempt_id": "t", "agent_id": "a", "hash": "h", "versions": ["run", "kept"], "phase": "applied"}
            await insert(sa.insert(rollout_attempts), [row(rollout_attempts, 1) | taken | {"changed_at_ms": old}])
            for layer, at_ms in (("removed", old), ("removed-lately", new)):
                resource = Resource(kind="config_layer", id=layer)
                who = Actor(kind=ActorKind.USER, id="ann")
                change.record(
                    AuditEntry(tenant="t", actor=who, action="config_layer.delete", resource=resource, at_ms=at_ms)
                )
        await tend_work(database.core, KEEP, now_ms=NOW)
        async with database.core.view() as connection:
            left = [
                sorted(await connection.scalars(sa.select(column)))
                for column in (config_versions.c.version_id, rollouts.c.rollout_id, rollout_attempts.c.attempt_id)
            ]
        return left[0], left[1], left[2]

    assert with_database(address, run) == (["fresh", "kept", "lately", "run"], ["kept", "lately"], ["t"])


def test_runs_of_flows_that_came_to_rest_long_ago_go(address: DatabaseAddress) -> None:
    ends = {"old": NOW - 200 * DAY_MS, "new": NOW - 100 * DAY_MS, "open": None}

    async def run(database: Database) -> tuple[dict[str, int], list[str]]:
        async with database.core.change() as change:
            for number, (name, at_ms) in enumerate(ends.items()):
                named = {"run_id": name, "finished_at_ms": at_ms, "state": min(RESTING).value}
                await change.connection.execute(sa.insert(flow_runs), [row(flow_runs, number) | named])
        removed = await tend_work(database.core, KEEP, now_ms=NOW)
        async with database.core.view() as connection:
            return removed, sorted(await connection.scalars(sa.select(flow_runs.c.run_id)))

    assert with_database(address, run) == ({"flow_runs": 1}, ["new", "open"])
