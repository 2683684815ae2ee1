"""Documents as people type them, YAML or JSON, and what is wrong with them line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from gwf.api.v1.document import json_value
from gwf.control.config.canonical import canonical, pointer
from gwf.control.config.model import Fault
from gwf.core.errors import ConfigError, InputError
from gwf.core.settings.draft import Loc, is_block
from gwf.core.settings.plain import plain_yaml
from gwf.core.settings.yamlfile import parse_yaml
from gwf.wire.configforms import DocumentFault

_LINE = re.compile(r"line (\d+)")
_SOURCE = " [body line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A document that was typed."""

    #: None = it is none
    document: dict[str, JsonValue] | None
    #: as YAML; of YAML that was typed the same text
    text: str
    #: why it is none, and what is odd in it
    problems: tuple[DocumentFault, ...]
    lines: Mapping[Loc, int]

    def faults(self, found: Iterable[Fault]) -> list[DocumentFault]:
        """Return the problems of the text, then these faults, each with its line."""
        by_pointer = {pointer(loc): line for loc, line in self.lines.items()}
        placed = (
            DocumentFault(
                pointer=fault.pointer,
                code=fault.code,
                message=fault.message,
                params=dict(fault.params),
                line=_line_of(fault.pointer, by_pointer),
            )
            for fault in found
        )
        return [*self.problems, *placed]


def document_of_json(value: object) -> Typed:
    """Return the document that a JSON value is.

    Raises:
        InputError: It is no object.
    """
    if not is_block(value):
        raise InputError("the body is no mapping of keys such as stores and agent")
    canonical(value)  # refuses what JSON has no word for
    text = plain_yaml(value)
    lines = parse_yaml(text, source="body").lines
    return Typed(document=cast("dict[str, JsonValue]", value), text=text, problems=(), lines=lines)


def document_of_json_text(text: str) -> Typed:
    """Return the document that a JSON text is.

    Raises:
        InputError: It is no JSON, or no object.
    """
    return document_of_json(json_value(text))


def document_of_yaml(text: str) -> Typed:
    """Return the document that a YAML text is; what is wrong with the text is told with its line."""
    try:
        content = parse_yaml(text, source="body")
    except ConfigError as exc:
        return Typed(document=None, text=text, problems=tuple(map(_told, exc.problems)), lines={})
    value = dict[str, object]() if content.value is None else content.value  # nothing but comments
    if not is_block(value):
        message = "write keys and values, each key on a line of its own"
        fault = DocumentFault(pointer="", code="invalid_yaml", message=message, line=1)
        return Typed(document=None, text=text, problems=(fault,), lines={})
    document = cast("dict[str, JsonValue]", value)
    return Typed(document=document, text=text, problems=tuple(map(_told, content.problems)), lines=content.lines)


def _told(problem: str) -> DocumentFault:
    """Return a problem of the text; it names its line by itself."""
    line = _LINE.search(problem)
    message = problem.removeprefix("body: ").partition(_SOURCE)[0]
    return DocumentFault(
        pointer="", code="invalid_yaml", message=message.strip(), line=None if line is None else int(line[1])
    )


def _line_of(place: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a place, or of the nearest block around it: a key that is missing stands nowhere."""
    while place and place not in lines:
        place = place.rpartition("/")[0]
    return lines.get(place)
