"""Reads the configuration of a process from file, environment and command line; tells every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from gwf.core.errors import ConfigError
from gwf.core.settings.complete import complete
from gwf.core.settings.draft import Draft, Loc, Note, dotted, is_block, is_list, value_at
from gwf.core.settings.environ import apply_environ
from gwf.core.settings.model import Settings
from gwf.core.settings.placeholders import resolve
from gwf.core.settings.problems import explain, without_faults
from gwf.core.settings.rules import check
from gwf.core.settings.yamlfile import read_yaml_file

_FLAGS = "command line"
MAX_ROUNDS = 5  #: validations of what is left after faulty values were taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSettings:
    """A valid configuration and how it came about."""

    settings: Settings
    notes: tuple[Note, ...]
    #: where each value came from, by dotted key of the value or of the block it was given in; the rest are defaults
    origins: Mapping[str, str]
    #: legacy: the file is one of the Go version
    format: Literal["gwf", "legacy"]


def load_settings(
    config: Path | None, *, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> LoadedSettings:
    """Return the settings of `config`, overlaid by GWF_ variables, overlaid by `overrides`.

    `overrides` maps a dotted key to a value, for example `{"listen": "127.0.0.1:0"}`; a list is added to
    the list that is there.

    Raises:
        ConfigError: Something is wrong; `problems` lists every fault of all sources.
    """
    draft = Draft()
    _read(draft, config)
    resolve(draft, environ)
    apply_environ(draft, environ)
    _override(draft, overrides)
    settings = _validated(draft)
    if settings is not None:
        settings, notes = complete(settings)
        draft.notes += notes
        check(settings, draft)
    if draft.problems or settings is None:
        raise ConfigError("configuration is not usable", problems=tuple(dict.fromkeys(draft.problems)))
    origins = {dotted(loc): origin for loc, origin in draft.origins.items() if loc}
    return LoadedSettings(settings=settings, notes=tuple(draft.notes), origins=origins, format="gwf")


def _read(draft: Draft, config: Path | None) -> None:
    if config is None:
        return
    content = read_yaml_file(config)
    draft.problems += content.problems
    if content.value is not None and not is_block(content.value):
        draft.problems.append(f"{config}: is no mapping of keys such as data_dir, stores and agent")
        return
    draft.tree = content.value or {}
    draft.origins = {loc: f"{config} line {line}" for loc, line in content.lines.items() if loc}


def _override(draft: Draft, overrides: Mapping[str, object]) -> None:
    for key, value in overrides.items():
        loc: Loc = tuple(key.split("."))
        there = value_at(draft.tree, loc)
        if is_list(value) and is_list(there):
            draft.origins.update({(*loc, at): _FLAGS for at in range(len(there), len(there) + len(value))})
            there.extend(value)
        else:
            draft.put(loc, value, _FLAGS)


def _validated(draft: Draft) -> Settings | None:
    """Return settings made of the values that are right, with a problem for each that is not."""
    tree = draft.tree
    for attempt in range(MAX_ROUNDS):
        try:
            return Settings.model_validate(tree)
        except ValidationError as exc:
            if attempt == 0:
                explain(draft, exc)
            tree = without_faults(tree, exc)
    return None
