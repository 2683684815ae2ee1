"""/api/v1/views: lists as people want to see them again, for themselves or for everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.caller import by_of
from gwf.api.principal import Permission, Principal, require
from gwf.core.clock import Clock, utc_text
from gwf.identity.desk import Desk, ShownView
from gwf.identity.desk import ViewWish as Wish
from gwf.wire.me import ListName, SavedView, SavedViewPage, ViewChoice, ViewWish

Self = Annotated[Principal, require(Permission.ACCOUNT)]
ViewId = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$", description="chosen by the client, for example a UUID")
]


def view_routes(desk: Desk, clock: Clock) -> APIRouter:
    """Return the routes that show and change saved views."""
    router = APIRouter(prefix="/views", tags=["account"])

    @router.get("", summary="One's own views and those that others share, by name")
    async def list_views(
        who: Self, for_list: Annotated[ListName | None, Query(alias="list", description="of this list only")] = None
    ) -> SavedViewPage:
        found = await desk.views(who, for_list)
        return SavedViewPage(items=[_shown(item, who) for item in found], as_of=utc_text(clock.now_ms()))

    @router.get("/{view_id}", summary="One view")
    async def get_view(who: Self, view_id: ViewId) -> SavedView:
        return _shown(await desk.view(who, view_id), who)

    @router.put("/{view_id}", summary="Make a view under an id of one's own, or make it anew")
    async def put_view(request: Request, who: Self, view_id: ViewId, wish: Annotated[ViewWish, Body()]) -> SavedView:
        wanted = Wish(
            list_name=wish.list_name,
            name=wish.name,
            shared=wish.shared,
            query=wish.query,
            columns=None if wish.columns is None else tuple(wish.columns),
            is_default=wish.is_default,
            revision=wish.revision,
        )
        return _shown(await desk.put_view(who, view_id, wanted, by=by_of(request, who)), who)

    @router.post("/{view_id}:default", summary="Let one's own list begin with a view, or no longer")
    async def choose_view(who: Self, view_id: ViewId, choice: Annotated[ViewChoice, Body()]) -> SavedView:
        return _shown(await desk.choose(who, view_id, is_default=choice.is_default), who)

    @router.delete("/{view_id}", status_code=204, summary="Remove one's own view")
    async def delete_view(request: Request, who: Self, view_id: ViewId) -> None:
        await desk.delete_view(who, view_id, by=by_of(request, who))

    return router


def _shown(shown: ShownView, who: Principal) -> SavedView:
    view = shown.view
    return SavedView.model_validate(
        {
            "view_id": view.id,
            "list_name": view.list_name,
            "name": view.name,
            "shared": view.shared,
            "query": view.query,
            "columns": view.columns if view.columns is None else list(view.columns),
            "is_default": shown.is_default,
            "own": view.owner == who.owner,
            "owner_name": view.owner_name,
            "created_at": utc_text(view.created_at_ms),
            "updated_at": utc_text(view.updated_at_ms),
            "revision": view.revision,
        }
    )
