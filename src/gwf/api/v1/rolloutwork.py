"""/api/v1/rollouts/{id}/work: how uploads went at the agents of a rollout before it began and since."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.config_layers import IdInPath
from gwf.api.v1.overviewviews import work_done
from gwf.control.overview.around import Around, AroundService
from gwf.control.overview.flow import Point
from gwf.control.rollout.model import RolloutId
from gwf.core.clock import Clock, utc_text
from gwf.wire.configviews import RolloutWork, WorkPoint


def rollout_work_routes(service: AroundService, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["rollouts"])

    @router.get("/rollouts/{rollout_id}/work", summary="Uploads of a rollout's agents before it began and since")
    async def get_rollout_work(
        who: Annotated[Principal, require(Permission.CONFIG_READ)], rollout_id: IdInPath
    ) -> RolloutWork:
        now_ms = clock.now_ms()
        return _view(await service.around(who.tenant, RolloutId(rollout_id), now_ms=now_ms), now_ms)

    return router


def _view(found: Around, now_ms: int) -> RolloutWork:
    ended_ms = found.rollout.state.ended_ms
    return RolloutWork(
        rollout_id=found.rollout.id,
        agents_count=found.agents,
        began_at=utc_text(found.rollout.created_at_ms),
        ended_at=None if ended_ms is None else utc_text(ended_ms),
        step_s=found.flow.bucket_ms // 1000,
        points=[_point(point) for point in found.flow.points],
        length_s=found.length_ms // 1000,
        before=work_done(found.before),
        after=work_done(found.after),
        since=utc_text(found.window.since_ms),
        until=utc_text(found.window.until_ms),
        as_of=utc_text(now_ms),
    )


def _point(point: Point) -> WorkPoint:
    success = point.success
    return WorkPoint(
        at=utc_text(point.at_ms),
        done=point.done,
        done_bytes=point.done_bytes,
        failed_attempts=point.failed,
        failed_ratio=None if success is None else 1 - success,
    )
