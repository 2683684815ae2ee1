"""Text made safe to show: what would forge a log line or move a terminal's cursor is escaped."""

from __future__ import annotations

import re

#: control characters, line separators, direction overrides, and surrogates (bytes that are no UTF-8)
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str, *, keep: str = "") -> str:
    """Return `text` on one line, its unsafe characters escaped but for those in `keep`.

    A byte of a file name that was no UTF-8 (a surrogate here) is shown as a backslash, x and two hex digits,
    the backslash doubled as JSON needs it.
    """
    return text if text.isprintable() else UNSAFE.sub(lambda match: _escaped(match[0], keep), text)


def _escaped(char: str, keep: str) -> str:
    if char in keep:
        return char
    code = ord(char)
    return f"\\\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
