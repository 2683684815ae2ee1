"""/api/v1/file-events: what happened to files, newest first, the life of one path, and how they are spread."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gwf.api.names import Members, Named, Names, Ref, name_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.events import (
    MAX_VALUES,
    Group,
    RowId,
    Selector,
    Text,
    Words,
    agent_counts,
    counts,
    number_of,
    within,
)
from gwf.api.v1.timeline import (
    CursorParameter,
    LimitParameter,
    Timeline,
    TimelineParameters,
    label_test,
    timeline,
    whole_time,
)
from gwf.core.clock import Clock, utc_text
from gwf.events.files import STATUS_OF_WORD
from gwf.events.model import agent_source
from gwf.events.ports import EventReads, FileEventFilter, Place, Span, StoredFileEvent
from gwf.events.ports import FileEventFacets as Spread
from gwf.wire.edge import ErrorClassName
from gwf.wire.events import FacetCount, FileEventFacets, FileEventPage, FileEventStatusName, FileEventView

_AGENTS = agent_source("")
#: parts of a file event that are sent as they are
_SAME = (
    "agent_id", "path", "store", "key", "size_bytes", "etag", "sha256", "attempt", "duration_ms", "reason",
    "error_class", "error_code", "message",
)  # fmt: skip


def _narrowed(
    *,
    status: Annotated[list[FileEventStatusName], Query(max_length=MAX_VALUES, description="may be repeated")] = [],  # noqa: B006  # FastAPI copies defaults
    store: Words = [],  # noqa: B006
    agent: Words = [],  # noqa: B006
    source: Annotated[
        list[Annotated[str, Query(min_length=1, max_length=512)]],
        Query(max_length=MAX_VALUES, description="source of the agent's events: /gwf/agents/<agent id>"),
    ] = [],  # noqa: B006
    error_class: Annotated[list[ErrorClassName], Query(max_length=MAX_VALUES)] = [],  # noqa: B006
    selector: Selector = None,
    path_prefix: Annotated[str | None, Query(min_length=1, max_length=4_096)] = None,
    text: Text = None,
) -> FileEventFilter:
    return FileEventFilter(
        tenant="", span=Span(since_ms=0, until_ms=0), statuses=tuple(STATUS_OF_WORD[word] for word in status),
        stores=tuple(store), agents=(*agent, *(one.removeprefix(_AGENTS) for one in source)),
        error_classes=tuple(error_class), labels=label_test(selector), path_prefix=path_prefix, text=text,
    )  # fmt: skip


#: what the parameters of a list leave; tenant and time are added by the endpoint
Narrowed = Annotated[FileEventFilter, Depends(_narrowed)]


def file_event_routes(reads: EventReads, names: Names, clock: Clock, *, members: Members) -> APIRouter:
    """Return the routes that show file events; `names` knows the agents, `members` the groups."""
    lists = Lists(reads, names)
    router = APIRouter(prefix="/file-events", tags=["events"])

    @router.get("", summary="What happened to files, newest first")
    async def list_file_events(
        who: Annotated[Principal, require(Permission.EVENTS_READ)],
        query: TimelineParameters,
        narrowed: Narrowed,
        *,
        group: Group = None,
    ) -> FileEventPage:
        shown = timeline(query, clock)
        wanted = within(group, replace(narrowed, tenant=who.tenant, span=shown.span), members)
        return await lists.page(wanted, shown)

    @router.get("/facets", summary="How file events are spread over statuses, classes, stores and agents")
    async def file_event_facets(
        who: Annotated[Principal, require(Permission.EVENTS_READ)],
        query: TimelineParameters,
        narrowed: Narrowed,
        *,
        group: Group = None,
    ) -> FileEventFacets:
        span = timeline(query, clock).span
        wanted = within(group, replace(narrowed, tenant=who.tenant, span=span), members)
        found = await reads.file_event_facets(wanted)
        return _facets(found, await names.of(who.tenant, {("agent", agent) for agent, _ in found.agents}))

    @router.get("/{row_id}", summary="One file event")
    async def get_file_event(
        who: Annotated[Principal, require(Permission.EVENTS_READ)], row_id: RowId
    ) -> FileEventView:
        found = await reads.file_event(who.tenant, number_of(row_id))
        return file_event_view(found, await names.of(who.tenant, {("agent", found.event.agent_id)}))

    @router.get("/{row_id}/life", summary="All that happened to the path of a file event, newest first")
    async def file_life(
        who: Annotated[Principal, require(Permission.EVENTS_READ)],
        row_id: RowId,
        cursor: CursorParameter = None,
        limit: LimitParameter = 200,
    ) -> FileEventPage:
        event = (await reads.file_event(who.tenant, number_of(row_id))).event
        shown = whole_time(cursor, limit, clock)
        wanted = FileEventFilter(tenant=who.tenant, span=shown.span, agents=(event.agent_id,), file_ref=event.file_ref)
        return await lists.page(wanted, shown)

    return router


class Lists:
    """Lists of file events, with the names of their agents."""

    def __init__(self, reads: EventReads, names: Names) -> None:
        """Read from these."""
        self._reads = reads
        self._names = names

    async def page(self, wanted: FileEventFilter, shown: Timeline) -> FileEventPage:
        """Return one page."""
        page = await self._reads.file_events(wanted, shown.page)
        known = await self._names.of(wanted.tenant, {("agent", item.event.agent_id) for item in page.items})
        items = [file_event_view(item, known) for item in page.items]
        older, newer = shown.cursors(_ends(page.items), more=page.more)
        return FileEventPage(
            items=items, next_cursor=older, previous_cursor=newer, as_of=utc_text(shown.as_of_ms),
            since=utc_text(shown.span.since_ms), until=utc_text(shown.span.until_ms),
        )  # fmt: skip


def _facets(found: Spread, known: Mapping[Ref, Named]) -> FileEventFacets:
    return FileEventFacets(
        statuses=[FacetCount(value=status.word, count=count) for status, count in found.statuses],
        error_classes=counts(found.error_classes),
        stores=counts(found.stores),
        agents=agent_counts(found.agents, known),
        exact=found.exact,
        counted=found.counted,
        since=utc_text(found.span.since_ms),
        until=utc_text(found.span.until_ms),
    )


def file_event_view(stored: StoredFileEvent, known: Mapping[Ref, Named]) -> FileEventView:
    """Return a file event as it is sent."""
    event = stored.event
    return FileEventView.model_validate(
        {
            **{name: getattr(event, name) for name in _SAME},
            "row_id": str(stored.row_id),
            "decision": f"/api/v1/file-events/{stored.row_id}/decision",
            "hostname": name_of(known, ("agent", event.agent_id)),
            "time": utc_text(event.at_ms),
            "received_at": utc_text(stored.received_at_ms),
            "status": event.status.word,
            "labels": stored.labels,
            "version": event.gen,
            "details": json.loads(event.extra) if event.extra else {},
        }
    )


def _ends(items: Sequence[StoredFileEvent]) -> tuple[Place, Place] | None:
    if not items:
        return None
    first, last = items[0], items[-1]
    return (
        Place(at_ms=first.event.at_ms, row_id=first.row_id),
        Place(at_ms=last.event.at_ms, row_id=last.row_id),
    )
