"""GET /api/health: the body that clients of the Go version read, and what it did not say."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.ports import EdgeSource

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
    """Return /api/health."""

    def health(_: LegacyRequest) -> Response:
        return json_answer(health_body(edge))

    return LegacyRoute(path="/api/health", methods={"GET": health})
