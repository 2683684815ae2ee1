"""Fills in what settings imply: absolute paths, the default store, excludes that prevent loops."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gwf.core.settings.addresses import file_path, file_url
from gwf.core.settings.draft import Note
from gwf.core.settings.excludes import excluded_directory
from gwf.core.settings.model import ArchiveSettings, Settings, StoreSettings, WatchSettings

DEFAULT_STORE = "default"  #: name of the store that is there when none is configured


def complete(settings: Settings) -> tuple[Settings, list[Note]]:
    """Return settings with nothing left implied, and notes on what was added.

    Relative paths are taken from the working directory. Our own files are never watched: where a watched
    tree holds the data directory or a file:// store, that directory is excluded.
    """
    data_dir = _absolute(settings.data_dir)
    stores = settings.stores or {DEFAULT_STORE: StoreSettings(url=file_url(data_dir / "objects"))}
    watched = tuple(watch.model_copy(update={"path": _absolute(watch.path)}) for watch in settings.agent.watch)
    own = (*own_directories(data_dir, stores), *archive_directories(watched))
    notes: list[Note] = []
    watches = tuple(_watch(watch, own, key=f"agent.watch[{at}]", notes=notes) for at, watch in enumerate(watched))
    agent = settings.agent.model_copy(update={"watch": watches})
    log = settings.log.model_copy(update={"file": _absolute(settings.log.file)}) if settings.log.file else settings.log
    keys = settings.secrets
    if keys.key_file is not None:
        keys = keys.model_copy(update={"key_file": _absolute(keys.key_file)})
    update = {"data_dir": data_dir, "stores": stores, "agent": agent, "log": log, "secrets": keys}
    return settings.model_copy(update=update), notes


def own_directories(data_dir: Path, stores: dict[str, StoreSettings]) -> tuple[Path, ...]:
    """Return the directories that this process writes: its data and the file:// stores."""
    stored = (file_path(store.url) for store in stores.values() if store.url.startswith("file:"))
    return (data_dir, *stored)


def archive_directory(watch: WatchSettings, archive: ArchiveSettings) -> Path:
    """Return where a step archives the files of a watched directory."""
    return Path(os.path.normpath(watch.path / archive.into))


def archive_directories(watches: tuple[WatchSettings, ...]) -> tuple[Path, ...]:
    """Return every directory that files are archived into: what lies there was uploaded already."""
    steps = ((watch, step.archive) for watch in watches for step in watch.after)
    return tuple(archive_directory(watch, archive) for watch, archive in steps if archive and not archive.delete)


def real_path(path: Path) -> Path:
    """Return `path` without symlinks, as far as it exists; one that no system can have stays as it is."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL, or characters without an encoding: refused by the check of values
        return path


def _watch(watch: WatchSettings, own: tuple[Path, ...], *, key: str, notes: list[Note]) -> WatchSettings:
    path = _absolute(watch.path)
    inside = tuple(_inside(path, own))
    what = "holds our own files and is left out of the watched tree"
    notes += [Note(key=f"{key}.exclude", text=f"{directory} {what}") for directory in inside]
    patterns = (excluded_directory(directory, real_path(path)) for directory in inside)
    return watch.model_copy(update={"path": path, "exclude": tuple(dict.fromkeys((*watch.exclude, *patterns)))})


def _inside(path: Path, own: tuple[Path, ...]) -> Iterator[Path]:
    root = real_path(path)
    last: Path | None = None
    for directory in sorted(map(real_path, own)):
        if last is not None and directory.is_relative_to(last):
            continue
        if directory != root and directory.is_relative_to(root):
            last = directory
            yield directory


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # Path.absolute() would keep `..`
