"""Turns what is searched for into byte strings that every matching line must hold at least one of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from gwf.agent.filelog.encoding import Encoding
from gwf.agent.filelog.folding import fold, variants

MAX_SPELLINGS = 4  #: spellings that are looked for in one pass each; more would cost more than they exclude


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """A text to find. The pins are a sieve for bytes; `fits` decides."""

    text: str
    case_sensitive: bool
    pins: Sequence[bytes]
    #: the pins are to be looked for in the bytes after `bytes.lower`
    lowered: bool

    @property
    def foreign(self) -> bool:
        """Whether bytes of nothing but ASCII cannot hold a pin."""
        return not any(pin.isascii() for pin in self.pins)

    def fits(self, line: str) -> bool:
        """Tell whether a line holds the text."""
        return self.text in (line if self.case_sensitive else fold(line))


def compile_needle(query: str, encoding: Encoding, *, case_sensitive: bool) -> Needle:
    """Return the needle for `query` in a file of `encoding`.

    Without regard to case, bytes.lower() takes the case of ASCII letters away at memory speed, in every encoding:
    it may make more bytes equal than are, never fewer. Other letters are looked for in each spelling; of a long
    query only a part that has few.
    """
    text = query if case_sensitive else fold(query)
    spellings = [text] if case_sensitive else _spellings(text)
    lowered = not case_sensitive and any(char.isascii() and char.isalpha() for char in spellings[0])
    pins: dict[bytes, None] = {}
    for codec, spelling in itertools.product(encoding.codecs, spellings):
        try:
            pin = spelling.encode(codec)
        except UnicodeEncodeError:  # half a surrogate pair: no file of this encoding holds it
            continue
        pins[pin.lower() if lowered else pin] = None
    return Needle(text=text, case_sensitive=case_sensitive, pins=tuple(pins), lowered=lowered)


def _spellings(text: str) -> list[str]:
    """Return every spelling of the longest part of `text` that has at most MAX_SPELLINGS."""
    choices = [char if char.isascii() else variants(char) for char in text]
    start, end = _best_part(choices)
    return ["".join(chars) for chars in itertools.product(*choices[start:end])]


def _best_part(choices: Sequence[str]) -> tuple[int, int]:
    best, start, count = (0, 1), 0, 1
    for end, choice in enumerate(choices, 1):
        count *= len(choice)
        while count > MAX_SPELLINGS and start < end - 1:
            count //= len(choices[start])
            start += 1
        if end - start > best[1] - best[0]:
            best = (start, end)
    return best
