"""/api/v1/files: the whole life of a file, from the event that told of it to whoever was notified."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from gwf.api.names import Names
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.events import RowId, number_of
from gwf.api.v1.filetraceviews import trace_view
from gwf.tasks.genealogist import Genealogist
from gwf.tasks.lineage import Lineage
from gwf.wire.lineage import FileTrace

Asking = Annotated[Principal, require(Permission.EVENTS_READ)]
VersionParameter = Annotated[
    int | None, Query(ge=0, le=2**63 - 1, description="of the path; none = that of the event, or the newest")
]


def file_trace_routes(lives: Genealogist, names: Names) -> APIRouter:
    """Return the routes that tell lives of files; `names` knows the agents."""
    router = APIRouter(tags=["files"])

    async def shown(who: Principal, life: Lineage) -> FileTrace:
        agents = {life.agent_id, *(one.task.for_agent or "" for one in life.tasks)} - {""}
        refs = {("agent", name) for name in agents}
        return trace_view(life, await names.of(who.tenant, refs))

    @router.get("/agents/{agent_id}/files/trace", summary="The whole life of a file of an agent, by its path")
    async def trace_path(
        who: Asking,
        agent_id: Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")],
        path: Annotated[str, Query(min_length=1, max_length=4_096)],
        version: VersionParameter = None,
    ) -> FileTrace:
        return await shown(who, await lives.of_path(who.tenant, agent_id, path, gen=version))

    @router.get("/files/{row_id}/trace", summary="The whole life of the file that a file event tells of")
    async def trace_file(who: Asking, row_id: RowId, version: VersionParameter = None) -> FileTrace:
        return await shown(who, await lives.of_event(who.tenant, number_of(row_id), gen=version))

    return router
