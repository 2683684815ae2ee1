"""Files to carry."""

from __future__ import annotations

import os
from pathlib import Path

PER_DIRECTORY = 500


def make_files(top: Path, *, count: int, size_bytes: int) -> Path:
    """Fill the new directory `top` with `count` different files; return it."""
    filler = os.urandom(max(0, size_bytes - 16))
    for number in range(count):
        if number % PER_DIRECTORY == 0:
            directory = top / f"{number // PER_DIRECTORY:05d}"
            directory.mkdir(parents=True)
        write_file(directory / f"{number:08d}.dat", b"%016d" % number + filler)
    return top


def write_file(path: Path, content: bytes) -> None:
    """Write one file by one open, write and close."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def paths_below(top: Path) -> list[str]:
    """Return every file below `top`, sorted."""
    return sorted(os.path.join(where, name) for where, _, names in os.walk(top) for name in names)
