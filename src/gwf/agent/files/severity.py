"""Tells the level of a log line from the words at its beginning. Imports nothing of ours: the finder runs it too."""

from __future__ import annotations

import re
from typing import Literal

Level = Literal["error", "warn", "info", "debug"]

HEAD_CHARS = 300  #: looked at of each line

_WORDS: dict[str, Level] = {
    "error": "error", "err": "error", "fatal": "error", "critical": "error", "crit": "error", "panic": "error",
    "severe": "error", "emerg": "error", "emergency": "error", "alert": "error", "exception": "error",
    "warn": "warn", "warning": "warn", "wrn": "warn",
    "info": "info", "notice": "info", "inf": "info", "information": "info",
    "debug": "debug", "trace": "debug", "dbg": "debug", "verbose": "debug", "fine": "debug", "finest": "debug",
}  # fmt: skip
_NAMED = r"""["']?(?:level|severity|lvl|loglevel|levelname)["']?\s*[=:]\s*["']?(?P<named>[A-Za-z]+)"""
_WORD = "(?<![A-Za-z0-9_/.-])(?P<word>" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")(?![A-Za-z0-9_/.-])"
_LETTER = r"^(?P<letter>[EWIDF])\d{4} \d\d:"  # klog
_LEVEL = re.compile(f"{_LETTER}|{_NAMED}|{_WORD}", re.IGNORECASE)
_LETTERS: dict[str, Level] = {"E": "error", "F": "error", "W": "warn", "I": "info", "D": "debug"}

#: what a line of any level must hold: a sieve before `level_of`
ANY_LEVEL = re.compile(f"{_LETTER}|{_NAMED}|{_WORD}", re.IGNORECASE | re.MULTILINE)


def level_of(line: str) -> Level | None:
    """Return the level that a line names first in its head, None if it names none."""
    head = line[:HEAD_CHARS]
    for found in _LEVEL.finditer(head):
        if found["letter"]:
            return _LETTERS[found["letter"].upper()]
        level = _WORDS.get((found["named"] or found["word"]).lower())
        if level is not None:
            return level
    return None
