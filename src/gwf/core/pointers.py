"""Texts that are filled from a JSON document: `gitlab.{/object_kind}`, with pointers of RFC 6901. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gwf.core.settings.draft import is_block, is_list

MAX_CHOICES = 8  #: pointers between `|` of one place
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_POINTER = re.compile(r"(/([^~/|]|~[01])*)*")
_HEADER = re.compile(r"[a-z0-9-]{1,64}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BODY, _HEADERS = "body", "header/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What texts are filled from."""

    #: the thing that an event is made of
    item: object
    #: all that came
    body: object
    #: by lower-case name
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Pointers of which the first that leads to a value gives it."""

    choices: tuple[tuple[str, tuple[str, ...]], ...]

    def value(self, sheet: Sheet) -> object:
        for root, steps in self.choices:
            if root == _HEADERS:
                found: object = sheet.headers.get(steps[0])
            else:
                found = resolved(sheet.body if root == _BODY else sheet.item, steps)
            if found is not None and not is_block(found) and not is_list(found):
                return found
        return None


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places in it."""

    parts: tuple[str | _Place, ...]

    @staticmethod
    def parse(text: str) -> Template:
        """Return the template that a text is: `{/a/b}` of the item, `{body/a}`, `{header/x-name}`, `{/a|/b}`.

        Raises:
            ValueError: A brace stands alone, or holds no pointer.
        """
        parts: list[str | _Place] = []
        at = 0
        for found in _PLACE.finditer(text):
            parts.append(text[at : found.start()])
            at = found.end()
            if found[0] in {"{{", "}}"}:
                parts.append(found[0][0])
            elif found[1] is None:
                raise ValueError(f"has a lone {found[0]}: write {found[0] * 2} for the brace itself")
            else:
                parts.append(_place(found[1]))
        parts.append(text[at:])
        return Template(tuple(part for part in parts if part != ""))

    def fill(self, sheet: Sheet) -> str | None:
        """Return the text; None when a place leads nowhere, or to a list or an object."""
        filled: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                filled.append(part)
                continue
            value = part.value(sheet)
            if value is None:
                return None
            filled.append(word_of(value))
        return "".join(filled)

    def value(self, sheet: Sheet) -> object:
        """Return the value itself where the template is one place, else the text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], _Place):
            return self.parts[0].value(sheet)
        return self.fill(sheet)


def pointer_steps(text: str) -> tuple[str, ...]:
    """Return the steps of a pointer; "" leads to the document itself.

    Raises:
        ValueError: It is none.
    """
    if not _POINTER.fullmatch(text):
        raise ValueError(f"{text!r} is no JSON pointer: write /name/of/the/value, with ~1 for a slash in a name")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def resolved(document: object, steps: Sequence[str]) -> object:
    """Return where steps lead in a document; None when they lead nowhere."""
    value = document
    for step in steps:
        if is_block(value):
            value = value.get(step)
        elif is_list(value) and _INDEX.fullmatch(step):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def word_of(value: object) -> str:
    """Return a plain value as text; JSON's words for true and false."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(text: str) -> _Place:
    written = text.split("|")
    if len(written) > MAX_CHOICES:
        raise ValueError(f"has more than {MAX_CHOICES} pointers in one place")
    return _Place(tuple(_choice(one.strip()) for one in written))


def _choice(text: str) -> tuple[str, tuple[str, ...]]:
    if text.startswith(_HEADERS):
        name = text[len(_HEADERS) :].lower()
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{{{text}}} names no header: write {{header/x-name}}")
        return _HEADERS, (name,)
    root = _BODY if text == _BODY or text.startswith(f"{_BODY}/") else ""
    if not root and not text.startswith("/"):
        raise ValueError(f"{{{text}}} is no place: write {{/a/b}} of the item, {{body/a/b}} or {{header/x-name}}")
    return root, pointer_steps(text[len(root) :])
