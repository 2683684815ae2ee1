"""Decides what differs between two configurations, and what of it can change while everything runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from gwf.agent.follow import replaced_stores
from gwf.core.settings.compare import ABSENT, Difference, Place, differences, value_of
from gwf.core.settings.draft import is_block, is_list
from gwf.core.settings.effective import mask, revealed
from gwf.core.settings.hot import HOT, is_hot
from gwf.core.settings.model import Settings
from gwf.wire.config import ConfigChange

_WATCH = ("agent", "watch")
_PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one configuration becomes another."""

    changes: tuple[ConfigChange, ...]
    #: keys that a running process cannot change
    cold: tuple[str, ...]
    #: stores that are opened anew
    replaced: tuple[str, ...]


def plan(old: Settings, new: Settings) -> Plan:
    """Return what differs, secrets masked."""
    found = tuple(differences(revealed(old), revealed(new)))
    return Plan(
        changes=tuple(change for item in found for change in told(item)),
        cold=tuple(".".join(item.place) for item in found if not is_hot(item.place)),
        replaced=tuple(f"store {name}" for name in sorted(replaced_stores(old.stores, new.stores))),
    )


def cold_places(document: dict[str, object]) -> Iterator[Place]:
    """Yield the places of a whole document that need a restart, blocks that are wholly cold as one."""
    for key, value in document.items():
        if is_hot((key,)):
            continue
        if is_block(value) and any(hot[0] == key for hot in HOT):
            yield from ((key, inner) for inner in value if not is_hot((key, inner)))
        else:
            yield (key,)


def told(item: Difference) -> Iterator[ConfigChange]:
    """Yield a difference as people are told of it: blocks key by key, watched trees by their path."""
    if item.place == _WATCH and is_list(item.old) and is_list(item.new):
        yield from _trees(item.old, item.new)
    else:
        yield ConfigChange(key=".".join(item.place), old=_shown(item.old, item.place), new=_shown(item.new, item.place))


def _trees(old: list[object], new: list[object]) -> Iterator[ConfigChange]:
    before, after = _by_path(old), _by_path(new)
    for path in dict.fromkeys((*before, *after)):
        for item in differences(before.get(path, ABSENT), after.get(path, ABSENT)):
            key = ".".join((f"agent.watch[{path}]", *item.place))
            loc = (*_WATCH, "0", *item.place)
            yield ConfigChange(key=key, old=_shown(item.old, loc), new=_shown(item.new, loc))
    kept = [path for path in before if path in after]
    if kept != [path for path in after if path in before]:
        yield ConfigChange(key="agent.watch", old=cast("JsonValue", list(before)), new=cast("JsonValue", list(after)))


def _by_path(watches: list[object]) -> dict[str, object]:
    return {str(value_of(watch, (_PATH,))): watch for watch in watches}


def _shown(value: object, place: Place) -> JsonValue:
    if value is ABSENT:
        return None
    loc = tuple(int(part) if part.isdigit() and place[:2] == _WATCH else part for part in place)
    return cast("JsonValue", mask(value, loc))
