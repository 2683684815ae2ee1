"""What a process with a centre begins with: the version before an unfinished trial, within what the host allows now."""

from __future__ import annotations

from dataclasses import replace

from gwf.agent.centre.attempts import Attempts
from gwf.agent.config.beginning import Beginning, begin
from gwf.agent.config.versions import VersionStore
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.managed import PartRefusedError, laid_on


def begin_managed(loaded: LoadedSettings, versions: VersionStore, attempts: Attempts) -> Beginning:
    """Return the settings to start with.

    A configuration that was on trial when the last process ended has not proved itself: the version before counts. One
    that the host's own file does not allow any more is left out as a whole, and health says so.
    """
    trial, running = attempts.trial, attempts.running
    beginning = begin(loaded, versions, number=None if trial is None else trial.before)
    centre = loaded.settings.agent.centre
    if running is None or centre is None or not beginning.overlay:
        return beginning
    try:
        laid_on(loaded, running.document, centre)
    except PartRefusedError as exc:
        return replace(beginning, settings=loaded.settings, problems=(*beginning.problems, *exc.problems))
    return beginning
