"""/api/v1/agents/{id}/files: directories, lives and contents of the files of any agent, and orders about them."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import StreamingResponse

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.gone import ended_when_gone
from gwf.api.ports import AgentFilesSource
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.agents import AgentIdInPath
from gwf.control.asks.errors import AgentOfflineError, AgentSilentError, AnswerNotUnderstoodError
from gwf.control.asks.model import Asking, AskKind, Record
from gwf.control.fleet.model import AgentId
from gwf.core.errors import ConflictError, OverloadedError, UnavailableError
from gwf.wire.agentfiles import (
    MAX_DOWNLOAD_BYTES,
    ActDone,
    ActOrder,
    ContentQuery,
    FileContent,
    FileLevel,
    FileLife,
    FilePiece,
    LevelQuery,
    PieceQuery,
    SwitchOrder,
    UploadOrder,
)

MOST_SEEN = 200  #: answers about directories and files that are kept for when their agent is away
MOST_SEEN_BYTES = 400_000  #: of one of them
MOST_BUSY = 10  #: times that a piece of a file is asked for again while the agent has enough to do
OCTETS = "application/octet-stream"

log = logging.getLogger(__name__)

Looking = Annotated[Principal, require(Permission.FLEET_READ)]
Reading = Annotated[Principal, require(Permission.FILES_CONTENT)]
Operating = Annotated[Principal, require(Permission.FLEET_OPERATE)]

Told = TypeVar("Told", bound=BaseModel)
Seen = TypeVar("Seen", FileLevel, FileLife)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, on its way to an agent."""

    request: Request
    who: Principal
    agent_id: str
    kind: AskKind
    query: BaseModel


class LastSeen:
    """What agents said last about directories and files: shown with its time when they do not answer."""

    def __init__(self) -> None:
        """Know nothing."""
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()

    def put(self, tenant: str, agent_id: str, query: str, *, answer: bytes) -> None:
        """Keep an answer."""
        if len(answer) > MOST_SEEN_BYTES:
            return
        key = (tenant, agent_id, query)
        self._kept[key] = answer
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_SEEN:
            self._kept.popitem(last=False)

    def find(self, tenant: str, agent_id: str, query: str) -> bytes | None:
        """Return the last answer to a question."""
        return self._kept.get((tenant, agent_id, query))


class AgentFiles:
    """Puts requests to agents and reads their answers."""

    def __init__(self, source: AgentFilesSource) -> None:
        """Ask by `source`."""
        self._source = source
        self._seen = LastSeen()

    async def seen(self, asked: Asked, shape: type[Seen]) -> Seen:
        """Return an answer, or the last one when the agent is away."""
        who, query = asked.who, asked.query.model_dump_json()
        try:
            raw = await self.raw(asked)
        except (AgentOfflineError, AgentSilentError):
            before = self._seen.find(who.tenant, asked.agent_id, query)
            if before is None:
                raise
            return understood(before, shape).model_copy(update={"stale": True})
        answer = understood(raw, shape)
        self._seen.put(who.tenant, asked.agent_id, query, answer=raw)
        return answer

    async def raw(self, asked: Asked, *, record: Record | None = None, reason: str = "", watched: bool = True) -> bytes:
        """Return an answer as JSON; with `watched` the question ends when whoever asks goes away."""
        asking = Asking(
            tenant=asked.who.tenant,
            agent_id=AgentId(asked.agent_id),
            kind=asked.kind,
            body=asked.query.model_dump_json(exclude_defaults=True).encode(),
            by=caller_of(asked.request, asked.who, reason),
            record=record,
        )
        if not watched:
            return await self._source.ask(asking)
        return await ended_when_gone(self._source.ask(asking), asked.request.receive)


class Download:
    """A file on its way from an agent to a person, piece by piece; all pieces are of one version of the path."""

    def __init__(self, files: AgentFiles, asked: Asked, first: FilePiece) -> None:
        """Begin with the first piece.

        Raises:
            AnswerNotUnderstoodError: The piece is none.
        """
        self._files = files
        self._asked = asked
        self._first = first
        self._begin = octets(first)
        self.size_bytes = first.size_bytes
        if self.size_bytes > MAX_DOWNLOAD_BYTES:
            raise AnswerNotUnderstoodError("the agent gives away more than it was asked for", where="size_bytes")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Raises:
            ConflictError: The file was replaced or cut meanwhile: what was sent is of no use.
        """
        data, sent = self._begin, 0
        while sent < self.size_bytes:
            if not data:
                raise ConflictError("the file was cut while it was taken away", path=self._first.path)
            wanted = data[: self.size_bytes - sent]
            yield wanted
            sent += len(wanted)
            if sent == self.size_bytes:
                return
            piece = await self._next(sent)
            if piece.generation != self._first.generation:
                raise ConflictError("the file was replaced while it was taken away", path=piece.path)
            data = octets(piece)

    async def _next(self, offset: int) -> FilePiece:
        query = PieceQuery(path=self._first.path, offset=offset)
        for _ in range(MOST_BUSY):
            try:
                return understood(await self._files.raw(replace(self._asked, query=query), watched=False), FilePiece)
            except OverloadedError as exc:
                await asyncio.sleep(exc.retry_after_s or 1.0)
        raise UnavailableError("the agent is busy with other questions", retry_after_s=5.0)


def understood(raw: bytes, shape: type[Told]) -> Told:
    """Return an agent's answer; it is checked, because nothing that an agent says is taken as it comes.

    Raises:
        AnswerNotUnderstoodError: It does not have the form of this release.
    """
    try:
        return shape.model_validate_json(raw, extra="ignore")  # what a newer agent adds is passed over
    except ValidationError as exc:
        first = exc.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        log.warning("agent_answer_not_understood", extra={"where": where, "problem": first["msg"]})
        raise AnswerNotUnderstoodError(
            "the agent's answer is not understood: bring centre and agent to one release", where=where
        ) from exc
    except RecursionError as exc:
        raise UnavailableError("the agent's answer is not understood") from exc


def agent_file_routes(source: AgentFilesSource) -> APIRouter:
    """Return the routes that look."""
    router = APIRouter(prefix="/agents/{agent_id}/files", tags=["files"])
    files = AgentFiles(source)

    @router.get("", summary="One level of the directories that an agent watches")
    async def list_agent_files(
        request: Request, who: Looking, agent_id: AgentIdInPath, query: Annotated[LevelQuery, Query()]
    ) -> FileLevel:
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.LEVEL, query=query)
        return await files.seen(asked, FileLevel)

    @router.get("/life", summary="One file of an agent, from its discovery to what followed its upload")
    async def get_agent_file(
        request: Request,
        who: Looking,
        agent_id: AgentIdInPath,
        path: Annotated[str, Query(min_length=1, max_length=4_096)],
    ) -> FileLife:
        query = LevelQuery(path=path)
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.LIFE, query=query)
        return await files.seen(asked, FileLife)

    @router.get("/content", summary="A part of a text file of an agent, or its lines that hold a text")
    async def get_agent_file_content(
        request: Request, who: Reading, agent_id: AgentIdInPath, query: Annotated[ContentQuery, Query()]
    ) -> FileContent:
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.CONTENT, query=query)
        detail = {"path": query.path} | ({"q": query.q} if query.q else {})
        record = Record(action="agent.file_read", detail=detail, once=query.path)
        return understood(await files.raw(asked, record=record), FileContent)

    return router


def agent_file_downloads(source: AgentFilesSource) -> APIRouter:
    """Return the route by which a file is taken away."""
    router = APIRouter(prefix="/agents/{agent_id}/files", tags=["files"])
    files = AgentFiles(source)

    @router.get(
        "/download",
        summary="One file of an agent as it lies on its disk, at most 64 MiB",
        response_class=StreamingResponse,
        responses={200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def download_agent_file(
        request: Request,
        who: Reading,
        agent_id: AgentIdInPath,
        path: Annotated[str, Query(min_length=1, max_length=4_096)],
    ) -> StreamingResponse:
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.PIECE, query=PieceQuery(path=path))
        record = Record(action="agent.file_download", detail={"path": path})
        first = understood(await files.raw(asked, record=record), FilePiece)
        download = Download(files, asked, first)
        headers = {
            "Content-Disposition": disposition(first.path),
            "Content-Length": str(download.size_bytes),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(aiter(download), media_type=OCTETS, headers=headers)

    return router


def octets(piece: FilePiece) -> bytes:
    """Return the bytes of a piece.

    Raises:
        AnswerNotUnderstoodError: They are no base64.
    """
    try:
        return base64.b64decode(piece.data, validate=True)
    except ValueError as exc:
        raise AnswerNotUnderstoodError("the agent's answer is not understood", where="data") from exc


def disposition(path: str) -> str:
    """Return the header that names the file that is taken away, in letters of every language (RFC 6266)."""
    name = path.rpartition("/")[2]
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\%' else "_" for sign in name) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def agent_file_orders(source: AgentFilesSource) -> APIRouter:
    """Return the routes by which people act on files."""
    router = APIRouter(prefix="/agents/{agent_id}", tags=["files"], route_class=ActRoute)
    files = AgentFiles(source)

    @router.post("/files:upload", summary="Send one file of an agent now, whatever its filters and switches say")
    async def upload_agent_file(
        request: Request, who: Operating, agent_id: AgentIdInPath, order: Annotated[UploadOrder, Body()]
    ) -> ActDone:
        act = ActOrder(path=order.path, author=who.name[:200])
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.UPLOAD, query=act)
        record = Record(action="agent.file_upload", detail={"path": order.path})
        return understood(await files.raw(asked, record=record, reason=order.reason), ActDone)

    @router.post("/files:auto-upload", summary="Send a file, or all below a directory, by itself or not")
    async def switch_agent_files(
        request: Request, who: Operating, agent_id: AgentIdInPath, order: Annotated[SwitchOrder, Body()]
    ) -> ActDone:
        act = ActOrder(path=order.path, enabled=order.enabled, author=who.name[:200])
        asked = Asked(request=request, who=who, agent_id=agent_id, kind=AskKind.SWITCH, query=act)
        record = Record(action="agent.file_switch", detail={"path": order.path, "enabled": order.enabled})
        return understood(await files.raw(asked, record=record, reason=order.reason), ActDone)

    return router
