"""What became of versions, where they run, and how far a rollout came, with every agent of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from gwf.api.names import Named, Names, Ref
from gwf.api.principal import Permission, Principal, require
from gwf.api.recorded import changes_of, detail_of
from gwf.api.v1.config_layers import IdInPath
from gwf.api.v1.rolloutviews import seat_view
from gwf.audit.model import AuditRow
from gwf.control.config.model import LayerId, VersionId
from gwf.control.rollout.model import ENDED, RolloutId
from gwf.control.rollout.outlook import ConfigOutlook
from gwf.control.rollout.records import Rollout
from gwf.control.rollout.seats import Seat
from gwf.control.rollout.spread import Spread
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import InputError
from gwf.wire.configviews import (
    CourseLine,
    CourseView,
    LayerSpreadView,
    RolloutMove,
    RolloutMoves,
    RolloutSeats,
    SeatWave,
    SpreadView,
    VersionShare,
)

DEFAULT_SPAN = timedelta(days=7)
MAX_SPAN = timedelta(days=366)

Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Instant = Annotated[AwareDatetime | None, Query(description="RFC 3339")]


def spread_routes(outlook: ConfigOutlook, clock: Clock) -> APIRouter:
    """Return the routes that show where versions run."""
    router = APIRouter(tags=["fleet configuration"])

    @router.get("/config-layers/{layer_id}/spread", summary="Where the versions of a layer run now, group by group")
    async def get_layer_spread(who: Asking, layer_id: IdInPath) -> LayerSpreadView:
        spread, numbers = await outlook.spread(who.tenant, LayerId(layer_id))
        names = outlook.group_names(who.tenant)
        groups = sorted(spread.groups.items(), key=lambda item: names.get(item[0], item[0]))
        return LayerSpreadView(
            whole=_spread(spread.whole, numbers),
            groups=[_spread(part, numbers, group=group, name=names.get(group, "")) for group, part in groups],
            as_of=utc_text(clock.now_ms()),
        )

    @router.get("/config-layers/{layer_id}/course", summary="How many agents ran each version of a layer over time")
    async def get_layer_course(
        who: Asking,
        layer_id: IdInPath,
        *,
        since: Instant = None,
        until: Instant = None,
        points: Annotated[int, Query(ge=2, le=500)] = 120,
    ) -> CourseView:
        times_ms = _moments(since, until, points=points, now_ms=clock.now_ms())
        course, numbers = await outlook.course(who.tenant, LayerId(layer_id), times_ms)
        lines = sorted((numbers[version], version) for version in course.agents)
        return CourseView(
            times=[at / 1000 for at in course.times_ms],
            lines=[
                CourseLine(version_id=version, number=number, agents=list(course.agents[version]))
                for number, version in lines
            ],
        )

    return router


def seat_routes(outlook: ConfigOutlook, names: Names, clock: Clock) -> APIRouter:
    """Return the routes that show rollouts agent by agent and move by move."""
    router = APIRouter(tags=["rollouts"])

    @router.get("/rollouts/{rollout_id}/seats", summary="Every agent of a rollout with its wave and how it does there")
    async def get_rollout_seats(who: Asking, rollout_id: IdInPath) -> RolloutSeats:
        rollout, seats, began = await outlook.seats(who.tenant, RolloutId(rollout_id))
        return RolloutSeats(
            waves=_waves(rollout, seats, began),
            items=[seat_view(seat) for seat in seats],
            as_of=utc_text(clock.now_ms()),
        )

    @router.get("/rollouts/{rollout_id}/moves", summary="What was done to a rollout and what it did, newest first")
    async def list_rollout_moves(who: Asking, rollout_id: IdInPath) -> RolloutMoves:
        rows = await outlook.moves(who.tenant, RolloutId(rollout_id))
        known = await names.of(who.tenant, {(row.actor_kind, row.actor_id) for row in rows})
        return RolloutMoves(items=[_move(row, known) for row in rows])

    return router


def _moments(since: datetime | None, until: datetime | None, *, points: int, now_ms: int) -> list[int]:
    end = now_ms if until is None else min(now_ms, round(until.timestamp() * 1000))
    begin = end - round(DEFAULT_SPAN.total_seconds() * 1000) if since is None else round(since.timestamp() * 1000)
    if not 0 <= end - begin <= MAX_SPAN.total_seconds() * 1000:
        raise InputError("since lies before until, at most 366 days", field="since")
    return [begin + (end - begin) * at // (points - 1) for at in range(points)]


def _spread(part: Spread, numbers: Mapping[VersionId, int], *, group: str = "", name: str = "") -> SpreadView:
    shares = [
        VersionShare(version_id=version, number=numbers[version], agents=count)
        for version, count in part.versions.items()
    ]
    return SpreadView(
        group_id=group,
        name=name,
        agents=part.agents,
        versions=sorted(shares, key=lambda share: -share.number),
        none=part.none,
        unknown=part.unknown,
    )


def _waves(rollout: Rollout, seats: Sequence[Seat], began: Sequence[int]) -> list[SeatWave]:
    states = [Counter[str]() for _ in rollout.plan.waves]
    for seat in seats:
        states[seat.wave][seat.state.value] += 1
    ended = [*began[1:], rollout.state.ended_ms if rollout.state.status in ENDED else None]
    return [
        SeatWave.model_validate(
            {
                "began_at": utc_text(began[at]) if at < len(began) else None,
                "ended_at": utc_text(over) if at < len(began) and (over := ended[at]) is not None else None,
                "agents": states[at].total(),
                "states": dict(states[at]),
            }
        )
        for at in range(len(states))
    ]


def _move(row: AuditRow, known: Mapping[Ref, Named]) -> RolloutMove:
    person = known.get((row.actor_kind, row.actor_id))
    offered = detail_of(row).get("offered")
    return RolloutMove(
        seq=row.seq,
        at=utc_text(row.at_ms),
        action=row.action,
        actor_kind=row.actor_kind,
        actor=row.actor_id if person is None else person.name,
        reason=row.reason,
        changes=changes_of(row),
        offered=offered if isinstance(offered, int) else 0,
    )
