"""What a process begins with: its sources, what was set at run time before, and what only its own file may allow."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.agent.config.overlay import Overlay, still_needed
from gwf.agent.config.versions import VersionStore
from gwf.core.errors import ConfigError
from gwf.core.settings.compare import laid_over
from gwf.core.settings.document import settings_of
from gwf.core.settings.effective import revealed
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import Settings
from gwf.core.settings.scripts import widened


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a process begins with: its sources, and what was set at run time before it started."""

    loaded: LoadedSettings
    overlay: Overlay
    settings: Settings
    #: why the overlay is not in force, if it does not fit the file any more
    problems: tuple[str, ...] = ()


def begin(loaded: LoadedSettings, versions: VersionStore, *, number: int | None = None) -> Beginning:
    """Return the settings to start with: the sources, and over them what was set at run time.

    What does not fit any more keeps nobody from starting: then the sources alone count, and health says so. `number`
    is the version whose run-time settings count; None = the latest, which is also what counts if it is gone.
    """
    latest = (versions.find(number) if number is not None else None) or versions.latest()
    base = revealed(loaded.settings)
    overlay = still_needed(latest.overlay, base) if latest is not None else ()
    if not overlay:
        return Beginning(loaded=loaded, overlay=(), settings=loaded.settings)
    try:
        settings = settings_of(laid_over(base, overlay))
        refuse_wider(loaded, settings)
    except ConfigError as exc:
        return Beginning(loaded=loaded, overlay=overlay, settings=loaded.settings, problems=exc.problems)
    return Beginning(loaded=loaded, overlay=overlay, settings=settings)


def refuse_wider(base: LoadedSettings, settings: Settings) -> None:
    """Refuse settings that allow programs or archive directories which the file does not, whoever brings them.

    Raises:
        ConfigError: They do.
    """
    problems = widened(base.settings.agent.actions, settings.agent.actions)
    if problems:
        raise ConfigError("this is allowed by the configuration file of the host only", problems=tuple(problems))
