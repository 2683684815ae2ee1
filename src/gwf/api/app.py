"""Puts the HTTP endpoints of a process together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gwf import __version__
from gwf.api.access import login_ways
from gwf.api.bodylimit import BodyLimit
from gwf.api.centre import CentreParts, HotRoute, described
from gwf.api.cookies import Cookies
from gwf.api.feed import Feed
from gwf.api.guard import Guard
from gwf.api.hotlane import HotLane
from gwf.api.lanes import Lanes
from gwf.api.legacy.frame import LegacyFrame, LegacyRoute
from gwf.api.legacy.health import health_route
from gwf.api.options import ApiOptions
from gwf.api.ports import EdgeSource
from gwf.api.probes import StateSource, metrics_route, probe_routes
from gwf.api.problems import MEDIA_TYPE, install_problems
from gwf.api.v1.edge import edge_routes
from gwf.api.v1.local import local_routes
from gwf.api.v1.me import me_routes
from gwf.api.v1.stream import EdgeWatch, StreamTiming, stream_routes
from gwf.core.clock import SystemClock
from gwf.core.metrics import render
from gwf.identity.local import SESSION_S, LocalAccess
from gwf.wire.effect import Effect
from gwf.wire.me import ProcessView
from gwf.wire.problem import Problem

API_VERSION = "1.0"
OPENAPI_PATH = "/api/v1/openapi.json"
#: each may hold a database connection, so there are few; see `lanes` for those that may wait long
BLOCKING_THREADS = 12

_EFFECT_SCHEMAS = models_json_schema([(Effect, "serialization")], ref_template="#/components/schemas/{model}")[1][
    "$defs"
]
_PROBLEM = {"model": Problem, "description": "What went wrong (RFC 9457)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """What a port serves besides the probes, the metrics and the edge."""

    #: routers of the edge below /api/v1
    v1: Sequence[APIRouter] = ()
    #: addresses of the Go version besides /api/health and /metrics
    legacy: Sequence[LegacyRoute] = ()
    #: serves every path outside /api, for example the browser console
    site: ASGIApp | None = None
    #: returns the options in force, where they may change while the port is open; None = those it was opened with
    options: Callable[[], ApiOptions] | None = None
    #: lets the process's own user in; None = nobody without other credentials may change anything
    local: LocalAccess | None = None
    #: the centre, where the process contains one
    centre: CentreParts | None = None
    #: changes when the served console changes
    build: str = __version__
    #: what it shows is made up
    demo: bool = False
    #: how often readers of the stream hear of changes
    timing: StreamTiming = field(default_factory=StreamTiming)


def create_api(
    *,
    edge: EdgeSource,
    options: ApiOptions,
    render_metrics: Callable[[], str],
    parts: ApiParts | None = None,
) -> FastAPI:
    """Return the application of a port with an edge behind it, and a centre if `parts` have one.

    Args:
        edge: Its calls may block; they run in threads. Beside a centre it is an `EdgeBesideCentre`.
        render_metrics: Returns the whole text of /metrics.
        parts: What this process serves besides.
    """
    parts = parts or ApiParts()
    own = [edge_routes(edge), *parts.v1]
    legacy = (health_route(edge), metrics_route(render_metrics), *parts.legacy)
    whole = replace(parts, v1=own, legacy=legacy, options=parts.options or (lambda: options))
    return _assembled(whole, edge.state, edge=edge)


def create_centre_api(
    *,
    centre: CentreParts,
    options: ApiOptions,
    site: ASGIApp | None = None,
    local: LocalAccess | None = None,
    build: str = __version__,
) -> FastAPI:
    """Return the application of a port with a centre alone behind it; see `create_api`."""
    metrics = metrics_route(partial(render, centre.registry))
    parts = ApiParts(legacy=[metrics], site=site, local=local, centre=centre, build=build, options=lambda: options)
    return _assembled(parts, centre.state.state, edge=None)


def process_view(parts: ApiParts, options: ApiOptions, *, has_edge: bool) -> ProcessView:
    """Return what a process with these parts is."""
    centre = parts.centre
    return ProcessView(
        version=__version__,
        build=parts.build,
        has_edge=has_edge,
        has_centre=centre is not None,
        database=None if centre is None else centre.database,
        demo=parts.demo,
        login=login_ways(options, has_local=parts.local is not None),
    )


def _assembled(parts: ApiParts, state: StateSource, *, edge: EdgeSource | None) -> FastAPI:
    centre, options = parts.centre, parts.options
    if options is None:
        raise ValueError("a port has options")
    app = _Api(
        title="GWF",
        version=API_VERSION,
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(centre),
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    install_problems(app)
    app.state.lanes = lanes = Lanes()
    app.state.acts = centre.acts if centre else None
    legacy = (*parts.legacy, *(centre.legacy if centre else ()))
    app.add_middleware(LegacyFrame, routes=legacy, lanes=lanes)
    app.add_middleware(HotLane, hot=tuple(centre.hot) if centre else ())
    app.add_middleware(BodyLimit, hot=tuple(centre.hot) if centre else (), default=lambda: options().max_body_bytes)
    accounts = centre.accounts if centre else None
    app.add_middleware(Guard, options=options, accounts=accounts, local=parts.local)  # the outermost
    app.include_router(probe_routes(state))
    v1 = APIRouter(responses={"default": _PROBLEM})
    app.state.local = parts.local
    if parts.local is not None:
        cookies = Cookies(lasts_s=round(SESSION_S))
        v1.include_router(local_routes(parts.local, cookies, url_prefix=options().url_prefix))
    desk = centre.desk if centre else None
    v1.include_router(me_routes(lambda: process_view(parts, options(), has_edge=edge is not None), desk, SystemClock()))
    feed = Feed([*([EdgeWatch(edge)] if edge else ()), *(centre.watches if centre else ())], look_s=parts.timing.look_s)
    v1.include_router(stream_routes(feed, parts.timing))
    for router in (*parts.v1, *(centre.v1 if centre else ())):
        v1.include_router(router)
    app.hot = tuple(centre.hot) if centre else ()
    app.leaving = (feed.close, *([centre.leaving] if centre and centre.leaving else ()))
    app.router.routes.extend(Route(hot.path, hot.endpoint, methods=[hot.method]) for hot in app.hot)
    app.include_router(v1, prefix="/api/v1")  # a prefix of the router itself lets each route be analysed once more
    app.router.default = _Outside(parts.site)
    return app


class _Api(FastAPI):
    """Adds to the description what FastAPI does not know: the type of problems, the plain routes."""

    hot: Sequence[HotRoute] = ()
    leaving: Sequence[Callable[[], None]] = ()

    def leave(self) -> None:
        """Let streams end: the port begins to close (gwf.api.late.Leaving)."""
        for end in self.leaving:
            end()

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        schema = super().openapi()
        operations = (operation for item in schema["paths"].values() for operation in item.values())
        for operation in operations:
            problem = operation["responses"].get("default")
            if problem is not None:
                problem["content"] = {MEDIA_TYPE: next(iter(problem["content"].values()))}
        schema["components"]["schemas"].update(_EFFECT_SCHEMAS)  # no route has it as its usual answer
        for hot in self.hot:
            schema["paths"].setdefault(hot.path, {})[hot.method.lower()] = described(hot)
            schema["components"]["schemas"].update(hot.schemas)
        return schema


def _lifespan(centre: CentreParts | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = BLOCKING_THREADS
        if centre is None or centre.running is None:
            yield
            return
        async with centre.running():
            await build_routes(app)
            yield

    return lifespan


async def build_routes(app: FastAPI) -> None:
    """Let the framework build its routes now, by looking for an address that none of them has.

    It would do so in the first request, for 0.2 s, and after a restart everybody's heartbeats come at that moment.
    """

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def nobody(_: Message) -> None:
        return

    scope: Scope = {
        "type": "http", "method": "GET", "path": "/api/v1/-", "headers": [], "query_string": b"", "state": {},
    }  # fmt: skip
    with suppress(HTTPException):
        await app.router(scope, nothing, nobody)


class _Outside:
    """What no route of the API has claimed."""

    def __init__(self, site: ASGIApp | None) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if self._site is None or path == "/api" or path.startswith("/api/"):
            raise HTTPException(404, "nothing has this address")
        await self._site(scope, receive, send)
