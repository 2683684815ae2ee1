"""Texts of actions with places for values of the event: `${path}`, `${labels.env:-none}`. Pure.

Nothing can be called, looped over or computed in a template, so that one can neither do harm nor take long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gwf.events.model import JsonValue
from gwf.rules.facts import MISSING, Facts, Get, fields_hint, find_field
from gwf.rules.faults import Faults, below, is_list, is_object

MAX_CHARS = 8_192  #: of a template, and of what it becomes
MAX_VALUES = 500  #: of one action
MAX_DEPTH = 8
_HOLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^{}:]*)(?::-(?P<default>[^{}]*))?\})?")

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Unfilled(Exception):  # noqa: N818  # no fault of a program: an event lacks what an action needs
    """A place of a template for which the event has no value."""

    def __init__(self, at: str, field: str) -> None:
        """Say where, and which field."""
        super().__init__(at, field)
        self.at = at
        self.field = field


@dataclass(frozen=True, slots=True)
class _Hole:
    name: str
    get: Get
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """One text with its places."""

    at: str
    parts: tuple[str | _Hole, ...]

    def filled(self, facts: Facts) -> JsonValue:
        """Return the text; a template that is one place alone gives the value itself, whatever it is.

        Raises:
            Unfilled: The event has no value for a place without a default.
        """
        if len(self.parts) == 1 and isinstance(hole := self.parts[0], _Hole):
            return self._value(hole, facts)
        return self.text(facts)

    def text(self, facts: Facts) -> str:
        """Return the text.

        Raises:
            Unfilled: As `filled`; also when it became too long.
        """
        text = "".join(part if isinstance(part, str) else _text(self._value(part, facts)) for part in self.parts)
        if len(text) > MAX_CHARS:
            raise Unfilled(self.at, "(too long)")
        return text

    @property
    def is_open(self) -> bool:
        """It is one place alone, and becomes whatever the event has there."""
        return len(self.parts) == 1 and isinstance(self.parts[0], _Hole)

    def with_stand_in(self, text: str) -> str:
        """Return the text with `text` at every place."""
        return "".join(part if isinstance(part, str) else text for part in self.parts)

    def fields(self) -> Iterator[str]:
        """Yield the names of the fields that it reads."""
        return (part.name for part in self.parts if isinstance(part, _Hole))

    def _value(self, hole: _Hole, facts: Facts) -> JsonValue:
        value: Any = hole.get(facts)
        if value is MISSING or value is None:
            if hole.default is None:
                raise Unfilled(self.at, hole.name)
            return hole.default
        found: JsonValue = value  # what an event holds is JSON
        return found


#: a JSON value with templates in the place of texts
Filling = Template | None | bool | int | float | str | list["Filling"] | dict[str, "Filling"]


def read_template(text: str, at: str, faults: Faults) -> Template:
    """Return the template that a text is; what is wrong with it goes to `faults`."""
    parts: list[str | _Hole] = []
    end = 0
    for found in _HOLE.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found["dollar"]:
            parts.append("$")
        elif found["name"] is None:
            faults.add(at, "bad_template", "$ begins a place such as ${path}; write $$ for the sign itself")
        elif (field := find_field(found["name"], in_run=faults.in_run)) is None:
            hint = fields_hint(in_run=faults.in_run)
            name = found["name"]
            faults.add(at, "unknown_field", f"{name!r} is no field; there are {hint}", name=name, known=hint)
        else:
            parts.append(_Hole(field.name, field.getter(), found["default"]))
    parts.append(text[end:])
    return Template(at, tuple(part for part in parts if part != "") or ("",))


def read_filling(value: object, at: str, faults: Faults, *, depth: int = MAX_DEPTH) -> Filling:
    """Return a JSON value whose texts are templates; what is wrong with it goes to `faults`."""
    if depth < 0:
        faults.add(at, "too_deep", f"nested deeper than {MAX_DEPTH} levels")
        return None
    if isinstance(value, str):
        text = faults.text(value, at, most=MAX_CHARS, least=0)
        return value if text is None or "$" not in text else read_template(text, at, faults)
    if is_list(value):
        return [read_filling(item, f"{at}/{at_}", faults, depth=depth - 1) for at_, item in enumerate(value)]
    if is_object(value):
        return {key: read_filling(item, below(at, key), faults, depth=depth - 1) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    faults.add(at, "wrong_type", "this is no JSON value")
    return None


def filled(filling: Filling, facts: Facts) -> JsonValue:
    """Return the value with all places filled.

    Raises:
        Unfilled: The event has no value for one.
    """
    if isinstance(filling, Template):
        return filling.filled(facts)
    if isinstance(filling, list):
        return [filled(item, facts) for item in filling]
    if isinstance(filling, dict):
        return {key: filled(item, facts) for key, item in filling.items()}
    return filling


def filled_object(filling: Mapping[str, Filling], facts: Facts) -> dict[str, JsonValue]:
    """Return the object with all places filled; raises as `filled`."""
    return {key: filled(item, facts) for key, item in filling.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else _encode(value)
