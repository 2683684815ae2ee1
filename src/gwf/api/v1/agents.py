"""/api/v1/agents: who there is and how they are; drained, labelled, revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.fleetviews import cursor_of, detail_of, facets_of, place_of_cursor, summary_of
from gwf.control.fleet.listing import MAX_PAGE, AgentFilter
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.service import AgentWish, FleetService
from gwf.control.fleet.state import AgentState
from gwf.control.selectors import parse
from gwf.core.clock import Clock, utc_text
from gwf.wire.fleet import AgentDetail, AgentOrder, AgentPage, AgentPatch, AgentStateName

MAX_VALUES = 50  #: of one filter

AgentIdInPath = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=200)]], Query(max_length=MAX_VALUES)]
Order = Annotated[AgentOrder, Body()]
Asking = Annotated[Principal, require(Permission.FLEET_READ)]
Operating = Annotated[Principal, require(Permission.FLEET_OPERATE)]
Revoking = Annotated[Principal, require(Permission.FLEET_REVOKE)]


def agent_routes(fleet: FleetService, clock: Clock) -> APIRouter:
    """Return the routes that show agents."""
    router = APIRouter(prefix="/agents", tags=["agents"])

    @router.get("", summary="Agents by hostname, and how many of each kind")
    async def list_agents(
        who: Asking,
        *,
        state: Annotated[list[AgentStateName], Query(description="may be repeated")] = [],  # noqa: B006
        group: Words = [],  # noqa: B006  # FastAPI copies defaults
        selector: Annotated[str, Query(max_length=2_000, description="env=prod,site in (sh,bj),!canary")] = "",
        text: Annotated[str, Query(max_length=200, description="in hostname, id, version, address, labels")] = "",
        facets: Annotated[bool, Query(description="count too; the whole filter is looked at")] = False,
        cursor: Annotated[str | None, Query(max_length=1_000, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> AgentPage:
        wanted = AgentFilter(
            states=frozenset(map(AgentState, state)), groups=frozenset(group), selector=parse(selector), text=text
        )
        page = await fleet.agents(who.tenant, wanted, after=place_of_cursor(cursor), limit=limit)
        return AgentPage(
            items=[summary_of(live, fleet.wall_ms) for live in page.items],
            next_cursor=cursor_of(page.after),
            facets=facets_of(await fleet.facets(who.tenant, wanted)) if facets else None,
            as_of=utc_text(clock.now_ms()),
        )

    @router.get("/{agent_id}", summary="One agent with all that is known of it")
    async def get_agent(who: Asking, agent_id: AgentIdInPath) -> AgentDetail:
        return detail_of(fleet.agent(who.tenant, AgentId(agent_id)), fleet.wall_ms)

    return router


def agent_orders(fleet: FleetService) -> APIRouter:
    """Return the routes that change what people may change of agents."""
    router = APIRouter(prefix="/agents", tags=["agents"])

    @router.patch("/{agent_id}", summary="Set labels of an agent, or put it in a group")
    async def change_agent(
        request: Request, who: Operating, agent_id: AgentIdInPath, patch: Annotated[AgentPatch, Body()]
    ) -> AgentDetail:
        wish = AgentWish(labels=patch.labels, group=patch.group, revision=patch.revision)
        by = caller_of(request, who, patch.reason)
        return detail_of(await fleet.change_agent(who.tenant, AgentId(agent_id), wish, by=by), fleet.wall_ms)

    @router.post("/{agent_id}:drain", summary="Give an agent no more work of the centre")
    async def drain_agent(request: Request, who: Operating, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return detail_of(await fleet.drain(who.tenant, AgentId(agent_id), by=by), fleet.wall_ms)

    @router.post("/{agent_id}:undrain", summary="Give an agent work again")
    async def undrain_agent(request: Request, who: Operating, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return detail_of(await fleet.undrain(who.tenant, AgentId(agent_id), by=by), fleet.wall_ms)

    @router.post("/{agent_id}:revoke", summary="Make the credential of an agent worth nothing")
    async def revoke_agent(request: Request, who: Revoking, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return detail_of(await fleet.revoke(who.tenant, AgentId(agent_id), by=by), fleet.wall_ms)

    return router
