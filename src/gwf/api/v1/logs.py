"""/api/v1/logs: the last lines of a watched text file, and its lines with a text in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gwf.api.gone import run_until_gone
from gwf.api.lanes import Kind, place
from gwf.api.ports import FileLogSource
from gwf.api.principal import Permission, require
from gwf.wire.filelog import LastLines, LinesFound, LogSearch

FilePath = Annotated[
    str, Query(min_length=1, max_length=4096, description="absolute path of a file below a watched directory")
]

_READ = require(Permission.EDGE_READ)
_PLACE = place(Kind.FILE)


def log_routes(files: FileLogSource) -> APIRouter:
    """Return the routes that read files; they run in threads, and a search ends when its client goes away."""
    router = APIRouter(prefix="/logs", tags=["logs"])

    @router.get("/tail", summary="The last lines of a text file", dependencies=[_READ, _PLACE])
    def log_tail(path: FilePath) -> LastLines:
        return LastLines(lines=files.tail(path))

    @router.get(
        "/search", summary="Lines of a text file that hold a text, from its beginning on", dependencies=[_READ, _PLACE]
    )
    async def log_search(
        request: Request,
        path: FilePath,
        q: Annotated[str, Query(min_length=1, max_length=1000, description="the text that a line must hold")],
        *,
        case_sensitive: Annotated[bool, Query(description="upper and lower case differ")] = False,
        limit: Annotated[int, Query(ge=1, le=2000)] = 200,
    ) -> LinesFound:
        asked = LogSearch(path=path, query=q, limit=limit, case_sensitive=case_sensitive)
        return await run_until_gone(lambda gone: files.search(asked, stopped=gone), request.receive)

    return router
