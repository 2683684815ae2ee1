"""Finds the logs that paths with wildcards name."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass

MAX_TOLD = 100  #: logs outside of where they must lie that are told
MAX_LOGS = 10_000  #: followed at a time; of more the first by name


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLogs:
    """What paths with wildcards name."""

    paths: Sequence[bytes]
    #: some of those that lie outside of where they must; people are told
    outside: Sequence[bytes]


NOTHING_FOUND = FoundLogs(paths=(), outside=())


def find_logs(places: Sequence[str], *, closed: Sequence[bytes], within: Sequence[bytes] = ()) -> FoundLogs:
    """Return the regular files that some paths name, and all paths without wildcards, whether they are there or not.

    `closed` are directories and files of this process itself: what it writes about a line must not lead to another.
    `within` are directories in which a log must really lie; () = anywhere.
    """
    found: dict[bytes, None] = {}
    for place in places:
        if not glob.has_magic(place):
            found[os.fsencode(place)] = None
            continue
        for path in sorted(glob.iglob(os.fsencode(place), recursive=True)):
            if os.path.isfile(path):
                found[path] = None
    allowed: list[bytes] = []
    outside: list[bytes] = []
    real = _RealPaths()
    for path in found:
        there = real.of(path)
        if _is_in(path, closed) or _is_in(there, closed):
            continue
        (allowed if not within or _is_in(there, within) else outside).append(path)
    return FoundLogs(paths=allowed[:MAX_LOGS], outside=outside[:MAX_TOLD])


class _RealPaths:
    """Where paths lead, with links followed; directories, which many logs share, are asked about once."""

    def __init__(self) -> None:
        self._directories: dict[bytes, bytes] = {}

    def of(self, path: bytes) -> bytes:
        directory, _, name = path.rpartition(b"/")
        real = self._directories.get(directory)
        if real is None:
            real = self._directories[directory] = os.path.realpath(directory or b"/")
        there = os.path.join(real, name)
        return os.path.realpath(there) if os.path.islink(there) or name in {b"..", b"."} else there


def _is_in(path: bytes, directories: Sequence[bytes]) -> bool:
    return any(path == one or path.startswith(one.rstrip(b"/") + b"/") for one in directories)
