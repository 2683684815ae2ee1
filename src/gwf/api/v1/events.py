"""/api/v1/events: what happened, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query

from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.timeline import TimelineParameters, label_test, timeline
from gwf.core.clock import Clock, utc_text
from gwf.events.model import MAX_SOURCE_CHARS, MAX_TYPE_CHARS, SEVERITY_OF_WORD, StoredEvent
from gwf.events.ports import EventFilter, EventReads, Place
from gwf.wire.events import EventPage, EventView, SeverityName

MAX_TEXT = 200
MAX_VALUES = 50  #: of one filter

Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=MAX_SOURCE_CHARS)]], Query(max_length=MAX_VALUES)]
Text = Annotated[str | None, Query(min_length=1, max_length=MAX_TEXT)]
Selector = Annotated[
    str | None, Query(max_length=2_000, description="labels, for example env=prod,site in (sh,bj),!canary")
]
RowId = Annotated[str, Path(pattern=r"^[0-9]{1,19}$", description="row_id of an event")]


def event_routes(reads: EventReads, clock: Clock) -> APIRouter:
    """Return the routes that show events."""
    router = APIRouter(prefix="/events", tags=["events"])

    @router.get("", summary="Events, newest first")
    async def list_events(
        who: Annotated[Principal, require(Permission.EVENTS_READ)],
        query: TimelineParameters,
        *,
        type: Annotated[  # noqa: A002  # the name of the attribute
            list[Annotated[str, Query(min_length=1, max_length=MAX_TYPE_CHARS)]],
            Query(max_length=MAX_VALUES, description="type, or its begin and a *; may be repeated"),
        ] = [],  # noqa: B006  # FastAPI copies defaults
        source: Words = [],  # noqa: B006
        agent: Words = [],  # noqa: B006
        min_severity: SeverityName | None = None,
        selector: Selector = None,
        text: Text = None,
    ) -> EventPage:
        shown = timeline(query, clock)
        wanted = EventFilter(
            tenant=who.tenant, span=shown.span, types=tuple(type), sources=tuple(source), agents=tuple(agent),
            min_severity=SEVERITY_OF_WORD[min_severity] if min_severity else None, labels=label_test(selector),
            text=text,
        )  # fmt: skip
        page = await reads.events(wanted, shown.page)
        items = [event_view(item) for item in page.items]
        older, newer = shown.cursors(_ends(page.items), more=page.more)
        return EventPage(
            items=items, next_cursor=older, previous_cursor=newer, as_of=utc_text(shown.as_of_ms),
            since=utc_text(shown.span.since_ms), until=utc_text(shown.span.until_ms),
        )  # fmt: skip

    @router.get("/{row_id}", summary="One event")
    async def get_event(who: Annotated[Principal, require(Permission.EVENTS_READ)], row_id: RowId) -> EventView:
        return event_view(await reads.event(who.tenant, number_of(row_id)))

    return router


def number_of(row_id: str) -> int:
    """Return the number that a row id is; one that no row can have stays so."""
    return min(int(row_id), 2**63 - 1)


def event_view(stored: StoredEvent) -> EventView:
    """Return an event as it is sent."""
    event = stored.event
    return EventView.model_validate(
        {
            "row_id": str(stored.row_id),
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "time": utc_text(event.at_ms),
            "received_at": utc_text(stored.received_at_ms),
            "subject": event.subject,
            "agent_id": event.agent_id,
            "labels": event.labels,
            "severity": event.severity.word,
            "data": event.data,
            "datacontenttype": event.content_type,
            "dataschema": event.data_schema,
            "extensions": event.extensions,
        }
    )


def _ends(items: Sequence[StoredEvent]) -> tuple[Place, Place] | None:
    if not items:
        return None
    first, last = items[0], items[-1]
    return (
        Place(at_ms=first.event.at_ms, row_id=first.row_id),
        Place(at_ms=last.event.at_ms, row_id=last.row_id),
    )
