"""/api/v1/rollouts: how versions reach agents in waves, looked at and steered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.config_layers import CursorInQuery, DryRun, IdInPath, IdInQuery, LimitInQuery
from gwf.api.v1.rolloutviews import (
    attempt_view,
    impact_view,
    next_cursor,
    numbers_view,
    page_of,
    rollout_values,
    rollout_view,
    seat_view,
    wish_of,
)
from gwf.control.config.model import LayerId
from gwf.control.rollout.model import AttemptPhase, RolloutId, RolloutStatus
from gwf.control.rollout.ports import AttemptFilter, Page, RolloutFilter
from gwf.control.rollout.records import OfferKind
from gwf.control.rollout.service import RolloutService
from gwf.control.rollout.wish import Progress, Prospect
from gwf.wire.rollouts import (
    AttemptPage,
    PhaseName,
    RolloutDetail,
    RolloutOrder,
    RolloutPage,
    RolloutProspect,
    RolloutStatusName,
    RolloutView,
    RolloutWish,
)

Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Running = Annotated[Principal, require(Permission.ROLLOUT_RUN)]
Approving = Annotated[Principal, require(Permission.ROLLOUT_APPROVE)]
Order = Annotated[RolloutOrder, Body()]
Statuses = Annotated[list[RolloutStatusName], Query(max_length=10, description="may be repeated; default: all")]
Phases = Annotated[list[PhaseName], Query(max_length=10, description="may be repeated")]


def rollout_routes(rollouts: RolloutService) -> APIRouter:
    """Return the routes that show and begin rollouts."""
    router = APIRouter(prefix="/rollouts", tags=["rollouts"], route_class=ActRoute)

    @router.get("", summary="Rollouts, newest first")
    async def list_rollouts(
        who: Asking,
        *,
        layer: IdInQuery = None,
        status: Statuses = [],  # noqa: B006  # FastAPI copies defaults
        text: Annotated[str, Query(max_length=200, description="in id, author or reason")] = "",
        cursor: CursorInQuery = None,
        limit: LimitInQuery = 50,
    ) -> RolloutPage:
        statuses = tuple(map(RolloutStatus, status))
        wanted = RolloutFilter(layer=None if layer is None else LayerId(layer), statuses=statuses, text=text)
        total = None if cursor is not None else await rollouts.count(who.tenant, wanted)
        return await _page(rollouts, wanted, page_of(cursor, limit), tenant=who.tenant, total=total)

    @router.post("", status_code=201, summary="Begin a rollout, or with dry_run say what it would do")
    async def create_rollout(
        request: Request, who: Running, wish: Annotated[RolloutWish, Body()], *, dry_run: DryRun = False
    ) -> RolloutProspect:
        caller = caller_of(request, who, word(wish.reason))
        act = rollouts.preview if dry_run else rollouts.create
        return _prospect(await act(who.tenant, wish_of(wish), caller=caller), dry_run=dry_run)

    @router.get("/{rollout_id}", summary="A rollout with what became of its offers")
    async def get_rollout(who: Asking, rollout_id: IdInPath) -> RolloutDetail:
        return _detail(await rollouts.progress(who.tenant, RolloutId(rollout_id)))

    @router.get("/{rollout_id}/attempts", summary="Offers of a rollout to agents, newest first")
    async def list_rollout_attempts(
        who: Asking,
        rollout_id: IdInPath,
        *,
        phase: Phases = [],  # noqa: B006  # FastAPI copies defaults
        cursor: CursorInQuery = None,
        limit: LimitInQuery = 50,
    ) -> AttemptPage:
        page = page_of(cursor, limit)
        known = await rollouts.get(who.tenant, RolloutId(rollout_id))
        wanted = AttemptFilter(rollout=known.id, phases=tuple(map(AttemptPhase, phase)))
        found = await rollouts.attempts(who.tenant, wanted, page)
        places = [(attempt.offered_at_ms, attempt.id) for attempt in found]
        return AttemptPage(items=[attempt_view(attempt) for attempt in found], next_cursor=next_cursor(places, page))

    return router


def rollout_orders(rollouts: RolloutService) -> APIRouter:
    """Return the routes that steer rollouts."""
    router = APIRouter(prefix="/rollouts", tags=["rollouts"], route_class=ActRoute)

    @router.post("/{rollout_id}:pause", summary="Offer it to nobody else for now; who runs it keeps it")
    async def pause_rollout(request: Request, who: Running, rollout_id: IdInPath, order: Order) -> RolloutView:
        caller = caller_of(request, who, word(order.reason))
        return rollout_view(await rollouts.pause(who.tenant, RolloutId(rollout_id), caller=caller))

    @router.post("/{rollout_id}:resume", summary="Go on with a paused rollout")
    async def resume_rollout(request: Request, who: Running, rollout_id: IdInPath, order: Order) -> RolloutView:
        caller = caller_of(request, who, word(order.reason))
        return rollout_view(await rollouts.resume(who.tenant, RolloutId(rollout_id), caller=caller))

    @router.post(
        "/{rollout_id}:promote", summary="Begin the next wave whatever the gates say; after the last, complete"
    )
    async def promote_rollout(request: Request, who: Approving, rollout_id: IdInPath, order: Order) -> RolloutView:
        caller = caller_of(request, who, word(order.reason))
        return rollout_view(await rollouts.promote(who.tenant, RolloutId(rollout_id), caller=caller))

    @router.post("/{rollout_id}:abort", summary="Take it back from every agent that was offered it")
    async def abort_rollout(request: Request, who: Running, rollout_id: IdInPath, order: Order) -> RolloutView:
        caller = caller_of(request, who, word(order.reason))
        return rollout_view(await rollouts.abort(who.tenant, RolloutId(rollout_id), caller=caller))

    return router


async def _page(
    rollouts: RolloutService, wanted: RolloutFilter, page: Page, *, tenant: str, total: int | None
) -> RolloutPage:
    found = await rollouts.page(tenant, wanted, page)
    places = [(rollout.created_at_ms, rollout.id) for rollout in found]
    items = [rollout_view(rollout) for rollout in found]
    return RolloutPage(items=items, next_cursor=next_cursor(places, page), total=total)


def _prospect(found: Prospect, *, dry_run: bool) -> RolloutProspect:
    return RolloutProspect(
        dry_run=dry_run,
        rollout=rollout_view(found.rollout),
        impact=impact_view(found.impact),
        seats=[seat_view(seat) for seat in found.seats],
    )


def _detail(progress: Progress) -> RolloutDetail:
    def of(kind: OfferKind) -> dict[str, int]:
        return {phase.value: count for (found, phase), count in progress.attempts.items() if found is kind}

    return RolloutDetail.model_validate(
        {
            **rollout_values(progress.rollout),
            "numbers": None if progress.numbers is None else numbers_view(progress.numbers),
            "attempts": of(OfferKind.WAVE),
            "reverts": of(OfferKind.REVERT),
        }
    )
