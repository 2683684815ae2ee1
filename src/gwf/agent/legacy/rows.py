"""Reads the journal's files directory by directory, packed so that a directory without changes is told at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gwf.agent.journal.schema import open_for_reading
from gwf.agent.journal.switches import HELD
from gwf.agent.model import FileStatus

#: state of a row as one letter
STATUS_WORDS = {"u": "uploaded", "f": "failed", "q": "queued", "e": "existing"}

# A name has no slash in it, so slashes can part names.
_PACKED = f"""
SELECT dir_id, group_concat(name, '/'), group_concat(size_bytes), group_concat(mtime_ns),
  group_concat(CASE WHEN state={int(FileStatus.DONE)} THEN 'u' WHEN state={int(FileStatus.DEAD)} THEN 'f'
    WHEN state={int(FileStatus.SKIPPED)} AND reason IS NOT '{HELD}' THEN 'e' ELSE 'q' END, '')
FROM files WHERE gone_at_ms IS NULL AND state<>{int(FileStatus.VANISHED)} GROUP BY dir_id
"""  # noqa: S608 — numbers and a word of ours


Row = tuple[bytes, int, int, str]
"""(name, size, mtime_ns, state) of one file; the state is a key of STATUS_WORDS."""


class Packed(NamedTuple):
    """The files of one directory; equal values mean that nothing changed."""

    names: bytes
    sizes: bytes
    mtimes: bytes
    states: bytes

    def rows(self) -> list[Row]:
        """Return the files by name."""
        names, sizes, mtimes = self.names.split(b"/"), self.sizes.split(b","), self.mtimes.split(b",")
        states = self.states.decode()
        return sorted(zip(names, map(int, sizes), map(int, mtimes), states, strict=True))


class FileRows:
    """A reader of its own, so that long reads hold up nobody. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the journal file for reading."""
        self._connection = open_for_reading(path)
        self._connection.text_factory = bytes

    def directories(self) -> dict[int, bytes]:
        """Return the path of each directory by its id."""
        return dict(self._connection.execute("SELECT id, path FROM dirs").fetchall())

    def packed(self) -> Iterator[tuple[int, Packed]]:
        """Yield (directory id, its files) for each directory that has any."""
        for directory_id, names, sizes, mtimes, states in self._connection.execute(_PACKED):
            yield directory_id, Packed(names, sizes, mtimes, states)

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()
