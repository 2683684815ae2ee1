"""Reads request bodies with the leniency, and the strictness, of Go's JSON decoder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeGuard, TypeVar

from gwf.api.legacy.failure import LegacyError

INVALID = "invalid payload"
MAX_INT_64 = 2**63 - 1
MAX_INT_32 = 2**31 - 1

_BLANKS = " \t\r\n"
_SURROGATES = re.compile("[\ud800-\udfff]")

T = TypeVar("T")


class _Number(str):
    """A number that has a fraction or an exponent: no whole number for Go, whatever its value."""

    __slots__ = ()


class _Pairs(list[tuple[str, object]]):
    """An object as it stands in the text: keys may repeat."""


def _refuse(_: str) -> NoReturn:
    raise ValueError("JSON has no such number")


_DECODER = json.JSONDecoder(object_pairs_hook=_Pairs, parse_float=_Number, parse_constant=_refuse)


class Fields:
    """The members of a request's JSON object.

    Names are matched without regard to case, unknown ones are ignored, `null` counts as not given, a later
    member replaces an earlier one of the same name. Every reader raises LegacyError when the type is wrong.
    """

    def __init__(self, members: Sequence[tuple[str, object]], *, invalid: str = INVALID) -> None:
        """Hold `members`; `invalid` is the text of the error about a wrong type."""
        self._values = {name.lower(): value for name, value in members if value is not None}
        self._invalid = invalid

    def text(self, name: str) -> str | None:
        """Return a text, None if it was not given."""
        return self._typed(name, _text)

    def flag(self, name: str) -> bool | None:
        """Return true or false, None if it was not given."""
        return self._typed(name, _flag)

    def number(self, name: str, *, largest: int = MAX_INT_64) -> int | None:
        """Return a whole number from -largest-1 to largest, None if it was not given."""
        value = self._typed(name, _whole)
        if value is not None and not -largest - 1 <= value <= largest:
            raise LegacyError(400, self._invalid)
        return value

    def texts(self, name: str) -> list[str] | None:
        """Return a list of texts, None if it was not given; `null` in it is an empty text."""
        return self._typed(name, _texts)

    def plain(self, name: str) -> dict[str, object] | None:
        """Return an object as plain JSON, its names sorted as Go sorts them; None if it was not given."""
        return self._typed(name, _plain_object)

    def required_text(self, name: str) -> str:
        """Return a text that is not empty.

        Raises:
            LegacyError: It is empty, missing, or no text.
        """
        value = self.text(name)
        if not value:
            raise LegacyError(400, self._invalid)
        return value

    def _typed(self, name: str, read: Callable[[object], T | None]) -> T | None:
        value = self._values.get(name.lower())
        if value is None:
            return None
        found = read(value)
        if found is None:
            raise LegacyError(400, self._invalid)
        return found


def decode(body: bytes, *, invalid: str = INVALID) -> Fields:
    """Return the members of the first JSON value in `body`; what follows it is ignored.

    Raises:
        LegacyError: 400 with the text `invalid`: it is no JSON, empty, or neither object nor null.
    """
    text = body.decode("utf-8", "replace").lstrip(_BLANKS)
    try:
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        raise LegacyError(400, invalid) from None
    if value is None:
        return Fields((), invalid=invalid)
    if not isinstance(value, _Pairs):
        raise LegacyError(400, invalid)
    return Fields(value, invalid=invalid)


def _text(value: object) -> str | None:
    if not isinstance(value, str) or isinstance(value, _Number):
        return None
    return _clean(value)


def _texts(value: object) -> list[str] | None:
    if not _is_list(value):
        return None
    found = ["" if item is None else _text(item) for item in value]
    return None if any(item is None for item in found) else [item for item in found if item is not None]


def _plain_object(value: object) -> dict[str, object] | None:
    if not isinstance(value, _Pairs):
        return None
    return {_clean(name): _plain(item) for name, item in sorted(dict(value).items())}


def _plain(value: object) -> object:
    if isinstance(value, _Number):
        number = float(value)
        if number - number != 0:
            raise LegacyError(400, INVALID)  # larger than any float
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, _Pairs):
        return _plain_object(value)
    return [_plain(item) for item in value] if _is_list(value) else value


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and not isinstance(value, _Pairs)


def _clean(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)  # half a pair is no character


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
