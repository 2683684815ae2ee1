"""GET /api/dashboard: the console's data, light or whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from gwf.api.legacy.encode import json_bytes
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.shared import Shared
from gwf.api.ports import DashboardSource
from gwf.identity.permissions import Permission

MAX_AGE_S = 2.0
CACHE_HEADER = "X-Dashboard-Cache"

DashboardCache = Shared[list[bytes]]


def dashboard_cache(source: DashboardSource) -> DashboardCache:
    """Return the one slot for whole bodies; whoever changes what they show drops it."""
    return Shared(source.full, max_age_s=MAX_AGE_S)


def dashboard_route(source: DashboardSource, cache: DashboardCache) -> LegacyRoute:
    """Return the route. Only whole bodies are kept; requests that come while one is made get the same."""

    async def dashboard(request: LegacyRequest) -> Response:
        if request.query.get("mode", "").strip().lower() in {"light", "lite"}:
            return json_bytes(await run_in_threadpool(source.light))
        hit, pieces = await cache.get(anew=request.flag("refresh"))
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(sum(map(len, pieces))),
            CACHE_HEADER: "hit" if hit else "miss",
        }
        return StreamingResponse(_one_by_one(pieces), headers=headers)

    return LegacyRoute(path="/api/dashboard", waiting={"GET": dashboard}, needs={"GET": Permission.EDGE_READ})


async def _one_by_one(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces: a slow reader holds one of them in the server's buffers, not the whole."""
    for piece in pieces:
        yield piece
