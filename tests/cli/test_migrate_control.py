from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.fleet import SqlFleet
from gwf.db.goversion import read_control
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.model import TaskFilter, TaskState
from tests.cli.conftest import Result, Run
from tests.cli.go_version import HOST, GoVersion, go_version

#: as the Go version makes it
SCHEMA = """
CREATE TABLE control_agents (id TEXT PRIMARY KEY, agent_key TEXT UNIQUE, hostname TEXT, version TEXT, ip TEXT,
  group_name TEXT, status TEXT, last_seen_at TEXT, created_at TEXT, updated_at TEXT, heartbeat_count INTEGER);
CREATE TABLE control_tasks (id TEXT PRIMARY KEY, type TEXT, target TEXT, payload_json TEXT, priority TEXT, status TEXT,
  failure_reason TEXT, assigned_agent_id TEXT, retry_count INTEGER, max_retries INTEGER, created_by TEXT,
  created_at TEXT, updated_at TEXT, finished_at TEXT);
CREATE TABLE control_task_events (id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT, agent_id TEXT, event_type TEXT,
  message TEXT, event_time TEXT);
CREATE TABLE control_audit_logs (id INTEGER PRIMARY KEY AUTOINCREMENT, operator TEXT, action TEXT, resource_type TEXT,
  resource_id TEXT, detail_json TEXT, created_at TEXT);
"""
T = "2026-03-04T05:06:07.890123456Z"
AGENTS = [
    ("agt-000001", "key-1", "h1", "1.0", "10.0.0.1", "prod", "online", T, "2026-03-04T05:06:07Z", T, 42),
    ("agt-000007", "key-7", "h7", "1.0", "10.0.0.7", "default", "draining", T, T, T, 7),
]
TASKS = [
    ("tsk-000001", "upload", "/a", '{"n":1}', "high", "success", "", "agt-000001", 0, 3, "ann", T, T, T),
    ("tsk-000002", "upload", "/b", "null", "normal", "running", "", "agt-000007", 1, 3, "console", T, T, ""),
    ("tsk-000009", "upload", "/c", "null", "low", "pending", "", "", 0, 5, "console", T, T, ""),
]
EVENTS = [("tsk-000001", "", "created", "任务已创建", T), ("tsk-000001", "agt-000001", "succeeded", "done", T)]
AUDIT = [
    ("key-1", "agent_register", "agent", "agt-000001", '{"hostname":"h1"}', T),
    ("console", "task_create", "task", "tsk-000001", '{"type":"upload","token":"sk-hidden"}', T),
]


@pytest.fixture
def go(tmp_path: Path) -> Generator[GoVersion]:
    with go_version(tmp_path) as found:
        yield found


@pytest.fixture
def migrate(run: Run, go: GoVersion) -> Run:
    return lambda *arguments: run("migrate", "--from", go.home, "--hostname", HOST, "--json", *arguments)


def database_of(go: GoVersion) -> Path:
    path = go.home / "data/control/control.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def old_control(path: Path, *, agents: Sequence[Any] = AGENTS, tasks: Sequence[Any] = TASKS) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        for table, rows in (("control_agents", agents), ("control_tasks", tasks)):
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.executemany("INSERT INTO control_task_events VALUES (NULL, ?, ?, ?, ?, ?)", EVENTS)
        connection.executemany("INSERT INTO control_audit_logs VALUES (NULL, ?, ?, ?, ?, ?, ?)", AUDIT)
        connection.commit()
    return path


def control_of(result: Result) -> dict[str, Any]:
    control = result.json()["control"]
    assert isinstance(control, dict)
    return control


def centre_of(go: GoVersion) -> dict[str, Any]:
    """Return what the centre has now."""

    async def look() -> dict[str, Any]:
        address = parse_address("sqlite", data_dir=go.home / "gwf-data")
        async with await open_database(address, clock=SystemClock(), fallback=False) as database:
            async with SqlFleet(database.core).view() as fleet:
                agents = {row.agent.agent_id: row for row in await fleet.rows()}
            async with SqlTaskStore(database.core).view("default") as work:
                tasks, _ = await work.newest(TaskFilter(), limit=100)
                story = {task.task_id: await work.events(task.task_id, limit=10) for task in tasks}
        return {"agents": agents, "tasks": {task.task_id: task for task in tasks}, "story": story}

    return asyncio.run(look())


def rows_in(go: GoVersion, query: str) -> list[Any]:
    with closing(sqlite3.connect(go.home / "gwf-data/core.db")) as connection:
        return connection.execute(query).fetchall()


def test_agents_tasks_stories_and_audit_are_taken_over_once(go: GoVersion, migrate: Run, run: Run) -> None:
    before = old_control(database_of(go)).read_bytes()
    preview = control_of(migrate("--dry-run"))
    assert not (go.home / "gwf-data").exists()
    first = migrate()
    assert first.code == 0, first.err
    done = control_of(first)
    assert done["rows"] == preview["rows"] == {"agents_new": 2, "audit_new": 2, "events_new": 2, "tasks_new": 3}
    assert done["backup"] is None
    found = centre_of(go)
    agent, drained = found["agents"]["agt-000001"], found["agents"]["agt-000007"]
    assert (agent.agent.instance_id, agent.agent.group_name, agent.status.heartbeats) == ("key-1", "prod", 42)
    assert (agent.agent.registered_at_ms, agent.status.contact_at_ms) == (1772600767000, 1772600767890)
    assert drained.agent.drain
    tasks = found["tasks"]
    assert [tasks[f"tsk-{n:06}"].state for n in (1, 2, 9)] == [
        TaskState.SUCCEEDED,
        TaskState.RUNNING,
        TaskState.PENDING,
    ]
    assert (tasks["tsk-000001"].payload, tasks["tsk-000002"].agent_id) == ({"n": 1}, "agt-000007")
    assert [event.message for event in found["story"]["tsk-000001"]] == ["done", "任务已创建"]
    assert rows_in(go, "SELECT action FROM audit_logs ORDER BY seq") == [
        ("agent.register",),
        ("task.create",),
        ("centre.take_over",),
    ]
    assert "sk-hidden" not in str(rows_in(go, "SELECT detail FROM audit_logs"))
    assert rows_in(go, "SELECT name, value FROM counters WHERE name IN ('agent', 'task')") == [
        ("agent", 7),
        ("task", 9),
    ]
    again = control_of(migrate())
    assert again["rows"] == {"agents_known": 2, "audit_known": 2, "tasks_known": 3}
    assert centre_of(go) == found
    assert database_of(go).read_bytes() == before
    assert run("audit", "verify", "--data", go.home / "gwf-data").code == 0


def test_what_came_later_is_added_and_the_centre_is_backed_up_before(go: GoVersion, migrate: Run) -> None:
    path = old_control(database_of(go))
    migrate()
    with closing(sqlite3.connect(path)) as connection:
        row = ("agt-000008", *AGENTS[0][1:])
        connection.execute(f"INSERT INTO control_agents VALUES ({', '.join('?' * 11)})", (row[0], "key-8", *row[2:]))
        connection.commit()
    done = control_of(migrate())
    assert done["rows"]["agents_new"] == 1
    assert Path(done["backup"]).is_file()


def test_an_id_that_something_else_has_here_is_changed_and_told(go: GoVersion, migrate: Run) -> None:
    old_control(database_of(go))
    migrate()
    database_of(go).unlink()
    others = [("agt-000001", "another", *AGENTS[0][2:])]
    old_control(database_of(go), agents=others, tasks=[(*TASKS[0][:2], "/elsewhere", *TASKS[0][3:])])
    done = control_of(migrate())
    renamed = done["renamed"]
    assert set(renamed) == {"agt-000001", "tsk-000001"}
    found = centre_of(go)
    assert found["agents"][renamed["agt-000001"]].agent.instance_id == "another"
    assert found["tasks"][renamed["tsk-000001"]].agent_id == renamed["agt-000001"]
    assert control_of(migrate())["rows"] == {"agents_known": 1, "audit_known": 2, "tasks_known": 1}


def test_rows_that_mean_nothing_are_left_out_and_told(go: GoVersion, migrate: Run) -> None:
    bad = [(*TASKS[0][:5], "lost", *TASKS[0][6:]), ("tsk-000003", *TASKS[0][1:3], "{", *TASKS[0][4:]), TASKS[2]]
    agents = [("agt-000001", "", *AGENTS[0][2:]), ("agt-000002", "k", *AGENTS[0][2:7], "yesterday", *AGENTS[0][8:])]
    old_control(database_of(go), agents=agents, tasks=bad)
    done = migrate()
    assert done.code == 1
    rows = control_of(done)["rows"]
    assert (rows["agents_left"], rows["tasks_left"], rows["tasks_new"]) == (2, 2, 1)
    assert "tasks tsk-000001: has the unknown status 'lost'" in control_of(done)["left"]


def test_a_damaged_database_gives_what_can_be_read_and_is_kept(go: GoVersion, migrate: Run) -> None:
    many = [(f"tsk-{n:06}", "upload", "/x" * 400, *TASKS[2][3:]) for n in range(1, 2001)]
    path = old_control(database_of(go), tasks=many)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    saved = len(read_control(path).tasks)
    assert 0 < saved < 2000
    done = migrate()
    assert done.code == 1
    assert control_of(done)["rows"]["tasks_new"] == saved
    (damage,) = [item for item in done.json()["damaged"] if item["file"] == str(path)]  # type: ignore[attr-defined]
    assert Path(damage["backup"]).read_bytes() == bytes(content)
    path.write_bytes(b"no database at all")
    assert migrate().code == 1
