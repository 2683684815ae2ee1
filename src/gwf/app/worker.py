"""The process of `gwf worker`: does tasks of a centre over its database, without a port."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from gwf import __version__
from gwf.app.actions import catalog_of, worker_name
from gwf.app.channels import Channels
from gwf.app.database import address_of
from gwf.app.sweep import Sweep
from gwf.core.clock import SystemClock
from gwf.core.errors import ConfigError, GwfError
from gwf.core.faults import arm
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import Settings
from gwf.db.address import Backend
from gwf.db.channel_budget import SqlBudgets
from gwf.db.clock import DatabaseClock
from gwf.db.database import Database, open_database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.tasks_store import SqlTaskStore
from gwf.flows.follow import Follower
from gwf.tasks.hands import Hands
from gwf.tasks.service import TaskService
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.worker import Worker, WorkerParts

log = logging.getLogger("gwf.app")


def run_worker(loaded: LoadedSettings, *, on_started: Callable[[str], None] | None = None) -> int:
    """Do tasks until SIGINT or SIGTERM; return the exit code.

    Raises:
        GwfError: It could not start.
    """
    return asyncio.run(_run(loaded.settings, on_started))


async def _run(settings: Settings, on_started: Callable[[str], None] | None) -> int:
    arm(settings.faults.kill_at)
    address = address_of(settings)
    if address.backend is Backend.MEMORY:
        raise ConfigError("a worker needs the centre's database", problems=("server.database.url: memory is no place",))
    if not settings.server.work.slots:
        raise ConfigError("this worker would do nothing", problems=("server.work.slots: is 0",))
    async with await open_database(address, clock=SystemClock(), fallback=False) as database:
        clock = DatabaseClock(database.core, SystemClock())
        await clock.look()
        worker = _worker(settings, database, clock)
        log.info("gwf_started", extra={"version": __version__, "worker": worker.name})
        if on_started is not None:
            on_started(worker.name)
        return await _until_told(worker)


def _worker(settings: Settings, database: Database, clock: DatabaseClock) -> Worker:
    store = SqlTaskStore(database.core)

    def told(step: Step) -> None:
        if Command.WAKE in step.commands:
            worker.wake()

    channels = Channels(settings.server)
    budgets = SqlBudgets(database.core, channels.per_minute, clock)
    catalog = catalog_of(settings.server, channels.opened, budgets)
    follower = Follower(SqlFlowStore(database.core), catalog, clock)
    parts = WorkerParts(
        hands=Hands(store, clock, told, follows=follower),
        catalog=catalog,
        sweep=Sweep(TaskService(store, clock, told, follows=follower), store, clock),
        clock=clock,
    )
    work = settings.server.work
    worker = Worker(parts, name=worker_name(), slots=work.slots, lease_s=work.lease)
    return worker


async def _until_told(worker: Worker) -> int:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    work, told = asyncio.create_task(worker.run()), asyncio.create_task(asked.wait())
    await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if work.done():  # only a fault of ours ends it by itself
        work.result()
        raise GwfError("the worker ended by itself")
    log.info("stop_requested", extra={"worker": worker.name})
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return 0
