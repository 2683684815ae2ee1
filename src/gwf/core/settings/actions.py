"""Checks of the steps that follow an upload: each is one thing, archives lie where they may, programs are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gwf.core.settings.addresses import file_path
from gwf.core.settings.complete import archive_directory, real_path
from gwf.core.settings.draft import Loc
from gwf.core.settings.model import AfterSettings, ArchiveSettings, Settings, WatchSettings
from gwf.core.settings.problems import nearest
from gwf.core.settings.scripts import SCRIPTS, script_problems


def action_problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    """Yield what is wrong with actions and the steps that name them."""
    for name, script in settings.agent.actions.scripts.items():
        yield from script_problems((*SCRIPTS, name), script)
    for at, directory in enumerate(settings.agent.actions.archive_dirs):
        if not directory.is_absolute():
            yield ("agent", "actions", "archive_dirs", at), f"{directory} is not absolute"
    for number, watch in enumerate(settings.agent.watch):
        loc: Loc = ("agent", "watch", number, "after")
        for at, step in enumerate(watch.after):
            yield from _step_problems(settings, (*loc, at), step, watch=watch)
        archives = [at for at, step in enumerate(watch.after) if step.archive is not None]
        if archives and archives[0] + 1 < len(watch.after):
            yield (*loc, archives[0]), "takes the file away: let it be the last step"


def _step_problems(
    settings: Settings, loc: Loc, step: AfterSettings, *, watch: WatchSettings
) -> Iterator[tuple[Loc, str]]:
    if (step.archive is None) == (step.script is None):
        yield loc, "is one step: give either archive (its settings, or {}) or script (a name)"
    known = list(settings.agent.actions.scripts)
    if step.script is not None and step.script not in known:
        hint = nearest(step.script, known) or f"; there are: {', '.join(known) or 'none'}"
        yield (*loc, "script"), f"agent.actions.scripts has no {step.script!r}{hint}"
    if step.archive is not None and not step.archive.delete:
        yield from _archive_problems(settings, (*loc, "archive", "into"), step.archive, watch=watch)


def _archive_problems(
    settings: Settings, loc: Loc, archive: ArchiveSettings, *, watch: WatchSettings
) -> Iterator[tuple[Loc, str]]:
    into, root = real_path(archive_directory(watch, archive)), real_path(watch.path)
    allowed = [real_path(directory) for directory in settings.agent.actions.archive_dirs]
    if not (into.is_relative_to(root) and into != root) and not any(into.is_relative_to(place) for place in allowed):
        yield loc, f"{into} lies neither inside {watch.path} nor in one of agent.actions.archive_dirs"
    for other in settings.agent.watch:
        if real_path(other.path).is_relative_to(into):
            yield loc, f"{into} holds the watched directory {other.path}: archived files would be uploaded again"
    if into.is_relative_to(real_path(settings.data_dir)) or _in_store(settings, into):
        yield loc, f"{into} lies in data_dir or in a store: name a directory of its own"


def _in_store(settings: Settings, into: Path) -> bool:
    stored = (file_path(store.url) for store in settings.stores.values() if store.url.startswith("file:"))
    return any(into.is_relative_to(real_path(directory)) for directory in stored)
