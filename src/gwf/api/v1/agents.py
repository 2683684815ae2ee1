"""/api/v1/agents: who there is and how they are; drained, labelled, revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.fleetviews import FleetViews, cursor_of, heat_view, order_of, spot_of_cursor
from gwf.control.fleet.heat import MAX_CELLS
from gwf.control.fleet.listing import MAX_PAGE, AgentFilter
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Live
from gwf.control.fleet.service import AgentWish, FleetService
from gwf.control.fleet.state import AgentState
from gwf.control.fleet.track import Condition
from gwf.control.selectors import parse
from gwf.core.clock import Clock, utc_text
from gwf.wire.fleet import (
    AgentDetail,
    AgentHeat,
    AgentOrder,
    AgentPage,
    AgentPatch,
    AgentSortName,
    AgentStateName,
    ConditionName,
    ConfigStandingName,
)
from gwf.wire.overview import FindingName

MAX_VALUES = 50  #: of one filter

AgentIdInPath = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=300)]], Query(max_length=MAX_VALUES)]
WordsOrNone = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=MAX_VALUES)]
Order = Annotated[AgentOrder, Body()]
Asking = Annotated[Principal, require(Permission.FLEET_READ)]
Operating = Annotated[Principal, require(Permission.FLEET_OPERATE)]
Revoking = Annotated[Principal, require(Permission.FLEET_REVOKE)]


def _narrowed(
    *,
    state: Annotated[list[AgentStateName], Query(description="may be repeated, as every filter")] = [],  # noqa: B006
    condition: Annotated[list[ConditionName], Query(description="state, and whether it can do its duty")] = [],  # noqa: B006
    group: Words = [],  # noqa: B006  # FastAPI copies defaults
    version: Words = [],  # noqa: B006
    os: Words = [],  # noqa: B006
    problem: Annotated[Words, Query(description="code of a reason, or of the last error")] = [],  # noqa: B006
    standing: Annotated[list[ConfigStandingName], Query(description="how its configuration stands")] = [],  # noqa: B006
    config: Annotated[WordsOrNone, Query(description="hash that runs; empty = none of the centre")] = [],  # noqa: B006
    finding: Annotated[list[FindingName], Query(description="of the verdict: agents that it speaks of")] = [],  # noqa: B006
    selector: Annotated[str, Query(max_length=2_000, description="env=prod,site in (sh,bj),!canary")] = "",
    text: Annotated[str, Query(max_length=200, description="in hostname, id, version, address, labels")] = "",
) -> AgentFilter:
    return AgentFilter(
        states=frozenset(map(AgentState, state)), conditions=frozenset(map(Condition, condition)),
        groups=frozenset(group), versions=frozenset(version), systems=frozenset(os), problems=frozenset(problem),
        standings=frozenset(standing), configs=frozenset(config), findings=frozenset(finding),
        selector=parse(selector), text=text,
    )  # fmt: skip


Narrowed = Annotated[AgentFilter, Depends(_narrowed)]


def agent_routes(fleet: FleetService, clock: Clock) -> APIRouter:
    """Return the routes that show agents."""
    router = APIRouter(tags=["agents"])

    @router.get("/agents", summary="Agents, and how many of each kind")
    async def list_agents(
        who: Asking,
        wanted: Narrowed,
        *,
        sort: Annotated[AgentSortName, Query(description="a minus in front of it turns it round")] = "hostname",
        facets: Annotated[bool, Query(description="count too; the whole filter is looked at")] = False,
        cursor: Annotated[str | None, Query(max_length=2_000, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> AgentPage:
        order = order_of(sort, now_ms=fleet.steady.now_ms())
        page = await fleet.agents(who.tenant, wanted, order, after=spot_of_cursor(cursor, order), limit=limit)
        views = FleetViews(fleet, who.tenant)
        return AgentPage(
            items=[views.summary(live) for live in page.items],
            next_cursor=cursor_of(page.after, order),
            total=page.total,
            facets=views.facets(await fleet.facets(who.tenant, wanted)) if facets else None,
            as_of=utc_text(clock.now_ms()),
        )

    @router.get("/agents:heat", summary="Every agent as one cell, by group")
    async def show_agent_heat(
        who: Asking,
        wanted: Narrowed,
        *,
        cells: Annotated[
            int, Query(ge=1, le=MAX_CELLS, description="of each group; the worst if there are more")
        ] = 500,
        every: Annotated[bool, Query(description="show an agent in every group it belongs to")] = False,
    ) -> AgentHeat:
        found = await fleet.heat(who.tenant, wanted, cells=cells, every=every)
        return AgentHeat.model_validate(
            {
                "groups": [heat_view(group) for group in found.groups],
                "agents": sum(found.conditions.values()),
                "conditions": {one.value: count for one, count in found.conditions.items()},
                "as_of": utc_text(clock.now_ms()),
            }
        )

    @router.get("/agents/{agent_id}", summary="One agent with all that is known of it")
    async def get_agent(who: Asking, agent_id: AgentIdInPath) -> AgentDetail:
        return FleetViews(fleet, who.tenant).detail(fleet.agent(who.tenant, AgentId(agent_id)))

    return router


def agent_orders(fleet: FleetService) -> APIRouter:
    """Return the routes that change what people may change of agents."""
    router = APIRouter(prefix="/agents", tags=["agents"], route_class=ActRoute)

    def shown(who: Principal, live: Live) -> AgentDetail:
        return FleetViews(fleet, who.tenant).detail(live)

    @router.patch("/{agent_id}", summary="Set labels of an agent, or put it in a group")
    async def change_agent(
        request: Request, who: Operating, agent_id: AgentIdInPath, patch: Annotated[AgentPatch, Body()]
    ) -> AgentDetail:
        wish = AgentWish(labels=patch.labels, group=patch.group, revision=patch.revision)
        by = caller_of(request, who, patch.reason)
        return shown(who, await fleet.change_agent(who.tenant, AgentId(agent_id), wish, by=by))

    @router.post("/{agent_id}:drain", summary="Give an agent no more work of the centre")
    async def drain_agent(request: Request, who: Operating, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return shown(who, await fleet.drain(who.tenant, AgentId(agent_id), by=by))

    @router.post("/{agent_id}:undrain", summary="Give an agent work again")
    async def undrain_agent(request: Request, who: Operating, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return shown(who, await fleet.undrain(who.tenant, AgentId(agent_id), by=by))

    @router.post("/{agent_id}:revoke", summary="Make the credential of an agent worth nothing")
    async def revoke_agent(request: Request, who: Revoking, agent_id: AgentIdInPath, order: Order) -> AgentDetail:
        by = caller_of(request, who, order.reason)
        return shown(who, await fleet.revoke(who.tenant, AgentId(agent_id), by=by))

    return router
