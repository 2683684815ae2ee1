"""/api/v1/overview and /api/v1/files: what an edge knows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from gwf.api.ports import EdgeSource
from gwf.api.principal import Permission, require
from gwf.wire.edge import FilePage, FileState, FileView, Overview

#: ids are SQLite row ids
MAX_FILE_ID = 2**63 - 1

_READ = require(Permission.EDGE_READ)


def edge_routes(edge: EdgeSource) -> APIRouter:
    """Return the routes that read `edge`; its calls block, so they run in threads."""
    router = APIRouter(tags=["edge"])

    @router.get("/overview", summary="State, queue, destinations, rates and failures at one look", dependencies=[_READ])
    def overview() -> Overview:
        return edge.overview()

    @router.get("/files", summary="Files, newest change first", dependencies=[_READ])
    def files(
        *,
        state: Annotated[list[FileState], Query(default_factory=list, description="repeatable; none = every state")],
        q: Annotated[str, Query(max_length=500, description="part of the path")] = "",
        store: Annotated[str | None, Query(max_length=200)] = None,
        cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> FilePage:
        return edge.files(states=tuple(state), text=q, store=store, cursor=cursor, limit=limit)

    @router.get("/files/{file_id}", summary="One file", dependencies=[_READ])
    def file(file_id: Annotated[int, Path(ge=1, le=MAX_FILE_ID)]) -> FileView:
        return edge.file(file_id)

    return router
