"""References in the place of secrets: `${secret:ID}` in a document of the centre, whose values are kept apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gwf.core.settings.draft import Loc, is_block, is_list
from gwf.core.settings.schema import Shape, shape_at

_REFERENCE = re.compile(r"\$\{secret:([A-Za-z0-9]{1,64})\}")
_OPEN = "${secret:"


def reference_to(secret: str) -> str:
    """Return what stands in a document for the secret of this id."""
    return f"${{secret:{secret}}}"


def reference_of(text: str) -> str | None:
    """Return the id of the first secret that a text refers to; None when it refers to none."""
    match = _REFERENCE.search(text)
    return None if match is None else match[1]


def holds_reference(text: str) -> bool:
    """Tell whether a text refers to a secret, or looks as if it were meant to."""
    return _OPEN in text


def references_in(document: object) -> frozenset[str]:
    """Return the ids of all secrets that a document refers to."""
    return frozenset(found for _, _, text in texts_in(document) for found in _REFERENCE.findall(text))


def filled(document: Mapping[str, object], secrets: Mapping[str, str]) -> dict[str, object]:
    """Return the document with the values of its secrets; references that are not among them stay."""
    return {key: _filled(value, secrets) for key, value in document.items()}


def texts_in(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, Shape | None, str]]:
    """Yield every text of a document with its place and what may stand there."""
    if isinstance(value, str):
        yield loc, shape_at(loc), value
    inside = value.items() if is_block(value) else enumerate(value) if is_list(value) else ()
    for part, inner in inside:
        yield from texts_in(inner, (*loc, part))


def _filled(value: object, secrets: Mapping[str, str]) -> object:
    if is_block(value):
        return {key: _filled(inner, secrets) for key, inner in value.items()}
    if is_list(value):
        return [_filled(inner, secrets) for inner in value]
    if isinstance(value, str) and _OPEN in value:
        return _REFERENCE.sub(lambda match: secrets.get(match[1], match[0]), value)
    return value
