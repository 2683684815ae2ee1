"""Reads the conditions of a rule strictly: what is wrong is told with its place and what is allowed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gwf.control.selectors import SelectorError, parse
from gwf.core.units import parse_size_bytes
from gwf.events.model import MAX_TYPE_CHARS, SEVERITY_OF_WORD, JsonValue, Severity
from gwf.rules.compare import OF_TEXT, OPERATORS, Given, read_comparison
from gwf.rules.facts import fields_hint, find_field
from gwf.rules.faults import Faults, below, is_list
from gwf.rules.matcher import (
    All,
    Any,
    Compare,
    Glob,
    InWindow,
    LabelsMatch,
    Matcher,
    Not,
    SeverityIs,
    Size,
    Suffix,
    TypeIs,
)
from gwf.rules.pattern import MAX_CHARS, PatternError, Search, glob_searcher, literal_head, literal_tail
from gwf.rules.window import DAYS, Calendars, Window, find_zone, minutes_of

MAX_DEPTH = 10
MAX_CONDITIONS = 300  #: of one rule
MAX_VALUES = 200  #: of one list


@dataclass(slots=True)
class ConditionReader:
    """Reads one tree; used once."""

    faults: Faults
    calendars: Calendars
    count: int = 0

    def read(self, value: object, at: str, *, depth: int = MAX_DEPTH) -> Matcher:
        """Return the condition at a place; one that is wrong is never fulfilled, and the faults say why."""
        self.count += 1
        if depth < 0 or self.count > MAX_CONDITIONS:
            what = f"at most {MAX_CONDITIONS} conditions, nested at most {MAX_DEPTH} deep"
            self.faults.add(at, "too_many" if depth >= 0 else "too_deep", what)
            return Any(at, ())
        found = self.faults.mapping(value, at, "a condition")
        if found is None:
            return Any(at, ())
        kinds = [key for key in found if key in _KINDS]
        if len(kinds) != 1:
            what = "a condition has exactly one of these keys"
            self.faults.add(at, "bad_condition", f"{what}: {', '.join(_KINDS)}; these are {', '.join(found) or 'none'}")
            return Any(at, ())
        (kind,) = kinds
        self.faults.keys(found, at, [kind, *_BESIDE.get(kind, ())])
        return _KINDS[kind](self, found, at, depth) or Any(at, ())

    # -- combinations ------------------------------------------------------------------------------------

    def all_(self, found: Mapping[str, object], at: str, depth: int) -> Matcher | None:
        """Read `all`."""
        return All(at, self._parts(found["all"], below(at, "all"), depth))

    def any_(self, found: Mapping[str, object], at: str, depth: int) -> Matcher | None:
        """Read `any`."""
        parts = self._parts(found["any"], below(at, "any"), depth)
        if not parts:
            self.faults.add(below(at, "any"), "empty", "any of nothing is never fulfilled: name at least one condition")
        return Any(at, parts)

    def not_(self, found: Mapping[str, object], at: str, depth: int) -> Matcher | None:
        """Read `not`."""
        return Not(at, self.read(found["not"], below(at, "not"), depth=depth - 1))

    def _parts(self, value: object, at: str, depth: int) -> tuple[Matcher, ...]:
        if not is_list(value):
            self.faults.add(at, "wrong_type", "a list of conditions is needed")
            return ()
        return tuple(self.read(item, f"{at}/{number}", depth=depth - 1) for number, item in enumerate(value))

    # -- leaves ------------------------------------------------------------------------------------------

    def type_(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `type`."""
        place = below(at, "type")
        exact, begins = set[str](), list[str]()
        for where, text in self.faults.texts(
            found["type"], place, most=MAX_VALUES, chars=MAX_TYPE_CHARS, what="type such as gwf.file.done"
        ):
            if "*" in text[:-1]:
                self.faults.add(where, "bad_type", "a * is allowed at the end only, such as gwf.file.*")
            elif text.endswith("*"):
                begins.append(text[:-1])
            else:
                exact.add(text)
        return TypeIs(at, frozenset(exact), tuple(begins))

    def path(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `path`."""
        globs = list[str]()
        searches = list[Search]()
        what = "glob such as /var/log/**/*.log"
        for where, text in self.faults.texts(
            found["path"], below(at, "path"), most=MAX_VALUES, chars=MAX_CHARS, what=what
        ):
            if "/" in text and not text.startswith(("/", "**/")):
                self.faults.add(where, "bad_glob", "paths are absolute: begin with / or **/, or name a file alone")
                continue
            try:
                searches.append(glob_searcher(text))
            except PatternError as exc:
                self.faults.add(where, "bad_glob", f"this is no glob: {exc}")
                continue
            globs.append(text)
        heads, tails = map(literal_head, globs), map(literal_tail, globs)
        return Glob(at, tuple(globs), tuple(searches), heads=tuple(heads), tails=tuple(tails))

    def suffix(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `suffix`."""
        texts = self.faults.texts(
            found["suffix"], below(at, "suffix"), most=MAX_VALUES, chars=100, what="suffix such as .log"
        )
        for where, text in texts:
            if "/" in text or "*" in text:
                self.faults.add(where, "bad_suffix", "a suffix is the end of a name, such as .log or .tar.gz")
        ignore_case = self._ignore_case(found, at)
        return Suffix(at, tuple(text.lower() if ignore_case else text for _, text in texts), ignore_case)

    def size(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `size`."""
        place = below(at, "size")
        bounds = self.faults.mapping(found["size"], place, "the bounds of a size")
        if bounds is None:
            return None
        self.faults.keys(bounds, place, ("min", "max"))
        least, most = (self._bytes(bounds[key], below(place, key)) if key in bounds else None for key in ("min", "max"))
        if not bounds.keys() & {"min", "max"}:
            self.faults.add(place, "empty", "give min, max or both, such as 10MB")
        if least is not None and most is not None and least > most:
            self.faults.add(place, "empty_range", "min is larger than max")
        return Size(at, least or 0, most)

    def _bytes(self, value: object, at: str) -> int | None:
        try:
            size = parse_size_bytes(value)
        except ValueError as exc:
            self.faults.add(at, "bad_size", f"this {exc}")
            return None
        if size < 0:
            self.faults.add(at, "bad_size", "a size is not negative")
        return size

    def labels(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `labels`."""
        place = below(at, "labels")
        text = self.faults.text(found["labels"], place, most=2_000)
        if text is None:
            return None
        try:
            return LabelsMatch(at, parse(text))
        except SelectorError as exc:
            self.faults.add(place, "bad_selector", f"{exc.message} at character {exc.context.get('position')}")
            return None

    def severity(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `severity`."""
        place, value = below(at, "severity"), found["severity"]
        if isinstance(value, str):
            exact = self._severity(value, place)
            return None if exact is None else SeverityIs(at, exact, exact)
        bounds = self.faults.mapping(value, place, "a word, or the bounds of a severity,")
        if bounds is None:
            return None
        self.faults.keys(bounds, place, ("min", "max"))
        if not bounds.keys() & {"min", "max"}:
            self.faults.add(place, "empty", "give min, max or both, such as warning")
        ends = [self._severity(bounds[key], below(place, key)) if key in bounds else None for key in ("min", "max")]
        return SeverityIs(at, ends[0] or Severity.DEBUG, ends[1] or Severity.CRITICAL)

    def _severity(self, value: object, at: str) -> Severity | None:
        word = self.faults.choice(value, at, SEVERITY_OF_WORD)
        return None if word is None else SEVERITY_OF_WORD[word]

    def time(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `time`."""
        place = below(at, "time")
        wish = self.faults.mapping(found["time"], place, "a window of time")
        if wish is None:
            return None
        self.faults.keys(wish, place, ("zone", "days", "from", "to", "on", "except"))
        name = self.faults.text(wish.get("zone", "UTC"), below(place, "zone"), most=100)
        zone = None if name is None else find_zone(name)
        if zone is None:
            self.faults.add(below(place, "zone"), "unknown_zone", "a zone is called as in Asia/Shanghai or UTC")
            return None
        begin, end = self._minutes(wish, place, "from", usual=0), self._minutes(wish, place, "to", usual=24 * 60)
        if begin == end:
            self.faults.add(place, "empty_range", "from and to are the same: leave both out for the whole day")
        window = Window(
            zone=zone,
            days=self._days(wish, place),
            begin=begin,
            end=end,
            only=self._dates(wish, place, "on") if "on" in wish else None,
            never=self._dates(wish, place, "except"),
        )
        return InWindow(at, window)

    def _minutes(self, wish: Mapping[str, object], at: str, key: str, *, usual: int) -> int:
        if key not in wish:
            return usual
        value = wish[key]
        minutes = minutes_of(value) if isinstance(value, str) else None
        if minutes is None:
            self.faults.add(below(at, key), "bad_time", 'a time of day is written "09:30", the end of a day "24:00"')
        return usual if minutes is None else minutes

    def _days(self, wish: Mapping[str, object], at: str) -> frozenset[int]:
        if "days" not in wish:
            return frozenset(range(7))
        place = below(at, "days")
        items = self.faults.items(wish["days"], place, most=7, what=f"day of {', '.join(DAYS)}")
        words = [self.faults.choice(item, where, DAYS) for where, item in items]
        return frozenset(DAYS.index(word) for word in words if word is not None)

    def _dates(self, wish: Mapping[str, object], at: str, key: str) -> frozenset[int]:
        if key not in wish:
            return frozenset()
        names = self.faults.texts(wish[key], below(at, key), most=20, chars=100, what="calendar")
        found = set[int]()
        for where, name in names:
            if name in self.calendars:
                found |= self.calendars[name]
            else:
                known = ", ".join(self.calendars) or "none yet, add it under calendars"
                self.faults.add(where, "unknown_calendar", f"the rule has no calendar {name!r}; it has {known}")
        return frozenset(found)

    def field(self, found: Mapping[str, object], at: str, _depth: int) -> Matcher | None:
        """Read `field` with its operator."""
        place = below(at, "field")
        name = self.faults.text(found["field"], place, most=200)
        field = None if name is None else find_field(name, in_run=self.faults.in_run)
        if name is not None and field is None:
            hint = fields_hint(in_run=self.faults.in_run)
            self.faults.add(place, "unknown_field", f"{name!r} is no field; there are {hint}", name=name, known=hint)
        operators = [key for key in found if key in OPERATORS]
        if len(operators) != 1:
            self.faults.add(at, "bad_comparison", f"exactly one operator is needed: {', '.join(OPERATORS)}")
            return None
        (op,) = operators
        ignore_case = self._ignore_case(found, at)
        if "ignore_case" in found and op not in OF_TEXT:
            where = below(at, "ignore_case")
            self.faults.add(where, "no_text", f"this is for {', '.join(sorted(OF_TEXT))} only")
        given = Given(operand=found[op], at=below(at, op), ignore_case=ignore_case, faults=self.faults)
        comparison = read_comparison(op, given)
        if field is None or comparison is None:
            return None
        operand = _json(found[op])
        return Compare(
            at, field, op, operand, ignore_case=ignore_case, holds=comparison.holds, values=comparison.values
        )

    def _ignore_case(self, found: Mapping[str, object], at: str) -> bool:
        return "ignore_case" in found and self.faults.flag(found["ignore_case"], below(at, "ignore_case"))


def _json(value: object) -> JsonValue:
    if is_list(value):
        return [_json(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


_Read = Callable[[ConditionReader, Mapping[str, object], str, int], Matcher | None]
_KINDS: Mapping[str, _Read] = {
    "all": ConditionReader.all_,
    "any": ConditionReader.any_,
    "not": ConditionReader.not_,
    "type": ConditionReader.type_,
    "path": ConditionReader.path,
    "suffix": ConditionReader.suffix,
    "size": ConditionReader.size,
    "labels": ConditionReader.labels,
    "severity": ConditionReader.severity,
    "time": ConditionReader.time,
    "field": ConditionReader.field,
}
#: keys that may stand beside the one that says what is asked
_BESIDE: Mapping[str, tuple[str, ...]] = {"suffix": ("ignore_case",), "field": (*OPERATORS, "ignore_case")}
