"""Finds the logs that paths with wildcards name."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence

MAX_LOGS = 10_000  #: followed at a time; of more the first by name


def find_logs(places: Sequence[str], *, closed: Sequence[bytes]) -> list[bytes]:
    """Return the regular files that some paths name, and all paths without wildcards, whether they are there or not.

    `closed` are directories and files of this process itself: what it writes about a line must not lead to another.
    """
    found: dict[bytes, None] = {}
    for place in places:
        if not glob.has_magic(place):
            found[os.fsencode(place)] = None
            continue
        for path in sorted(glob.iglob(os.fsencode(place), recursive=True)):
            if os.path.isfile(path):
                found[path] = None
    return [path for path in found if not any(path == own or path.startswith(own + b"/") for own in closed)][:MAX_LOGS]
