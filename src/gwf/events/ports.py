"""What the areas need around events: a place to raise them, and one to look them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.events.files import FileEvent, FileEventStatus
from gwf.events.model import Event, Severity, StoredEvent

LabelTest = Callable[[Mapping[str, str]], bool]
"""Tells whether a set of labels is wanted."""

MAX_PAGE = 1_000


class EventSink(Protocol):
    """Where an area raises events."""

    async def emit(self, events: Sequence[Event]) -> None:
        """Store events and publish them to the rest of the process; returns when they are stored.

        Events whose (tenant, source, id) is known are dropped, so a caller that does not know whether it raised
        something before may raise it again under the same id.

        Raises:
            UnavailableError: They could not be stored; raising them again is safe.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What time a list covers; both ends in ms UTC of `at_ms`, the second one excluded."""

    since_ms: int
    until_ms: int
    #: only what the centre had taken by then: a list does not change while it is paged through; None = all
    as_of_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: right after this row, in the direction of the page."""

    at_ms: int
    row_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWish:
    """Which part of a list is wanted; lists have the newest first."""

    limit: int = 50
    #: None = the first page
    after: Place | None = None
    #: the page before `after` instead: what is newer; its rows still have the newest first
    newer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a list shows; an empty tuple or None = no limit."""

    tenant: str
    span: Span
    #: exact, or with a `*` at the end: all that begin so
    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    min_severity: Severity | None = None
    labels: LabelTest | None = None
    #: in subject, type or data, without regard to case
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEventFilter:
    """Which file events a list shows; an empty tuple or None = no limit."""

    tenant: str
    span: Span
    statuses: tuple[FileEventStatus, ...] = ()
    stores: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    error_classes: tuple[str, ...] = ()
    labels: LabelTest | None = None
    path_prefix: str | None = None
    #: in path, key or message, without regard to case
    text: str | None = None
    #: the life of one path, see `gwf.events.files.file_ref`
    file_ref: int | None = None
    #: one version of it
    gen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFileEvent:
    """A file event as it is kept."""

    #: 63-bit number that grows with time; names the event in the API
    row_id: int
    received_at_ms: int
    #: of the agent when it told it
    labels: Mapping[str, str]
    event: FileEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """One page of events, newest first."""

    items: Sequence[StoredEvent]
    #: there is more in the direction that was asked for
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEventPage:
    """One page of file events, newest first."""

    items: Sequence[StoredFileEvent]
    #: there is more in the direction that was asked for
    more: bool


FACETS_MOST = 20  #: values of one facet


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEventFacets:
    """How file events are spread: for each facet the most frequent values with their counts."""

    statuses: Sequence[tuple[FileEventStatus, int]]
    error_classes: Sequence[tuple[str, int]]
    stores: Sequence[tuple[str, int]]
    agents: Sequence[tuple[str, int]]
    #: from sums over whole minutes; False = only the newest events were counted
    exact: bool
    counted: int
    #: the time that the numbers cover
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacets:
    """How events are spread: for each facet the most frequent values with their counts."""

    types: Sequence[tuple[str, int]]
    severities: Sequence[tuple[Severity, int]]
    sources: Sequence[tuple[str, int]]
    agents: Sequence[tuple[str, int]]
    #: all were counted; False = only the newest ones
    exact: bool
    counted: int


class EventReads(Protocol):
    """Stored events, for people and reports."""

    async def events(self, wanted: EventFilter, page: PageWish) -> EventPage:
        """Return one page.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...

    async def event(self, tenant: str, row_id: int) -> StoredEvent:
        """Return one event.

        Raises:
            NotFoundError: The tenant has none of this id.
            UnavailableError: The database did not answer.
        """
        ...

    async def event_facets(self, wanted: EventFilter) -> EventFacets:
        """Return how events are spread; of very many only the newest are counted.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...

    async def file_events(self, wanted: FileEventFilter, page: PageWish) -> FileEventPage:
        """Return one page.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...

    async def file_event(self, tenant: str, row_id: int) -> StoredFileEvent:
        """Return one file event.

        Raises:
            NotFoundError: The tenant has none of this id.
            UnavailableError: The database did not answer.
        """
        ...

    async def file_event_facets(self, wanted: FileEventFilter) -> FileEventFacets:
        """Return how file events are spread, at a cost that does not grow with their number.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...
