"""Case folding in which every character stays one character, so that places in the text stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

#: no character above this has another case (Adlam is the last script with two)
LAST_CASED = 0x1EFFF


def fold(text: str) -> str:
    """Return `text` with case taken away.

    ASCII letters are equal to ASCII letters only: the Kelvin sign is no k. A character whose folding is longer
    than itself, such as ß, is equal to its own upper case only.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def variants(folded: str) -> str:
    """Return every character that folds to the character `folded`, itself among them if it does."""
    return _variants().get(folded, folded)


class _Folded(dict[int, int]):
    """The folding of each code point seen so far."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = _folded(code)
        return folded


_FOLDED = _Folded()


def _folded(code: int) -> int:
    char = chr(code)
    if code < 128:
        return ord(char.lower())
    for text in (char.casefold(), char.lower()):
        if len(text) == 1 and not text.isascii():
            return ord(text)
    return code


@cache
def _variants() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code in range(LAST_CASED + 1):
        folded = _folded(code)
        if folded != code:
            found[chr(folded)] = found.get(chr(folded), chr(folded)) + chr(code)
    return found
