"""/api/v1/agent-groups: agents that are treated alike, chosen by labels or by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.fleetviews import group_view, preview_view
from gwf.control.fleet.groupdesk import GroupDesk, GroupWish
from gwf.control.fleet.groups import AgentGroup, has_text
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import Clock, utc_text
from gwf.wire.fleet import GroupPage, GroupPatch, GroupPreview, GroupView, NewGroup, ThresholdsWish

GroupInPath = Annotated[str, Path(min_length=1, max_length=100, description="id or name")]
Text = Annotated[str, Query(max_length=200, description="in id, name, description or selector")]
Reason = Annotated[str, Query(max_length=1_000, description="why, for the audit")]
Asking = Annotated[Principal, require(Permission.FLEET_READ)]
Writing = Annotated[Principal, require(Permission.GROUPS_WRITE)]


def agent_group_routes(desk: GroupDesk, clock: Clock) -> APIRouter:
    """Return the routes that show and change groups."""
    router = APIRouter(prefix="/agent-groups", tags=["agents"], route_class=ActRoute)

    @router.get("", summary="All groups by name, with the number of their agents")
    async def list_agent_groups(who: Asking, *, text: Text = "") -> GroupPage:
        members = desk.members(who.tenant)
        found = [group for group in desk.groups(who.tenant) if has_text(group, text)]
        items = [group_view(group, members.get(group.group_id, 0)) for group in found]
        return GroupPage(items=items, total=len(items), as_of=utc_text(clock.now_ms()))

    @router.post("", status_code=201, summary="Make a group")
    async def create_agent_group(request: Request, who: Writing, wish: Annotated[NewGroup, Body()]) -> GroupView:
        wanted = GroupWish(
            name=wish.name,
            description=wish.description,
            selector=wish.selector,
            priority=wish.priority,
            thresholds=_thresholds(wish.thresholds),
        )
        return _view(desk, await desk.create(who.tenant, wanted, by=caller_of(request, who, wish.reason)))

    @router.get("/{group}", summary="One group")
    async def get_agent_group(who: Asking, group: GroupInPath) -> GroupView:
        return _view(desk, desk.group(who.tenant, group))

    @router.patch("/{group}", summary="Change a group; who belongs to it follows at once")
    async def change_agent_group(
        request: Request, who: Writing, group: GroupInPath, patch: Annotated[GroupPatch, Body()]
    ) -> GroupView:
        wanted = GroupWish(
            name=patch.name,
            description=patch.description,
            selector=patch.selector,
            priority=patch.priority,
            thresholds=_thresholds(patch.thresholds),
            drop_thresholds="thresholds" in patch.model_fields_set and patch.thresholds is None,
            revision=patch.revision,
        )
        by = caller_of(request, who, patch.reason)
        return _view(desk, await desk.change(who.tenant, group, wanted, by=by))

    @router.delete("/{group}", status_code=204, summary="Remove a group")
    async def delete_agent_group(request: Request, who: Writing, group: GroupInPath, *, reason: Reason = "") -> None:
        await desk.delete(who.tenant, group, by=caller_of(request, who, reason))

    return router


def group_preview_routes(desk: GroupDesk) -> APIRouter:
    """Return the route that tries a selector."""
    router = APIRouter(tags=["agents"])

    @router.get("/agent-groups:preview", summary="Who would belong to a group by another selector, and who would move")
    async def preview_agent_group(
        who: Asking,
        *,
        selector: Annotated[str, Query(max_length=2_000, description="env=prod,!canary; empty = none")] = "",
        group: Annotated[str | None, Query(max_length=100, description="id or name; none = a new one")] = None,
    ) -> GroupPreview:
        return preview_view(await desk.preview(who.tenant, group, selector))

    return router


def _view(desk: GroupDesk, group: AgentGroup) -> GroupView:
    return group_view(group, desk.members(group.tenant).get(group.group_id, 0))


def _thresholds(wish: ThresholdsWish | None) -> Thresholds | None:
    if wish is None:
        return None
    return Thresholds(
        heartbeat_s=wish.heartbeat_s,
        degraded_after_s=wish.degraded_after_s,
        offline_after_s=wish.offline_after_s,
        recover_after_s=wish.recover_after_s,
    )
