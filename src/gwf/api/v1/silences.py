"""/api/v1/silences: times in which some alerts are not told; what they would hold back, and their early end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.alerts.silences.model import StoredSilence
from gwf.alerts.silences.service import SilenceService
from gwf.alerts.silences.service import SilenceWish as Wish
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertdocviews import preview_view, silence_view
from gwf.api.v1.author import word
from gwf.core.clock import utc_text
from gwf.wire.silences import (
    SilenceOrder,
    SilencePage,
    SilencePreview,
    SilencePreviewWish,
    SilenceStateName,
    SilenceView,
    SilenceWish,
)

SilenceId = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Asking = Annotated[Principal, require(Permission.ALERTS_READ)]
Acting = Annotated[Principal, require(Permission.ALERTS_ACT)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SilenceDesk:
    """What the routes ask: silences, and how many open alerts each holds back."""

    def __init__(self, service: SilenceService) -> None:
        """Keep the service."""
        self.service = service

    async def page(self, tenant: str, states: frozenset[str]) -> SilencePage:
        """Return silences."""
        found, now_ms = await self.service.all(tenant), self.service.now_ms()
        held = await self._held(tenant)
        items = [
            silence_view(one, holds=held[one.silence_id], now_ms=now_ms)
            for one in found
            if not states or one.state(now_ms).value in states
        ]
        return SilencePage(items=items, total=len(items), as_of=utc_text(now_ms))

    async def view(self, silence: StoredSilence) -> SilenceView:
        """Return one silence."""
        held = await self._held(silence.tenant)
        return silence_view(silence, holds=held[silence.silence_id], now_ms=self.service.now_ms())

    async def _held(self, tenant: str) -> Counter[str]:
        return Counter(await self.service.held(tenant))


def silence_routes(desk: SilenceDesk) -> APIRouter:
    """Return the routes that show silences and what they would do."""
    router = APIRouter(tags=["alerts"])
    silences = desk.service

    @router.get("/silences", summary="Silences, the one that ends last first")
    async def list_silences(
        who: Asking,
        *,
        state: Annotated[
            list[SilenceStateName], Query(max_length=3, description="only those that stand so; may be repeated")
        ] = [],  # noqa: B006  # FastAPI copies defaults
    ) -> SilencePage:
        return await desk.page(who.tenant, frozenset(state))

    @router.get("/silences/{silence_id}", summary="One silence")
    async def get_silence(who: Asking, silence_id: SilenceId) -> SilenceView:
        return await desk.view(await silences.one(who.tenant, silence_id))

    @router.post("/silences:preview", summary="What a silence would hold back as things are; nothing is kept")
    async def preview_silence(who: Acting, wish: Annotated[SilencePreviewWish, Body()]) -> SilencePreview:
        impact = await silences.preview(who.tenant, wish.selector)
        return preview_view(impact, now_ms=silences.now_ms())

    return router


def silence_orders(desk: SilenceDesk) -> APIRouter:
    """Return the routes that begin, change and end silences."""
    router = APIRouter(prefix="/silences", tags=["alerts"], route_class=ActRoute)
    silences = desk.service

    @router.post("", status_code=201, summary="Silence alerts from now on, or plan it")
    async def create_silence(request: Request, who: Acting, wish: Annotated[SilenceWish, Body()]) -> SilenceView:
        by = caller_of(request, who, word(wish.reason))
        return await desk.view(await silences.create(who.tenant, _wish(wish), by=by))

    @router.put("/{silence_id}", summary="Change a silence that is not over")
    async def change_silence(
        request: Request, who: Acting, silence_id: SilenceId, wish: Annotated[SilenceWish, Body()]
    ) -> SilenceView:
        by = caller_of(request, who, word(wish.reason))
        return await desk.view(await silences.change(who.tenant, silence_id, _wish(wish), by=by))

    @router.post("/{silence_id}:expire", summary="End a silence now; one that is planned never begins")
    async def expire_silence(
        request: Request, who: Acting, silence_id: SilenceId, order: Annotated[SilenceOrder, Body()]
    ) -> SilenceView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await silences.expire(who.tenant, silence_id, by=by))

    return router


def _wish(wish: SilenceWish) -> Wish:
    return Wish(
        selector=wish.selector,
        begins_at_ms=None if wish.begins_at is None else moment_ms(wish.begins_at),
        ends_at_ms=moment_ms(wish.ends_at),
        reason=word(wish.reason),
    )


def moment_ms(at: datetime) -> int:
    """Return a moment as milliseconds since 1970; before that as 0."""
    return max(0, (at - _EPOCH) // timedelta(milliseconds=1))
