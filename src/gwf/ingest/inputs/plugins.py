"""Finds inputs that installed packages bring (entry points of the group `gwf.inputs`)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from gwf.core.errors import ConfigError
from gwf.core.settings.inputs import PluginInputSettings
from gwf.ingest.inputs.contract import ListeningInput, Options, WebInput

GROUP = "gwf.inputs"

log = logging.getLogger("gwf.ingest.inputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInput:
    """An input of a package, made as the settings say."""

    name: str
    #: of what it listens for
    tenant: str
    #: None = nothing is posted to it
    web: WebInput | None
    #: None = it does not listen
    listening: ListeningInput | None


def plugin_inputs(
    settings: Mapping[str, PluginInputSettings], found: Iterable[EntryPoint] | None = None
) -> dict[str, PluginInput]:
    """Return the inputs that settings name; a package that no settings name opens no door.

    `found` stands in for what is installed.

    Raises:
        ConfigError: A package is not there, or its input cannot be used; the message says which settings named it.
    """
    points = {point.name: point for point in (entry_points(group=GROUP) if found is None else found)}
    return {name: _made(name, one, points) for name, one in settings.items()}


def _made(name: str, settings: PluginInputSettings, points: Mapping[str, EntryPoint]) -> PluginInput:
    place = f"server.inputs.plugins.{name}"
    point = points.get(settings.plugin)
    if point is None:
        known = ", ".join(sorted(points)) or "none"
        raise ConfigError(f"{place}.plugin names an input that no installed package brings", installed=known)
    options = Options(
        name=name,
        options=dict(settings.options),
        secrets={key: secret.get_secret_value() for key, secret in settings.secrets.items()},
    )
    try:
        make = cast("Callable[[Options], object]", point.load())
        made = make(options)
    except Exception as exc:  # anything may happen in code of others; it was asked for, so going on without it is wrong
        log.exception("plugin_not_loaded", extra={"plugin": point.name})
        raise ConfigError(f"{place} cannot be used: its package failed", reason=repr(exc)) from exc
    web = cast("WebInput", made) if callable(getattr(made, "read", None)) else None
    listening = cast("ListeningInput", made) if callable(getattr(made, "run", None)) else None
    if web is None and listening is None:
        raise ConfigError(f"{place} cannot be used: its input can neither read nor run", plugin=point.name)
    log.info("plugin_loaded", extra={"plugin": point.name, "input": name})
    return PluginInput(name=name, tenant=settings.tenant, web=web, listening=listening)
