"""GET /api/health: the body that clients of the Go version read, and what it did not say."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.ports import EdgeSource

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

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

# Go escapes these in JSON, and clients compare bodies
_ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def legacy_json(value: object, status: int = 200) -> Response:
    """Return `value` as the Go version sent it: compact, UTF-8, ended by a newline, no charset."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    body = text.encode("utf-8", "replace") + b"\n"
    return Response(body, status, {"Content-Type": "application/json"})


def method_refused() -> Response:
    """Return the legacy answer to a method that an address does not have."""
    return legacy_json({"error": "method not allowed"}, 405)


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


def add_legacy_health(app: FastAPI, edge: EdgeSource) -> None:
    """Serve /api/health."""

    async def health(request: Request) -> Response:
        if request.method != "GET":
            return method_refused()
        return legacy_json(await run_in_threadpool(health_body, edge))

    app.add_route("/api/health", health, methods=EVERY_METHOD, include_in_schema=False)
