"""/api/control/tasks and /api/control/dispatch/pull: work that agents fetch and report on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from gwf.api.legacy.control_words import (
    CONSOLE,
    PRIORITY_OF_WORD,
    TASKS_OF_STATUS,
    by,
    caller_of,
    event_body,
    positive,
    refused,
    task_body,
)
from gwf.api.legacy.decode import Fields, decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute, allowed
from gwf.control.fleet.keyed import AgentWord, KeyedAgents
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.identity.permissions import Permission
from gwf.identity.principal import DEFAULT_TENANT
from gwf.tasks.model import (
    BAD_STATES,
    LEGACY_STATUS,
    MAX_RETRIES,
    Executor,
    FailureGroup,
    Priority,
    StaleTokenError,
    Task,
    TaskDraft,
    TaskFilter,
    TaskStateError,
)
from gwf.tasks.service import TaskService
from gwf.tasks.state import Report

TASKS = "/api/control/tasks"
PULL = "/api/control/dispatch/pull"
_WORDS_OF_BAD = frozenset(LEGACY_STATUS[state] for state in BAD_STATES)
#: what the Go version said of an order that the state of a task forbids
_REFUSALS: Mapping[str, str] = {
    "cancel": "task status does not support cancel",
    "retry": "task status does not support retry",
    "ack": "task is assigned to another agent",
    "progress": "task is assigned to another agent",
    "complete": "task is assigned to another agent",
}
_SEPARATOR = re.compile(r"[,;\s]+")

Order = Callable[[LegacyRequest, str], Awaitable[Task]]
"""Does something to the task with this id."""


def tasks_route(tasks: TaskService) -> LegacyRoute:
    """Return the route of the list and of every single task."""
    orders = _orders(tasks)

    async def listed(request: LegacyRequest) -> Response:
        return await _list(tasks, request)

    async def created(request: LegacyRequest) -> Response:
        return await _create(tasks, request)

    async def one(request: LegacyRequest) -> Response:
        try:
            return await _below(tasks, orders, request)
        except (NotFoundError, ConflictError) as exc:
            raise refused(exc) from exc

    return LegacyRoute(path=TASKS, waiting={"GET": listed, "POST": created}, below=one)


def pull_route(tasks: TaskService, agents: KeyedAgents) -> LegacyRoute:
    """Return the route by which agents fetch work; asking for it counts as a heartbeat."""

    async def pulled(request: LegacyRequest) -> Response:
        tenant = allowed(request, Permission.TASKS_RUN)
        fields = decode(request.body)
        agent_id = _agent_id(fields)
        types = frozenset(filter(None, (text.strip() for text in fields.texts("acceptTypes") or ())))
        most = fields.number("maxTasks") or 1
        try:
            await agents.heartbeat(tenant, agent_id, AgentWord(), by=caller_of(request, agent_id), working=True)
            items = await tasks.pull(agent_id, types, by(request, agent_id, tenant=tenant), most=most)
        except (NotFoundError, ConflictError) as exc:
            raise refused(exc) from exc
        return json_answer({"ok": True, "items": [task_body(task) for task in items]})

    return LegacyRoute(path=PULL, waiting={"POST": pulled})


async def _list(tasks: TaskService, request: LegacyRequest) -> Response:
    tenant = allowed(request, Permission.TASKS_READ)
    wanted, status = _filter(request), request.query.get("status", "").strip().lower()
    if status and status not in TASKS_OF_STATUS:
        return json_answer({"items": [], "ok": True, "total": 0})
    items, total = await tasks.newest(tenant, wanted, limit=positive(request, "limit", 200, most=1000))
    return json_answer({"items": [task_body(task) for task in items], "ok": True, "total": total})


async def _create(tasks: TaskService, request: LegacyRequest) -> Response:
    tenant = allowed(request, Permission.TASKS_RUN)
    draft = _draft(decode(request.body))
    try:
        return _one(await tasks.create(draft, by(request, draft.created_by, tenant=tenant)))
    except InputError as exc:
        raise refused(exc) from exc


async def _below(tasks: TaskService, orders: Mapping[str, Order], request: LegacyRequest) -> Response:
    task_id, _, what = request.path.removeprefix(f"{TASKS}/").removesuffix("/").partition("/")
    match (request.method, what):
        case ("GET", "") if task_id == "failure-reasons":
            return await _reasons(tasks, request)
        case ("GET", "") if task_id:
            return _one(await tasks.get(allowed(request, Permission.TASKS_READ), task_id))
        case ("GET", "events"):
            return await _events(tasks, request, task_id)
        case ("POST", _) if what in orders:
            return await _ordered(tasks, request, task_id, order=orders[what])
        case _:
            raise LegacyError(404, "route not found")


async def _ordered(tasks: TaskService, request: LegacyRequest, task_id: str, *, order: Order) -> Response:
    """Give an order; a task of /api/v1 refuses it in the words that clients of the Go version know."""
    try:
        return _one(await order(request, task_id))
    except (StaleTokenError, TaskStateError) as exc:
        what = request.path.rstrip("/").rpartition("/")[2]
        task = await tasks.get(DEFAULT_TENANT if request.principal is None else request.principal.tenant, task_id)
        if task.executor is Executor.ANY:
            raise
        is_over = task.is_finished and what in {"cancel", "complete"}
        raise LegacyError(409, "task already finished" if is_over else _REFUSALS[what]) from exc


def _orders(tasks: TaskService) -> dict[str, Order]:
    async def cancel(request: LegacyRequest, task_id: str) -> Task:
        tenant = allowed(request, Permission.TASKS_RUN)
        return await tasks.cancel(task_id, by(request, CONSOLE, tenant=tenant))

    async def retry(request: LegacyRequest, task_id: str) -> Task:
        tenant = allowed(request, Permission.TASKS_RUN)
        return await tasks.retry(task_id, by(request, CONSOLE, tenant=tenant))

    async def ack(request: LegacyRequest, task_id: str) -> Task:
        tenant = allowed(request, Permission.TASKS_RUN)
        fields = decode(request.body)
        agent_id, message = _agent_id(fields), _message(fields)
        return await tasks.start(task_id, agent_id, message, by=by(request, agent_id, tenant=tenant))

    async def progress(request: LegacyRequest, task_id: str) -> Task:
        tenant = allowed(request, Permission.TASKS_RUN)
        fields = decode(request.body)
        agent_id, message, done = _agent_id(fields), _message(fields), fields.number("progress") or 0
        message = message or (f"progress={min(done, 100)}" if done > 0 else "")
        return await tasks.progress(task_id, agent_id, message, by=by(request, agent_id, tenant=tenant))

    async def complete(request: LegacyRequest, task_id: str) -> Task:
        tenant = allowed(request, Permission.TASKS_RUN)
        fields = decode(request.body)
        agent_id, status = _agent_id(fields), (fields.text("status") or "").strip().lower()
        if status not in {"success", "failed"}:
            raise LegacyError(400, "status must be success or failed")
        error = (fields.text("error") or "").strip()
        report = Report(succeeded=status == "success", message=_message(fields), error=error)
        return await tasks.finish(task_id, agent_id, report, by=by(request, agent_id, tenant=tenant))

    return {"cancel": cancel, "retry": retry, "ack": ack, "progress": progress, "complete": complete}


async def _events(tasks: TaskService, request: LegacyRequest, task_id: str) -> Response:
    tenant = allowed(request, Permission.TASKS_READ)
    events = await tasks.events(tenant, task_id, limit=positive(request, "limit", 200, most=2000))
    return json_answer({"items": [event_body(event) for event in events], "ok": True, "total": len(events)})


async def _reasons(tasks: TaskService, request: LegacyRequest) -> Response:
    tenant = allowed(request, Permission.TASKS_READ)
    words = _bad_words(request.query.get("status", ""))
    kind, limit = request.query.get("type", "").strip(), positive(request, "limit", 10, most=100)
    wanted = TaskFilter(states=frozenset(state for word in words for state in TASKS_OF_STATUS[word]), type=kind or None)
    groups = await tasks.failures(tenant, wanted)
    return json_answer(
        {
            "filters": {"limit": limit, "status": words, "type": kind},
            "items": [_reason(group) for group in groups[:limit]],
            "ok": True,
            "total": len(groups),
        }
    )


def _reason(group: FailureGroup) -> dict[str, object]:
    statuses: Counter[str] = Counter()
    for state, count in group.states.items():
        statuses[LEGACY_STATUS[state]] += count
    return {
        "reason": group.reason,
        "count": group.count,
        "statuses": dict(sorted(statuses.items())),
        "sampleTaskIds": list(group.samples),
    }


def _bad_words(text: str) -> list[str]:
    if not text.strip():
        return ["failed", "timeout"]
    words = {word for word in _SEPARATOR.split(text.lower()) if word}
    if not words:
        raise LegacyError(400, "status filter is empty")
    for word in sorted(words - _WORDS_OF_BAD):
        raise LegacyError(400, f"invalid status filter: {word}")
    return sorted(words)


def _filter(request: LegacyRequest) -> TaskFilter:
    states = TASKS_OF_STATUS.get(request.query.get("status", "").strip().lower())
    kind = request.query.get("type", "").strip()
    return TaskFilter(states=states, type=kind or None)


def _draft(fields: Fields) -> TaskDraft:
    retries = fields.number("maxRetries") or 0
    return TaskDraft(
        type=(fields.text("type") or "").strip(),
        target=(fields.text("target") or "").strip(),
        payload=fields.plain("payload"),
        priority=PRIORITY_OF_WORD.get((fields.text("priority") or "").strip().lower(), Priority.NORMAL),
        created_by=(fields.text("createdBy") or "").strip() or CONSOLE,
        max_retries=min(retries, 1_000_000) if retries > 0 else MAX_RETRIES,
    )


def _agent_id(fields: Fields) -> str:
    agent_id = (fields.text("agentId") or "").strip()
    if not agent_id:
        raise LegacyError(400, "agentId is required")
    return agent_id


def _message(fields: Fields) -> str:
    return (fields.text("message") or "").strip()


def _one(task: Task) -> Response:
    return json_answer({"ok": True, "task": task_body(task)})
