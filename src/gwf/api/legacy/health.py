"""GET /api/health: the body that clients of the Go version read, and what it did not say."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from gwf.api.legacy.encode import json_bytes
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.shared import Shared
from gwf.api.ports import EdgeSource
from gwf.wire.gojson import to_json

MAX_AGE_S = 0.25  #: the numbers themselves are up to a second old

#: in the order in which the Go version wrote them
FIELDS: Sequence[str] = (
    "queue",
    "workers",
    "inFlight",
    "queueFullTotal",
    "queueShedTotal",
    "retryTotal",
    "uploadFailureTotal",
    "failureReasons",
    "persistQueue",
)


def health_body(edge: EdgeSource) -> dict[str, object]:
    """Return the legacy fields in their order, then state, water level, retries and failure classes."""
    counters = edge.legacy_health()
    state, reasons = edge.state()
    now = edge.overview()
    queue = now.queue
    return {
        **{name: counters[name] for name in FIELDS},
        "state": state,
        "reasons": [reason.model_dump() for reason in reasons],
        "waterLevel": {
            "percent": queue.level_pct,
            "files": queue.ready + queue.sending + queue.waiting,
            "highWaterFiles": queue.high_water_files,
            "bytes": queue.pending_bytes,
            "oldestWaitSeconds": queue.oldest_wait_s,
        },
        "retryDistribution": [{"attempts": step.attempts, "files": step.files} for step in queue.retries],
        "failureClasses": [
            {"class": failure.error_class, "attemptsTotal": failure.attempts_total, "filesNow": failure.files_now}
            for failure in now.failures
        ],
    }


def health_route(edge: EdgeSource) -> LegacyRoute:
    """Return /api/health; monitors ask it often, so a body is used for MAX_AGE_S."""
    body = Shared(lambda: to_json(health_body(edge)) + b"\n", max_age_s=MAX_AGE_S)

    async def health(_: LegacyRequest) -> Response:
        return json_bytes((await body.get())[1])

    return LegacyRoute(path="/api/health", waiting={"GET": health})
