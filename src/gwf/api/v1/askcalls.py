"""What agents call about questions: fetch them, answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.bodies import BadBodyError, decoded, read_body
from gwf.api.centre import HotRoute
from gwf.api.hotshapes import JSON, content, response, schemas
from gwf.control.asks.desk import AskDesk
from gwf.control.asks.model import AskId, Problem, Question, Reply
from gwf.control.fleet.roster import Live
from gwf.core.errors import NotFoundError
from gwf.wire.asks import MAX_ANSWER_BYTES, MAX_AT_ONCE, Ask, AskReply, Asks, AskTaken

MAX_ASK_ID_CHARS = 64
_REPLY = msgspec.json.Decoder(AskReply)
_encode = msgspec.json.Encoder().encode
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": MAX_AT_ONCE}}
_ASK_ID = {"name": "ask_id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}


class Door(Protocol):
    """Recognises the agent that sent a request."""

    async def live(self, request: Request) -> Live:
        """Return the agent; raise AgentRefusedError when it is none that is let in."""
        ...


class AskCalls:
    """The endpoints."""

    def __init__(self, desk: AskDesk, door: Door) -> None:
        """Answer from `desk`."""
        self._desk = desk
        self._door = door

    async def fetch_asks(self, request: Request) -> Response:
        """Give the agent what it is asked, each question once."""
        agent = (await self._door.live(request)).agent
        fetched = await self._desk.fetch(agent.agent_id, limit=_limit(request))
        asks = [self._told(question) for question in fetched.questions]
        return Response(_encode(Asks(asks=asks, gone=list(fetched.gone))), media_type=JSON)

    async def answer_ask(self, request: Request) -> Response:
        """Take an answer; one that nobody waits for is passed over."""
        agent = (await self._door.live(request)).agent
        ask_id = str(request.path_params["ask_id"])
        if len(ask_id) > MAX_ASK_ID_CHARS or not ask_id.isascii() or not ask_id.isprintable():
            raise NotFoundError("no such question", ask_id=ask_id[:MAX_ASK_ID_CHARS])
        sent = decoded(_REPLY, await read_body(request, max_bytes=MAX_ANSWER_BYTES))
        wanted = await self._desk.reply(agent.agent_id, AskId(ask_id), _reply(sent))
        return Response(_encode(AskTaken(wanted=wanted)), media_type=JSON)

    def _told(self, question: Question) -> Ask:
        return Ask(
            id=question.ask_id,
            kind=question.kind,
            body=msgspec.Raw(question.body),
            timeout_s=self._desk.timeout_s(question),
        )

    def routes(self) -> Sequence[HotRoute]:
        """Return the endpoints as the port takes them."""
        return (
            HotRoute(
                path="/api/v1/agents/self/asks",
                method="GET",
                endpoint=self.fetch_asks,
                permission=None,
                operation={
                    "summary": "What an agent is asked about its host",
                    "tags": ["agents"],
                    "parameters": [_LIMIT],
                },
                responses={"200": response("Questions, each told once", Asks)},
                schemas=schemas(Asks),
            ),
            HotRoute(
                path="/api/v1/agents/self/asks/{ask_id}",
                method="POST",
                endpoint=self.answer_ask,
                permission=None,
                operation={
                    "summary": "The answer to a question",
                    "tags": ["agents"],
                    "parameters": [_ASK_ID],
                    "requestBody": {"required": True, "content": content(AskReply)},
                },
                responses={"200": response("It was taken, if somebody waited", AskTaken)},
                schemas=schemas(AskReply, AskTaken),
                max_body_bytes=MAX_ANSWER_BYTES,
            ),
        )


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(MAX_AT_ONCE))
    if not text.isascii() or not text.isdigit() or int(text) > MAX_AT_ONCE:
        raise BadBodyError(f"limit is a number from 0 to {MAX_AT_ONCE}", pointer="/query/limit", code="out_of_range")
    return int(text)


def _reply(sent: AskReply) -> Reply:
    if sent.problem is None:
        if not bytes(sent.body):
            raise BadBodyError("body or problem is needed", code="missing")
        return Reply(body=bytes(sent.body))
    problem = sent.problem
    return Reply(
        problem=Problem(
            family=problem.family,
            code=problem.code,
            message=problem.message,
            params=problem.params,
            retry_after_s=problem.retry_after_s,
        )
    )
