"""/api/v1/agents/{id}/incoming: files that people put into watched directories of any agent, piece by piece."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.bodies import read_body
from gwf.api.ports import AgentFilesSource
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.agent_files import OCTETS, AgentFiles, Asked, understood
from gwf.api.v1.agents import AgentIdInPath
from gwf.control.asks.model import AskKind, Record
from gwf.wire.incoming import (
    INCOMING_ID,
    MAX_FILE_BYTES,
    MAX_INCOMING_PIECE_BYTES,
    IncomingBegin,
    IncomingCancel,
    IncomingDone,
    IncomingEnd,
    IncomingFinish,
    IncomingGone,
    IncomingOrder,
    IncomingPiece,
    IncomingState,
    IncomingStop,
)

Putting = Annotated[Principal, require(Permission.FILES_PUT)]
IncomingIdInPath = Annotated[str, Path(pattern=INCOMING_ID)]


def incoming_orders(source: AgentFilesSource) -> APIRouter:
    """Return the routes by which a file is begun, ended and given up; each is on record before its agent is asked."""
    router = APIRouter(prefix="/agents/{agent_id}", tags=["files"], route_class=ActRoute)
    files = AgentFiles(source)

    @router.post("/incoming", summary="Begin to put a file into a watched directory of an agent, or go on with it")
    async def begin_incoming(
        request: Request, who: Putting, agent_id: AgentIdInPath, order: Annotated[IncomingOrder, Body()]
    ) -> IncomingState:
        begin = IncomingBegin(author=_author(who), **order.model_dump(exclude={"reason"}))
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.INCOMING_BEGIN, query=begin)
        detail = order.model_dump(include={"directory", "name", "size_bytes"})
        record = Record(action="agent.file_put", detail=detail | ({"replace": True} if order.replace else {}))
        return understood(await files.raw(asked, record=record, reason=order.reason), IncomingState)

    @router.post("/incoming/{incoming_id}:finish", summary="Give a file its name once its bytes are all there")
    async def finish_incoming(
        request: Request,
        who: Putting,
        agent_id: AgentIdInPath,
        incoming_id: IncomingIdInPath,
        order: Annotated[IncomingEnd, Body()],
    ) -> IncomingDone:
        detail = order.model_dump(exclude={"reason"})
        finish = IncomingFinish(incoming_id=incoming_id, author=_author(who), **detail)
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.INCOMING_FINISH, query=finish)
        record = Record(action="agent.file_put_finish", detail=detail)
        return understood(await files.raw(asked, record=record, reason=order.reason), IncomingDone)

    @router.post("/incoming/{incoming_id}:cancel", summary="Give up a file that is coming in")
    async def cancel_incoming(
        request: Request,
        who: Putting,
        agent_id: AgentIdInPath,
        incoming_id: IncomingIdInPath,
        order: Annotated[IncomingStop, Body()],
    ) -> IncomingGone:
        cancel = IncomingCancel(incoming_id=incoming_id, path=order.path, author=_author(who))
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.INCOMING_CANCEL, query=cancel)
        record = Record(action="agent.file_put_cancel", detail={"path": order.path})
        return understood(await files.raw(asked, record=record, reason=order.reason), IncomingGone)

    return router


def incoming_pieces(source: AgentFilesSource) -> APIRouter:
    """Return the route that takes the bytes; begin and end of their file are on record."""
    router = APIRouter(prefix="/agents/{agent_id}/incoming", tags=["files"])
    files = AgentFiles(source)

    @router.put(
        "/{incoming_id}",
        summary="The next bytes of a file that is coming in, at most 1 MiB",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def put_incoming_piece(
        request: Request,
        who: Putting,
        agent_id: AgentIdInPath,
        incoming_id: IncomingIdInPath,
        offset: Annotated[int, Query(ge=0, le=MAX_FILE_BYTES)],
    ) -> IncomingState:
        data = await read_body(request, max_bytes=MAX_INCOMING_PIECE_BYTES)
        piece = IncomingPiece(
            incoming_id=incoming_id, offset=offset, data=base64.b64encode(data).decode("ascii"), author=_author(who)
        )
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.INCOMING_PIECE, query=piece)
        return understood(await files.raw(asked), IncomingState)

    return router


def _author(who: Principal) -> str:
    """Return under whom a file is begun: nobody else may go on with it, by whatever session or token."""
    return who.owner[:200]
