"""/api/v1/host: the host and its processes, where the settings allow it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from gwf.api.lanes import Kind, place
from gwf.api.ports import HostSource
from gwf.api.principal import Permission, require
from gwf.wire.host import HostView

_READ = require(Permission.EDGE_READ)
_PLACE = place(Kind.HOST)


def host_routes(host: HostSource) -> APIRouter:
    """Return the route; its call may wait for a sample, so it runs in a thread."""
    router = APIRouter(tags=["host"])

    @router.get(
        "/host", summary="The host and its busiest processes, as they were seconds ago", dependencies=[_READ, _PLACE]
    )
    def host_now(*, limit: Annotated[int, Query(ge=0, le=5000, description="processes at most")] = 200) -> HostView:
        view = host.view()
        return view.model_copy(update={"processes": view.processes[:limit]})

    return router
