"""Tells how two documents differ, value by value, by JSON pointer. Pure."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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


#: returns a value at a place as it may be shown
Show = Callable[[object, Loc], object]

_NOTHING = object()
_as_setting = partial(mask, references=True)


def diff(old: Document, new: Document, *, show: Show = _as_setting) -> tuple[Change, ...]:
    """Return what must change in `old` to make it `new`, in the order of the pointers' places.

    Lists of blocks are compared item by item; other lists are one value. Documents are settings of agents, of which
    everything is masked that is not known to be none; for others `show` says what is.
    """
    return tuple(_diff(dict(old), dict(new), (), show=show))


def _diff(old: object, new: object, loc: Loc, *, show: Show) -> Iterator[Change]:
    if is_block(old) and is_block(new):
        for key in dict.fromkeys((*old, *new)):
            yield from _diff(old.get(key, _NOTHING), new.get(key, _NOTHING), (*loc, key), show=show)
    elif is_list(old) and is_list(new) and _has_blocks(old) and _has_blocks(new):
        for at, (was, now) in enumerate(zip_longest(old, new, fillvalue=_NOTHING)):
            yield from _diff(was, now, (*loc, at), show=show)
    elif old is _NOTHING:
        yield from _whole(new, loc, ChangeKind.ADDED, show=show)
    elif new is _NOTHING:
        yield from _whole(old, loc, ChangeKind.REMOVED, show=show)
    elif old != new or type(old) is not type(new):
        yield Change(pointer=pointer(loc), kind=ChangeKind.CHANGED, old=show(old, loc), new=show(new, loc))


def _whole(value: object, loc: Loc, kind: ChangeKind, *, show: Show) -> Iterator[Change]:
    """Yield every value of a block that only one side has, so that each is seen."""
    if is_block(value) and value:
        for key, inner in value.items():
            yield from _whole(inner, (*loc, key), kind, show=show)
        return
    shown = show(value, loc)
    added = kind is ChangeKind.ADDED
    yield Change(pointer=pointer(loc), kind=kind, old=None if added else shown, new=shown if added else None)


def _has_blocks(items: list[object]) -> bool:
    return any(is_block(item) for item in items)
