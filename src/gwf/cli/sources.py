"""The settings that a command's options lead to."""

from __future__ import annotations

from pathlib import Path

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import is_block
from gwf.core.settings.environ import CONFIG_VARIABLE, process_environ, variable_name
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.yamlfile import read_yaml_file

_DATA_DIR = "data_dir"


def load(config: Path | None, overrides: dict[str, object] | None = None, *, required: bool = False) -> LoadedSettings:
    """Return the settings for a command; values of None in `overrides` are options that were not given.

    Raises:
        ConfigError: The configuration is not usable, or none is named though one is `required`.
    """
    environ = process_environ()
    named = environ.get(CONFIG_VARIABLE, "").strip()
    if required and config is None and not named:
        raise ConfigError(f"no configuration is named: use --config FILE or {CONFIG_VARIABLE}")
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    return load_settings(config or (Path(named) if named else None), environ=environ, overrides=given)


def data_dir(data: Path | None, config: Path | None) -> Path:
    """Return the data directory named by `--data`, else by the configuration.

    Raises:
        ConfigError: The configuration is needed and not usable.
    """
    return data if data is not None else load(config).settings.data_dir


def data_dir_of_unusable(config: Path | None) -> Path | None:
    """Return the data directory that a configuration with faults names all the same; None when it cannot be told."""
    environ = process_environ()
    text: object = environ.get(variable_name(_DATA_DIR), "").strip()
    named = config or environ.get(CONFIG_VARIABLE, "").strip()
    if not text and named:
        try:
            tree = read_yaml_file(Path(named)).value
        except ConfigError:  # no YAML at all
            return None
        text = tree.get(_DATA_DIR) if is_block(tree) else None
    return Path(text) if isinstance(text, str) and text and "$" not in text else None
