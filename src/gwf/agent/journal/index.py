"""What the journal knows, read for comparison with the disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gwf.agent.journal.schema import open_for_reading
from gwf.agent.model import FileStatus
from gwf.agent.ports import KnownFile

PAGE = 500
_UNFINISHED = (int(FileStatus.VANISHED), int(FileStatus.SUPERSEDED))


class JournalIndex:
    """A reader of the journal for one thread; sees every committed change."""

    def __init__(self, path: Path) -> None:
        """Open the journal file for reading."""
        self._connection = open_for_reading(path)

    def fingerprint(self, directory: bytes) -> tuple[int, bytes | None]:
        """Return the directory's id (0 = unknown) and the fingerprint of its last complete comparison."""
        row = self._connection.execute("SELECT id, fingerprint FROM dirs WHERE path=?", (directory,)).fetchone()
        return (int(row[0]), row[1]) if row else (0, None)

    def rows(self, directory_id: int) -> Iterator[list[KnownFile]]:
        """Yield everything known of a directory's files, gone ones too, in pages: one pass for a whole comparison."""
        found = self._connection.execute(
            "SELECT name, ino, size_bytes, mtime_ns, state NOT IN (?, ?), gone_at_ms IS NULL FROM files WHERE dir_id=?",
            (*_UNFINISHED, directory_id),
        )
        while page := found.fetchmany(PAGE):
            yield page

    def versions(self, directory_id: int, names: Sequence[bytes]) -> dict[bytes, tuple[int, int, int]]:
        """Return (inode, size, mtime_ns) of those names whose present version needs nothing more."""
        marks = ",".join("?" * len(names))
        rows = self._connection.execute(
            f"SELECT name, ino, size_bytes, mtime_ns FROM files"
            f" WHERE dir_id=? AND name IN ({marks}) AND state NOT IN (?, ?)",
            (directory_id, *names, *_UNFINISHED),
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def reason(self, directory_id: int, name: bytes) -> str | None:
        """Return the reason that stands beside the state of a file, or None."""
        row = self._connection.execute("SELECT reason FROM files WHERE dir_id=? AND name=?", (directory_id, name))
        found = row.fetchone()
        return None if found is None or found[0] is None else str(found[0])

    def count(self, directory_id: int) -> int:
        """Return how many files of a directory the journal believes to be on disk."""
        row = self._connection.execute(
            "SELECT count(*) FROM files WHERE dir_id=? AND gone_at_ms IS NULL", (directory_id,)
        ).fetchone()
        return int(row[0])

    def names(self, directory_id: int) -> Iterator[list[tuple[int, bytes]]]:
        """Yield (file id, name) of those files in pages."""
        after = b""
        while True:
            page = self._connection.execute(
                "SELECT id, name FROM files WHERE dir_id=? AND name>? AND gone_at_ms IS NULL ORDER BY name LIMIT ?",
                (directory_id, after, PAGE),
            ).fetchall()
            if not page:
                return
            yield page
            after = page[-1][1]

    def directories(self, root: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (id, path) of `root` and every known directory below it."""
        after = b""
        while True:
            page = self._connection.execute(
                "SELECT id, path FROM dirs WHERE (path=? OR (path>? AND path<?)) AND path>? ORDER BY path LIMIT ?",
                (root, root + b"/", root + b"0", after, PAGE),
            ).fetchall()
            if not page:
                return
            yield from ((int(row[0]), bytes(row[1])) for row in page)
            after = page[-1][1]

    def recall(self, name: str) -> str | None:
        """Return a fact that was kept, or None."""
        row = self._connection.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()
