"""Gathers the values of a Go version's configuration: YAML, runtime file, .env files, environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import is_block
from gwf.core.settings.effective import MASK
from gwf.core.settings.envfile import read_env_lines
from gwf.core.settings.legacy.keys import (
    KEY_TYPES,
    LITERAL_KEYS,
    PLACEHOLDER_KEYS,
    RUNTIME_KEYS,
    SECRET_KEYS,
    VARIABLES,
)
from gwf.core.settings.model import Settings
from gwf.core.settings.yamlfile import YamlContent, read_yaml_file

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One value of the Go version's configuration, typed, and where it stands."""

    value: str | int | float | bool | dict[str, object]
    origin: str


@dataclass(slots=True, kw_only=True)
class LegacyValues:
    """All values in force there, problems met on the way, and keys that nobody knows."""

    given: dict[str, Given] = field(default_factory=dict[str, Given])
    problems: list[str] = field(default_factory=list[str])
    unknown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    #: the process environment with the .env files below it
    environ: dict[str, str] = field(default_factory=dict[str, str])
    #: names in `environ` that only a .env file gives
    env_names: set[str] = field(default_factory=set[str])
    #: lines of .env files that are none
    env_problems: list[str] = field(default_factory=list[str])
    #: where the Go version runs: its relative paths begin there
    work_dir: Path = Path()

    def text(self, key: str) -> str:
        """Return a text value without blanks around it, "" when it is not given."""
        found = self.given.get(key)
        return "" if found is None else _as_text(found.value).strip()

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a true-or-false value."""
        found = self.given.get(key)
        return default if found is None else bool(found.value)

    def number(self, key: str) -> int | None:
        """Return a whole number that is greater than 0; the Go version takes its default for others."""
        found = self.given.get(key)
        if found is None or isinstance(found.value, dict):
            return None
        return int(found.value) if int(found.value) > 0 else None

    def block(self, key: str) -> dict[str, object] | None:
        """Return a block of keys, None when it is not given."""
        found = self.given.get(key)
        return None if found is None or not is_block(found.value) else found.value

    def origin(self, key: str) -> str:
        """Return where a value stands, with its key: `silence in old.yaml line 3`."""
        found = self.given.get(key)
        return f"{key} in {found.origin}" if found is not None else f"{key}, not given"

    def shown(self, key: str) -> str:
        """Return a value for a table, masked if secret."""
        text = self.text(key)
        return MASK if text and key in SECRET_KEYS else text


def is_legacy(tree: Mapping[str, object]) -> bool:
    """Tell whether a file is one of the Go version: it has keys of that and none of ours."""
    return any(key in KEY_TYPES for key in tree) and not any(key in Settings.model_fields for key in tree)


def gather(
    config: Path,
    content: YamlContent,
    environ: Mapping[str, str],
    *,
    work_dir: Path = Path(),
    read: Callable[[Path], YamlContent] = read_yaml_file,
) -> LegacyValues:
    """Return the values of `content` and of all that stands beside it; later sources win.

    Order as in the Go version: YAML file, runtime file, environment (with .env files below it). `read` reads the
    runtime file.
    """
    values = LegacyValues(environ=dict(environ), work_dir=work_dir)
    _take_env_files(config, work_dir, values)
    _take_file(values, config, content, known=frozenset(KEY_TYPES))
    runtime = runtime_path(config)
    if runtime.is_file():
        try:
            _take_file(values, runtime, read(runtime), known=RUNTIME_KEYS)
        except ConfigError as exc:
            values.problems.extend(exc.problems)
    for name, key in VARIABLES.items():
        if text := values.environ.get(name, "").strip():
            _take(values, key, text, origin=name)
    return values


def runtime_path(config: Path) -> Path:
    """Return the runtime file of a configuration: config.yaml -> config.runtime.yaml."""
    return config.with_name(f"{config.stem}.runtime{config.suffix or '.yaml'}")


def _take_env_files(config: Path, work_dir: Path, values: LegacyValues) -> None:
    for path in dict.fromkeys((work_dir / ".env", config.parent / ".env")):
        if path.is_file():
            lines = read_env_lines(path)
            values.env_problems += lines.problems
            values.env_names |= lines.values.keys() - values.environ.keys()
            values.environ = {**lines.values, **values.environ}


def _take_file(values: LegacyValues, path: Path, content: YamlContent, *, known: frozenset[str]) -> None:
    values.problems.extend(content.problems)
    if not is_block(content.value):
        return
    for key, raw in content.value.items():
        origin = f"{path} line {content.lines.get((key,), 1)}"
        if key not in KEY_TYPES:
            values.unknown.append((key, origin))
        elif key in known and raw is not None:
            _take(values, key, _resolved(key, raw, values.environ), origin=origin)


def _resolved(key: str, raw: object, environ: Mapping[str, str]) -> object:
    if not isinstance(raw, str) or "${" not in raw or KEY_TYPES[key] != "text" or key in LITERAL_KEYS:
        return raw
    if key in PLACEHOLDER_KEYS:
        return _PLACEHOLDER.sub(lambda match: environ.get(match[1].strip(), ""), raw)
    return "" if _PLACEHOLDER.fullmatch(raw.strip()) else raw


def _take(values: LegacyValues, key: str, raw: object, *, origin: str) -> None:
    value = _typed(key, raw)
    if value is None:
        shown = MASK if key in SECRET_KEYS else repr(raw)
        values.problems.append(f"{key} = {shown}: is not {_WORDS.get(KEY_TYPES[key], 'text')}  [{origin}]")
    else:
        values.given[key] = Given(value=value, origin=origin)


def _typed(key: str, raw: object) -> str | int | float | bool | dict[str, object] | None:
    text = str(raw).strip().lower()
    match KEY_TYPES[key]:
        case "bool":
            return text in _TRUE if text in _TRUE | _FALSE else None
        case "int":
            return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else None
        case "float":
            return float(text) if re.fullmatch(r"[-+]?\d{1,18}(\.\d{1,18})?", text) else None
        case "object":
            return raw if is_block(raw) else None
        case "text":
            return None if isinstance(raw, (dict, list)) else _as_text(raw)


def _as_text(raw: object) -> str:
    if is_block(raw):
        return "given"
    return str(raw).lower() if isinstance(raw, bool) else str(raw)
