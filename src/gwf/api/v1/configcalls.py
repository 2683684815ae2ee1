"""What agents call about their configuration: what they should run, what became of it, and whether there is news."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gwf.api.bodies import decoded, read_body
from gwf.api.centre import HotRoute
from gwf.api.hotshapes import JSON, content, response, schemas
from gwf.control.bells import Bells
from gwf.control.config.model import Fault
from gwf.control.fleet.roster import Live
from gwf.control.rollout.agentdesk import AgentDesk, Report
from gwf.control.rollout.boards import CONFIG_BELL
from gwf.control.rollout.model import AttemptId, AttemptPhase
from gwf.core.errors import NotFoundError
from gwf.wire.agents import AttemptReport, AttemptTaken, ManagedConfig

MAX_REPORT_BYTES = 512 * 1024  #: a hundred reasons of the longest kind
MAX_ATTEMPT_ID_CHARS = 100
HEARTBEAT_S = 15.0
HEARTBEAT = b": here\n\n"
_REPORT = msgspec.json.Decoder(AttemptReport)
_encode = msgspec.json.Encoder().encode
_ATTEMPT = {"name": "attempt_id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 100}}


class Door(Protocol):
    """Recognises the agent that sent a request."""

    async def live(self, request: Request) -> Live:
        """Return the agent; raise AgentRefusedError when it is none that is let in."""
        ...


class ConfigCalls:
    """The endpoints."""

    def __init__(self, desk: AgentDesk, door: Door, bells: Bells, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        """Answer from `desk`; a silent stream says every `heartbeat_s` that it is there."""
        self._desk = desk
        self._door = door
        self._bells = bells
        self._heartbeat_s = heartbeat_s

    async def get_own_config(self, request: Request) -> Response:
        """Give the configuration that is offered; 404 when there is none, 304 when the agent has it."""
        agent = (await self._door.live(request)).agent
        offered = await self._desk.offered(agent.tenant, agent.agent_id)
        headers = {"ETag": f'"{offered.hash}"', "Cache-Control": "no-store"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        answer = ManagedConfig(
            hash=offered.hash,
            version_id="+".join(offered.versions) or "none",
            attempt_id=offered.attempt,
            document=dict(offered.document),
            secrets=dict(offered.secrets),
        )
        return Response(_encode(answer), headers=headers, media_type=JSON)

    async def report_attempt(self, request: Request) -> Response:
        """Take what became of an offer; the same report may come again."""
        agent = (await self._door.live(request)).agent
        attempt = str(request.path_params["attempt_id"])
        if len(attempt) > MAX_ATTEMPT_ID_CHARS or not attempt.isascii() or not attempt.isprintable():
            raise NotFoundError("no such attempt", attempt_id=attempt[:MAX_ATTEMPT_ID_CHARS])
        sent = decoded(_REPORT, await read_body(request, max_bytes=MAX_REPORT_BYTES))
        report = Report(
            attempt=AttemptId(attempt),
            hash=sent.hash,
            phase=AttemptPhase(sent.phase),
            reason=tuple(Fault(pointer=one.pointer, code=one.code, message=one.message) for one in sent.reason),
        )
        wanted = await self._desk.report(agent.tenant, agent.agent_id, report)
        return Response(_encode(AttemptTaken(wanted=wanted)), media_type=JSON)

    async def stream_news(self, request: Request) -> Response:
        """Say that something is new as soon as it is, and nothing else."""
        live = await self._door.live(request)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._news(live), headers=headers, media_type="text/event-stream")

    async def _news(self, live: Live) -> AsyncIterator[bytes]:
        agent = live.agent
        with self._bells.hung(agent.agent_id) as bell:
            yield HEARTBEAT
            running = live.beat.config_hash if live.beat is not None else None
            if self._desk.desired(agent.tenant, agent.agent_id, running) is not None:
                bell.ring(CONFIG_BELL)
            while live.agent.revoked_at_ms is None and not self._bells.closed:
                words = await bell.heard(self._heartbeat_s)
                yield b"".join(f"event: {word}\ndata: {word}\n\n".encode() for word in sorted(words)) or HEARTBEAT

    def routes(self) -> Sequence[HotRoute]:
        """Return the endpoints as the port takes them."""
        return (
            HotRoute(
                path="/api/v1/agents/self/config",
                method="GET",
                endpoint=self.get_own_config,
                permission=None,
                operation={"summary": "The configuration that an agent should take", "tags": ["agents"]},
                responses={
                    "200": response("What it should run", ManagedConfig),
                    "304": {"description": "It is the one that If-None-Match names"},
                },
                schemas=schemas(ManagedConfig),
            ),
            HotRoute(
                path="/api/v1/agents/self/config-attempts/{attempt_id}",
                method="POST",
                endpoint=self.report_attempt,
                permission=None,
                operation={
                    "summary": "What became of a configuration that was offered",
                    "tags": ["agents"],
                    "parameters": [_ATTEMPT],
                    "requestBody": {"required": True, "content": content(AttemptReport)},
                },
                responses={"200": response("It was written down", AttemptTaken)},
                schemas=schemas(AttemptReport, AttemptTaken),
                max_body_bytes=MAX_REPORT_BYTES,
            ),
            HotRoute(
                path="/api/v1/agents/self/stream",
                method="GET",
                endpoint=self.stream_news,
                permission=None,
                operation={"summary": "Says that there is something new: config, tasks", "tags": ["agents"]},
                responses={"200": {"description": "Events without content", "content": {"text/event-stream": {}}}},
            ),
        )
