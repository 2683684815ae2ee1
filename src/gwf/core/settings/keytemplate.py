"""Object key templates as far as settings judge them: braces and variable names, not the rendering."""

from __future__ import annotations

import re

KEY_VARIABLES = ("hostname", "path", "relpath", "dir", "name", "stem", "suffix", "date", "sha256")
KEY_HINT = ", ".join(f"{{{name}}}" for name in KEY_VARIABLES) + ", {label.<name>}"
LABEL_NAME = r"[A-Za-z0-9_.-]+"  #: what may stand after `label.`, and so what a label may be called

_TELLS_APART = frozenset({"path", "relpath", "name", "stem", "sha256"})
_PIECE = re.compile(r"\{([^{}]*)\}|([{}])|[^{}]+")
_LABEL = re.compile(rf"label\.({LABEL_NAME})")


def checked_key_template(text: str) -> str:
    """Return `text` if braces are paired, every variable is known and files get different keys.

    Raises:
        ValueError: It is not usable; the text says why and what is allowed.
    """
    names: list[str] = []
    for variable, brace in (match.groups() for match in _PIECE.finditer(text)):
        if brace:
            raise ValueError(f"has a stray {brace!r}: braces only stand around a variable ({KEY_HINT})")
        if variable is not None:
            names.append(variable)
    for name in names:
        if name not in KEY_VARIABLES and not _LABEL.fullmatch(name):
            raise ValueError(f"uses the unknown variable {{{name}}}: allowed are {KEY_HINT}")
    if not _TELLS_APART & set(names):
        raise ValueError("gives all files one key: use {path}, {relpath}, {name}, {stem} or {sha256}")
    if any(segment in {"", ".", ".."} for segment in text.split("/")):
        raise ValueError("has a segment that is empty, '.' or '..', or starts or ends with a slash")
    return text


def labels_used(text: str) -> tuple[str, ...]:
    """Return the label names that a valid template uses, in order."""
    found = (_LABEL.fullmatch(match[1]) for match in _PIECE.finditer(text) if match[1] is not None)
    return tuple(match[1] for match in found if match is not None)
