"""Says by the settings which lines of which log belong together."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gwf.agent.inputs.logs.follower import Joins, never
from gwf.alerts.logs.joining import INDENTED, Joiner, JoinLimits
from gwf.core.errors import ConfigError, InputError
from gwf.core.settings.logs import LogAlertSettings, LogJoinSettings
from gwf.rules.pattern import PatternError, Search, glob_searcher

MAX_KNOWN = 20_000  #: logs of which is remembered how they are joined


def joins_of(settings: LogAlertSettings) -> Joins:
    """Return how lines of each log are joined.

    Raises:
        ConfigError: An expression is none; `problems` names its place.
    """
    entries = [(_fits(join, at), _joiner(join, at)) for at, join in enumerate(settings.join)]
    if not entries:
        return never
    known: dict[bytes, Joiner | None] = {}

    def joiner_of(path: bytes) -> Joiner | None:
        if path not in known:
            if len(known) >= MAX_KNOWN:
                known.clear()
            text = os.fsdecode(path)
            known[path] = next((joiner for fits, joiner in entries if _is_meant(text, fits)), None)
        return known[path]

    return joiner_of


def _joiner(join: LogJoinSettings, at: int) -> Joiner:
    limits = JoinLimits(max_lines=join.max_lines, max_bytes=join.max_bytes, wait_s=join.wait)
    try:
        return Joiner(INDENTED if join.indented else join.start, limits)
    except InputError as exc:
        raise _unusable(f"agent.logs.join[{at}].start", f"is no regular expression: {exc.context['reason']}") from exc


def _fits(join: LogJoinSettings, at: int) -> Sequence[Search]:
    found: list[Search] = []
    for number, place in enumerate(join.paths):
        try:
            found.append(glob_searcher(place))
        except PatternError as exc:
            raise _unusable(f"agent.logs.join[{at}].paths[{number}]", str(exc)) from exc
    return found


def _is_meant(path: str, fits: Sequence[Search]) -> bool:
    return not fits or any(fit(path) for fit in fits)


def _unusable(place: str, why: str) -> ConfigError:
    return ConfigError("lines of logs cannot be joined so", problems=(f"{place}: {why}",))
