"""Replaces `${NAME}`, `${NAME:-default}`, `${file:…}` and `${sealed:…}` in the text values of a configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from gwf.core.errors import ConfigError, GwfError
from gwf.core.settings.draft import Draft, Loc, is_block, is_list
from gwf.core.settings.effective import mask
from gwf.core.settings.environ import read_flow
from gwf.core.settings.schema import BLOCKS, Kind, shape_at

_PLACEHOLDER = re.compile(
    r"\$\$\{"
    r"|\$\{(?P<form>file|sealed):(?P<of>[^}]*)\}"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-[^}]*)?\}"
    r"|\$\{"
)


class Kept(Protocol):
    """Secrets that are kept apart from a configuration file."""

    def text(self, form: str, of: str) -> str:
        """Return the secret that `${form:of}` stands for; raise InputError or LocalIoError if there is none."""
        ...


def resolve(draft: Draft, environ: Mapping[str, str], kept: Kept | None = None) -> None:
    """Replace placeholders everywhere in the draft and drop keys without a value.

    `$${` stands for a literal `${`. A variable that is unset or blank takes the default; one without a
    default is a problem. `~/` at the head of a path becomes the home directory. `${file:…}` and `${sealed:…}` stand for
    secrets of this host, which only its own configuration may use: without `kept` they are problems.
    """
    draft.tree = _Resolver(draft, environ, kept).block(draft.tree, ())


def variables_in(document: object, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Yield each variable that a document names by `${NAME}`, with its place."""
    if is_block(document):
        for key, inner in document.items():
            yield from variables_in(inner, (*loc, key))
    elif is_list(document):
        for at, inner in enumerate(document):
            yield from variables_in(inner, (*loc, at))
    elif isinstance(document, str):
        yield from ((loc, match["name"]) for match in _PLACEHOLDER.finditer(document) if match["name"])


class _Resolver:
    def __init__(self, draft: Draft, environ: Mapping[str, str], kept: Kept | None) -> None:
        self._draft = draft
        self._environ = environ
        self._kept = kept
        self._used: dict[Loc, list[str]] = {}

    def block(self, block: dict[str, object], loc: Loc) -> dict[str, object]:
        values = {key: self._value(value, (*loc, key)) for key, value in block.items()}
        return {key: value for key, value in values.items() if value is not None}

    def _value(self, value: object, loc: Loc) -> object:
        if is_block(value):
            return self.block(value, loc)
        if is_list(value):
            return [self._value(item, (*loc, at)) for at, item in enumerate(value)]
        return self._text(value, loc) if isinstance(value, str) else value

    def _text(self, text: str, loc: Loc) -> object:
        shape = shape_at(loc)
        full = self._replaced(text, loc) if "${" in text else text
        if full is None:
            return None
        if shape is not None and shape.kind is Kind.PATH and full.startswith("~/") and self._environ.get("HOME"):
            return self._environ["HOME"] + full[1:]
        if shape is not None and shape.kind in BLOCKS and full != text:
            return self._flow(full, loc)
        return full

    def _flow(self, text: str, loc: Loc) -> object:
        try:
            return read_flow(text, source=self._draft.origin(loc) or "placeholder")
        except ConfigError as exc:
            self._draft.problems.extend(exc.problems)
            return None

    def _replaced(self, text: str, loc: Loc) -> str | None:
        wrong: list[str] = []

        def value(match: re.Match[str]) -> str:
            if match[0] == "$${":
                return "${"
            if match["form"] is not None:
                return self._secret(match, loc, wrong)
            name, default = match["name"], match["default"]
            if name is None:
                wrong.append("has a '${' that is no ${NAME} or ${NAME:-default}; write $${ for the two characters")
                return ""
            found = self._environ.get(name, "")
            if not found and default is None:
                wrong.append(f"the environment variable {name} is not set: set it, or write ${{{name}:-default}}")
            return found or (default or "").removeprefix(":-")

        full = _PLACEHOLDER.sub(value, text)
        if any(secret in str(mask(full, loc)) for secret in self._used.pop(loc, ())):
            wrong.append("would be shown: only secrets, and passwords in URLs, may be ${file:…} or ${sealed:…}")
        for what in wrong:
            self._draft.problem(loc, what)
        return None if wrong else full

    def _secret(self, match: re.Match[str], loc: Loc, wrong: list[str]) -> str:
        form = match["form"]
        if self._kept is None:
            wrong.append(f"uses ${{{form}:…}}, which only the configuration file of this host may")
            return ""
        try:
            text = self._kept.text(form, match["of"])
        except GwfError as exc:
            wrong.append(str(exc))
            return ""
        self._used.setdefault(loc, []).append(text)
        return text
