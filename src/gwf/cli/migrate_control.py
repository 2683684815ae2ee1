"""What `gwf migrate` does with the Go version's control plane: look, back up, enter, tell."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gwf.agent.lockfile import lock_directory
from gwf.app.database import address_of
from gwf.app.oldrows import TENANT
from gwf.app.takeover import Known, Plan, other_name, plan
from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.cli import show
from gwf.core.clock import Clock, SystemClock
from gwf.core.errors import InputError
from gwf.core.settings.legacy.salvage import Damage
from gwf.core.settings.model import Settings
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.backup import back_up, new_file
from gwf.db.database import CORE_FILE, Database, open_database
from gwf.db.goversion import OldControl, read_control
from gwf.db.half import CoreHalf
from gwf.db.takeover_store import TakeoverChange, TakeoverReads, is_used

ACTOR = Actor(kind=ActorKind.LOCAL, id="gwf migrate")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReport:
    """What became of the control plane."""

    file: Path
    old: OldControl
    plan: Plan
    #: of the centre's database as it was before; None = nothing was in it, or nothing was entered
    backup: Path | None = None

    def damage(self) -> list[Damage]:
        """Return what could not be read, if anything."""
        problems = self.old.problems
        return [Damage(path=self.file, problems=problems, saved=self.old.count())] if problems else []

    def needs_a_look(self) -> bool:
        """Tell whether rows were left out."""
        return any(count for name, count in self.plan.counts.items() if name.endswith("_left"))

    def document(self) -> dict[str, object]:
        """Return everything as one JSON value."""
        return {
            "file": str(self.file),
            "rows": {name: count for name, count in sorted(self.plan.counts.items()) if count},
            "renamed": self.plan.renamed,
            "left": self.plan.problems,
            "backup": None if self.backup is None else str(self.backup),
        }

    def print(self, *, dry_run: bool) -> None:
        """Print it as text."""
        show.line(f"control plane: {self.file}")
        words = {"new": "would be entered" if dry_run else "entered", "known": "there already", "left": "left out"}
        for name, count in sorted(self.plan.counts.items()):
            kind, _, what = name.rpartition("_")
            if count:
                show.line(f"  {count:>9}  {kind} {words[what]}")
        for was, now in self.plan.renamed.items():
            show.line(f"  {was} is called {now} here: its id was taken")
        for problem in self.plan.problems:
            show.line(f"  left out: {problem}")
        if self.backup is not None:
            show.line(f"  the centre's database as it was before: {self.backup}")


def take_control(file: Path, settings: Settings, *, kept: Path, dry_run: bool) -> ControlReport | None:
    """Enter the control plane of `file`, or with `dry_run` say what would be; None when there is no such file.

    `kept` is the directory for the backup.

    Raises:
        ConflictError: A process of ours works in the data directory.
        InputError: The centre keeps its data in memory.
        UnavailableError: The centre's database did not answer.
    """
    if not file.exists():
        return None
    old, address, clock = read_control(file), address_of(settings), SystemClock()
    if address.backend is Backend.MEMORY:
        raise InputError("server.database.url is memory, which keeps nothing: name a database that does")
    if dry_run:
        return ControlReport(file=file, old=old, plan=asyncio.run(_surveyed(old, address, clock)))
    lock = lock_directory(settings.data_dir)
    try:
        done, backup = asyncio.run(_entered(old, address, clock, kept=kept))
    finally:
        os.close(lock)
    return ControlReport(file=file, old=old, plan=done, backup=backup)


async def _surveyed(old: OldControl, address: DatabaseAddress, clock: Clock) -> Plan:
    if address.directory is not None and not (address.directory / CORE_FILE).exists():
        return plan(old, Known(), now_ms=clock.now_ms())
    async with await open_database(address, clock=clock, fallback=False) as database, database.core.view() as reads:
        return plan(old, await _known(TakeoverReads(reads), old), now_ms=clock.now_ms())


async def _entered(old: OldControl, address: DatabaseAddress, clock: Clock, *, kept: Path) -> tuple[Plan, Path | None]:
    async with await open_database(address, clock=clock, fallback=False) as database:
        async with database.core.view() as reads:
            known = await _known(TakeoverReads(reads), old)
        wanted = plan(old, known, now_ms=clock.now_ms())
        if wanted.is_empty():
            return wanted, None
        backup = await _backed_up(database, kept, clock)
        await _enter(database.core, wanted, origin=old.origin, clock=clock)
        return wanted, backup


async def _known(reads: TakeoverReads, old: OldControl) -> Known:
    ids = {str(row["id"]) for row in old.tasks}
    ids |= {other_name(name, old.origin) for name in ids}
    return Known(agents=await reads.agents(TENANT), tasks=await reads.tasks(ids), audit=await reads.audit(old.origin))


async def _backed_up(database: Database, kept: Path, clock: Clock) -> Path | None:
    if not await is_used(database.core):
        return None
    await asyncio.to_thread(kept.mkdir, mode=0o700, exist_ok=True)
    path = kept / f"centre-{clock.now_ms()}.gwfbackup"
    with new_file(path) as file:
        await back_up(database.core, database.events, file, now_ms=clock.now_ms(), told=lambda _: None)
    return path


async def _enter(core: CoreHalf, wanted: Plan, *, origin: str, clock: Clock) -> None:
    """Enter everything in one transaction: all of it, or nothing."""
    async with core.change() as change:
        writes = TakeoverChange(change)
        await writes.add_agents(wanted.agents, wanted.statuses, highest=wanted.agent_number)
        await writes.add_tasks(wanted.tasks, wanted.events, highest=wanted.task_number)
        await writes.add_audit(wanted.audit, origin=origin, to=wanted.audit_to)
        writes.record(
            AuditEntry(
                tenant=TENANT,
                actor=ACTOR,
                action="centre.take_over",
                resource=Resource(kind="control_plane", id=origin),
                at_ms=clock.now_ms(),
                detail=_facts(wanted.counts),
            )
        )


def _facts(counts: Mapping[str, int]) -> dict[str, object]:
    return {name: count for name, count in sorted(counts.items()) if name.endswith("_new")}
