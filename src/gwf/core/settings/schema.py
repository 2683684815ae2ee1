"""What the settings model allows at each place: for messages, environment names and the reference."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import annotated_types as at
from pydantic import BaseModel, SecretStr, StringConstraints
from pydantic.fields import FieldInfo

from gwf.core.settings.draft import Loc
from gwf.core.settings.model import Settings
from gwf.core.units import DURATION_HINT, SIZE_HINT, format_duration, format_size, parse_duration_s, parse_size_bytes


class Kind(enum.StrEnum):
    """The kinds of values, by the word that the reference uses."""

    SECTION = "section"
    MAP = "map"
    LIST = "list"
    DURATION = "duration"
    SIZE = "size"
    COUNT = "whole number"
    NUMBER = "number"
    SWITCH = "true or false"
    CHOICE = "choice"
    SECRET = "secret text"  # noqa: S105  # the name of a kind, no secret
    PATH = "path"
    TEXT = "text"


BLOCKS = frozenset({Kind.SECTION, Kind.MAP, Kind.LIST})

_HINTS = {
    Kind.SECTION: "a block of keys", Kind.DURATION: DURATION_HINT, Kind.SIZE: SIZE_HINT, Kind.COUNT: "a whole number",
    Kind.NUMBER: "a number", Kind.SWITCH: "true or false", Kind.PATH: "a path", Kind.TEXT: "text",
    Kind.SECRET: "text",
}  # fmt: skip
_PLAIN = (
    (bool, Kind.SWITCH), (int, Kind.COUNT), (float, Kind.NUMBER), (Path, Kind.PATH), (SecretStr, Kind.SECRET),
)  # fmt: skip
_PARSERS = ((parse_duration_s, Kind.DURATION), (parse_size_bytes, Kind.SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What may stand at one place."""

    kind: Kind
    #: keys of a section
    section: type[BaseModel] | None = None
    #: what a list or map holds
    item: Shape | None = None
    choices: tuple[str, ...] = ()
    #: constraint objects of the model's annotations
    marks: tuple[object, ...] = ()

    def inner(self, part: str | int) -> Shape | None:
        """Return the shape one step down, or None where nothing may stand."""
        if self.section is None:
            return self.item
        info = self.section.model_fields.get(str(part))
        return None if info is None else field_shape(info)


ROOT = Shape(kind=Kind.SECTION, section=Settings)


def field_shape(info: FieldInfo) -> Shape:
    """Return the shape of a model field."""
    return _shape(info.annotation, tuple(info.metadata))


def shape_at(loc: Loc) -> Shape | None:
    """Return what may stand at `loc`, or None for an unknown place."""
    shape: Shape | None = ROOT
    for part in loc:
        shape = None if shape is None else shape.inner(part)
    return shape


def walk(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo, Shape]]:
    """Yield every key below `section` in order: `stores.<name>.url`, `agent.watch[].path`."""
    for name, info in section.model_fields.items():
        inner = field_shape(info)
        key = f"{prefix}{name}"
        yield key, info, inner
        step = {Kind.LIST: "[].", Kind.MAP: ".<name>."}.get(inner.kind, ".")
        block = inner.item if inner.kind in {Kind.LIST, Kind.MAP} else inner
        if block is not None and block.section is not None:
            yield from walk(block.section, f"{key}{step}")


def allowed(shape: Shape) -> str:
    """Return one phrase that says what may be written here."""
    if shape.kind is Kind.CHOICE:
        return "one of " + ", ".join(shape.choices)
    if shape.kind is Kind.LIST and shape.item is not None:
        return f"a list, each item {allowed(shape.item)}"
    if shape.kind is Kind.MAP and shape.item is not None:
        return f"names, each with {allowed(shape.item)}"
    return ", ".join(filter(None, (_HINTS[shape.kind], bounds(shape))))


def bounds(shape: Shape) -> str:
    """Return the limits in words, "" when there are none."""
    phrases = (_bound(mark, shape.kind) for mark in shape.marks)
    return ", ".join(phrase for phrase in phrases if phrase)


def _bound(mark: object, kind: Kind) -> str:
    match mark:
        case at.Ge():
            return f"at least {amount(mark.ge, kind)}"
        case at.Gt():
            return f"more than {amount(mark.gt, kind)}"
        case at.Le():
            return f"at most {amount(mark.le, kind)}"
        case at.MinLen():
            return f"{mark.min_length} characters or more"
        case at.MaxLen():
            return f"{mark.max_length} {'items' if kind in {Kind.LIST, Kind.MAP} else 'characters'} or fewer"
        case StringConstraints(pattern=str() as pattern):
            return f"matching {pattern}"
        case _:
            found: object = getattr(mark, "pattern", None)
            return f"matching {found}" if isinstance(found, str) else ""


def amount(value: object, kind: Kind) -> str:
    """Return a number as people write it where a value of `kind` stands."""
    if kind is Kind.DURATION and isinstance(value, (int, float)):
        return format_duration(value)
    if kind is Kind.SIZE and isinstance(value, int):
        return format_size(value)
    return str(value)


def _shape(annotation: object, marks: tuple[object, ...]) -> Shape:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _shape(args[0], marks + args[1:])
    if origin in {typing.Union, types.UnionType}:
        return _shape(next(arg for arg in args if arg is not type(None)), marks)
    if origin is tuple:
        return Shape(kind=Kind.LIST, item=_shape(args[0], ()), marks=marks)
    if origin is dict:
        return Shape(kind=Kind.MAP, item=_shape(args[1], ()), marks=marks)
    if origin is typing.Literal:
        return Shape(kind=Kind.CHOICE, choices=tuple(map(str, args)), marks=marks)
    return _class_shape(annotation, marks)


def _class_shape(annotation: object, marks: tuple[object, ...]) -> Shape:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape(kind=Kind.SECTION, section=annotation, marks=marks)
    if isinstance(annotation, type) and issubclass(annotation, enum.StrEnum):
        return Shape(kind=Kind.CHOICE, choices=tuple(annotation), marks=marks)
    parsed = [kind for parser, kind in _PARSERS for mark in marks if getattr(mark, "func", None) is parser]
    plain = next((kind for plain, kind in _PLAIN if annotation is plain), Kind.TEXT)
    return Shape(kind=parsed[0] if parsed else plain, marks=marks)
