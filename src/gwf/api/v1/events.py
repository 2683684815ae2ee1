"""/api/v1/events: what happened, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from gwf.api.names import Members, Named, Names, Ref, name_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.timeline import TimelineParameters, label_test, timeline
from gwf.core.clock import Clock, utc_text
from gwf.events.model import MAX_SOURCE_CHARS, MAX_TYPE_CHARS, SEVERITY_OF_WORD, StoredEvent
from gwf.events.ports import EventFilter, EventReads, FileEventFilter, Place, Span
from gwf.wire.events import EventFacets, EventPage, EventView, FacetCount, SeverityName

MAX_TEXT = 200
MAX_VALUES = 50  #: of one filter
ROLLOUTS = "gwf.rollout."  #: types of events whose subject is a rollout
NOBODY = ("",)  #: no agent is called so
ABOUT = ("number", "layer_kind", "layer")

Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=MAX_SOURCE_CHARS)]], Query(max_length=MAX_VALUES)]
Text = Annotated[str | None, Query(min_length=1, max_length=MAX_TEXT)]
Selector = Annotated[
    str | None, Query(max_length=2_000, description="labels, for example env=prod,site in (sh,bj),!canary")
]
Group = Annotated[
    str | None, Query(min_length=1, max_length=100, description="id or name of a group: what its agents of today told")
]
RowId = Annotated[str, Path(pattern=r"^[0-9]{1,19}$", description="row_id of an event")]


def _narrowed(
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
) -> EventFilter:
    return EventFilter(
        tenant="", span=Span(since_ms=0, until_ms=0), types=tuple(type), sources=tuple(source), agents=tuple(agent),
        min_severity=SEVERITY_OF_WORD[min_severity] if min_severity else None, labels=label_test(selector), text=text,
    )  # fmt: skip


#: what the parameters of a list leave; tenant and time are added by the endpoint
Narrowed = Annotated[EventFilter, Depends(_narrowed)]
Reading = Annotated[Principal, require(Permission.EVENTS_READ)]


def event_routes(reads: EventReads, names: Names, clock: Clock, *, members: Members) -> APIRouter:
    """Return the routes that show events; `names` knows agents and rollouts, `members` the groups."""
    router = APIRouter(prefix="/events", tags=["events"])

    @router.get("", summary="Events, newest first")
    async def list_events(
        who: Reading, query: TimelineParameters, narrowed: Narrowed, *, group: Group = None
    ) -> EventPage:
        shown = timeline(query, clock)
        wanted = within(group, replace(narrowed, tenant=who.tenant, span=shown.span), members)
        page = await reads.events(wanted, shown.page)
        known = await names.of(who.tenant, {ref for item in page.items for ref in _refs(item)})
        items = [event_view(item, known) for item in page.items]
        older, newer = shown.cursors(_ends(page.items), more=page.more)
        return EventPage(
            items=items, next_cursor=older, previous_cursor=newer, as_of=utc_text(shown.as_of_ms),
            since=utc_text(shown.span.since_ms), until=utc_text(shown.span.until_ms),
        )  # fmt: skip

    @router.get("/facets", summary="How events are spread over types, severities, sources and agents")
    async def event_facets(
        who: Reading, query: TimelineParameters, narrowed: Narrowed, *, group: Group = None
    ) -> EventFacets:
        span = timeline(query, clock).span
        wanted = within(group, replace(narrowed, tenant=who.tenant, span=span), members)
        found = await reads.event_facets(wanted)
        known = await names.of(who.tenant, {("agent", agent) for agent, _ in found.agents})
        return EventFacets(
            types=counts(found.types),
            severities=[FacetCount(value=one.word, count=count) for one, count in found.severities],
            sources=counts(found.sources),
            agents=agent_counts(found.agents, known),
            exact=found.exact,
            counted=found.counted,
            since=utc_text(span.since_ms),
            until=utc_text(span.until_ms),
        )

    @router.get("/{row_id}", summary="One event")
    async def get_event(who: Reading, row_id: RowId) -> EventView:
        found = await reads.event(who.tenant, number_of(row_id))
        return event_view(found, await names.of(who.tenant, _refs(found)))

    return router


Filter = TypeVar("Filter", EventFilter, FileEventFilter)


def within(group: str | None, wanted: Filter, members: Members) -> Filter:
    """Return a filter that finds what agents of a group told; None = of all."""
    if group is None:
        return wanted
    mine = frozenset(members.of_group(wanted.tenant, group))
    agents = [agent for agent in wanted.agents if agent in mine] if wanted.agents else sorted(mine)
    return replace(wanted, agents=tuple(agents) or NOBODY)


def _refs(stored: StoredEvent) -> set[Ref]:
    """Return what an event speaks of by ids."""
    event = stored.event
    found: set[Ref] = set()
    if event.agent_id is not None:
        found.add(("agent", event.agent_id))
    if event.type.startswith(ROLLOUTS) and event.subject is not None:
        found.add(("rollout", event.subject))
    return found


def counts(found: Sequence[tuple[str, int]]) -> list[FacetCount]:
    """Return the values of a facet as they are sent."""
    return [FacetCount(value=value, count=count) for value, count in found]


def agent_counts(found: Sequence[tuple[str, int]], known: Mapping[Ref, Named]) -> list[FacetCount]:
    """Return the agents of a facet with their names."""
    return [FacetCount(value=value, count=count, name=name_of(known, ("agent", value))) for value, count in found]


def number_of(row_id: str) -> int:
    """Return the number that a row id is; one that no row can have stays so."""
    return min(int(row_id), 2**63 - 1)


def event_view(stored: StoredEvent, known: Mapping[Ref, Named]) -> EventView:
    """Return an event as it is sent."""
    event = stored.event
    rollout = known.get(("rollout", event.subject or "")) if event.type.startswith(ROLLOUTS) else None
    return EventView.model_validate(
        {
            "row_id": str(stored.row_id),
            "decision": f"/api/v1/events/{stored.row_id}/decision",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "time": utc_text(event.at_ms),
            "received_at": utc_text(stored.received_at_ms),
            "subject": event.subject,
            "agent_id": event.agent_id,
            "hostname": name_of(known, ("agent", event.agent_id or "")),
            "about": {} if rollout is None else {name: rollout.facts[name] for name in ABOUT if name in rollout.facts},
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
