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
from gwf.core.settings.envfile import with_env_file
from gwf.core.settings.environ import apply_environ, variable_name
from gwf.core.settings.kept import KeptSecrets
from gwf.core.settings.keyplace import key_file_among
from gwf.core.settings.legacy.keys import COMPOSE_VARIABLES
from gwf.core.settings.legacy.source import gather, is_legacy
from gwf.core.settings.legacy.take import take_over
from gwf.core.settings.model import Settings
from gwf.core.settings.placeholders import resolve
from gwf.core.settings.problems import explain, without_faults
from gwf.core.settings.rules import check
from gwf.core.settings.scripts import SCRIPTS, file_problems
from gwf.core.settings.yamlfile import YamlContent, parse_yaml, read_yaml_file

Form = Literal["gwf", "legacy"]

_UNUSABLE = "configuration is not usable"
_STORE_URL = "stores.default.url"
_FLAGS = "command line"
MAX_ROUNDS = 5  #: validations of what is left after faulty values were taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a process takes its configuration from, so that it can be read again."""

    config: Path | None
    environ: Mapping[str, str]
    #: flags of the command line by dotted key
    overrides: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSettings:
    """A valid configuration and how it came about."""

    settings: Settings
    sources: Sources
    notes: tuple[Note, ...]
    #: where each given value came from, by dotted key; all others are defaults
    origins: Mapping[str, str]
    #: legacy: the file is one of the Go version
    format: Form
    #: the variables that were used: those of the process, below them those of an environment file
    environ: Mapping[str, str]


def load_settings(
    config: Path | None, *, environ: Mapping[str, str], overrides: Mapping[str, object], text: str | None = None
) -> LoadedSettings:
    """Return the settings of `config`, overlaid by GWF_ variables, overlaid by `overrides`.

    `overrides` maps a dotted key to a value, for example `{"listen": "127.0.0.1:0"}`; a list is added to
    the list that is there. `text` stands for the content of `config`, which then need not exist.

    Raises:
        ConfigError: Something is wrong; `problems` lists every fault of all sources.
    """
    sources = Sources(config=config, environ=environ, overrides=overrides)
    draft = Draft()
    content = _read(draft, config, text)
    if config is not None and is_legacy(draft.tree):
        form: Form = "legacy"
        environ = _take_legacy(draft, config, content, environ=environ, overrides=overrides)
    else:
        form = "gwf"
        environ = with_env_file(draft.tree.get("env_file"), config=config, environ=environ)
        keys = key_file_among(draft.tree, environ=environ, overrides=overrides)
        resolve(draft, environ, KeptSecrets(config.parent if config is not None else Path(), keys))
    apply_environ(draft, environ)
    _override(draft, overrides)
    if config is not None and value_at(draft.tree, SCRIPTS):
        for loc, problem in file_problems(config):
            draft.problem(loc, problem)
    settings = settled(draft)
    origins = {dotted(loc): origin for loc, origin in draft.origins.items() if loc}
    return LoadedSettings(
        settings=settings,
        sources=sources,
        notes=tuple(draft.notes),
        origins=origins,
        format=form,
        environ=environ,
    )


def reload(sources: Sources) -> LoadedSettings:
    """Read the sources of a process again.

    Raises:
        ConfigError: As `load_settings`.
    """
    return load_settings(sources.config, environ=sources.environ, overrides=sources.overrides)


def settled(draft: Draft) -> Settings:
    """Return the settings that a draft amounts to, with nothing left implied.

    Raises:
        ConfigError: Something is wrong; `problems` lists every fault.
    """
    settings = _validated(draft)
    if settings is not None:
        settings, notes = complete(settings)
        draft.notes += notes
        check(settings, draft)
    if draft.problems or settings is None:
        raise ConfigError(_UNUSABLE, problems=tuple(dict.fromkeys(draft.problems)))
    return settings


def _read(draft: Draft, config: Path | None, text: str | None) -> YamlContent:
    if config is None:
        return YamlContent(value=None)
    content = read_yaml_file(config) if text is None else parse_yaml(text, source=str(config))
    if content.value is not None and not is_block(content.value):
        raise ConfigError(_UNUSABLE, problems=(f"{config}: is no mapping of keys such as data_dir, stores and agent",))
    draft.problems += content.problems
    draft.tree = content.value or {}
    draft.origins = {loc: f"{config} line {line}" for loc, line in content.lines.items() if loc}
    return content


def _take_legacy(
    draft: Draft, config: Path, content: YamlContent, *, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Mapping[str, str]:
    """Replace the draft by what the Go version's files amount to; return the environment with its .env files."""
    values = gather(config, content, environ)
    draft.tree, draft.origins, draft.problems = {}, {}, []
    replaced = _STORE_URL in overrides or bool(values.environ.get(variable_name(_STORE_URL)))
    take_over(draft, values, store_replaced=replaced)
    return {name: text for name, text in values.environ.items() if name not in COMPOSE_VARIABLES}


def _override(draft: Draft, overrides: Mapping[str, object]) -> None:
    for key, value in overrides.items():
        loc: Loc = tuple(key.split("."))
        there = value_at(draft.tree, loc)
        if is_list(value) and is_list(there):
            for item in value:
                draft.mark((*loc, len(there)), item, _FLAGS)
                there.append(item)
        else:
            draft.put(loc, value, _FLAGS)


def _validated(draft: Draft) -> Settings | None:
    """Return settings made of the values that are right, with a problem for each that is not."""
    tree = draft.tree
    for attempt in range(MAX_ROUNDS):
        try:
            return Settings.model_validate(tree)
        except ValidationError as exc:
            faults = exc.errors(include_url=False)
            if attempt == 0:
                explain(draft, faults)
            tree = without_faults(tree, faults)
    return None
