"""The settings in force in the words of the Go version's configuration."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.core.settings.legacy.watch import go_silence_s
from gwf.core.settings.model import RetrySettings, Settings
from gwf.core.units import format_duration, parse_duration_s

DEFAULT_DELAYS = "1s,2s,5s"  #: shown where the Go version had none of its own
DEFAULT_STORE = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoView:
    """What the Go version's console knows of a configuration."""

    watch_dirs: tuple[str, ...]
    #: lower case, without repetition
    suffixes: tuple[str, ...]
    silence: str
    workers: int
    #: shown only: there is no such bound here
    queue_size: int
    #: "" when unset
    retry_delays: str
    retry_enabled: bool
    system_enabled: bool
    endpoint: str
    region: str

    def snapshot(self) -> dict[str, object]:
        """Return `configSnapshot`."""
        return {
            "watchDir": ",".join(self.watch_dirs),
            "fileExt": ", ".join(self.suffixes),
            "silence": self.silence,
            "concurrency": f"workers={self.workers} / queue={self.queue_size}",
            "uploadRetryDelays": self.retry_delays,
            "uploadRetryEnabled": self.retry_enabled,
            "systemResourceEnabled": self.system_enabled,
        }


def go_view(settings: Settings) -> GoView:
    """Return `settings` in the words of the Go version; texts it had are kept while they mean what is in force."""
    agent, shown = settings.agent, settings.legacy_api.shown
    suffixes = (suffix.lower() for watch in agent.watch for suffix in watch.suffixes)
    store = settings.stores.get(DEFAULT_STORE) or next(iter(settings.stores.values()), None)
    return GoView(
        watch_dirs=tuple(str(watch.path) for watch in agent.watch),
        suffixes=tuple(dict.fromkeys(suffixes)),
        silence=_silence(settings),
        workers=agent.transfer.workers,
        queue_size=shown.queue_size,
        retry_delays=_delays(shown.retry_delays, agent.retry),
        retry_enabled=agent.retry.max_attempts > 1,
        system_enabled=settings.legacy_api.system,
        endpoint=shown.endpoint or (store.endpoint or store.url if store else ""),
        region=shown.region or (store.region or "" if store else ""),
    )


def retry_waits(text: str) -> list[float]:
    """Return the seconds of a list of durations, parted by blanks, commas and semicolons.

    Raises:
        ValueError: One of them is no duration.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    return [parse_duration_s(word) for word in words]


def silence_s(text: str) -> float:
    """Return the seconds of a silence text, in Chinese or English.

    Raises:
        ValueError: It is no duration.
    """
    return parse_duration_s(text.replace("静默", "").strip())


def _silence(settings: Settings) -> str:
    watches, shown = settings.agent.watch, settings.legacy_api.shown.silence
    if not watches:
        return shown or "10s"
    in_force = watches[0].silence
    if shown is not None and in_force in {_or_none(shown), go_silence_s(shown)}:
        return shown
    return format_duration(in_force)


def _or_none(text: str) -> float | None:
    try:
        return silence_s(text)
    except ValueError:
        return None


def _delays(shown: str | None, retry: RetrySettings) -> str:
    if shown is None:
        return ""
    try:
        waits = [wait for wait in retry_waits(shown) if wait > 0]
    except ValueError:
        return shown  # as it was taken over: what is no duration in it was left out then
    return shown if not waits or min(waits[0], 3600.0) == retry.base else format_duration(retry.base)
