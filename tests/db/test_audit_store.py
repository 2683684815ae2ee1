from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gwf.audit.export import verify_export
from gwf.audit.model import AuditEntry, AuditRow
from gwf.audit.ports import AuditFilter, Summary
from gwf.audit.service import AuditService, Check
from gwf.audit.verify import FaultKind, Verdict
from gwf.audit.walk import export_stored, verify_stored
from gwf.core.clock import ManualClock
from gwf.core.errors import NotFoundError
from gwf.db.address import DatabaseAddress
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import Database
from gwf.db.tables.audit import audit_heads, audit_logs
from tests.audit.chains import START_MS, entry
from tests.db.test_half import with_database

ROWS = 25
NOBODY = AuditFilter()


async def recorded(database: Database, count: int = ROWS, *, tenant: str = "default") -> SqlAuditStore:
    async with database.core.change() as change:
        for number in range(1, count + 1):
            change.record(entry(number, tenant=tenant))
    return SqlAuditStore(database.core)


async def listed(service: AuditService, wanted: AuditFilter = NOBODY, *, limit: int = 10) -> list[AuditRow]:
    rows: list[AuditRow] = []
    below = None
    while True:
        page = await service.page("default", wanted, below=below, limit=limit)
        assert len(page.rows) <= limit
        rows.extend(page.rows)
        below = page.next_below
        if below is None:
            return rows


def test_the_stored_chain_holds_and_its_export_too(address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[Verdict, Verdict]:
        store = await recorded(database)
        lines = [piece async for piece in export_stored(store, "default", at_ms=0)]
        return await verify_stored(store, "default"), verify_export(b"".join(lines).splitlines(keepends=True))

    stored, exported = with_database(address, run)
    assert (stored.sound, stored.rows) == (exported.sound, exported.rows) == (True, ROWS)
    assert stored.head == exported.head


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        (sa.update(audit_logs).where(audit_logs.c.seq == 7).values(reason="nothing"), FaultKind.CHANGED, 7),
        (sa.update(audit_logs).where(audit_logs.c.seq == 7).values(changes="[ ]"), FaultKind.CHANGED, 7),
        (sa.delete(audit_logs).where(audit_logs.c.seq == 7), FaultKind.MISSING, 7),
        (sa.delete(audit_logs).where(audit_logs.c.seq > 20), FaultKind.TRUNCATED, 21),
        (sa.delete(audit_heads), FaultKind.HEAD, ROWS),
        (sa.update(audit_heads).values(seq=20), FaultKind.HEAD, 21),
        (sa.delete(audit_logs), FaultKind.TRUNCATED, 1),
    ],
)
def test_what_was_done_to_the_tables_is_found(
    address: DatabaseAddress, statement: sa.Update | sa.Delete, kind: FaultKind, seq: int
) -> None:
    async def run(database: Database) -> Verdict:
        store = await recorded(database)
        async with database.core.change() as change:
            await change.connection.execute(statement)
        return await verify_stored(store, "default")

    fault = with_database(address, run).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == (kind, seq)


def test_an_empty_chain_holds(address: DatabaseAddress) -> None:
    async def run(database: Database) -> Verdict:
        return await verify_stored(SqlAuditStore(database.core), "default")

    assert with_database(address, run).sound


def test_tenants_have_chains_of_their_own_and_see_no_others(address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[int, int, Verdict]:
        store = await recorded(database)
        await recorded(database, 3, tenant="other")
        service = AuditService(store, ManualClock())
        page = await service.page("other", NOBODY, below=None, limit=100)
        return len(page.rows), len(await listed(service)), await verify_stored(store, "other")

    others, mine, verdict = with_database(address, run)
    assert (others, mine, verdict.sound) == (3, ROWS, True)


def test_pages_are_whole_in_order_and_go_on_while_entries_come(address: DatabaseAddress) -> None:
    async def run(database: Database) -> list[int]:
        service = AuditService(await recorded(database), ManualClock())
        first = await service.page("default", NOBODY, below=None, limit=10)
        await recorded(database, 4)
        second = await service.page("default", NOBODY, below=first.next_below, limit=100)
        assert second.next_below is None
        return [row.seq for row in (*first.rows, *second.rows)]

    assert with_database(address, run) == list(range(ROWS, 0, -1))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AuditFilter(action="agent.drain"), {"agent.drain"}),
        (AuditFilter(action="agent."), {"agent.drain"}),
        (AuditFilter(action="agent"), set()),
        (AuditFilter(actions=frozenset({"agent.drain", "user.create"})), {"agent.drain"}),
        (AuditFilter(actor_id="usr-3"), {"agent.drain", "rollout.create"}),
        (AuditFilter(resource_id="agt-000004"), {"rollout.create"}),
        (AuditFilter(resource_kinds=frozenset({"user"})), set()),
        (AuditFilter(text="北京"), {"agent.drain", "rollout.create"}),
        (AuditFilter(text="ROLLOUT.c"), {"rollout.create"}),
        (AuditFilter(text="100%_"), set()),
        (AuditFilter(actions=frozenset({"rollout.", "agent.drain"})), {"agent.drain", "rollout.create"}),
        (AuditFilter(actor_kinds=frozenset({"nobody"})), set()),
        (AuditFilter(field="Labels/Site", with_changes=True), {"agent.drain", "rollout.create"}),
        (AuditFilter(field="labels"), set()),
        (AuditFilter(field="lab%/site"), set()),
        (AuditFilter(text="\x00", actor_id="\ud800", action="\x00"), set()),
    ],
)
def test_filters_show_what_they_say(address: DatabaseAddress, wanted: AuditFilter, expected: set[str]) -> None:
    async def run(database: Database) -> set[str]:
        service = AuditService(await recorded(database), ManualClock())
        return {row.action for row in await listed(service, wanted, limit=3)}

    assert with_database(address, run) == expected


def test_a_summary_counts_what_the_list_shows(address: DatabaseAddress) -> None:
    wanted = AuditFilter(action="agent.drain", with_changes=True)

    async def run(database: Database) -> tuple[Summary, Summary, Sequence[AuditRow]]:
        service = AuditService(await recorded(database), ManualClock())
        shifted = await service.summary("default", wanted, shift_ms=120 * 60_000)
        return await service.summary("default", wanted), shifted, await listed(service, wanted)

    summary, shifted, rows = with_database(address, run)
    assert (summary.total, summary.complete, list(summary.actions)) == (len(rows), True, [("agent.drain", len(rows))])
    assert {row.changes == "[]" for row in rows} == {False}
    assert {day for day, _, _ in summary.days} == {START_MS // 86_400_000}
    assert {day for day, _, _ in shifted.days} == {START_MS // 86_400_000 + 1}
    assert Counter({(kind, name): count for kind, name, count in summary.actors}) == Counter(
        (row.actor_kind, row.actor_id) for row in rows
    )


def test_times_bound_a_list_from_the_first_up_to_the_second(address: DatabaseAddress) -> None:
    since, until = entry(5).at_ms, entry(9).at_ms

    async def run(database: Database) -> list[int]:
        service = AuditService(await recorded(database), ManualClock())
        return [row.seq for row in await listed(service, AuditFilter(since_ms=since, until_ms=until))]

    assert with_database(address, run) == [8, 7, 6, 5]


def test_a_search_for_a_text_goes_on_behind_what_it_looked_through(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gwf.audit.service.TEXT_SPAN", 4)

    async def run(database: Database) -> list[int]:
        service = AuditService(await recorded(database), ManualClock())
        return [row.seq for row in await listed(service, AuditFilter(text="req-1"), limit=3)]

    assert with_database(address, run) == [*range(19, 9, -1), 1]


def test_a_check_runs_beside_everything_and_is_on_record(address: DatabaseAddress) -> None:
    async def run(database: Database) -> tuple[Check, Check | None, AuditRow]:
        service = AuditService(await recorded(database), ManualClock())
        begun = await service.check("default", actor=entry(1).actor, request_id="r1")
        assert await service.check("default", actor=entry(1).actor, request_id="r2") is begun
        ended = await service.settled("default")
        await service.stop()
        return begun, ended, await service.get("default", ROWS + 1)

    begun, ended, row = with_database(address, run)
    assert begun.is_running
    assert ended is not None
    assert ended.verdict is not None
    assert (ended.verdict.sound, ended.verdict.rows, ended.rows_done) == (True, ROWS + 1, ROWS + 1)
    assert (row.action, row.request_id) == ("audit.verify", "r1")


def test_what_is_not_there_is_told(address: DatabaseAddress) -> None:
    async def run(database: Database) -> None:
        store = await recorded(database, 2)
        service = AuditService(store, ManualClock())
        with pytest.raises(NotFoundError):
            await service.get("default", 3)
        with pytest.raises(NotFoundError):
            [piece async for piece in service.export("default", after=3)]

    with_database(address, run)


def test_an_export_of_the_newer_entries_begins_where_it_is_told(address: DatabaseAddress) -> None:
    async def run(database: Database) -> Verdict:
        store = await recorded(database)
        pieces = [piece async for piece in export_stored(store, "default", at_ms=0, after=20)]
        return verify_export(b"".join(pieces).splitlines(keepends=True))

    verdict = with_database(address, run)
    assert (verdict.sound, verdict.rows) == (True, 5)


def test_an_entry_for_the_store_is_the_one_that_was_recorded(address: DatabaseAddress) -> None:
    odd: AuditEntry = replace(entry(3), reason='"\\\u2028\x7f<&>\x00', detail={"n\x00": ["\ud800", 1.5, None]})

    async def run(database: Database) -> Verdict:
        async with database.core.change() as change:
            change.record(odd)
        return await verify_stored(SqlAuditStore(database.core), "default")

    assert with_database(address, run).sound
