"""/api/v1/stream: server-sent hints that something is newer than what the reader has."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from gwf.api.ports import EdgeSource
from gwf.api.principal import Permission, require
from gwf.core.errors import GwfError
from gwf.wire.edge import StreamHint

log = logging.getLogger(__name__)

TOPICS: tuple[Literal["overview", "files"], ...] = ("overview", "files")
#: a comment keeps proxies from closing; the event tells scripts, which cannot see comments
HEARTBEAT = b": heartbeat\nevent: heartbeat\ndata: {}\n\n"
#: how long a reader waits before it comes back
RETRY = b"retry: 2000\n\n"

_READ = require(Permission.EDGE_READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTiming:
    """How often the version is read, hints are sent at most, and silence is broken; seconds."""

    poll_s: float = 0.25
    hint_gap_s: float = 1.0
    heartbeat_s: float = 10.0


class EventStream(StreamingResponse):
    """A stream that no cache or proxy may hold back."""

    media_type = "text/event-stream"


class HintSource:
    """Makes the stream of one reader after another from one edge."""

    def __init__(self, edge: EdgeSource, stopping: threading.Event, timing: StreamTiming) -> None:
        """Read `edge` until `stopping` is set."""
        self._edge = edge
        self._stopping = stopping
        self._timing = timing

    async def frames(self, last_seen: str | None) -> AsyncIterator[bytes]:
        """Yield frames until the process stops; a reader that is up to date gets no first hint."""
        yield RETRY
        sent, hint_at, beat_at = last_seen, 0.0, 0.0
        while not self._stopping.is_set():
            try:
                version = await run_in_threadpool(self._edge.version)
            except GwfError as error:  # the reader comes back by itself and asks the API, which says why
                log.warning("stream_broken", extra={"error_code": error.code, "error": str(error)})
                return
            now = time.monotonic()
            if str(version) != sent and now >= hint_at:
                sent, hint_at = str(version), now + self._timing.hint_gap_s
                yield _hints(version)
            if now >= beat_at:
                beat_at = now + self._timing.heartbeat_s
                yield HEARTBEAT
            await asyncio.sleep(self._timing.poll_s)


def _hints(version: int) -> bytes:
    """Return one hint per topic; only the last has the id, so that a cut in between repeats both."""
    events = [f"event: hint\ndata: {StreamHint(topic=topic, version=version).model_dump_json()}\n" for topic in TOPICS]
    return ("\n".join(events) + f"id: {version}\n\n").encode()


def stream_routes(hints: HintSource) -> APIRouter:
    """Return /stream."""
    router = APIRouter(tags=["edge"])

    @router.get(
        "/stream",
        dependencies=[_READ],
        summary="Hints about newer data, as server-sent events",
        response_class=EventStream,
        response_model=None,
        responses={200: {"model": StreamHint, "description": "Events `hint` (this body) and `heartbeat`"}},
    )
    async def stream(last_event_id: Annotated[str | None, Header(max_length=40)] = None) -> EventStream:
        return EventStream(
            hints.frames(last_event_id), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        )

    return router
