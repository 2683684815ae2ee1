"""Probes and metrics, for supervisors, load balancers and Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.responses import JSONResponse, Response

from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.paths import METRICS
from gwf.wire.edge import HealthState, Reason
from gwf.wire.probe import Liveness, Readiness

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


StateSource = Callable[[], tuple[HealthState, list[Reason]]]


def probe_routes(source: StateSource) -> APIRouter:
    """Return /live and /ready."""
    router = APIRouter(tags=["probes"])

    @router.get("/live", summary="Does the process answer?")
    async def live() -> Liveness:
        return Liveness()

    @router.get(
        "/ready",
        summary="Should the process be given work?",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "State is failing, or the process still starts"}},
    )
    def ready() -> Response:
        state, reasons = source()
        body = Readiness(state=state, reasons=reasons)
        busy = state == "failing" or any(reason.code == "starting" for reason in reasons)
        return JSONResponse(body.model_dump(mode="json"), 503 if busy else 200)

    return router


def metrics_route(render_metrics: Callable[[], str]) -> LegacyRoute:
    """Return /metrics in Prometheus' text format."""

    def metrics(_: LegacyRequest) -> Response:
        return PlainTextResponse(render_metrics(), headers={"Content-Type": METRICS_TYPE})

    return LegacyRoute(path=METRICS, methods={"GET": metrics})
