"""Compares two whole native documents and lays differences over a third. Pure."""

from __future__ import annotations

import copy
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gwf.core.settings.draft import is_block

Place = tuple[str, ...]
"""Place of a value: keys from the top. Lists are values: they are taken whole."""


class Absent(enum.Enum):
    """Stands where a document has no such key."""

    ABSENT = enum.auto()


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place at which two documents differ."""

    place: Place
    #: ABSENT where there is no such key
    old: object
    new: object


def differences(old: object, new: object, place: Place = ()) -> Iterator[Difference]:
    """Yield what must change in `old` to make it `new`; a block that only one side has is one difference."""
    if not is_block(old) or not is_block(new):
        if old != new or type(old) is not type(new):
            yield Difference(place=place, old=old, new=new)
        return
    for key in dict.fromkeys((*old, *new)):
        yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), (*place, key))


def laid_over(document: dict[str, object], changes: Iterable[Difference]) -> dict[str, object]:
    """Return a copy of `document` with the new sides of `changes` in their places."""
    result = copy.deepcopy(document)
    for change in changes:
        _put(result, change.place, copy.deepcopy(change.new))
    return result


def value_of(document: object, place: Place) -> object:
    """Return the value at `place`, ABSENT where there is none."""
    value: object = document
    for key in place:
        if not is_block(value) or key not in value:
            return ABSENT
        value = value[key]
    return value


def _put(document: dict[str, object], place: Place, value: object) -> None:
    block = document
    for key in place[:-1]:
        inner = block.get(key)
        if not is_block(inner):
            if value is ABSENT:
                return
            inner = block[key] = {}
        block = inner
    if value is ABSENT:
        block.pop(place[-1], None)
    else:
        block[place[-1]] = value
