"""The control plane in the words of the Go version: agents, tasks, their events, the audit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest
from gwf.api.problems import status_of
from gwf.audit.model import Actor, ActorKind, AuditRow
from gwf.control.caller import Caller
from gwf.control.fleet.keyed import KeyedAgent
from gwf.control.fleet.state import AgentState
from gwf.core.clock import utc_text
from gwf.core.errors import GwfError
from gwf.identity.principal import PrincipalKind
from gwf.tasks.keeping import By
from gwf.tasks.model import LEGACY_STATUS, Priority, Task, TaskEvent, TaskState

CONSOLE = "console"  #: who the Go version says it was when nobody said

STATUS_OF_AGENT: Mapping[AgentState, str] = {
    AgentState.ONLINE: "online",
    AgentState.DEGRADED: "online",
    AgentState.DRAINING: "draining",
    AgentState.OFFLINE: "offline",
    AgentState.REVOKED: "offline",
}
TASKS_OF_STATUS: Mapping[str, frozenset[TaskState]] = {
    word: frozenset(state for state, shown in LEGACY_STATUS.items() if shown == word) for word in LEGACY_STATUS.values()
}
PRIORITY_OF_WORD: Mapping[str, Priority] = {priority.word: priority for priority in Priority}
#: what the Go version had in its audit, by our names
ACTIONS: Mapping[str, str] = {
    "agent.register": "agent_register",
    "agent.drain": "agent_drain",
    "task.create": "task_create",
    "task.cancel": "task_cancel",
    "task.retry": "task_retry",
    "task.assign": "task_assigned",
    "task.start": "task_ack",
    "task.finish": "task_complete",
    "task.time_out": "task_timeout",
}
_WORDS: Mapping[object, str] = {state.value: word for state, word in LEGACY_STATUS.items()}
_LEGACY_ACTIONS: Mapping[str, str] = {word: action for action, word in ACTIONS.items()}
#: principals that are nobody in particular: whoever asks says who he is, as it was
_NAMELESS = frozenset({PrincipalKind.LOCAL, PrincipalKind.ANONYMOUS})


def caller_of(request: LegacyRequest, claimed: str) -> Caller:
    """Return who is on record: whoever logged in, else the name that was claimed."""
    who = request.principal
    if who is None or who.kind in _NAMELESS:
        actor = Actor(kind=ActorKind.ANONYMOUS, id=claimed, address=request.address)
        return Caller(actor=actor, name=claimed, request_id=request.request_id)
    actor = Actor(kind=ActorKind(who.kind.value), id=who.id, address=request.address)
    return Caller(actor=actor, name=who.name, reason=f"as {claimed}", request_id=request.request_id)


def by(request: LegacyRequest, claimed: str, *, tenant: str) -> By:
    """Return the same for tasks."""
    caller = caller_of(request, claimed)
    return By(tenant=tenant, actor=caller.actor, reason=caller.reason, request_id=caller.request_id)


def refused(error: GwfError) -> LegacyError:
    """Return a refusal with the text alone, which clients match on."""
    return LegacyError(status_of(error), error.message)


def agent_body(agent: KeyedAgent) -> dict[str, object]:
    """Return an agent as the Go version shows it."""
    return {
        "id": agent.agent_id,
        "agentKey": agent.key,
        "hostname": agent.hostname,
        "version": agent.version,
        "ip": agent.ip,
        "groupName": agent.group_name,
        "status": STATUS_OF_AGENT[agent.state],
        "lastSeenAt": instant(agent.last_seen_at_ms),
        "createdAt": instant(agent.registered_at_ms),
        "updatedAt": instant(max(agent.updated_at_ms, agent.last_seen_at_ms)),
        "heartbeatCount": agent.heartbeats,
    }


def task_body(task: Task) -> dict[str, object]:
    """Return a task as the Go version shows it."""
    values = {
        "id": task.task_id,
        "type": task.type,
        "target": task.target,
        "payload": task.payload or None,
        "priority": task.priority.word,
        "status": LEGACY_STATUS[task.state],
        "failureReason": task.failure_reason or None,
        "assignedAgentId": task.agent_id or None,
        "retryCount": task.retry_count,
        "maxRetries": task.max_retries,
        "createdBy": task.created_by,
        "createdAt": instant(task.created_at_ms),
        "updatedAt": instant(task.updated_at_ms),
        "finishedAt": None if task.finished_at_ms is None else instant(task.finished_at_ms),
    }
    return {name: value for name, value in values.items() if value is not None}


def event_body(event: TaskEvent) -> dict[str, object]:
    """Return a line of a task's story."""
    values = {
        "id": event.number,
        "taskId": event.task_id,
        "agentId": event.agent_id or None,
        "eventType": event.type.value,
        "message": event.message or None,
        "eventTime": instant(event.at_ms),
    }
    return {name: value for name, value in values.items() if value is not None}


def audit_body(row: AuditRow) -> dict[str, object]:
    """Return an entry of the audit."""
    body: dict[str, object] = {
        "id": row.seq,
        "operator": row.actor_id,
        "action": ACTIONS.get(row.action, row.action.replace(".", "_")),
        "resourceType": row.resource_kind,
        "resourceId": row.resource_id,
    }
    detail = _detail(row)
    if detail:
        body["detail"] = detail
    return body | {"createdAt": instant(row.at_ms)}


def action_of(word: str) -> str:
    """Return our name of an action that the Go version has a name for."""
    return _LEGACY_ACTIONS.get(word, word.replace("_", ".", 1))


def instant(at_ms: int) -> str:
    """Return a time as Go prints it: RFC 3339 UTC, zeros at the end of the fraction left out."""
    whole, _, fraction = utc_text(at_ms).removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def positive(request: LegacyRequest, name: str, usual: int, *, most: int) -> int:
    """Return a whole number above 0 from the query; anything else is the usual one."""
    text = request.query.get(name, "").strip()
    number = int(text) if re.fullmatch(r"\+?[0-9]{1,18}", text) else 0
    return min(number, most) if number > 0 else usual


def _detail(row: AuditRow) -> dict[str, object]:
    try:
        detail = json.loads(row.detail)
    except ValueError:
        return {}  # somebody changed it by hand; `gwf audit verify` names the row
    if not isinstance(detail, dict):
        return {}
    found = {_camel(name): value for name, value in cast("dict[str, Any]", detail).items()}
    if row.resource_kind == "task" and "status" in found:
        found["status"] = _WORDS.get(found["status"], found["status"])
    return dict(sorted(found.items()))


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
