"""Compares two states of a thing field by field; secrets are masked before anything is kept."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeGuard

from gwf.core.clock import utc_text
from gwf.core.secrets import MASK, is_secret_field, masked_text
from gwf.core.text import in_words

MAX_CHANGES = 200  #: fields of one entry; the rest is counted in a last one with the path `/…`
MAX_VALUE_CHARS = 2000  #: of one value; what is cut says how long it was
MAX_PATH_CHARS = 500

_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Absent(enum.Enum):
    """The value of a field that is not there; None is a value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field before and after; what looks like a secret is masked from the start."""

    #: JSON pointer below the resource, for example /labels/site
    path: str
    #: plain JSON value, or ABSENT when the field came with the change
    before: object = ABSENT
    #: plain JSON value, or ABSENT when the field went with the change
    after: object = ABSENT

    def __post_init__(self) -> None:
        """Mask and shorten, so that no change of a field can carry a secret."""
        secret = any(is_secret_field(part) for part in self.path.split("/"))
        object.__setattr__(self, "path", storable(self.path)[:MAX_PATH_CHARS])
        object.__setattr__(self, "before", _kept(self.before, secret=secret))
        object.__setattr__(self, "after", _kept(self.after, secret=secret))

    def as_json(self) -> dict[str, object]:
        """Return the change for storage; a side that was absent has no key."""
        sides = {"before": self.before, "after": self.after}
        return {"path": self.path} | {name: value for name, value in sides.items() if value is not ABSENT}


def field_changes(before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> tuple[FieldChange, ...]:
    """Return what differs between two states; None is the state of a thing that does not exist.

    Objects are compared key by key and lists of equal length place by place; any other difference is one change.
    The comparison sees the true values, so a new secret shows as a change although both sides are masked.
    """
    found: list[FieldChange] = []
    surplus = 0
    for path, old, new in _differences("", ABSENT if before is None else before, ABSENT if after is None else after):
        if len(found) < MAX_CHANGES:
            found.append(FieldChange(path=path, before=old, after=new))
        else:
            surplus += 1
    if surplus:
        found.append(FieldChange(path="/…", after=f"{surplus} more fields differ"))
    return tuple(found)


def masked_object(value: Mapping[str, object]) -> dict[str, object]:
    """Return a plain JSON object with the secrets in it masked and long texts shortened."""
    return {
        storable(name): _kept(item, secret=is_secret_field(name)) for name, item in value.items() if item is not ABSENT
    }


def masked_at(value: object, place: Iterable[str | int]) -> object:
    """Return the plain JSON value of a place: masked when a name on the way to it tells of a secret, long texts cut."""
    return _kept(value, secret=any(is_secret_field(str(part)) for part in place))


def storable(text: str) -> str:
    """Return `text` as UTF-8 and every database can hold it: no lone surrogates, no NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def canonical_json(value: object) -> str:
    """Return the one JSON text of a plain value that is stored: sorted keys, no blanks, no escapes without need."""
    return _ENCODE(value)


def _differences(path: str, before: object, after: object) -> Iterator[tuple[str, object, object]]:
    if _is_object(before) or _is_object(after):
        yield from _between_objects(path, before, after)
    elif _is_list(before) and _is_list(after) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{path}/{place}", old, new)
    elif type(before) is not type(after) or before != after:
        yield path or "/", before, after


def _between_objects(path: str, before: object, after: object) -> Iterator[tuple[str, object, object]]:
    old: Mapping[str, object] = before if _is_object(before) else {}
    new: Mapping[str, object] = after if _is_object(after) else {}
    if not (before is ABSENT or _is_object(before)):
        yield path or "/", before, ABSENT
    for name in sorted({*old, *new}):
        pointer = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        yield from _differences(pointer, old.get(name, ABSENT), new.get(name, ABSENT))
    if not (after is ABSENT or _is_object(after)):
        yield path or "/", ABSENT, after


def _kept(value: object, *, secret: bool) -> object:
    """Return `value` as plain JSON, masked and bounded."""
    if value is ABSENT or value is None or isinstance(value, bool):
        return value
    if _is_object(value):
        return {
            storable(str(name)): _kept(item, secret=secret or is_secret_field(str(name)))
            for name, item in value.items()
        }
    if _is_list(value):
        return [_kept(item, secret=secret) for item in value]
    return MASK if secret else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)  # JSON has no word for infinity
    if isinstance(value, datetime):
        return utc_text(round((value - _EPOCH).total_seconds() * 1000))
    text = storable(value if isinstance(value, str) else in_words(value))
    if len(text) > MAX_VALUE_CHARS:
        return f"{masked_text(text[:MAX_VALUE_CHARS])}… ({len(text)} characters)"
    return masked_text(text)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
