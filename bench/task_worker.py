"""A worker in a process of its own whose one action writes down when it began and ended: `-m bench.task_worker`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows.follow import Follower
from gwf.tasks.hands import Hands
from gwf.tasks.service import TaskService
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.catalog import Catalog
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done
from gwf.tasks.worker.worker import Worker, WorkerParts


class Effect:
    """Appends a line when it begins and one when it has its effect; `sleep_s` lies between them."""

    kind = "BENCH"

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def validate(self, config: Config) -> Sequence[Fault]:
        return []

    def describe(self, config: Config) -> str:
        return "write a line"

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        self._write("begun", context)
        if seconds := config.get("sleep_s"):
            await asyncio.sleep(float(str(seconds)))
        self._write("done", context)
        return done("wrote a line")

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:
        return done("nothing to undo")

    def _write(self, what: str, context: WorkContext) -> None:
        os.write(self._log, f"{what} {context.idempotency_key} {time.time():.6f} {os.getpid()}\n".encode())


async def work(url: str, home: Path, slots: int, *, lease_s: float) -> None:
    """Work until SIGTERM."""
    clock = SystemClock()
    async with await open_database(parse_address(url, data_dir=home), fallback=False) as database:
        store = SqlTaskStore(database.core)

        def told(step: Step) -> None:
            if Command.WAKE in step.commands:
                worker.wake()

        catalog = Catalog([Effect(home / "effects.log")])
        follower = Follower(SqlFlowStore(database.core), catalog, clock)
        parts = WorkerParts(
            hands=Hands(store, clock, told, follows=follower),
            catalog=catalog,
            sweep=TaskService(store, clock, told, follows=follower).sweep,
            clock=clock,
        )
        worker = Worker(parts, name=f"bench:{os.getpid()}", slots=slots, lease_s=lease_s)
        running = asyncio.create_task(worker.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        print("ready", flush=True)
        await asyncio.gather(running, return_exceptions=True)


if __name__ == "__main__":
    given_url, given_home, given_slots, given_lease = sys.argv[1:]
    asyncio.run(work(given_url, Path(given_home), int(given_slots), lease_s=float(given_lease)))
