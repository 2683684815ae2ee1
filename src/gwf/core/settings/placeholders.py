"""Replaces `${NAME}` and `${NAME:-default}` in the text values of a configuration file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import Draft, Loc, is_block, is_list
from gwf.core.settings.environ import read_flow
from gwf.core.settings.schema import BLOCKS, Kind, shape_at

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-[^}]*)?\}|\$\{")


def resolve(draft: Draft, environ: Mapping[str, str]) -> None:
    """Replace placeholders everywhere in the draft and drop keys without a value.

    `$${` stands for a literal `${`. A variable that is unset or blank takes the default; one without a
    default is a problem. `~/` at the head of a path becomes the home directory.
    """
    draft.tree = _block(draft, draft.tree, (), environ)


def _block(draft: Draft, block: dict[str, object], loc: Loc, environ: Mapping[str, str]) -> dict[str, object]:
    values = {key: _value(draft, value, (*loc, key), environ) for key, value in block.items()}
    return {key: value for key, value in values.items() if value is not None}


def _value(draft: Draft, value: object, loc: Loc, environ: Mapping[str, str]) -> object:
    if is_block(value):
        return _block(draft, value, loc, environ)
    if is_list(value):
        return [_value(draft, item, (*loc, at), environ) for at, item in enumerate(value)]
    return _text(draft, value, loc, environ) if isinstance(value, str) else value


def _text(draft: Draft, text: str, loc: Loc, environ: Mapping[str, str]) -> object:
    shape = shape_at(loc)
    full = _replaced(draft, text, loc, environ) if "${" in text else text
    if full is None:
        return None
    if shape is not None and shape.kind is Kind.PATH and full.startswith("~/") and environ.get("HOME"):
        return environ["HOME"] + full[1:]
    if shape is not None and shape.kind in BLOCKS and full != text:
        return _flow(draft, full, loc)
    return full


def _flow(draft: Draft, text: str, loc: Loc) -> object:
    try:
        return read_flow(text, source=draft.origin(loc) or "placeholder")
    except ConfigError as exc:
        draft.problems.extend(exc.problems)
        return None


def _replaced(draft: Draft, text: str, loc: Loc, environ: Mapping[str, str]) -> str | None:
    wrong: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            wrong.append("has a '${' that is no ${NAME} or ${NAME:-default}; write $${ for the two characters")
            return ""
        found = environ.get(name, "")
        if not found and default is None:
            wrong.append(f"the environment variable {name} is not set: set it, or write ${{{name}:-default}}")
        return found or (default or "").removeprefix(":-")

    full = _PLACEHOLDER.sub(value, text)
    for what in wrong:
        draft.problem(loc, what)
    return None if wrong else full
