"""Reads documents of alerts strictly: what is wrong is told with its place and what is allowed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gwf.alerts.documents.faults import NAME, DocFaults
from gwf.alerts.documents.record import DocKind
from gwf.alerts.life.model import Chain, Inhibition, Level
from gwf.alerts.oncall import Override, Person, Schedule
from gwf.alerts.sight.reading import read_alert_rule
from gwf.core.labels import is_label_name
from gwf.rules.faults import below, is_object
from gwf.rules.model import Document
from gwf.rules.window import DAY_MINUTES, Window

MAX_LEVELS = 20
MAX_RECEIVERS = 50  #: of one level
MAX_PEOPLE = 200
MAX_OVERRIDES = 500
MAX_SHIFT_DAYS = 366
MAX_EQUAL = 10
LONGEST_LEVEL_S = 7 * 86_400.0
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyChain:
    """A chain whose levels depend on the hours."""

    name: str
    levels: tuple[Level, ...]
    #: None = `levels` at any time
    hours: Window | None = None
    #: outside of the hours
    off_hours: tuple[Level, ...] = ()

    def at(self, at_ms: int) -> Chain:
        """Return the chain as it is at a moment."""
        if self.hours is None or self.hours.holds(at_ms):
            return Chain(name=self.name, levels=self.levels)
        return Chain(name=self.name, levels=self.off_hours, rests=not self.off_hours)


def read_chain(document: object) -> HourlyChain:
    """Return a chain.

    Raises:
        FaultyAlertDocumentError: Something is wrong; `faults` lists all of it.
    """
    faults = DocFaults()
    found = faults.mapping(document, "", "a chain") or {}
    faults.keys(found, "", ("name", "description", "levels", "hours", "off_hours"))
    faults.need(found, "", "name", "levels")
    name = faults.name(found)
    faults.described(found)
    levels = _levels(faults, found.get("levels", []), "/levels")
    hours = faults.hours(found["hours"], "/hours", None) if "hours" in found else None
    off_hours = _levels(faults, found.get("off_hours", []), "/off_hours")
    if "off_hours" in found and "hours" not in found:
        faults.add("/off_hours", "missing", "off_hours need hours beside which they lie", key="hours")
    faults.raise_any()
    return HourlyChain(name=name, levels=levels, hours=hours, off_hours=off_hours)


def _levels(faults: DocFaults, value: object, at: str) -> tuple[Level, ...]:
    if value == []:
        return ()  # nobody is told, until somebody is named
    levels: list[Level] = []
    for place, item in faults.items(value, at, most=MAX_LEVELS, what="level"):
        found = faults.mapping(item, place, "a level") or {}
        faults.keys(found, place, ("after", "receivers"))
        faults.need(found, place, "receivers")
        after_s = faults.seconds(found.get("after", 0), below(place, "after"), most_s=LONGEST_LEVEL_S)
        after_s = after_s or 0.0
        if not levels and after_s:
            faults.add(below(place, "after"), "out_of_range", "the first level is told at once: after is 0", most="0")
        if levels and after_s <= levels[-1].after_s:
            faults.add(below(place, "after"), "out_of_range", "each level is told later than the one before it")
        wanted = found.get("receivers", "-")
        names = faults.texts(wanted, below(place, "receivers"), most=MAX_RECEIVERS, chars=100, what="receiver")
        levels.append(Level(after_s=after_s, receivers=tuple(dict.fromkeys(name for _, name in names))))
    return tuple(levels)


def read_schedule(document: object) -> Schedule:
    """Return a schedule.

    Raises:
        FaultyAlertDocumentError: Something is wrong; `faults` lists all of it.
    """
    faults = DocFaults()
    found = faults.mapping(document, "", "a schedule") or {}
    keys = (
        "name", "description", "zone", "channel", "people", "starts", "shift_days", "hand_over", "hours", "otherwise",
        "overrides",
    )  # fmt: skip
    faults.keys(found, "", keys)
    faults.need(found, "", "name", "zone", "people", "starts")
    name = faults.name(found)
    faults.described(found)
    zone = faults.zone(found.get("zone", "UTC"), "/zone") or _UTC
    people = _people(faults, found)
    if "otherwise" in found and "hours" not in found:
        faults.add("/otherwise", "missing", "otherwise needs hours outside of which it counts", key="hours")
    schedule = Schedule(
        name=name,
        people=people,
        zone=zone,
        starts=_day(faults, found.get("starts", "2000-01-03"), "/starts"),
        shift_days=faults.number(found.get("shift_days", 7), "/shift_days", least=1, most=MAX_SHIFT_DAYS) or 1,
        hand_over=faults.minutes(found.get("hand_over", "00:00"), "/hand_over", most=DAY_MINUTES - 1) or 0,
        hours=faults.hours(found["hours"], "/hours", zone) if "hours" in found else None,
        otherwise=faults.text(found.get("otherwise", ""), "/otherwise", most=100, least=0) or "",
        overrides=_overrides(faults, found, zone, known={person.name for person in people}),
    )
    faults.raise_any()
    return schedule


def _people(faults: DocFaults, found: Mapping[str, object]) -> tuple[Person, ...]:
    usual = faults.text(found.get("channel", ""), "/channel", most=100, least=0) or ""
    people: list[Person] = []
    nobody: list[object] = [{}]
    for place, item in faults.items(found.get("people", nobody), "/people", most=MAX_PEOPLE, what="person"):
        if "people" not in found:
            break
        one = faults.mapping(item, place, "a person") or {}
        faults.keys(one, place, ("name", "channel", "mobile", "email"))
        faults.need(one, place, "name")
        name = faults.text(one.get("name", "-"), below(place, "name"), most=100) or ""
        if any(name == other.name for other in people):
            faults.add(below(place, "name"), "twice", f"{name!r} stands here twice", name=name)
        channel = faults.text(one.get("channel", usual), below(place, "channel"), most=100, least=0) or ""
        if not channel and is_object(item):
            what = "name the channel by which they are told, here or for the whole schedule"
            faults.add(place, "missing", what, key="channel")
        mobile = faults.text(one.get("mobile", ""), below(place, "mobile"), most=40, least=0) or ""
        email = faults.text(one.get("email", ""), below(place, "email"), most=320, least=0) or ""
        if mobile and not mobile.removeprefix("+").replace("-", "").isdecimal():
            faults.add(below(place, "mobile"), "bad_mobile", "a number is made of digits, such as 13800000000")
        if email and (email.count("@") != 1 or any(sign in email for sign in " <>,;\t")):
            faults.add(below(place, "email"), "bad_email", "an address is written as somebody@example.com")
        people.append(Person(name=name, channel=channel, mobile=mobile, email=email))
    return tuple(people)


def _overrides(
    faults: DocFaults, found: Mapping[str, object], zone: ZoneInfo, *, known: set[str]
) -> tuple[Override, ...]:
    if not found.get("overrides"):
        return ()
    overrides: list[Override] = []
    for place, item in faults.items(found["overrides"], "/overrides", most=MAX_OVERRIDES, what="override"):
        one = faults.mapping(item, place, "an override") or {}
        faults.keys(one, place, ("from", "to", "person"))
        faults.need(one, place, "from", "to", "person")
        begin = _moment_ms(faults, one.get("from", "2000-01-01T00:00"), below(place, "from"), zone=zone)
        end = _moment_ms(faults, one.get("to", "9000-01-01T00:00"), below(place, "to"), zone=zone)
        person = faults.choice(one.get("person"), below(place, "person"), sorted(known)) if "person" in one else None
        if begin >= end:
            faults.add(below(place, "to"), "out_of_range", "to lies after from")
        overrides.append(Override(begins_at_ms=begin, ends_at_ms=end, person=person or ""))
    return tuple(overrides)


def _day(faults: DocFaults, value: object, at: str) -> date:
    text = faults.text(value, at, most=10)
    try:
        day = date.fromisoformat(text or "2000-01-03")
    except ValueError:
        day = date.min
    if not date(1990, 1, 1) <= day <= date(2200, 1, 1):
        faults.add(at, "bad_date", "a day is written as 2026-11-02")
        return date(2000, 1, 3)
    return day


def _moment_ms(faults: DocFaults, value: object, at: str, *, zone: ZoneInfo) -> int:
    """Return a moment; one without an offset is what clocks of the zone show."""
    text = faults.text(value, at, most=40)
    try:
        found = datetime.fromisoformat(text or "2000-01-01T00:00")
    except ValueError:
        found = datetime(1, 1, 1, tzinfo=_UTC)
    if not 1990 <= found.year <= 9000:
        faults.add(at, "bad_time", "a moment is written as 2026-11-02T09:00, or with an offset such as +08:00")
        return 0
    aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=_UTC)


def read_inhibition(document: object, *, doc_id: str) -> Inhibition | None:
    """Return an inhibition; None = it is switched off.

    Raises:
        FaultyAlertDocumentError: Something is wrong; `faults` lists all of it.
    """
    faults = DocFaults()
    found = faults.mapping(document, "", "an inhibition") or {}
    faults.keys(found, "", ("name", "description", "enabled", "source", "target", "equal"))
    faults.need(found, "", "name", "source", "target")
    faults.text(found.get("name", "-"), "/name", most=200)
    faults.described(found)
    enabled = faults.flag(found.get("enabled", True), "/enabled")
    source = faults.selector(found.get("source", "a"), "/source")
    target = faults.selector(found.get("target", "a"), "/target")
    equal: list[str] = []
    for place, label in (
        faults.texts(found["equal"], "/equal", most=MAX_EQUAL, chars=63, what="label") if found.get("equal") else ()
    ):
        equal.append(label)
        if not is_label_name(label):
            faults.add(place, "bad_name", "a label is named as in team or app.kubernetes")
    faults.raise_any()
    return Inhibition(id=doc_id, source=source, target=target, equal=tuple(equal)) if enabled else None


def check(kind: DocKind, document: Document) -> None:
    """Look whether a document can be used as it is.

    Raises:
        FaultyDocumentError: Something is wrong; `faults` lists all of it.
    """
    match kind:
        case DocKind.RULE:
            read_alert_rule(document, rule_id="draft", version=0)
        case DocKind.CHAIN:
            read_chain(document)
        case DocKind.SCHEDULE:
            read_schedule(document)
        case DocKind.INHIBITION:
            read_inhibition(document, doc_id="draft")


__all__ = ["NAME", "HourlyChain", "check", "read_chain", "read_inhibition", "read_schedule"]
