"""What rules decide becomes tasks: once for each cause, dead from the start where it cannot be done."""

from __future__ import annotations

from pathlib import Path

from gwf.app.drafts import TaskDrafts
from gwf.core.clock import ManualClock
from gwf.db.address import parse_address
from gwf.db.database import Database
from gwf.db.tasks_store import SqlTaskStore
from gwf.rules.decision import ActionDraft, Decision, EventKind, EventRef, RuleVersion, Urgency
from gwf.tasks.actions.outward import Outward
from gwf.tasks.actions.webhook import WebhookAction
from gwf.tasks.desk import TaskDesk
from gwf.tasks.model import Cause, Priority, Task, TaskFilter, TaskState
from gwf.tasks.service import TaskService
from gwf.tasks.worker.catalog import Catalog
from tests.app.test_plugins import Nobody
from tests.db.test_half import with_database

EVENT = EventRef("default", EventKind.FILE, 7)


def draft(kind: str, part: str, **config: str) -> ActionDraft:
    return ActionDraft(
        kind=kind, config=config, key_parts=(part,), urgency=Urgency.HIGH, agent_id=None,
        rule=RuleVersion("rul-1", 3), position=0, event=EVENT, about="/srv/a.log",
    )  # fmt: skip


def test_decisions_become_tasks_once_and_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    async def run(database: Database) -> list[Task]:
        clock = ManualClock()
        tasks = TaskService(SqlTaskStore(database.core), clock)
        catalog = Catalog([WebhookAction(Outward(), {})])
        sink = TaskDrafts(TaskDesk(tasks, catalog, Nobody(), clock=clock))
        drafts = (
            draft("WEBHOOK", "a", url="https://hooks.example.com/"), draft("WEBHOOK", "b", url="nowhere"),
            draft("FLOW", "c"), draft("ARCHIVE", "d", path="/a"),
        )  # fmt: skip
        for _ in range(2):
            await sink.take([Decision(event=EVENT, drafts=drafts)])
        return list((await tasks.newest("default", TaskFilter(), limit=9))[0])

    made = {task.type + str(task.state is TaskState.DEAD): task for task in with_database(
        parse_address("sqlite", data_dir=tmp_path), run
    )}  # fmt: skip
    assert sorted(made) == ["ARCHIVETrue", "FLOWTrue", "WEBHOOKFalse", "WEBHOOKTrue"]
    good = made["WEBHOOKFalse"]
    assert (good.state, good.priority) == (TaskState.PENDING, Priority.HIGH)
    assert good.target == "/srv/a.log"
    assert good.cause == Cause(file_event_id=7, rule_id="rul-1", rule_version=3)
    assert made["WEBHOOKTrue"].failure_reason == "/config/url: an http or https URL is needed"
    assert "one of" in made["FLOWTrue"].failure_reason
    assert "agent" in made["ARCHIVETrue"].failure_reason
