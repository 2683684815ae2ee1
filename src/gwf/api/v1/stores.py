"""/api/v1/stores: destinations, and their breakers moved by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path

from gwf.api.ports import StoresSource
from gwf.api.principal import Permission, require
from gwf.api.v1.author import Author, word
from gwf.wire.edge import StoreView
from gwf.wire.stores import BreakerOrder

_READ = require(Permission.EDGE_READ)
_CHANGE = require(Permission.EDGE_OPERATE)


def store_routes(stores: StoresSource) -> APIRouter:
    """Return the routes that look at `stores` and move their breakers."""
    router = APIRouter(prefix="/stores", tags=["stores"])

    @router.get("", summary="Every store with its health and its breaker", dependencies=[_READ])
    def list_stores() -> list[StoreView]:
        return [*stores.list()]

    @router.post("/{name}/breaker", summary="Open, close or reset the breaker of a store", dependencies=[_CHANGE])
    def move_breaker(
        name: Annotated[str, Path(max_length=200)], order: Annotated[BreakerOrder, Body()], *, author: Author
    ) -> StoreView:
        wish = order.model_copy(update={"reason": word(order.reason)})
        return stores.move_breaker(name, wish, author=word(author))

    return router
