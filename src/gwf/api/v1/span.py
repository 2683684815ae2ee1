"""The time that a page looks at: two moments, absolute or as far back from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from gwf.api.bodies import BadBodyError
from gwf.api.v1.timeline import ms_of
from gwf.control.overview.service import Window
from gwf.core.clock import SystemClock

DEFAULT_MS = 6 * 3_600_000
MAX_MS = 400 * 86_400_000
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_BACK = re.compile(r"now(?:-(\d{1,6})([smhd]))?")

Moment = Annotated[str, Query(max_length=40, description="RFC 3339 with a zone, `now`, or `now-6h` (s, m, h, d)")]


async def _window(
    begin: Annotated[str, Query(alias="from", max_length=40, description="RFC 3339, `now` or `now-6h`")] = "now-6h",
    end: Annotated[str, Query(alias="to", max_length=40, description="the same; excluded")] = "now",
) -> Window:
    return window(begin, end, now_ms=SystemClock().now_ms())


InTime = Annotated[Window, Depends(_window)]


def window(begin: str, end: str, *, now_ms: int) -> Window:
    """Return the time between two moments.

    Raises:
        BadBodyError: A moment cannot be read, or the time has no length or is too long.
    """
    since_ms, until_ms = _moment(begin, "from", now_ms), _moment(end, "to", now_ms)
    if since_ms >= until_ms:
        raise BadBodyError("from must lie before to", pointer="/query/from", code="empty_range")
    if until_ms - since_ms > MAX_MS:
        raise BadBodyError("that is more than 400 days", pointer="/query/from", code="too_long")
    return Window(since_ms=since_ms, until_ms=until_ms)


def _moment(text: str, name: str, now_ms: int) -> int:
    found = _BACK.fullmatch(text)
    if found is not None:
        back = int(found[1]) * _UNITS[found[2]] if found[1] else 0
        return max(0, now_ms - back)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        problem = "a moment is RFC 3339 with a zone, `now`, or `now-6h`"
        raise BadBodyError(problem, pointer=f"/query/{name}", code="invalid_moment") from exc
    if moment.tzinfo is None:
        raise BadBodyError("name the zone of the moment", pointer=f"/query/{name}", code="invalid_moment")
    return ms_of(moment.astimezone(UTC))
