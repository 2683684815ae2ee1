"""Text made safe to show: what would forge a log line or move a terminal's cursor is escaped."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TypeGuard

#: control characters, line separators, direction overrides, and surrogates (bytes that are no UTF-8)
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str, *, keep: str = "") -> str:
    """Return `text` on one line, its unsafe characters escaped but for those in `keep`.

    A byte of a file name that was no UTF-8 (a surrogate here) is shown as a backslash, x and two hex digits,
    the backslash doubled as JSON needs it.
    """
    return text if text.isprintable() else UNSAFE.sub(lambda match: _escaped(match[0], keep), text)


def in_words(value: object) -> str:
    """Return a value as people write it: a choice by its word, several of them with commas between, no Python."""
    if _is_mapping(value):
        return ", ".join(f"{in_words(name)}: {in_words(item)}" for name, item in value.items())
    match value:
        case enum.Enum():
            return in_words(value.value)
        case bytes() | PurePath():
            return os.fsdecode(value)
        case None | bool():
            return {None: "none", True: "true", False: "false"}[value]
        case _:
            return ", ".join(in_words(item) for item in value) if _is_several(value) else str(value)


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_several(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str)


def _escaped(char: str, keep: str) -> str:
    if char in keep:
        return char
    code = ord(char)
    return f"\\\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
