"""Decides what of a Go version's control plane is entered into the centre's database. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from gwf.app.oldrows import OldRowError, Row, agent_of, entry_of, event_of, id_of, renamed, status_of, task_of, whole
from gwf.audit.model import AuditEntry
from gwf.control.fleet.model import Agent, Status
from gwf.db.goversion import OldControl
from gwf.tasks.model import Task, TaskEvent, TaskId

Made = TypeVar("Made")
Marks = tuple[int, str, str]
"""What tells a task from another one of the same id: when it was made, its type, its target."""

MAX_TOLD = 50  #: rows that are named one by one
_NUMBER = re.compile(r"(?:agt|tsk)-(\d{1,15})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the centre has already."""

    #: instance id by agent id; "" for those of other tenants
    agents: Mapping[str, str] = field(default_factory=dict[str, str])
    tasks: Mapping[str, Marks] = field(default_factory=dict[str, Marks])
    #: highest number in the audit of that database that was taken over
    audit: int = 0


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be entered, and what is told of the rest."""

    agents: list[Agent] = field(default_factory=list[Agent])
    statuses: list[Status] = field(default_factory=list[Status])
    tasks: list[Task] = field(default_factory=list[Task])
    events: list[TaskEvent] = field(default_factory=list[TaskEvent])
    audit: list[AuditEntry] = field(default_factory=list[AuditEntry])
    #: highest number in the old audit
    audit_to: int = 0
    #: highest numbers in old ids
    agent_number: int = 0
    task_number: int = 0
    #: rows: agents_new, agents_known, agents_left, tasks_…, events_…, audit_…
    counts: Counter[str] = field(default_factory=Counter[str])
    #: rows that were left out, and why; the first ones
    problems: list[str] = field(default_factory=list[str])
    #: ids that something else has here, and what became of them
    renamed: dict[str, str] = field(default_factory=dict[str, str])

    def is_empty(self) -> bool:
        """Tell whether nothing is to be entered."""
        return not (self.agents or self.tasks or self.audit)


def plan(old: OldControl, known: Known, *, now_ms: int) -> Plan:
    """Return what is to be entered of `old`; what is known by its key, its marks or its number stays as it is."""
    result = Plan(audit_to=known.audit)
    agents = dict(_agents(old, known, result))
    fresh = dict(_tasks(old, known, result, agents=agents, now_ms=now_ms))
    for row in old.events:
        task = fresh.get(str(row["task_id"]))
        if task is not None and (event := _made(result, "events", row, make=partial(_event, task, agents))) is not None:
            result.events.append(event)
    names = {**agents, **fresh}
    for row in old.audit:
        number = whole(row, "id")
        result.audit_to = max(result.audit_to, number)
        if number <= known.audit:
            result.counts["audit_known"] += 1
        elif entry := _made(result, "audit", row, make=lambda row: entry_of(row, names, old.origin)):
            result.audit.append(entry)
    return result


def _agents(old: OldControl, known: Known, result: Plan) -> Iterator[tuple[str, str]]:
    """Add the agents; yield what each one is called here."""
    by_key = {key: agent for agent, key in known.agents.items()}
    taken = set(known.agents)
    for row in old.agents:
        was = id_of(row)
        result.agent_number = max(result.agent_number, _number(was))
        if there := by_key.get(str(row["agent_key"])):
            result.counts["agents_known"] += 1
            yield was, there
            continue
        made = _made(result, "agents", row, make=lambda row: _named(row, _free(id_of(row), taken, old.origin)))
        if made is None:
            continue
        agent, status = made
        if agent.agent_id != was:
            result.renamed[was] = agent.agent_id
        taken.add(agent.agent_id)
        by_key[agent.instance_id] = agent.agent_id
        result.agents.append(agent)
        result.statuses.append(status)
        yield was, agent.agent_id


def _event(task: TaskId, agents: Mapping[str, str], row: Row) -> TaskEvent:
    return event_of(row, task, agents)


def _named(row: Row, name: str) -> tuple[Agent, Status]:
    agent = agent_of({**row, "id": name})
    return agent, status_of(row, agent)


def _tasks(
    old: OldControl, known: Known, result: Plan, *, agents: Mapping[str, str], now_ms: int
) -> Iterator[tuple[str, TaskId]]:
    """Add the tasks; yield what each new one is called here."""
    taken = set(known.tasks)
    for row in old.tasks:
        was = id_of(row)
        result.task_number = max(result.task_number, _number(was))
        task = _made(result, "tasks", row, make=lambda row: task_of(row, agents, now_ms=now_ms))
        if task is None:
            continue
        if any(known.tasks.get(name) == marks_of(task) for name in (was, other_name(was, old.origin))):
            result.counts["tasks_new"] -= 1
            result.counts["tasks_known"] += 1
            continue
        name = _free(was, taken, old.origin)
        if name != was:
            result.renamed[was] = name
        taken.add(name)
        result.tasks.append(renamed(task, name))
        yield was, TaskId(name)


def _made(result: Plan, kind: str, row: Row, *, make: Callable[[Row], Made]) -> Made | None:
    try:
        made = make(row)
    except OldRowError as exc:
        result.counts[f"{kind}_left"] += 1
        if len(result.problems) < MAX_TOLD:
            result.problems.append(f"{kind} {id_of(row)}: {exc.message}")
        return None
    result.counts[f"{kind}_new"] += 1
    return made


def marks_of(task: Task) -> Marks:
    """Return what tells a task from another one of the same id."""
    return task.created_at_ms, task.type, task.target


def other_name(name: str, origin: str) -> str:
    """Return what a thing is called here whose id something else has."""
    return f"{name}-{origin}"


def _free(name: str, taken: Collection[str], origin: str) -> str:
    return other_name(name, origin) if name in taken else name


def _number(name: str) -> int:
    match = _NUMBER.fullmatch(name)
    return 0 if match is None else int(match[1])
