"""Which names and directories of a watched tree are of interest."""

from __future__ import annotations

import os
from collections.abc import Callable

from gwf.core.settings.model import WatchSettings

OWN_SUFFIXES = (b".gwf-part", b".gwf-moving")  #: of files that actions are about to make or remove


class Selector:
    """Filters of one watched tree, compiled once. Names and paths are bytes, as the system gives them."""

    def __init__(self, root: bytes, settings: WatchSettings, *, own: tuple[bytes, ...] = ()) -> None:
        """Compile suffixes and exclude patterns; `own` directories are left out too."""
        self._root = root
        self._suffixes = tuple(suffix.encode().lower() for suffix in settings.suffixes)  # as names: ASCII case only
        self._temporary = (*OWN_SUFFIXES, *(suffix.encode().lower() for suffix in settings.temp_suffixes))
        absolute = [item.rstrip("/") for item in settings.exclude if item.startswith("/") and not _is_glob(item)]
        self._absolute = (
            *(os.path.realpath(item.encode()) for item in absolute),
            *(item for item in own if item.startswith(root + b"/")),
        )
        patterns = [item for item in settings.exclude if item.rstrip("/") not in absolute]
        self._matches = _compiled(patterns) if patterns else None

    def wants_name(self, name: bytes) -> bool:
        """Tell whether a file of this name may be uploaded; suffixes are compared without regard to ASCII case."""
        lower = name.lower()
        if lower.endswith(self._temporary):
            return False
        return not self._suffixes or lower.endswith(self._suffixes)

    def enters(self, directory: bytes) -> bool:
        """Tell whether a directory (absolute path below the root) is watched and scanned."""
        if any(directory == item or directory.startswith(item + b"/") for item in self._absolute):
            return False
        return not self._excluded(directory, is_dir=True)

    def wants_path(self, path: bytes) -> bool:
        """Tell whether a file passes the exclude patterns too (its name was asked before)."""
        return path not in self._absolute and not self._excluded(path, is_dir=False)

    def _excluded(self, path: bytes, *, is_dir: bool) -> bool:
        if self._matches is None or path == self._root:
            return False
        relative = path[len(self._root) + 1 :].decode("utf-8", "surrogateescape")
        return self._matches(relative + "/" if is_dir else relative)


def _is_glob(pattern: str) -> bool:
    return any(char in pattern for char in "*?[")


def _compiled(patterns: list[str]) -> Callable[[str], bool]:
    from pathspec import PathSpec  # noqa: PLC0415 — with what it loads, 3 MB that only trees with patterns need

    return PathSpec.from_lines("gitignore", patterns, backend="simple").match_file
