"""Writes a document of plain values as YAML, so that reading the text gives the same document again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from gwf.core.settings.draft import is_block, is_list

_PLAIN = re.compile(r"(?:[A-Za-z/]|\.(?=[A-Za-z]))[A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"})
"""Words that some reader of YAML takes for something else than text."""


def plain_yaml(document: Mapping[str, object]) -> str:
    """Return the document as YAML: one value a line, keys in their order. Comments are no part of a document."""
    return "".join(f"{line}\n" for line in _block(dict(document), 0)) if document else "{}\n"


def _block(block: dict[str, object], depth: int) -> Iterator[str]:
    for key, value in block.items():
        yield from _entry(f"{'  ' * depth}{_text(key)}:", value, depth + 1)


def _items(items: list[object], depth: int) -> Iterator[str]:
    for item in items:
        head = f"{'  ' * depth}-"
        if is_block(item) and item:
            lines = list(_block(item, depth + 1))
            yield f"{head} {lines[0].lstrip()}"
            yield from lines[1:]
        elif is_list(item) and item:
            yield head
            yield from _items(item, depth + 1)
        else:
            yield f"{head} {_scalar(item)}"


def _entry(head: str, value: object, depth: int) -> Iterator[str]:
    if is_block(value) and value:
        yield head
        yield from _block(value, depth)
    elif is_list(value) and value:
        yield head
        yield from _items(value, depth)
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, ensure_ascii=True)  # numbers, true, false, null, [] and {} are the same in YAML


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in {'"', "\\"}:
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
