"""Keeps a centre to the logs that this host lets it have judged."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.complete import real_path
from gwf.core.settings.draft import Loc, is_block, is_list
from gwf.core.settings.model import Settings

_AT: Loc = ("agent", "logs", "paths")


def bind_logs(tree: dict[str, object], host: Settings, centre: CentreSettings) -> Iterator[tuple[Loc, str]]:
    """Yield paths of logs that this host does not let a centre add; bind those that it lets, links and all.

    What the host names itself is fine. Other paths must lie in `agent.logs.within` of the host; where it names none, in
    what its centre may watch (`agent.centre.allow_paths`, its own watched directories), and `within` of `tree` is set
    to that: a link inside leads to no other log then.
    """
    agent = tree.get("agent")
    logs = agent.get("logs") if is_block(agent) else None
    paths = logs.get("paths") if is_block(logs) else None
    if not is_block(logs) or not is_list(paths):
        return
    own = host.agent.logs
    foreign = [(at, path) for at, path in enumerate(paths) if isinstance(path, str) and path not in own.paths]
    if not foreign:
        return
    watched = (watch.path for watch in host.agent.watch)
    allowed = [real_path(directory) for directory in own.within or (*centre.allow_paths, *watched)]
    hint = "agent.logs.within" if own.within else "agent.centre.allow_paths"
    for at, path in foreign:
        place = _fixed(path)
        if place is None or not any(place.is_relative_to(directory) for directory in allowed):
            yield (*_AT, at), f"{path} may not be read for the centre: allow it in {hint} of this host"
    if not own.within:
        of_host = [place for path in own.paths if (place := _fixed(path)) is not None]
        logs["within"] = [str(directory) for directory in dict.fromkeys([*allowed, *of_host])]


def _fixed(path: str) -> Path | None:
    """Return what every log lies in, or is, that a path with wildcards names; None when that is not certain."""
    names = path.split("/")
    if not path.startswith("/") or ".." in names:
        return None
    return real_path(Path("/", *takewhile(lambda name: not glob.has_magic(name), names)))
