"""The settings that a command's options lead to."""

from __future__ import annotations

from pathlib import Path

from gwf.core.errors import ConfigError
from gwf.core.settings.environ import CONFIG_VARIABLE, process_environ
from gwf.core.settings.load import LoadedSettings, load_settings


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
