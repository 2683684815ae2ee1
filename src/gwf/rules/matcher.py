"""The tree of conditions of a rule: what it asks, whether an event fulfils it, and why not. Pure values.

Each condition can be asked in two ways that always agree: `test` gives a function that is quick, `trace` tells the
whole story. `needs` says which events can fulfil it at all, for the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as field_
from typing import Protocol

from gwf.control.selectors import Selector
from gwf.events.model import JsonValue, Severity
from gwf.rules.facts import MISSING, Facts, Field
from gwf.rules.needs import Anchor, Needs, all_of, any_of
from gwf.rules.pattern import Search
from gwf.rules.window import Window, local_time

Test = Callable[[Facts], bool]

MAX_SHOWN_CHARS = 200  #: of a value that a trace tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What became of one condition."""

    #: JSON pointer into the rule: /when/all/1/path
    pointer: str
    #: all, any, not, type, path, suffix, size, labels, severity, time, field
    kind: str
    ok: bool
    #: the field that was looked at; "" of a combination
    field: str = ""
    #: what the event has there; None = it has no such value
    seen: JsonValue = None
    #: the event has such a value
    present: bool = True
    children: tuple[Trace, ...] = ()

    def failed_leaves(self) -> tuple[Trace, ...]:
        """Return the conditions that kept the tree from being fulfilled; below a `not`, the `not` itself."""
        if self.ok:
            return ()
        if not self.children or self.kind == "not":
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.failed_leaves())


class Matcher(Protocol):
    """A condition."""

    @property
    def at(self) -> str:
        """JSON pointer into the rule."""
        ...

    def test(self) -> Test:
        """Return what tells whether an event fulfils it."""
        ...

    def trace(self, facts: Facts) -> Trace:
        """Return whether an event fulfils it, and what was looked at."""
        ...

    def needs(self) -> Needs:
        """Return what an event has when it fulfils this."""
        ...


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them; without any, always."""

    at: str
    parts: tuple[Matcher, ...]

    def test(self) -> Test:
        """Ask one after the other, as they were written."""
        tests = tuple(part.test() for part in self.parts)
        if len(tests) == 1:
            return tests[0]

        def test(facts: Facts) -> bool:
            return all(test(facts) for test in tests)

        return test

    def trace(self, facts: Facts) -> Trace:
        """Ask all."""
        children = tuple(part.trace(facts) for part in self.parts)
        return Trace(pointer=self.at, kind="all", ok=all(child.ok for child in children), children=children)

    def needs(self) -> Needs:
        """Return what all of them need together."""
        return all_of(part.needs() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of them."""

    at: str
    parts: tuple[Matcher, ...]

    def test(self) -> Test:
        """Ask one after the other, as they were written."""
        tests = tuple(part.test() for part in self.parts)

        def test(facts: Facts) -> bool:
            return any(test(facts) for test in tests)

        return test

    def trace(self, facts: Facts) -> Trace:
        """Ask all."""
        children = tuple(part.trace(facts) for part in self.parts)
        return Trace(pointer=self.at, kind="any", ok=any(child.ok for child in children), children=children)

    def needs(self) -> Needs:
        """Return what each of them needs."""
        return any_of([part.needs() for part in self.parts])


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    at: str
    part: Matcher

    def test(self) -> Test:
        """Turn the answer round."""
        inner = self.part.test()
        return lambda facts: not inner(facts)

    def trace(self, facts: Facts) -> Trace:
        """Turn the answer round."""
        child = self.part.trace(facts)
        return Trace(pointer=self.at, kind="not", ok=not child.ok, children=(child,))

    def needs(self) -> Needs:
        """Return nothing: whatever is missing may fulfil it."""
        return {}


@dataclass(frozen=True, slots=True)
class TypeIs:
    """What kind of event it is."""

    at: str
    exact: frozenset[str]
    #: types that begin so
    begins: tuple[str, ...] = ()

    def test(self) -> Test:
        """Compare the type."""
        exact, begins = self.exact, self.begins
        if not begins:
            return lambda facts: facts.type in exact
        return lambda facts: facts.type in exact or facts.type.startswith(begins)

    def trace(self, facts: Facts) -> Trace:
        """Tell the type."""
        return _leaf(self.at, "type", ok=self.test()(facts), field_name="type", seen=facts.type)

    def needs(self) -> Needs:
        """Return the types."""
        found = {Anchor("type", name) for name in self.exact} | {Anchor("type^", name) for name in self.begins}
        return {"type": frozenset(found)}


@dataclass(frozen=True, slots=True)
class Glob:
    """The path fits one of these globs."""

    at: str
    globs: tuple[str, ...]
    searches: tuple[Search, ...] = field_(compare=False)
    #: with one of these every path begins that fits; "" = with anything
    heads: tuple[str, ...] = field_(compare=False)
    #: with one of these it ends
    tails: tuple[str, ...] = field_(compare=False)

    def test(self) -> Test:
        """Try each glob."""
        searches = self.searches
        if len(searches) == 1:
            (only,) = searches
            return lambda facts: facts.path is not None and only(facts.path)

        def test(facts: Facts) -> bool:
            path = facts.path
            return path is not None and any(search(path) for search in searches)

        return test

    def trace(self, facts: Facts) -> Trace:
        """Tell the path."""
        return _leaf(self.at, "path", ok=self.test()(facts), field_name="path", seen=_or_missing(facts.path))

    def needs(self) -> Needs:
        """Return how the path begins and ends, where every glob says it."""
        found: Needs = {}
        if all(self.heads):
            found["path^"] = frozenset(Anchor("path^", head) for head in self.heads)
        if all(self.tails):
            found["path$"] = frozenset(Anchor("path$", tail) for tail in self.tails)
        return found


@dataclass(frozen=True, slots=True)
class Suffix:
    """The path ends with one of these."""

    at: str
    ends: tuple[str, ...]
    ignore_case: bool = False

    def test(self) -> Test:
        """Compare the end."""
        ends = self.ends
        if self.ignore_case:
            return lambda facts: facts.path is not None and facts.path.lower().endswith(ends)
        return lambda facts: facts.path is not None and facts.path.endswith(ends)

    def trace(self, facts: Facts) -> Trace:
        """Tell the path."""
        return _leaf(self.at, "suffix", ok=self.test()(facts), field_name="path", seen=_or_missing(facts.path))

    def needs(self) -> Needs:
        """Return the ends."""
        kind = "path$~" if self.ignore_case else "path$"
        return {"path$": frozenset(Anchor(kind, end) for end in self.ends)}


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the file lies within bounds, both included."""

    at: str
    least: int = 0
    most: int | None = None

    def test(self) -> Test:
        """Compare the size."""
        least, most = self.least, self.most

        def test(facts: Facts) -> bool:
            size = facts.size_bytes
            return size is not None and size >= least and (most is None or size <= most)

        return test

    def trace(self, facts: Facts) -> Trace:
        """Tell the size."""
        return _leaf(
            self.at, "size", ok=self.test()(facts), field_name="size_bytes", seen=_or_missing(facts.size_bytes)
        )

    def needs(self) -> Needs:
        """Return nothing: sizes are not in the index."""
        return {}


@dataclass(frozen=True, slots=True)
class LabelsMatch:
    """The labels fulfil a selector."""

    at: str
    selector: Selector

    def test(self) -> Test:
        """Ask the selector."""
        matches = self.selector.matches
        return lambda facts: matches(facts.labels)

    def trace(self, facts: Facts) -> Trace:
        """Tell the labels that the selector names."""
        named = [term.name for term in self.selector.terms]
        seen = ", ".join(f"{name}={facts.labels[name]}" for name in sorted(set(named)) if name in facts.labels)
        return _leaf(self.at, "labels", ok=self.test()(facts), field_name="labels", seen=seen)

    def needs(self) -> Needs:
        """Return the labels that have to be there with one of some values."""
        return all_of(
            {f"labels.{term.name}": frozenset(Anchor(f"labels.{term.name}", value) for value in term.values)}
            for term in self.selector.terms
            if term.op.value == "in"
        )


@dataclass(frozen=True, slots=True)
class SeverityIs:
    """How much it matters lies within bounds, both included."""

    at: str
    least: Severity = Severity.DEBUG
    most: Severity = Severity.CRITICAL

    def test(self) -> Test:
        """Compare the severity."""
        least, most = int(self.least), int(self.most)
        return lambda facts: least <= facts.severity <= most

    def trace(self, facts: Facts) -> Trace:
        """Tell the severity."""
        seen = Severity(facts.severity).word
        return _leaf(self.at, "severity", ok=self.test()(facts), field_name="severity", seen=seen)

    def needs(self) -> Needs:
        """Return nothing: severities are not in the index."""
        return {}


@dataclass(frozen=True, slots=True)
class InWindow:
    """It happened within a window of time."""

    at: str
    window: Window

    def test(self) -> Test:
        """Ask the window."""
        holds = self.window.holds
        return lambda facts: holds(facts.at_ms)

    def trace(self, facts: Facts) -> Trace:
        """Tell what clocks of the zone showed."""
        seen = local_time(facts.at_ms, self.window.zone).strftime("%a %Y-%m-%d %H:%M:%S %Z")
        return _leaf(self.at, "time", ok=self.test()(facts), field_name="time", seen=seen)

    def needs(self) -> Needs:
        """Return nothing: times are not in the index."""
        return {}


@dataclass(frozen=True, slots=True)
class Compare:
    """One field compared with what the rule says."""

    at: str
    field: Field
    #: eq, ne, lt … see `gwf.rules.compare`
    op: str
    #: as it was written
    operand: JsonValue
    ignore_case: bool
    #: tells whether a value fulfils it; MISSING = the event has none
    holds: Callable[[object], bool] = field_(compare=False)
    #: values that the field has when it is fulfilled; None = not so few
    values: tuple[JsonValue, ...] | None = field_(default=None, compare=False)

    def test(self) -> Test:
        """Read the field and compare."""
        get, holds = self.field.getter(), self.holds
        return lambda facts: holds(get(facts))

    def trace(self, facts: Facts) -> Trace:
        """Tell the value."""
        value = self.field.of(facts)
        return _leaf(self.at, "field", ok=self.holds(value), field_name=self.field.name, seen=value)

    def needs(self) -> Needs:
        """Return the values, where it asks for one of some."""
        if self.values is None:
            return {}
        name = self.field.name
        return {name: frozenset(Anchor(name, value) for value in self.values)}


def _or_missing(value: object) -> object:
    return MISSING if value is None else value


def _leaf(at: str, kind: str, *, ok: bool, field_name: str, seen: object) -> Trace:
    present = seen is not MISSING
    return Trace(
        pointer=at, kind=kind, ok=ok, field=field_name, seen=_shown(seen) if present else None, present=present
    )


def _shown(value: object) -> JsonValue:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else _encode(value)
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
