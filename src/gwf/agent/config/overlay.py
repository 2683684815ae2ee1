"""What was set at run time, kept apart from the file: how it is written down, and how it meets a changed file. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from gwf.agent.config.plan import told
from gwf.core.errors import CorruptDataError
from gwf.core.settings.compare import ABSENT, Difference, differences, value_of
from gwf.core.settings.draft import is_block, is_list
from gwf.core.settings.hot import is_hot
from gwf.wire.config import ConfigChange

Overlay = tuple[Difference, ...]
"""Places set at run time: `old` is what file, variables and flags said when that was done, `new` what was set."""


def overlay_of(base: dict[str, object], wanted: dict[str, object], before: Overlay = ()) -> Overlay:
    """Return what must lie over `base` to make it `wanted`; what lay there before keeps what it was set against."""
    set_against = {(item.place, _frozen(item.new)): item.old for item in before}
    return tuple(
        Difference(place=item.place, old=set_against.get((item.place, _frozen(item.new)), item.old), new=item.new)
        for item in differences(base, wanted)
    )


def hot_overlay_of(base: dict[str, object], wanted: dict[str, object], before: Overlay = ()) -> Overlay:
    """Return `overlay_of` without what only a restart decides: there, the file may be ahead of the running process."""
    return tuple(item for item in overlay_of(base, wanted, before) if is_hot(item.place))


def passes_over(wanted: dict[str, object], base: dict[str, object], last: dict[str, object]) -> bool:
    """Tell whether `wanted` was made without an edit of the file that was not taken over yet.

    Somewhere it says what the file said when it was read `last`, not what it says now (`base`). That sets
    nothing at run time: the edit is to come into force with the next SIGHUP.
    """
    return any(value_of(last, item.place) == item.new for item in differences(base, wanted) if is_hot(item.place))


def still_needed(overlay: Iterable[Difference], base: dict[str, object]) -> Overlay:
    """Return the overlay without the places at which `base` says the same by now."""
    return tuple(item for item in overlay if value_of(base, item.place) != item.new)


def overtaken(overlay: Iterable[Difference], base: dict[str, object]) -> tuple[str, ...]:
    """Return the places at which the file was changed since they were set at run time."""
    return tuple(".".join(item.place) for item in overlay if value_of(base, item.place) not in (item.old, item.new))


def told_of(places: Iterable[str]) -> tuple[str, ...]:
    """Return a line for each place of `overtaken`."""
    what = "the file says something else since then; the value set at run time stays"
    return tuple(f"{place}: {what} until the file is applied (`gwf config apply FILE`)" for place in places)


def shown_over(overlay: Iterable[Difference], base: dict[str, object]) -> list[ConfigChange]:
    """Return the overlay for people: what the file says now, and what stands above it."""
    return [
        change
        for item in overlay
        for change in told(Difference(place=item.place, old=value_of(base, item.place), new=item.new))
    ]


def to_json(overlay: Iterable[Difference]) -> list[dict[str, object]]:
    """Return the overlay as JSON values; a side that is absent has no key."""
    return [
        {"place": list(item.place)}
        | ({} if item.old is ABSENT else {"old": item.old})
        | ({} if item.new is ABSENT else {"new": item.new})
        for item in overlay
    ]


def from_json(value: object) -> Overlay:
    """Return the overlay that `to_json` gave.

    Raises:
        CorruptDataError: It is none.
    """
    if not is_list(value):
        raise CorruptDataError("an overlay of the configuration is no list")
    return tuple(_item(item) for item in value)


def _item(value: object) -> Difference:
    place = value.get("place") if is_block(value) else None
    if not is_block(value) or not is_list(place) or not all(isinstance(part, str) for part in place):
        raise CorruptDataError("an overlay of the configuration has a part that is none")
    return Difference(place=tuple(cast("list[str]", place)), old=value.get("old", ABSENT), new=value.get("new", ABSENT))


def _frozen(value: object) -> str:
    return repr(value)
