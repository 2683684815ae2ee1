"""Settings as plain values: as they may be shown, every secret masked, or as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from gwf.core.settings.addresses import without_user_info
from gwf.core.settings.draft import Loc, is_block, is_list
from gwf.core.settings.model import Settings
from gwf.core.settings.schema import Kind, shape_at

MASK = "******"
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def effective(settings: Settings) -> dict[str, object]:
    """Return all settings as plain values (durations in seconds, sizes in bytes), secrets as `******`."""
    return {name: _plain(value, _masked) for name, value in settings}


def revealed(settings: Settings) -> dict[str, object]:
    """Return the same with secrets in clear: a whole native document, every key filled, to be kept private."""
    return {name: _plain(value, _clear) for name, value in settings}


def mask(document: object, loc: Loc = (), *, references: bool = False) -> object:
    """Return a native document as it may be shown, also one that is no longer valid.

    With `references`, secrets that are nothing but the name of a variable stay: `${NAME}` gives nothing away, and who
    edits a document sends it back.
    """
    if is_block(document):
        return {name: mask(inner, (*loc, name), references=references) for name, inner in document.items()}
    if is_list(document):
        return [mask(inner, (*loc, at), references=references) for at, inner in enumerate(document)]
    if references and isinstance(document, str) and _REFERENCE.fullmatch(document):
        return document
    shape = shape_at(loc)
    if document is not None and (shape is None or shape.kind is Kind.SECRET):
        return MASK
    if not isinstance(document, str):
        return document
    return without_user_info(document).encode("utf-8", "backslashreplace").decode()  # names of files may be no UTF-8


def leaves(shown: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    """Yield every single value of `effective` with its place, in order; lists of plain values stay whole."""
    if is_block(shown) and shown:
        for name, inner in shown.items():
            yield from leaves(inner, (*loc, name))
    elif is_list(shown) and any(is_block(item) for item in shown):
        for at, inner in enumerate(shown):
            yield from leaves(inner, (*loc, at))
    else:
        yield loc, shown


def secret_values(settings: Settings) -> frozenset[str]:
    """Return every secret in the settings, so that logs can be kept free of them."""
    found: set[str] = {value for value in _secrets(settings) if value}
    return frozenset(found)


def _plain(value: object, text_of: Callable[[object], str]) -> object:
    if isinstance(value, BaseModel):
        return {name: _plain(inner, text_of) for name, inner in value}
    if is_block(value):
        return {name: _plain(inner, text_of) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner, text_of) for inner in cast("tuple[object, ...]", value)]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return text_of(value)


def _masked(value: object) -> str:
    return MASK if isinstance(value, SecretStr) else without_user_info(str(value))


def _clear(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _secrets(settings: Settings) -> Iterator[str]:
    yield from _secrets_in(settings)
    for store in settings.stores.values():
        if store.proxy:
            password = urlsplit(store.proxy).password or ""
            yield from (password, unquote(password))


def _secrets_in(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _secrets_in(inner)
    elif is_block(value):
        for inner in value.values():
            yield from _secrets_in(inner)
    elif isinstance(value, tuple):
        for inner in cast("tuple[object, ...]", value):
            yield from _secrets_in(inner)
