"""Tells whether a moment lies in a window of days and hours of one zone, by calendars. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
MAX_DATES = 4_000  #: days of one calendar

#: names of days, each the days themselves as their ordinals
Calendars = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours of some days. A window that ends before it begins goes over midnight and belongs to the day it began on."""

    zone: ZoneInfo
    #: 0 is Monday
    days: frozenset[int] = frozenset(range(7))
    #: minutes from midnight; `to` is excluded
    begin: int = 0
    end: int = DAY_MINUTES
    #: only on these days, by ordinal; None = on any
    only: frozenset[int] | None = None
    #: not on these
    never: frozenset[int] = frozenset()

    def holds(self, at_ms: int) -> bool:
        """Tell whether a moment lies in it."""
        local = local_time(at_ms, self.zone)
        minute, ordinal = local.hour * 60 + local.minute, local.toordinal()
        if self.begin < self.end:
            if not self.begin <= minute < self.end:
                return False
        elif minute < self.end:
            ordinal -= 1  # it began yesterday
        elif minute < self.begin:
            return False
        if (ordinal - 1) % 7 not in self.days or ordinal in self.never:
            return False
        return self.only is None or ordinal in self.only


def local_time(at_ms: int, zone: ZoneInfo) -> datetime:
    """Return what clocks of a zone show at a moment; moments that no calendar has are taken as its ends."""
    seconds = min(max(at_ms // 1000, _FIRST_S), _LAST_S)
    return datetime.fromtimestamp(seconds, zone)


_FIRST_S = round(datetime(1970, 1, 2, tzinfo=UTC).timestamp())
_LAST_S = round(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


@lru_cache(maxsize=256)
def find_zone(name: str) -> ZoneInfo | None:
    """Return a zone such as Asia/Shanghai or UTC; None when there is none of this name."""
    if not name or not name.isascii() or name.startswith(("/", ".")):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def minutes_of(text: str) -> int | None:
    """Return the minutes from midnight of `09:30`; `24:00` is the end of a day. None for anything else."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) == 2 and len(minutes) == 2 and (hours + minutes).isascii()):
        return None
    if not (hours + minutes).isdigit() or int(minutes) > 59:
        return None
    total = int(hours) * 60 + int(minutes)
    return total if total <= DAY_MINUTES else None


def days_of(text: str) -> range | None:
    """Return the days, by ordinal, of `2026-10-01` or `2026-10-01/2026-10-07`; None for anything else."""
    first, slash, last = text.partition("/")
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if slash else begin
    except ValueError:
        return None
    if len(first) != 10 or (slash and len(last) != 10) or not begin <= end <= begin + timedelta(days=MAX_DATES):
        return None
    return range(begin.toordinal(), end.toordinal() + 1)
