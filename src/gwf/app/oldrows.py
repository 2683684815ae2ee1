"""Turns rows of the Go version's control plane into agents, tasks and audit entries of ours. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from gwf.audit.changes import storable
from gwf.audit.model import MAX_WORD_CHARS, Actor, ActorKind, AuditEntry, Resource
from gwf.control.fleet.keyed import MAX_CHARS
from gwf.control.fleet.model import Agent, AgentId, Status
from gwf.control.fleet.state import AgentState, Cause
from gwf.core.errors import InputError
from gwf.tasks.model import (
    LEASE_S,
    LEGACY_STATUS,
    MAX_RETRIES,
    MAX_TEXT_CHARS,
    RUN_S,
    Priority,
    Task,
    TaskEvent,
    TaskEventType,
    TaskId,
    TaskState,
)

Row = Mapping[str, object]
TENANT = "default"

_STATES = {word: state for state, word in reversed(list(LEGACY_STATUS.items()))}  # the first of a word counts
_PRIORITIES = {priority.word: priority for priority in Priority}
_HELD = {TaskState.LEASED: LEASE_S, TaskState.RUNNING: RUN_S}
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)")
_ACTIONS = {
    "agent_register": "agent.register",
    "agent_drain": "agent.drain",
    "task_create": "task.create",
    "task_cancel": "task.cancel",
    "task_retry": "task.retry",
    "task_assigned": "task.assign",
    "task_ack": "task.start",
    "task_complete": "task.finish",
    "task_timeout": "task.time_out",
}


class OldRowError(InputError):
    """A row cannot be taken over."""


def agent_of(row: Row) -> Agent:
    """Return the agent of a row, without a credential: it goes on speaking the Go version's interface.

    Raises:
        OldRowError: It has no key, or a time that is none.
    """
    key = _text(row, "agent_key", MAX_CHARS)
    if not key:
        raise OldRowError("has no agent_key")
    return Agent(
        agent_id=AgentId(id_of(row)),
        tenant=TENANT,
        instance_id=key,
        hostname=_text(row, "hostname", MAX_CHARS),
        version=_text(row, "version", MAX_CHARS),
        ip=_text(row, "ip", MAX_CHARS),
        group_name=_text(row, "group_name", MAX_CHARS) or "default",
        drain=row["status"] == "draining",
        registered_at_ms=_time(row, "created_at"),
        updated_at_ms=_time(row, "updated_at"),
    )


def status_of(row: Row, agent: Agent) -> Status:
    """Return how an agent was: away until it calls here."""
    seen_ms = _time(row, "last_seen_at")
    return Status(
        agent_id=agent.agent_id,
        tenant=TENANT,
        state=AgentState.OFFLINE,
        cause=Cause.SILENT,
        state_since_ms=seen_ms,
        contact_at_ms=seen_ms,
        heartbeats=whole(row, "heartbeat_count"),
    )


def task_of(row: Row, agents: Mapping[str, str], *, now_ms: int) -> Task:
    """Return the task of a row. One that an agent had keeps it for one more term, so that it can be finished here.

    Raises:
        OldRowError: Its status is unknown, its agent is unknown though it has it, or a time is none.
    """
    state = _STATES.get(_text(row, "status", MAX_TEXT_CHARS))
    if state is None:
        raise OldRowError(f"has the unknown status {str(row['status'])[:40]!r}")
    agent = agents.get(_text(row, "assigned_agent_id", MAX_TEXT_CHARS))
    held_s = _HELD.get(state)
    if held_s is not None and agent is None:
        state, held_s = TaskState.PENDING, None
    finished = _text(row, "finished_at", MAX_TEXT_CHARS)
    return Task(
        task_id=TaskId(id_of(row)),
        tenant=TENANT,
        type=_text(row, "type", MAX_TEXT_CHARS),
        target=_text(row, "target", MAX_TEXT_CHARS),
        payload=_object(row, "payload_json"),
        priority=_PRIORITIES.get(str(row["priority"]), Priority.NORMAL),
        state=state,
        created_by=_text(row, "created_by", MAX_TEXT_CHARS) or "console",
        created_at_ms=_time(row, "created_at"),
        updated_at_ms=_time(row, "updated_at"),
        max_retries=whole(row, "max_retries") or MAX_RETRIES,
        retry_count=whole(row, "retry_count"),
        fence=0 if held_s is None else 1,
        failure_reason=_text(row, "failure_reason", MAX_TEXT_CHARS),
        agent_id=agent,
        lease_until_ms=None if held_s is None else now_ms + round(held_s * 1000),
        finished_at_ms=_time(row, "finished_at") if finished else None,
    )


def event_of(row: Row, task: TaskId, agents: Mapping[str, str]) -> TaskEvent:
    """Return a line of a task's story.

    Raises:
        OldRowError: Its kind is unknown, or its time is none.
    """
    kind = _text(row, "event_type", MAX_TEXT_CHARS)
    if kind not in list(TaskEventType):
        raise OldRowError(f"has the unknown kind {kind[:40]!r}")
    agent = _text(row, "agent_id", MAX_TEXT_CHARS)
    return TaskEvent(
        task_id=task,
        type=TaskEventType(kind),
        at_ms=_time(row, "event_time"),
        agent_id=agents.get(agent, agent),
        message=_text(row, "message", MAX_TEXT_CHARS),
    )


def entry_of(row: Row, names: Mapping[str, str], origin: str) -> AuditEntry:
    """Return an entry of the audit as it was, with where it comes from.

    Raises:
        OldRowError: It has no action, or its time is none.
    """
    action = _text(row, "action", MAX_WORD_CHARS)
    if not action:
        raise OldRowError("has no action")
    resource = _text(row, "resource_id", MAX_WORD_CHARS)
    detail = _object(row, "detail_json") or {}
    return AuditEntry(
        tenant=TENANT,
        actor=Actor(kind=ActorKind.ANONYMOUS, id=_text(row, "operator", MAX_WORD_CHARS)),
        action=_ACTIONS.get(action, action),
        resource=Resource(kind=_text(row, "resource_type", MAX_WORD_CHARS), id=names.get(resource, resource)),
        at_ms=_time(row, "created_at"),
        detail={**detail, "taken_over_from": origin, "number_there": whole(row, "id")},
    )


def renamed(task: Task, name: str) -> Task:
    """Return a task under another id."""
    return replace(task, task_id=TaskId(name))


def id_of(row: Row) -> str:
    """Return the id of a row."""
    return _text(row, "id", MAX_WORD_CHARS)


def whole(row: Row, name: str) -> int:
    """Return a whole number that is not negative; 0 where there is none."""
    value = row[name]
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def _text(row: Row, name: str, most: int) -> str:
    value = row[name]
    return "" if value is None else storable(str(value))[:most]


def _time(row: Row, name: str) -> int:
    match = _TIME.fullmatch(str(row[name]))
    try:
        whole_s = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) if match is not None else None
    except ValueError:
        whole_s = None
    if match is None or whole_s is None:
        raise OldRowError(f"{name} is no time: {str(row[name])[:40]!r}")
    return int(whole_s.timestamp()) * 1000 + int((match[2] or "").ljust(3, "0")[:3] or 0)


def _object(row: Row, name: str) -> dict[str, object] | None:
    text = str(row[name] or "null")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise OldRowError(f"{name} is no JSON") from None
    return cast("dict[str, object]", value) if isinstance(value, dict) and value else None
