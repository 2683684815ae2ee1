"""/api/v1/verdict, /changes and /overview/fleet: the fleet at one look."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.overviewviews import Views
from gwf.api.v1.pathviews import fleet_view
from gwf.api.v1.span import InTime
from gwf.audit.service import AuditService
from gwf.control.overview.aftermath import AftermathService
from gwf.control.overview.scope import Scope
from gwf.control.overview.service import OverviewService
from gwf.core.clock import Clock, utc_text
from gwf.wire.overview import AftermathView, ChangePage, FleetOverview, VerdictView

Asking = Annotated[Principal, require(Permission.FLEET_READ)]


async def _scope(
    env: Annotated[str, Query(max_length=255, description="value of the label `env`; default: all")] = "",
    group: Annotated[str, Query(max_length=100, description="id or name of a group; default: all")] = "",
) -> Scope:
    return Scope(env=env, group=group)


InScope = Annotated[Scope, Depends(_scope)]


def overview_routes(service: OverviewService, views: Views, clock: Clock) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["overview"])

    @router.get("/verdict", summary="What is wrong first in a part of the fleet, as parts of a sentence")
    async def get_verdict(who: Asking, scope: InScope, window: InTime) -> VerdictView:
        here = service.scope(who.tenant, scope)
        with_alerts = who.may(Permission.ALERTS_READ)
        judged = await service.verdict(who.tenant, here, window, now_ms=clock.now_ms(), with_alerts=with_alerts)
        return await views.verdict(who, here, judged)

    @router.get("/changes", summary="What changed in a part of the fleet, as markers for charts")
    async def list_changes(who: Asking, scope: InScope, window: InTime) -> ChangePage:
        here = service.scope(who.tenant, scope)
        changes = await service.changes(who.tenant, here, window)
        return ChangePage(
            items=await views.markers(who, changes.markers),
            cut_off=changes.cut_off,
            scope=views.scope(here, service.count(who.tenant, here)),
            since=utc_text(window.since_ms),
            until=utc_text(window.until_ms),
            as_of=utc_text(clock.now_ms()),
        )

    @router.get("/overview/fleet", summary="How work flows through a part of the fleet: the data path and its charts")
    async def get_fleet_overview(who: Asking, scope: InScope, window: InTime) -> FleetOverview:
        here = service.scope(who.tenant, scope)
        found = await service.overview(who.tenant, here, window)
        return fleet_view(found, window, views.scope(here, found.agents), now_ms=clock.now_ms())

    return router


def aftermath_routes(audit: AuditService, service: AftermathService, views: Views, *, clock: Clock) -> APIRouter:
    """Return the route that shows what came after a change."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit/{seq}/aftermath", summary="What came in the half hour after a change")
    async def get_aftermath(
        who: Annotated[Principal, require(Permission.AUDIT_READ)], seq: Annotated[int, Path(ge=1, le=2**63 - 1)]
    ) -> AftermathView:
        row = await audit.get(who.tenant, seq)
        return await views.aftermath(who, seq, await service.after(row, now_ms=clock.now_ms()))

    return router
