"""What an event must have for a condition to be fulfilled, as places in an index. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gwf.events.model import JsonValue


class Anchor(NamedTuple):
    """One place of the index."""

    #: type, type^ (begins so), path^, path$, path$~ (in lower case), or the name of a field that equals the value
    kind: str
    value: JsonValue


#: by what is looked at: the event stands at one of these places whenever the condition is fulfilled
Needs = dict[str, frozenset[Anchor]]


def all_of(parts: Iterable[Needs]) -> Needs:
    """Return what is needed when all of some conditions are fulfilled: of two lists about the same, the shorter."""
    found: Needs = {}
    for part in parts:
        for what, anchors in part.items():
            if what not in found or len(anchors) < len(found[what]):
                found[what] = anchors
    return found


def any_of(parts: Sequence[Needs]) -> Needs:
    """Return what is needed when any of some conditions is fulfilled: only what each of them needs."""
    if not parts:
        return {}
    shared = set(parts[0]).intersection(*parts[1:])
    return {what: frozenset[Anchor]().union(*(part[what] for part in parts)) for what in shared}
