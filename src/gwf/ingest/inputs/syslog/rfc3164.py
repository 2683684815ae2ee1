"""Reads messages as RFC 3164 describes them and as devices write them; what is none is text alone. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from gwf.ingest.inputs.syslog.model import MAX_PRIORITY, USUAL_PRIORITY, Format, Message

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_PRIORITY = re.compile(r"<(0|[1-9]\d{0,2})>", re.ASCII)
_TIME = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?P<day>[ 0]?[1-9]|[12]\d|3[01])"
    r"(?: (?P<year>\d{4}))? (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d{1,9})? ",
    re.ASCII,
)
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) ", re.ASCII)
_TAG = re.compile(r"(?P<app>[^\s:\[\]]{1,48})(?:\[(?P<process>[^\]\s]{1,128})\])?: ?")
_HOST = re.compile(r"(?P<host>[^\s\[\]]{1,255}) ")


def parse_rfc3164(text: str, *, now_ms: int, zone: tzinfo | None) -> Message:
    """Return the message that a text is.

    Its time has no year and no zone: the year is the one that brings it nearest to `now_ms`; `zone` None = this host's.
    """
    priority, begin = _priority(text)
    stamped = _stamp(text, begin, now_ms=now_ms, zone=zone)
    if stamped is None:
        return Message(format=Format.RAW, priority=priority, text=text[begin:])
    at_ms, at = stamped
    host = ""
    tag = _TAG.match(text, at)
    if tag is None and (named := _HOST.match(text, at)) is not None:
        host, at = named["host"], named.end()
        tag = _TAG.match(text, at)
    return Message(
        format=Format.RFC3164,
        priority=priority,
        at_ms=at_ms,
        host=host,
        app="" if tag is None else tag["app"],
        process=(None if tag is None else tag["process"]) or "",
        text=text[at if tag is None else tag.end() :],
    )


def _priority(text: str) -> tuple[int, int]:
    found = _PRIORITY.match(text)
    if found is None or int(found[1]) > MAX_PRIORITY:
        return USUAL_PRIORITY, 0
    return int(found[1]), found.end()


def _stamp(text: str, begin: int, *, now_ms: int, zone: tzinfo | None) -> tuple[int, int] | None:
    found = _TIME.match(text, begin)
    try:
        if found is not None:
            return _nearest(found, now_ms, zone), found.end()
        exact = _ISO.match(text, begin)
        return None if exact is None else (_ms(datetime.fromisoformat(exact[1])), exact.end())
    except (ValueError, OverflowError):  # the 30th of February, the 61st minute
        return None


def _nearest(found: re.Match[str], now_ms: int, zone: tzinfo | None) -> int:
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
    years = [int(found["year"])] if found["year"] else [now.year - 1, now.year, now.year + 1]
    moments: list[int] = []
    for year in years:
        try:
            day = datetime(year, _MONTHS[found["month"]], int(found["day"]), tzinfo=zone)
            second = min(59, int(found["second"]))  # a leap second
            local = day.replace(hour=int(found["hour"]), minute=int(found["minute"]), second=second)
        except ValueError:  # the 29th of February of another year
            continue
        moments.append(_ms(local.astimezone() if zone is None else local))
    if not moments:
        raise ValueError("there is no such day")
    return min(moments, key=lambda moment: abs(moment - now_ms))


def _ms(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))
