"""/api/v1/stream: server-sent hints that something is newer than what the reader has."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from gwf.api.feed import Change, Feed
from gwf.api.ports import EdgeSource
from gwf.api.principal import Permission, Principal, require_login
from gwf.identity.principal import DEFAULT_TENANT
from gwf.wire.stream import TOPICS, StreamHint, StreamReady, StreamResync, Topic

#: a comment keeps proxies from closing; the event tells scripts, which cannot see comments
HEARTBEAT = b": heartbeat\nevent: heartbeat\ndata: {}\n\n"
#: how long a reader waits before it comes back; the blanks fill the first buffer of proxies that wait for one
RETRY = b":" + b" " * 2_048 + b"\nretry: 2000\n\n"
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

#: what somebody must be allowed to see to be told that it changed
NEEDED: Mapping[Topic, Permission] = {
    "health": Permission.EDGE_READ,
    "files": Permission.EVENTS_READ,
    "agents": Permission.FLEET_READ,
    "rollouts": Permission.CONFIG_READ,
    "tasks": Permission.TASKS_READ,
    "flows": Permission.FLOWS_READ,
    "alerts": Permission.ALERTS_READ,
    "dlq": Permission.TASKS_READ,
    "audit": Permission.AUDIT_READ,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTiming:
    """How often changes are looked for, and how long silence lasts; seconds."""

    look_s: float = 0.5
    heartbeat_s: float = 10.0


class EventStream(StreamingResponse):
    """A stream that no cache or proxy may hold back."""

    media_type = "text/event-stream"


class EdgeWatch:
    """Notices what changed of the edge in this process (gwf.api.feed.Watch)."""

    def __init__(self, edge: EdgeSource) -> None:
        """Ask `edge`, which may block for a moment."""
        self._edge = edge
        self._version: int | None = None

    async def look(self) -> Sequence[Change]:
        """Return one change of each topic when its version moved."""
        version = await run_in_threadpool(self._edge.version)
        if version == self._version:
            return ()
        self._version = version
        topics: tuple[Topic, ...] = ("health", "files")
        return [Change(topic=topic, version=version, tenant=DEFAULT_TENANT) for topic in topics]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, and what."""

    tenant: str
    topics: frozenset[Topic]

    def wants(self, change: Change) -> bool:
        """Tell whether a change is told to this reader."""
        return change.topic in self.topics and change.tenant in {None, self.tenant}


async def frames(feed: Feed, reader: Reader, last_seen: str | None, *, heartbeat_s: float) -> AsyncGenerator[bytes]:
    """Yield frames until the process stops or the reader goes."""
    feed.enter()
    try:
        yield RETRY
        known = None if last_seen is None else feed.place_of(last_seen)
        place = feed.begin() if last_seen is None else known
        ready = StreamReady(topics=[topic for topic in TOPICS if topic in reader.topics])
        yield _frame("ready", ready.model_dump_json())
        if place is None:
            place = feed.heard(0).place
            yield _resync("unknown_id", feed.name(place))
        beat_at = time.monotonic()
        while not feed.closed:
            heard = feed.heard(place)
            place = heard.place
            if heard.missed:
                yield _resync("too_far_behind", feed.name(place))
            else:
                for item in heard.changes:
                    if reader.wants(item.change):
                        yield _hint(item.change, feed.name(item.number))
            now = time.monotonic()
            if now >= beat_at:
                beat_at = now + heartbeat_s
                yield HEARTBEAT
            await feed.wait(place, max(0.0, beat_at - time.monotonic()))
    finally:
        feed.leave()


def _hint(change: Change, name: str) -> bytes:
    hint = StreamHint(topic=change.topic, id=change.id, version=change.version)
    return _frame("hint", hint.model_dump_json(), name)


def _resync(reason: Literal["unknown_id", "too_far_behind"], name: str) -> bytes:
    return _frame("resync", StreamResync(reason=reason).model_dump_json(), name)


def _frame(event: str, data: str, name: str = "") -> bytes:
    id_line = f"id: {name}\n" if name else ""
    return f"event: {event}\n{id_line}data: {data}\n\n".encode()


def stream_routes(feed: Feed, timing: StreamTiming) -> APIRouter:
    """Return /stream."""
    router = APIRouter(tags=["stream"])

    @router.get(
        "/stream",
        summary="Hints about newer data, as server-sent events",
        response_class=EventStream,
        response_model=None,
        responses={
            200: {
                "model": StreamHint | StreamReady | StreamResync,
                "description": "Events `ready`, `hint`, `resync` and `heartbeat`, by their bodies",
            }
        },
    )
    async def stream(
        who: Annotated[Principal, require_login()],
        topics: Annotated[
            list[Topic],
            Query(max_length=20, description="may be repeated; default: all; what may not be seen is left out"),
        ] = [],  # noqa: B006  # FastAPI copies defaults
        last_event_id: Annotated[str | None, Header(max_length=40)] = None,
    ) -> EventStream:
        feed.check_room()
        asked: Sequence[Topic] = topics or TOPICS
        reader = Reader(tenant=who.tenant, topics=frozenset(one for one in asked if who.may(NEEDED[one])))
        return EventStream(frames(feed, reader, last_event_id, heartbeat_s=timing.heartbeat_s), headers=HEADERS)

    return router
