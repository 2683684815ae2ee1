"""Writes a configuration file: the keys of a draft as YAML, each with where it came from beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gwf.core.settings.draft import Draft, Loc, is_block, is_list
from gwf.core.settings.schema import Kind, shape_at
from gwf.core.text import one_line
from gwf.core.units import format_duration, format_size, parse_duration_s

_PLAIN = re.compile(r"[A-Za-z/.][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})  # other readers take them so
_COMMENT_AT = 40  #: column where remarks begin


def render(draft: Draft, *, references: frozenset[Loc]) -> str:
    """Return the draft's tree as YAML; text is taken literally but for the `${NAME}` at `references`."""
    return "".join(_Writer(draft, references).block(draft.tree, (), 0))


class _Writer:
    def __init__(self, draft: Draft, references: frozenset[Loc]) -> None:
        self._draft = draft
        self._references = references

    def block(self, block: dict[str, object], loc: Loc, depth: int) -> Iterator[str]:
        for key, value in block.items():
            place = (*loc, key)
            head = f"{'  ' * depth}{_key(key)}:"
            if is_block(value) and value:
                yield f"{head}\n"
                yield from self.block(value, place, depth + 1)
            elif is_list(value) and any(is_block(item) for item in value):
                yield f"{head}\n"
                yield from self._items(value, place, depth + 1)
            else:
                yield self._line(f"{head} {self._flow(value, place)}", place)

    def _items(self, items: list[object], loc: Loc, depth: int) -> Iterator[str]:
        for at, item in enumerate(items):
            lines = list(self.block(item, (*loc, at), depth + 1)) if is_block(item) else []
            if lines:
                lines[0] = f"{'  ' * depth}- {lines[0].lstrip()}"
            yield from lines

    def _line(self, text: str, loc: Loc) -> str:
        origin = one_line(self._draft.origin(loc))
        return f"{text.ljust(_COMMENT_AT)}  # {origin}\n" if origin else f"{text}\n"

    def _flow(self, value: object, loc: Loc) -> str:
        if is_list(value):
            return "[" + ", ".join(self._flow(item, (*loc, at)) for at, item in enumerate(value)) + "]"
        if value is None:
            return "null"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float)):
            return _number(value, loc)
        text = str(value)
        return _quoted(text if loc in self._references else text.replace("${", "$${"))


def _key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) and key.lower() not in _WORDS else json.dumps(key, ensure_ascii=False)


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.startswith("."):
        return text
    return json.dumps(text, ensure_ascii=any(not char.isprintable() for char in text))


def _number(value: float, loc: Loc) -> str:
    shape = shape_at(loc)
    kind = shape.kind if shape is not None else None
    if kind is Kind.DURATION and parse_duration_s(format_duration(value)) == value:
        return format_duration(value)
    return format_size(value) if kind is Kind.SIZE and isinstance(value, int) else str(value)
