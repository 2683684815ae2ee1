"""Says whom an alert concerns: hosts, destinations, errors and labels of its events, with how often. Pure."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from gwf.rules.facts import Facts

MAX_SOURCES = 200
MAX_NAMES = 10  #: properties by which events are counted
MAX_VALUES = 8  #: of one
BARS = 24  #: of the little picture of a source
#: names of data and labels under which others tell a host
_HOSTS = ("host", "hostname", "instance", "node")
#: names of data under which others tell what happened
_TEXTS = ("message", "msg", "summary", "description", "title", "text", "error", "reason")


class Sighted(NamedTuple):
    """An event of an alert."""

    facts: Facts
    #: happenings that it stands for
    times: int
    #: when the centre took it
    at_ms: int


@dataclass(slots=True)
class Source:
    """Where events came from."""

    #: of an agent; "" = it is none
    agent_id: str
    #: as the event told it
    name: str
    count: int = 0
    events: int = 0
    first_at_ms: int = 0
    last_at_ms: int = 0
    bars: list[int] = field(default_factory=lambda: [0] * BARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How happenings are spread over the values of one property."""

    name: str
    #: the most frequent first
    values: Sequence[tuple[str, int]]
    #: different ones, beside those named too
    distinct: int


def source_of(facts: Facts) -> tuple[str, str]:
    """Return the agent that told an event, "" for none, and what the place is called."""
    if facts.agent_id:
        return facts.agent_id, ""
    data = _data(facts)
    for name in _HOSTS:
        value = facts.labels.get(name) or data.get(name)
        if isinstance(value, str) and value:
            return "", value
    return "", facts.source


def text_of(facts: Facts) -> str:
    """Return what an event says, in one line."""
    if facts.file is not None:
        file = facts.file
        said = " ".join(part for part in (file.error_code, file.message or file.reason) if part)
        return said or f"{facts.type} {file.path}"
    data = _data(facts)
    for name in _TEXTS:
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
    pairs = [f"{name}={value}" for name, value in data.items() if isinstance(value, str | int | float)]
    return " ".join([facts.type, *pairs])


def sources(seen: Sequence[Sighted], *, since_ms: int, until_ms: int) -> list[Source]:
    """Return where events came from, those with most happenings first."""
    found: dict[tuple[str, str], Source] = {}
    step_ms = max(1, -(-(until_ms - since_ms) // BARS))
    for facts, count, at_ms in seen:
        key = source_of(facts)
        one = found.get(key)
        if one is None:
            one = found[key] = Source(*key, first_at_ms=at_ms, last_at_ms=at_ms)
        one.count += count
        one.events += 1
        one.first_at_ms, one.last_at_ms = min(one.first_at_ms, at_ms), max(one.last_at_ms, at_ms)
        one.bars[min(BARS - 1, max(0, (at_ms - since_ms) // step_ms))] += count
    return sorted(found.values(), key=lambda one: (-one.count, one.agent_id, one.name))


def spreads(seen: Sequence[Sighted]) -> list[Spread]:
    """Return how happenings are spread over what events tell of themselves."""
    counts: dict[str, Counter[str]] = {}
    for facts, count, _ in seen:
        for name, value in _properties(facts):
            counts.setdefault(name, Counter())[value] += count
    found = [
        Spread(name=name, values=values.most_common(MAX_VALUES), distinct=len(values))
        for name, values in counts.items()
    ]
    return found[:MAX_NAMES]


def _properties(facts: Facts) -> Iterator[tuple[str, str]]:
    file = facts.file
    if file is None:
        yield "type", facts.type
    else:
        told = {
            "status": file.status.word, "store": file.store, "error_class": file.error_class,
            "error_code": file.error_code, "directory": posixpath.dirname(file.path),
        }  # fmt: skip
        yield from ((name, value) for name, value in told.items() if value)
    for name, value in sorted(facts.labels.items()):
        yield f"label:{name}", value


def _data(facts: Facts) -> Mapping[str, object]:
    return cast("Mapping[str, object]", facts.data) if isinstance(facts.data, dict) else {}
