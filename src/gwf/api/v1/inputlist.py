"""GET /api/v1/inputs: the ways by which events of other systems come in, and how each does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from gwf.api.principal import Permission, Principal, require
from gwf.core.clock import Clock, utc_text
from gwf.ingest.inputs.listing import InputListing, InputNow
from gwf.ingest.inputs.metrics import Fate
from gwf.wire.inputs import InputList, InputView

Reading = Annotated[Principal, require(Permission.EVENTS_READ)]


def input_list_routes(listing: InputListing, clock: Clock) -> APIRouter:
    """Return the route that shows inputs."""
    router = APIRouter(tags=["events"])

    @router.get("/inputs", summary="Ways by which events of other systems come in, and how each does")
    async def list_inputs(who: Reading) -> InputList:
        return InputList(
            items=[_view(one) for one in listing.all(who.tenant)],
            since=utc_text(listing.since_ms),
            as_of=utc_text(clock.now_ms()),
        )

    return router


def _view(now: InputNow) -> InputView:
    door, news = now.door, now.news
    counts = {fate: news.fates.get(fate, 0) for fate in Fate}
    return InputView(
        name=door.name,
        kind=door.kind.value,
        state=now.state.value,
        address=door.address,
        guard=door.guard.value,
        taken=counts[Fate.ACCEPTED],
        duplicates=counts[Fate.DUPLICATE],
        refused=counts[Fate.REJECTED],
        dropped=counts[Fate.DROPPED],
        denied=counts[Fate.DENIED],
        connections=now.connections,
        waiting=now.waiting,
        last_event_at=_time(news.last_event_ms),
        last_error=news.error,
        last_error_at=_time(news.error_ms),
    )


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
