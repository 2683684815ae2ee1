"""Finds the few rules that an event can match at all, so that a thousand cost little more than ten. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gwf.rules.facts import MISSING, Facts, find_field
from gwf.rules.needs import Anchor, Needs

#: places of rules by what stands there
_Places = dict[Any, tuple[int, ...]]
_BY_CUTS = frozenset({"type^", "path^", "path$", "path$~"})


class RuleIndex:
    """Numbers of rules by one thing that each of them needs; those that need nothing are always candidates."""

    def __init__(self, needs: Sequence[Needs]) -> None:
        """Put each rule where it has the fewest others beside it."""
        crowds = Counter(anchor for one in needs for anchors in one.values() for anchor in anchors)
        places: dict[str, dict[Any, list[int]]] = {}
        always: list[int] = []
        for number, one in enumerate(needs):
            anchors = _least_crowded(one, crowds)
            if anchors is None:
                always.append(number)
                continue
            for anchor in anchors:
                places.setdefault(anchor.kind, {}).setdefault(anchor.value, []).append(number)
        self._always = tuple(always)
        kinds = {kind: {value: tuple(found) for value, found in by.items()} for kind, by in places.items()}
        self._lookups = tuple(_lookup(kind, by) for kind, by in kinds.items())

    def candidates(self, facts: Facts) -> Sequence[int]:
        """Return the numbers of all rules that may match, the lowest first; each once."""
        found = [numbers for lookup in self._lookups for numbers in lookup(facts)]
        if not found:
            return self._always
        if len(found) == 1 and not self._always:
            return found[0]
        merged = set(self._always).union(*found)
        return sorted(merged)


def _least_crowded(needs: Needs, crowds: Mapping[Anchor, int]) -> frozenset[Anchor] | None:
    if not needs:
        return None
    return min((needs[what] for what in sorted(needs)), key=lambda anchors: sum(crowds[anchor] for anchor in anchors))


_Lookup = Callable[[Facts], Iterable[tuple[int, ...]]]


def _lookup(kind: str, by: _Places) -> _Lookup:
    if kind in _BY_CUTS:
        lengths = tuple(sorted({len(text) for text in by}))
        return _cuts(kind, by, lengths)
    field = find_field(kind)
    if field is None:
        raise ValueError("an anchor is a field", kind)
    get = field.getter()

    def equal(facts: Facts) -> Iterable[tuple[int, ...]]:
        value = get(facts)
        if value is MISSING or isinstance(value, (list, dict)):
            return ()
        numbers = by.get(value)
        return () if numbers is None else (numbers,)

    return equal


def _cuts(kind: str, by: _Places, lengths: Sequence[int]) -> _Lookup:
    """Return what looks up the beginnings or ends of a text, as long as those that rules name."""
    from_end = kind.startswith("path$")
    of_path = kind != "type^"
    lower = kind == "path$~"

    def cut(facts: Facts) -> Iterable[tuple[int, ...]]:
        text = facts.path if of_path else facts.type
        if text is None:
            return ()
        if lower:
            text = text.lower()
        size, found = len(text), list[tuple[int, ...]]()
        for length in lengths:
            if length > size:
                break
            numbers = by.get(text[size - length :] if from_end else text[:length])
            if numbers is not None:
                found.append(numbers)
        return found

    return cut
