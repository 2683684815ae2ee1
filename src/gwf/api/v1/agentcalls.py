"""What agents call to be let in and to say how they are: decoded by msgspec, answered from memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.agentdoor import FleetDoor, bearer_of
from gwf.api.bodies import decoded, read_body
from gwf.api.caller import address_of
from gwf.api.centre import HotRoute
from gwf.api.hotshapes import JSON, content, response, schemas
from gwf.api.problems import request_id_of
from gwf.control.fleet.enrol import Enrolment
from gwf.control.fleet.heartbeats import Answer, Heartbeats
from gwf.control.fleet.model import Application, Beat
from gwf.control.fleet.state import AgentHealth
from gwf.core.clock import Clock
from gwf.wire.agents import (
    MAX_HEARTBEAT_BYTES,
    ConfigOffer,
    Heartbeat,
    HeartbeatAnswer,
    Registered,
    Registration,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_REGISTRATION = msgspec.json.Decoder(Registration)
_HEARTBEAT = msgspec.json.Decoder(Heartbeat)
_encode = msgspec.json.Encoder().encode


class AgentCalls:
    """The endpoints."""

    def __init__(self, enrolment: Enrolment, heartbeats: Heartbeats, clock: Clock) -> None:
        """Hand what agents say to the fleet."""
        self._enrolment = enrolment
        self._heartbeats = heartbeats
        self._door = FleetDoor(heartbeats)
        self._clock = clock

    async def register_agent(self, request: Request) -> Response:
        """Let an agent in; 401 for a token that is good for nothing."""
        token = bearer_of(request)
        wish = decoded(_REGISTRATION, await read_body(request, max_bytes=MAX_HEARTBEAT_BYTES))
        application = Application(
            instance_id=wish.instance_id,
            hostname=wish.hostname,
            version=wish.version,
            labels=wish.labels,
            os=wish.os,
            address=wish.address,
            ip=address_of(request),
        )
        enrolled = await self._enrolment.register(token, application, request_id=request_id_of(request.scope))
        live = enrolled.live
        answer = Registered(
            agent_id=live.agent.agent_id,
            credential=enrolled.credential,
            tenant=live.agent.tenant,
            heartbeat_s=live.membership.thresholds.heartbeat_s,
            server_time=_moment(self._clock.now_ms()),
        )
        return Response(_encode(answer), 201, media_type=JSON)

    async def take_heartbeat(self, request: Request) -> Response:
        """Take how an agent is; 401 for a credential that is good for nothing."""
        live = await self._door.live(request)
        beat = beat_of(decoded(_HEARTBEAT, await read_body(request, max_bytes=MAX_HEARTBEAT_BYTES)))
        return Response(_encode(_answer(self._heartbeats.take(live, beat))), media_type=JSON)

    def routes(self) -> Sequence[HotRoute]:
        """Return the endpoints as the port takes them."""
        return (
            HotRoute(
                path="/api/v1/agents/register",
                method="POST",
                endpoint=self.register_agent,
                permission=None,
                operation=_operation("Let an agent in by an enrolment token", Registration),
                responses={"201": response("Its id and its credential, told once", Registered)},
                schemas=schemas(Registration, Registered),
                max_body_bytes=MAX_HEARTBEAT_BYTES,
            ),
            HotRoute(
                path="/api/v1/agents/heartbeat",
                method="POST",
                endpoint=self.take_heartbeat,
                permission=None,
                operation=_operation("How an agent is, and what there is for it", Heartbeat),
                responses={"200": response("What the agent is told", HeartbeatAnswer)},
                schemas=schemas(Heartbeat, HeartbeatAnswer),
                max_body_bytes=MAX_HEARTBEAT_BYTES,
            ),
        )


def beat_of(sent: Heartbeat) -> Beat:
    """Return a heartbeat as the fleet keeps it."""
    outbox, config = sent.outbox, sent.config
    return Beat(
        seq=sent.seq,
        sent_at_ms=_ms(sent.sent_at),
        started_at_ms=_ms(sent.started_at),
        version=sent.version,
        hostname=sent.hostname,
        labels=sent.labels,
        health=AgentHealth(sent.health.state),
        reasons=msgspec.to_builtins(sent.health.reasons),
        metrics=msgspec.to_builtins(sent.metrics),
        errors=msgspec.to_builtins(sent.errors),
        breakers=sent.breakers,
        outbox=None if outbox is None else msgspec.to_builtins(outbox),
        config_hash=config.hash,
        config_version=config.version,
        config_local=config.local,
        knows=tuple(sent.knows),
    )


def _answer(told: Answer) -> HeartbeatAnswer:
    offer = told.offer
    return HeartbeatAnswer(
        server_time=_moment(told.now_ms),
        heartbeat_s=told.heartbeat_s,
        backoff_s=told.backoff_s,
        state=told.state.value,
        drain=told.drain,
        config=None if offer is None else ConfigOffer(hash=offer.hash, attempt_id=offer.attempt_id),
        tasks=told.tasks,
        asks=told.asks,
        outbox_acked_seq=told.acked_seq,
    )


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _moment(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def _operation(summary: str, body: type[msgspec.Struct]) -> dict[str, object]:
    return {"summary": summary, "tags": ["agents"], "requestBody": {"required": True, "content": content(body)}}
