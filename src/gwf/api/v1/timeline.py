"""What lists by time have in common: the time they cover, their cursors, the selector of labels."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import Depends, Query
from pydantic import AwareDatetime

from gwf.api.bodies import BadBodyError
from gwf.api.cursors import BadCursorError
from gwf.control.selectors import parse
from gwf.core.clock import Clock
from gwf.events.ports import MAX_PAGE, LabelTest, PageWish, Place, Span

DEFAULT_SPAN_MS = 24 * 3_600_000  #: covered when nothing is said
AHEAD_MS = 3_600_000  #: the default ends so much after now: clocks of agents may be fast
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_999  # the end of 9999: dates of Python end there


CursorParameter = Annotated[
    str | None, Query(max_length=400, description="next_cursor or previous_cursor of a page; it keeps the time")
]
LimitParameter = Annotated[int, Query(ge=1, le=MAX_PAGE)]


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Where a page begins, and what the list covers, so that it stays the same while it is paged through."""

    at_ms: int
    row_id: int
    newer: bool
    since_ms: int
    until_ms: int
    as_of_ms: int


_DECODER = msgspec.json.Decoder(_Cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineQuery:
    """The parameters that every list by time takes."""

    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    cursor: str | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What a list covers and which part of it is wanted."""

    span: Span
    page: PageWish

    @property
    def as_of_ms(self) -> int:
        """The moment the list shows."""
        return self.span.as_of_ms or 0

    def cursors(self, places: tuple[Place, Place] | None, *, more: bool) -> tuple[str | None, str | None]:
        """Return the cursors to older and to newer rows; `places` are the first and the last row of the page."""
        if places is None:
            return None, None
        first, last = places
        page = self.page
        older = more if not page.newer else page.after is not None
        newer = more if page.newer else page.after is not None
        return (
            self._cursor(last, newer=False) if older else None,
            self._cursor(first, newer=True) if newer else None,
        )

    def _cursor(self, place: Place, *, newer: bool) -> str:
        span = self.span
        value = (place.at_ms, place.row_id, newer, span.since_ms, span.until_ms, self.as_of_ms)
        return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode("ascii").rstrip("=")


def _timeline_query(
    *,
    since: Annotated[
        AwareDatetime | None, Query(description="begin, RFC 3339; default: 24 hours before the end")
    ] = None,
    until: Annotated[AwareDatetime | None, Query(description="end, excluded; default: now")] = None,
    as_of: Annotated[
        AwareDatetime | None, Query(description="show what the centre had taken by then; default: now")
    ] = None,
    cursor: CursorParameter = None,
    limit: LimitParameter = 50,
) -> TimelineQuery:
    return TimelineQuery(since=since, until=until, as_of=as_of, cursor=cursor, limit=limit)


TimelineParameters = Annotated[TimelineQuery, Depends(_timeline_query)]


def timeline(query: TimelineQuery, clock: Clock) -> Timeline:
    """Return what is to be shown.

    Raises:
        BadCursorError: The cursor is none of ours.
        BadBodyError: The time has no length.
    """
    if query.cursor is not None:
        return _continued(query.cursor, query.limit)
    now_ms = clock.now_ms()
    span = span_of(query.since, query.until, now_ms=now_ms)
    as_of_ms = now_ms if query.as_of is None else ms_of(query.as_of)
    return Timeline(span=replace(span, as_of_ms=as_of_ms), page=PageWish(limit=query.limit))


def whole_time(cursor: str | None, limit: int, clock: Clock) -> Timeline:
    """Return what is to be shown of a list that covers all time.

    Raises:
        BadCursorError: The cursor is none of ours.
    """
    if cursor is not None:
        return _continued(cursor, limit)
    return Timeline(span=Span(since_ms=0, until_ms=_LAST_MS, as_of_ms=clock.now_ms()), page=PageWish(limit=limit))


def span_of(since: datetime | None, until: datetime | None, *, now_ms: int) -> Span:
    """Return the time between two moments; what is not told is filled in.

    Raises:
        BadBodyError: The time has no length.
    """
    until_ms = now_ms + AHEAD_MS if until is None else ms_of(until)
    since_ms = (now_ms if until is None else until_ms) - DEFAULT_SPAN_MS if since is None else ms_of(since)
    if since_ms >= until_ms:
        raise BadBodyError("since must lie before until", pointer="/query/since", code="empty_range")
    return Span(since_ms=since_ms, until_ms=until_ms)


def ms_of(moment: datetime) -> int:
    """Return a moment as ms UTC, from 1970 to 9999."""
    return min(_LAST_MS, max(0, (moment - _EPOCH) // timedelta(milliseconds=1)))


def label_test(selector: str | None) -> LabelTest | None:
    """Return the test that a selector is, None for none.

    Raises:
        SelectorError: It cannot be read.
    """
    if selector is None or not selector.strip():
        return None
    return parse(selector).matches


def _continued(text: str, limit: int) -> Timeline:
    try:
        cursor = _DECODER.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, msgspec.MsgspecError) as exc:
        raise BadCursorError("this cursor is none of this list; begin without one", field="cursor") from exc
    numbers = (cursor.at_ms, cursor.since_ms, cursor.until_ms, cursor.as_of_ms)
    fits = 0 <= cursor.row_id < 2**63 and all(0 <= number <= _LAST_MS for number in numbers)
    if not fits or cursor.since_ms >= cursor.until_ms:
        raise BadCursorError("this cursor is none of this list; begin without one", field="cursor")
    return Timeline(
        span=Span(since_ms=cursor.since_ms, until_ms=cursor.until_ms, as_of_ms=cursor.as_of_ms),
        page=PageWish(limit=limit, after=Place(at_ms=cursor.at_ms, row_id=cursor.row_id), newer=cursor.newer),
    )
