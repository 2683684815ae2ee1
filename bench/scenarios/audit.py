"""Times the audit's chain: making it, exporting it, proving a million rows of it, seeing what was changed."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.audit.chain import genesis, head_of, seal
from gwf.audit.changes import FieldChange
from gwf.audit.export import ExportWriter, lines_in, row_from_line, verify_export
from gwf.audit.model import Actor, ActorKind, AuditEntry, AuditRow, Head, Resource
from gwf.audit.walk import verify_stored
from gwf.db.address import parse_address
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import CORE_FILE, Database, open_database
from gwf.db.tables.audit import audit_heads, audit_logs

ROWS = 1_000_000
BATCH = 5_000

COLUMNS = (
    Column("rows", "rows"),
    Column("size_mb", "MB"),
    Column("wall_s", "s", 2, spread=True),
    Column("cpu_s", "CPU s", 2),
    Column("us_row", "CPU µs/row", 2),
)


def run(plan: Plan) -> Report:
    """Write an export as long as asked and verify it; then the same with one byte changed in its last row."""
    rows = plan.count(ROWS)
    whole = rows == ROWS
    goals = [Goal(f"verify {what}", "wall_s", "at most", 30) for what in ("export", "database")] if whole else ()
    report = Report("audit", f"hash chain of {rows:,} rows", COLUMNS, goals=goals)
    home = plan.workplace("audit")
    path = home / "audit.ndjson"
    for _ in range(plan.rounds):
        _timed(report, "record and export", rows, lambda: _write(path, rows))
        _timed(report, "verify export", rows, lambda: _verify(path, sound=True))
        report.row("verify export").add(size_mb=path.stat().st_size / 1e6)
        asyncio.run(_database(report, home / "database", path))
        _change_last_row(path)
        _timed(report, "find a changed byte", rows, lambda: _verify(path, sound=False))
    shutil.rmtree(home)
    return report


async def _database(report: Report, directory: Path, path: Path) -> None:
    """Put the rows of an export into SQLite and verify them there, as the centre does beside its work."""
    async with await open_database(parse_address("sqlite", data_dir=directory), fallback=False) as database:
        head = await _fill(database, path)
        started, worked = time.perf_counter(), time.process_time()
        verdict = await verify_stored(SqlAuditStore(database.core), "default")
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - worked
    if not verdict.sound or verdict.head != head:
        raise AssertionError(verdict)
    size_mb = (directory / CORE_FILE).stat().st_size / 1e6
    row = report.row("verify database")
    row.add(rows=verdict.rows, size_mb=size_mb, wall_s=wall_s, cpu_s=cpu_s, us_row=cpu_s / verdict.rows * 1e6)


async def _fill(database: Database, path: Path) -> Head:
    head = genesis("default")
    with path.open("rb") as file:
        lines = itertools.islice(lines_in(file), 1, None)
        while rows := [row for line in itertools.islice(lines, BATCH) if (row := _row_in(line)) is not None]:
            head = head_of(rows[-1])
            async with database.core.change() as change:
                await change.connection.execute(sa.insert(audit_logs), [_columns(row) for row in rows])
    async with database.core.change() as change:
        values = {"tenant_id": head.tenant, "seq": head.seq, "hash": head.hash}
        await change.connection.execute(sa.insert(audit_heads), values)
    return head


def _row_in(line: bytes) -> AuditRow | None:
    return row_from_line(line) if line.startswith(b'{"seq"') else None


def _columns(row: AuditRow) -> dict[str, object]:
    values = row._asdict()
    return {"tenant_id": values.pop("tenant")} | values


def _timed(report: Report, case: str, rows: int, work: Callable[[], None]) -> None:
    started, worked = time.perf_counter(), time.process_time()
    work()
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - worked
    report.row(case).add(rows=rows, wall_s=wall_s, cpu_s=cpu_s, us_row=cpu_s / rows * 1e6)


def _write(path: Path, rows: int) -> None:
    head = genesis("default")
    writer = ExportWriter(head, at_ms=0)
    with path.open("wb") as file:
        file.write(writer.first_line())
        for number in range(rows):
            row = seal(_entry(number), head)
            head = head_of(row)
            file.write(writer.line(row))
        file.write(writer.last_line())


def _verify(path: Path, *, sound: bool) -> None:
    with path.open("rb") as file:
        verdict = verify_export(lines_in(file))
    if verdict.sound is not sound:
        raise AssertionError(verdict)


def _change_last_row(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-500, 2)
        tail = file.read()
        file.seek(-500 + tail.rindex(b'"agent.drain"') + 1, 2)
        file.write(b"A")


def _entry(number: int) -> AuditEntry:
    return AuditEntry(
        tenant="default",
        actor=Actor(kind=ActorKind.USER, id=f"usr-{number % 40:04}", address="10.0.0.7"),
        action="agent.drain",
        resource=Resource(kind="agent", id=f"agt-{number % 10_000:06}"),
        at_ms=1_700_000_000_000 + number * 1000,
        reason="maintenance of the rack" if number % 2 else "",
        request_id=f"{number:032x}",
        changes=(FieldChange(path="/state", before="online", after="draining"),),
    )
