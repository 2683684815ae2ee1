"""A plug-in of somebody else is installed as a package, found, and does tasks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gwf.app.actions import catalog_of
from gwf.audit.model import SYSTEM
from gwf.core.clock import SystemClock
from gwf.core.settings.server import ServerSettings
from gwf.db.address import parse_address
from gwf.db.database import Database
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.channels.budget import MemoryBudgets
from gwf.tasks.desk import TaskDesk, Wish
from gwf.tasks.hands import Hands
from gwf.tasks.keeping import By
from gwf.tasks.model import Task, TaskState
from gwf.tasks.service import TaskService
from gwf.tasks.worker.catalog import Catalog, FaultyTaskError
from gwf.tasks.worker.plugins import plugin_actions
from gwf.tasks.worker.worker import Worker, WorkerParts
from tests.db.test_half import with_database

PLUGIN = Path(__file__).parents[2] / "examples" / "plugins" / "gwf-touch"
BY = By(tenant="default", actor=SYSTEM)


class Nobody:
    """No agent at all (gwf.tasks.desk.Agents)."""

    def is_agent(self, tenant: str, agent_id: str) -> bool:
        return False


def installed(where: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    options = ["--quiet", "--offline", "--no-deps", "--no-build-isolation", "--python", sys.executable]
    command = [str(uv), "pip", "install", *options, "--target", str(where), str(PLUGIN)]
    subprocess.run(command, check=True, capture_output=True)


async def life(database: Database, catalog: Catalog, marker: Path) -> tuple[Task, bool, Task]:
    """Have a marker made and taken away again."""
    clock, store = SystemClock(), SqlTaskStore(database.core)
    tasks = TaskService(store, clock)
    desk = TaskDesk(tasks, catalog, Nobody(), clock=clock)
    parts = WorkerParts(hands=Hands(store, clock, lambda _: None), catalog=catalog, sweep=tasks.sweep, clock=clock)
    working = asyncio.create_task(Worker(parts, name="w", slots=2, lease_s=5.0).run())
    made = (await desk.create(Wish(type="TOUCH", config={"path": str(marker)}), BY)).task
    done = await ended(tasks, made, TaskState.SUCCEEDED)
    was_there = await asyncio.to_thread(marker.exists)
    await tasks.compensate(made.task_id, BY)
    undone = await ended(tasks, made, TaskState.COMPENSATED)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return done, was_there, undone


async def ended(tasks: TaskService, task: Task, state: TaskState) -> Task:
    async with asyncio.timeout(20):
        while True:
            found = await tasks.get("default", task.task_id)
            if found.state is state:
                return found
            await asyncio.sleep(0.02)


def test_an_installed_plugin_brings_a_kind_of_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    catalog = catalog_of(ServerSettings(), {}, MemoryBudgets({}, SystemClock()))
    assert "TOUCH" in catalog.kinds
    with pytest.raises(FaultyTaskError) as refused:
        catalog.check("TOUCH", {"path": "here", "more": 1})
    assert [fault.pointer for fault in refused.value.faults] == ["/config/more", "/config/path"]
    marker = tmp_path / "ready"
    address = parse_address("sqlite", data_dir=tmp_path / "data")
    done, was_there, undone = with_database(address, lambda database: life(database, catalog, marker))
    assert (done.result, was_there) == ({"summary": f"made {marker}"}, True)
    assert (undone.state, marker.exists()) == (TaskState.COMPENSATED, False)


@pytest.mark.parametrize(
    "value", ["no_such_module:Action", "gwf.tasks.actions.notify:NotifyAction", "gwf.tasks.policy:Policy"]
)
def test_a_plugin_that_cannot_be_used_is_left_out(value: str) -> None:
    point = EntryPoint(name="bad", value=value, group="gwf.actions")
    assert plugin_actions(["NOTIFY"], [point]) == []
