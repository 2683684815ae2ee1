"""What labels of agents may be called and what values they may have, wherever they come from. Pure."""

from __future__ import annotations

import re

MAX_NAME_CHARS = 63
MAX_VALUE_CHARS = 255
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?"
#: letters and digits of any script, between them also . _ : / @ + -
VALUE = r"[^\W_](?:[\w.:/@+-]*[^\W_])?"

_NAME, _VALUE = re.compile(NAME), re.compile(VALUE)


def is_label_name(text: str) -> bool:
    """Tell whether a label may be called so."""
    return len(text) <= MAX_NAME_CHARS and _NAME.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Tell whether a label may have this value; a blank one is fine."""
    return len(text) <= MAX_VALUE_CHARS and (not text or _VALUE.fullmatch(text) is not None)


def checked_label_value(text: str) -> str:
    """Return `text` if it is a value, else raise ValueError."""
    if not is_label_value(text):
        raise ValueError("is no value of a label: letters and digits of any script, between them also . _ : / @ + -")
    return text
