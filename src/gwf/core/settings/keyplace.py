"""Where the file with the keys for secrets is, also while the configuration is still being read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gwf.core.keyfile import FILE_NAME
from gwf.core.settings.draft import Draft, Loc, value_at
from gwf.core.settings.environ import variable_name
from gwf.core.settings.model import Settings
from gwf.core.settings.placeholders import resolve

KEY_FILE = "secrets.key_file"
DATA_DIR = "data_dir"


def key_file_of(settings: Settings) -> Path:
    """Return the key file of a process."""
    return settings.secrets.key_file or settings.data_dir / FILE_NAME


def key_file_among(tree: dict[str, object], *, environ: Mapping[str, str], overrides: Mapping[str, object]) -> Path:
    """Return the key file that sources name, before they are settings: flags, then variables, then the file."""

    def given(key: str) -> str:
        loc: Loc = tuple(key.split("."))
        found = overrides.get(key) or environ.get(variable_name(key)) or _resolved(value_at(tree, loc), loc, environ)
        return str(found) if isinstance(found, (str, Path)) else ""

    named = given(KEY_FILE)
    if named:
        return Path(named)
    return Path(given(DATA_DIR) or str(Settings.model_fields[DATA_DIR].default)) / FILE_NAME


def _resolved(value: object, loc: Loc, environ: Mapping[str, str]) -> object:
    """Return a value with its variables in place; what is wrong with it is told when the whole is read."""
    alone = Draft()
    alone.put(loc, value, "")
    resolve(alone, environ)
    return value_at(alone.tree, loc)
