"""A centre whose parts are moved by hand: failures of every class are made, letters are read, runs are carried out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gwf.app.centre import Centre
from gwf.audit.model import Actor, ActorKind
from gwf.audit.ports import AuditFilter
from gwf.core.clock import SystemClock
from gwf.core.errors import ErrorClass
from gwf.core.settings.model import Settings
from gwf.db.address import DatabaseAddress
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import open_database
from gwf.ingest.model import OutboxRow, RejectedRow, Sender
from gwf.ingest.outbox import ready_batch
from gwf.letters.desk import By, Wish
from gwf.letters.model import Letter, LetterFilter, LetterState, RunAct, RunProgress
from gwf.tasks.desk import Wish as TaskWish
from gwf.tasks.hands import Holder
from gwf.tasks.keeping import By as TaskBy
from gwf.tasks.model import Task
from gwf.tasks.policy import Policy
from gwf.tasks.signals import Outcome, Report

CLASSES = [one.value for one in ErrorClass]
BY = By(tenant="default", actor=Actor(kind=ActorKind.USER, id="usr-1"), name="ann", request_id="r1")
SENDER = Sender(tenant="default", agent_id="agt_1", labels={"env": "prod"})
WORKER = Holder(name="worker:test", lease_s=60, kinds=("WEBHOOK",))


@dataclass
class Moved:
    """A centre that does nothing by itself."""

    centre: Centre
    seq: int = 0
    effects: int = 0

    async def tell(self, rows: Sequence[tuple[str, dict[str, Any]]], *, file_id: int = 1, gen: int = 1) -> None:
        """Let the agent tell something about a file for each of `rows`: kind and body; one path for each file id."""
        made = [
            OutboxRow(self.seq + number, 1_790_000_000_000 + number, kind, file_id + number, gen, body)
            for number, (kind, body) in enumerate(rows, start=1)
        ]
        batch = ready_batch(SENDER, "e1", made, faults=[], lost_before=False)
        self.seq += len(rows)
        await self.centre.events.ingest.take_batch(batch)

    async def tell_of_files(self, rows: Sequence[tuple[int, int, str, dict[str, Any]]]) -> None:
        """Let the agent tell something about files: id and version of each, kind and body."""
        made = [
            OutboxRow(self.seq + number, 1_790_000_000_000 + self.seq + number, kind, file_id, gen, body)
            for number, (file_id, gen, kind, body) in enumerate(rows, start=1)
        ]
        batch = ready_batch(SENDER, "e1", made, faults=[], lost_before=False)
        self.seq += len(rows)
        await self.centre.events.ingest.take_batch(batch)

    async def give_up(self, error_class: str, count: int = 1, *, gen: int = 1) -> None:
        """Let the agent give files up."""
        rows = [
            (
                "file.dead",
                {
                    "path": f"/data/{error_class}/{number}.log", "store": "main", "key": f"k/{number}", "attempt": 5,
                    "error_class": error_class, "message": f"the store said no (key='k/{number}' status=503)",
                },
            )
            for number in range(count)
        ]  # fmt: skip
        await self.tell(rows, file_id=1 + 1000 * CLASSES.index(error_class), gen=gen)

    async def say_nonsense(self, count: int = 1) -> None:
        """Let the agent tell what cannot be read."""
        body = {"path": "/data/x", "store": "main", "key": "k", "size_bytes": "many"}
        row = {"at_ms": 1_790_000_000_000, "kind": "file.done", "file_id": 7, "gen": 1, "body": body}
        faults = [
            RejectedRow(
                seq, "bad_event", "size_bytes: a whole number from 0 is needed", json.dumps({"seq": seq, **row})
            )
            for seq in range(self.seq + 1, self.seq + count + 1)
        ]
        batch = ready_batch(SENDER, "e1", [], faults=faults, lost_before=False)
        self.seq += count
        await self.centre.events.ingest.take_batch(batch)

    async def order_tasks(self, count: int = 1, url: str = "https://hooks.example.com/x") -> list[str]:
        """Have tasks made that call a webhook; nobody does them by themselves."""
        wishes = [
            TaskWish(type="WEBHOOK", config={"url": url, "body": number}, policy=Policy(max_attempts=1))
            for number in range(count)
        ]
        by = TaskBy(tenant="default", actor=BY.actor, name="ann")
        drafts = [self.centre.work.desk.draft(wish, by) for wish in wishes]
        made: list[str] = []
        for at in range(0, len(drafts), 1000):
            made += [one.task.task_id for one in await self.centre.work.tasks.create_many(drafts[at : at + 1000], by)]
        return made

    async def work(self, error_class: ErrorClass | None, error: str = "answered 503", *, room: int = 500) -> list[Task]:
        """Let a worker take what is free and end it: in a failure of this class, or well with None."""
        turn = await self.centre.work.hands.turn(WORKER, [], room=room)
        outcome = Outcome.SUCCEEDED if error_class is None else Outcome.FAILED
        self.effects += len(turn.taken) if error_class is None else 0
        said = [
            (
                task.task_id,
                Report(
                    owner=WORKER.name, token=task.fence, outcome=outcome, error=error, error_class=error_class,
                    retryable=False,
                ),
            )
            for task in turn.taken
        ]  # fmt: skip
        await self.centre.work.hands.turn(WORKER, said, room=0)
        return list(turn.taken)

    async def fail_tasks(self, error_class: str, count: int = 1, error: str = "answered 503") -> list[str]:
        """Have tasks made and fail for good."""
        made = await self.order_tasks(count)
        while await self.work(ErrorClass(error_class), error):
            pass
        return made

    async def letters(self, **narrowed: Any) -> list[Letter]:
        """Return letters, those that failed last first."""
        wanted = LetterFilter(**narrowed)
        found = await self.centre.letters.desk.look("default", wanted, limit=1000, after=None, facets=False)
        return list(found.items)

    async def order(self, act: RunAct = RunAct.REPLAY, **more: Any) -> RunProgress:
        """Order a run, and carry it out as far as it goes by itself."""
        wanted = more.pop("wanted", LetterFilter())
        run = await self.centre.letters.desk.order(Wish(act=act, wanted=wanted, reason="because", **more), BY)
        while (progress := await self.centre.letters.desk.run("default", run.run_id)).run.ended_at_ms is None:
            await self.centre.letters.runner.once()
            if run.rate_per_s is not None:
                return progress
        return progress

    async def audited(self) -> list[str]:
        """Return the actions on record, the oldest first."""
        async with SqlAuditStore(self.centre.database.core).view("default") as view:
            return [row.action for row in await view.page(AuditFilter(), below=None, limit=1000)][::-1]

    async def follow(self) -> None:
        """Read what failed elsewhere."""
        await self.centre.letters.follower.once()


@asynccontextmanager
async def moved_centre(address: DatabaseAddress, directory: Path) -> AsyncGenerator[Moved]:
    """Open a centre that takes events, and does nothing else by itself."""
    settings = Settings.model_validate({"data_dir": str(directory), "server": {"enabled": True}})
    async with await open_database(address, fallback=False) as database:
        centre = Centre(settings, database, SystemClock())
        async with centre.events.running():
            yield Moved(centre)


def with_centre(address: DatabaseAddress, directory: Path, work: Callable[[Moved], Awaitable[None]]) -> None:
    """Run `work` with such a centre."""

    async def run() -> None:
        async with moved_centre(address, directory) as moved:
            await work(moved)

    asyncio.run(run())


OPEN = frozenset({LetterState.OPEN})
EVERY = frozenset(LetterState)
