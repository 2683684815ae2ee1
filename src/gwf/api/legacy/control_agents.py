"""/api/control/agents: agents that name themselves by a key, beside all others of the fleet."""

from __future__ import annotations

from starlette.responses import Response

from gwf.api.legacy.control_words import CONSOLE, agent_body, caller_of, refused
from gwf.api.legacy.decode import Fields, decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute, allowed
from gwf.control.fleet.keyed import AgentWord, KeyedAgent, KeyedAgents
from gwf.core.errors import InputError
from gwf.identity.permissions import Permission

AGENTS = "/api/control/agents"


def agents_route(agents: KeyedAgents) -> LegacyRoute:
    """Return the route of the list and of every single agent."""

    async def listed(request: LegacyRequest) -> Response:
        return _list(agents, request)

    async def registered(request: LegacyRequest) -> Response:
        return await _register(agents, request)

    async def one(request: LegacyRequest) -> Response:
        try:
            return await _below(agents, request)
        except InputError as exc:
            raise refused(exc) from exc

    return LegacyRoute(path=AGENTS, waiting={"GET": listed, "POST": registered}, below=one)


def _list(agents: KeyedAgents, request: LegacyRequest) -> Response:
    tenant = allowed(request, Permission.FLEET_READ)
    status, group = request.query.get("status", "").strip().lower(), request.query.get("group", "").strip()
    bodies = [agent_body(agent) for agent in agents.all(tenant)]
    items = [
        body
        for body in bodies
        if (not status or body["status"] == status) and (not group or body["groupName"] == group)
    ]
    return json_answer({"items": items, "ok": True, "total": len(items)})


async def _register(agents: KeyedAgents, request: LegacyRequest) -> Response:
    tenant = allowed(request, Permission.FLEET_OPERATE)
    fields = decode(request.body)
    key = (fields.text("agentKey") or "").strip()
    if not key:
        raise LegacyError(400, "agentKey is required")
    try:
        agent, created = await agents.register(tenant, key, _word(fields), by=caller_of(request, key))
    except InputError as exc:
        raise refused(exc) from exc
    return json_answer({"agent": agent_body(agent), "created": created, "ok": True})


async def _below(agents: KeyedAgents, request: LegacyRequest) -> Response:
    agent_id, _, what = request.path.removeprefix(f"{AGENTS}/").removesuffix("/").partition("/")
    match (request.method, what):
        case ("GET", "") if agent_id:
            return _one(await agents.get(allowed(request, Permission.FLEET_READ), agent_id))
        case ("POST", "heartbeat"):
            tenant = allowed(request, Permission.FLEET_OPERATE)
            word = _lenient(request.body)
            return _one(await agents.heartbeat(tenant, agent_id, word, by=caller_of(request, agent_id)))
        case ("POST", "drain"):
            tenant = allowed(request, Permission.FLEET_OPERATE)
            return _one(await agents.drain(tenant, agent_id, by=caller_of(request, CONSOLE)))
        case _:
            raise LegacyError(404, "route not found")


def _one(agent: KeyedAgent) -> Response:
    return json_answer({"agent": agent_body(agent), "ok": True})


def _word(fields: Fields) -> AgentWord:
    return AgentWord(
        hostname=(fields.text("hostname") or "").strip(),
        version=(fields.text("version") or "").strip(),
        ip=(fields.text("ip") or "").strip(),
        group_name=(fields.text("groupName") or "").strip(),
    )


def _lenient(body: bytes) -> AgentWord:
    """Return what a heartbeat says; one that cannot be read says nothing, and counts."""
    try:
        return _word(decode(body))
    except LegacyError:
        return AgentWord()
