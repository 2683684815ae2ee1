"""Turns what is searched for into byte strings that every matching line must hold at least one of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.filelog.folding import fold, variants

MAX_SPELLINGS = 4  #: byte strings looked for, each in a pass of its own; more would cost more than they exclude

_EVERY_BYTE = bytes(range(256))
_ASCII_CASE = _EVERY_BYTE.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """A text to find. The pins are a sieve for bytes; `fits` decides."""

    text: str
    case_sensitive: bool
    #: what is looked for in reduced bytes
    pins: Sequence[bytes]
    #: makes bytes equal that differ by case only; it may make more equal, never fewer
    reduced: Callable[[bytes], bytes]
    #: nothing but ASCII cannot hold a pin
    foreign: bool

    def fits(self, line: str) -> bool:
        """Tell whether a line holds the text."""
        return self.text in (line if self.case_sensitive else fold(line))


def compile_needle(query: str, encoding: Encoding, *, case_sensitive: bool) -> Needle:
    """Return the needle for `query` in a file of `encoding`.

    Without regard to case, the bytes of a letter's forms are made equal place by place, by one table for the whole
    query: bytes.translate does that at memory speed in every encoding. Forms of other lengths are further pins; of a
    query with many of them only a part is looked for.
    """
    text = query if case_sensitive else fold(query)
    classes = _Classes()
    spellings: list[bytes] = []
    for codec in encoding.codecs:
        forms = [_forms(char, codec, case_sensitive=case_sensitive) for char in text]
        if not all(forms):  # half a surrogate pair: no file of this encoding holds it
            continue
        part = forms[slice(*_best_part([len(lengths) for lengths in forms]))]
        for same_length in itertools.chain.from_iterable(part):
            classes.join(same_length)
        spellings += map(b"".join, itertools.product(*([same[0] for same in lengths] for lengths in part)))
    reduced = _reducer(classes.table())
    return Needle(
        text=text,
        case_sensitive=case_sensitive,
        pins=tuple(dict.fromkeys(map(reduced, spellings))),
        reduced=reduced,
        foreign=all(classes.excludes_ascii(spelling) for spelling in spellings),
    )


def _forms(char: str, codec: str, *, case_sensitive: bool) -> list[list[bytes]]:
    """Return the bytes of every character that counts as `char`, by their length."""
    chars = char if case_sensitive else char + char.upper() if char.isascii() else variants(char)
    by_length: dict[int, list[bytes]] = {}
    for form in dict.fromkeys(chars):
        try:
            raw = form.encode(codec)
        except UnicodeEncodeError:
            continue
        by_length.setdefault(len(raw), []).append(raw)
    return list(by_length.values())


def _best_part(counts: Sequence[int]) -> tuple[int, int]:
    """Return the longest part of a text that has at most MAX_SPELLINGS; one character may have more."""
    best, start = (0, 1), 0
    for end in range(1, len(counts) + 1):
        while math.prod(counts[start:end]) > MAX_SPELLINGS and start < end - 1:
            start += 1
        if end - start > best[1] - best[0]:
            best = (start, end)
    return best


def _reducer(table: bytes) -> Callable[[bytes], bytes]:
    if table == _EVERY_BYTE:
        return bytes
    if all(low in {byte, _ASCII_CASE[byte]} for byte, low in enumerate(table)):
        return bytes.lower  # faster than a table, and as good
    return lambda data: data.translate(table)


class _Classes:
    """Bytes that count as one."""

    def __init__(self) -> None:
        self._of: list[set[int]] = [{byte} for byte in range(256)]

    def join(self, forms: Sequence[bytes]) -> None:
        """Let byte strings of one length count as one, place by place."""
        for form in forms[1:]:
            for one, other in zip(forms[0], form, strict=True):
                joined = self._of[one] | self._of[other]
                for member in joined:
                    self._of[member] = joined

    def table(self) -> bytes:
        """Return for each byte the one that stands for its class; of an ASCII letter that is the small one."""
        return bytes(byte if len(members) == 1 else _ASCII_CASE[min(members)] for byte, members in enumerate(self._of))

    def excludes_ascii(self, spelling: bytes) -> bool:
        """Tell whether a place of `spelling` counts as no ASCII character."""
        return any(min(self._of[byte]) >= 128 for byte in spelling)
