"""Tells how two documents differ, value by value, by JSON pointer. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from gwf.control.config.canonical import pointer
from gwf.control.config.model import Document
from gwf.core.settings.draft import Loc, is_block, is_list
from gwf.core.settings.effective import mask


class ChangeKind(enum.StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that differs, secrets masked."""

    pointer: str
    kind: ChangeKind
    #: None when it was added
    old: object
    #: None when it was removed
    new: object


_NOTHING = object()


def diff(old: Document, new: Document) -> tuple[Change, ...]:
    """Return what must change in `old` to make it `new`, in the order of the pointers' places.

    Lists of blocks are compared item by item; other lists are one value.
    """
    return tuple(_diff(dict(old), dict(new), ()))


def _diff(old: object, new: object, loc: Loc) -> Iterator[Change]:
    if is_block(old) and is_block(new):
        for key in dict.fromkeys((*old, *new)):
            yield from _diff(old.get(key, _NOTHING), new.get(key, _NOTHING), (*loc, key))
    elif is_list(old) and is_list(new) and _has_blocks(old) and _has_blocks(new):
        for at, (was, now) in enumerate(zip_longest(old, new, fillvalue=_NOTHING)):
            yield from _diff(was, now, (*loc, at))
    elif old is _NOTHING:
        yield from _whole(new, loc, ChangeKind.ADDED)
    elif new is _NOTHING:
        yield from _whole(old, loc, ChangeKind.REMOVED)
    elif old != new or type(old) is not type(new):
        before, after = mask(old, loc, references=True), mask(new, loc, references=True)
        yield Change(pointer=pointer(loc), kind=ChangeKind.CHANGED, old=before, new=after)


def _whole(value: object, loc: Loc, kind: ChangeKind) -> Iterator[Change]:
    """Yield every value of a block that only one side has, so that each is seen."""
    if is_block(value) and value:
        for key, inner in value.items():
            yield from _whole(inner, (*loc, key), kind)
        return
    shown = mask(value, loc, references=True)
    added = kind is ChangeKind.ADDED
    yield Change(pointer=pointer(loc), kind=kind, old=None if added else shown, new=shown if added else None)


def _has_blocks(items: list[object]) -> bool:
    return any(is_block(item) for item in items)
