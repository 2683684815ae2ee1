"""Collects what is wrong with a chain, a schedule or an inhibition, and reads what they have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from gwf.control.config.check import FaultyDocumentError
from gwf.control.selectors import Selector, SelectorError, parse
from gwf.core.units import parse_duration_s
from gwf.rules.faults import Faults, below
from gwf.rules.window import DAY_MINUTES, DAYS, Window, find_zone, minutes_of

MAX_DESCRIPTION_CHARS = 2_000
#: of chains and schedules, which others name
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class FaultyAlertDocumentError(FaultyDocumentError):
    """A document about alerts is refused as a whole; `faults` lists what is wrong with it."""

    code = "invalid_alert_document"


class DocFaults(Faults):
    """What was found while a document was read."""

    def raise_any(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            FaultyAlertDocumentError: Something is wrong.
        """
        if self.found:
            raise FaultyAlertDocumentError("the document cannot be used as it is", faults=tuple(self.found))

    def need(self, found: Mapping[str, object], at: str, *keys: str) -> None:
        """Add a fault for each key that is missing."""
        for key in keys:
            if key not in found:
                self.add(at, "missing", f"{key} is missing", key=key)

    def name(self, found: Mapping[str, object]) -> str:
        """Return the name of a document that others name."""
        name = self.text(found.get("name", "-"), "/name", most=64) or ""
        if "name" in found and name and not NAME.fullmatch(name):
            self.add("/name", "bad_name", "a name is made of a-z, 0-9, - and _, such as night-shift")
        return name

    def described(self, found: Mapping[str, object]) -> None:
        """Check the description, which is for people only."""
        self.text(found.get("description", ""), "/description", most=MAX_DESCRIPTION_CHARS, least=0)

    def seconds(self, value: object, at: str, *, most_s: float) -> float | None:
        """Return a duration of 0 or more."""
        try:
            seconds = parse_duration_s(value)
        except ValueError as exc:
            self.add(at, "bad_duration", f"this {exc}")
            return None
        if not 0 <= seconds <= most_s:
            self.add(at, "out_of_range", f"0 to {most_s:g} s are allowed", least="0", most=f"{most_s:g} s")
            return None
        return seconds

    def zone(self, value: object, at: str) -> ZoneInfo | None:
        """Return a time zone."""
        name = self.text(value, at, most=100)
        found = None if name is None else find_zone(name)
        if name is not None and found is None:
            self.add(at, "unknown_zone", f"{name!r} is no time zone; write one such as Asia/Shanghai or UTC", name=name)
        return found

    def minutes(self, value: object, at: str, *, most: int = DAY_MINUTES) -> int | None:
        """Return the minutes from midnight of a time such as 09:30."""
        text = self.text(value, at, most=5)
        found = None if text is None else minutes_of(text)
        if text is not None and (found is None or found > most):
            self.add(at, "bad_time", "a time is written as 09:30")
            return None
        return found

    def hours(self, value: object, at: str, zone: ZoneInfo | None) -> Window | None:
        """Return hours of days; without a `zone` of the document around them they name one."""
        found = self.mapping(value, at, "hours") or {}
        self.keys(found, at, ("days", "from", "to") if zone else ("zone", "days", "from", "to"))
        self.need(found, at, *(("from", "to") if zone else ("zone", "from", "to")))
        zone = zone or self.zone(found.get("zone", "UTC"), below(at, "zone"))
        begin = self.minutes(found.get("from", "00:00"), below(at, "from"), most=DAY_MINUTES - 1)
        end = self.minutes(found.get("to", "24:00"), below(at, "to"))
        days = set[int]()
        for place, day in self.texts(found.get("days", list(DAYS)), below(at, "days"), most=7, chars=3, what="day"):
            if self.choice(day, place, DAYS):
                days.add(DAYS.index(day))
        if begin is not None and begin == end:
            self.add(at, "empty", "from and to are the same: leave the hours out, or move one of them")
        if zone is None or begin is None or end is None:
            return None
        return Window(zone=zone, days=frozenset(days), begin=begin, end=end)

    def selector(self, value: object, at: str) -> Selector:
        """Return a selector that names something."""
        text = self.text(value, at, most=2_000) or ""
        try:
            found = parse(text)
        except SelectorError as exc:
            place = str(exc.context.get("position", ""))
            self.add(at, "bad_selector", f"{exc.message}, at character {place}", position=place)
            return Selector()
        if isinstance(value, str) and not found.terms:
            self.add(at, "empty", "name at least one label, such as severity=critical")
        return found
