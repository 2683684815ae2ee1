"""/api/v1/centre: how this edge stands with the centre it reports to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from gwf.api.lanes import Kind, place
from gwf.api.ports import CentreSource
from gwf.api.principal import Permission, require
from gwf.wire.centre import EnrolRequest
from gwf.wire.edge import CentreView

_READ = require(Permission.EDGE_READ)
_CHANGE = require(Permission.EDGE_CONFIG)
_PLACE = place(Kind.CHANGE)


def link_routes(centre: CentreSource) -> APIRouter:
    """Return the routes that look at the link and change it; its calls block, so they run in threads."""
    router = APIRouter(prefix="/centre", tags=["centre"])

    @router.get("", summary="The link of this edge to its centre", dependencies=[_READ])
    def centre_link() -> CentreView:
        return centre.view()

    @router.post("/enrol", summary="Enrol this edge with a token, which is not kept", dependencies=[_CHANGE, _PLACE])
    def enrol_edge(wish: Annotated[EnrolRequest, Body()]) -> CentreView:
        return centre.enrol(wish.token)

    @router.post("/leave", summary="Forget this edge's credential", dependencies=[_CHANGE, _PLACE])
    def leave_centre() -> CentreView:
        return centre.leave()

    return router
