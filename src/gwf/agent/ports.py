"""What the edge's inputs need from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gwf.agent.model import Candidate

KnownFile = tuple[bytes, int, int, int, int, int]
"""(name, inode, size, mtime_ns, 1 = this version needs nothing more, 1 = believed to be on disk)"""


class Intake(Protocol):
    """Where finished files go. All methods are thread-safe and return before anything is durable."""

    def enqueue(self, batch: Sequence[Candidate]) -> None:
        """Write finished versions; known versions are left as they are."""
        ...

    def vanished(self, path: bytes) -> None:
        """Note that a file was gone before it was finished."""
        ...

    def waiting_batches(self) -> int:
        """Return how many enqueue calls are not yet written: the caller slows down by it."""
        ...

    def directory_complete(self, directory: bytes, fingerprint: bytes) -> None:
        """Note that every file of a directory is in the journal as `fingerprint` describes them."""
        ...

    def gone(self, file_ids: Sequence[int]) -> None:
        """Note that files the journal knows are no longer on disk."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a small fact over restarts."""
        ...


class Index(Protocol):
    """What the journal knows, for comparison with the disk. One instance per thread."""

    def fingerprint(self, directory: bytes) -> tuple[int, bytes | None]:
        """Return the directory's id (0 = unknown) and the fingerprint of its last complete comparison."""
        ...

    def rows(self, directory_id: int) -> Iterable[list[KnownFile]]:
        """Yield everything known of a directory's files, gone ones too, in pages."""
        ...

    def versions(self, directory_id: int, names: Sequence[bytes]) -> dict[bytes, tuple[int, int, int]]:
        """Return (inode, size, mtime_ns) of those names whose present version needs nothing more."""
        ...

    def count(self, directory_id: int) -> int:
        """Return how many files of a directory the journal believes to be on disk."""
        ...

    def names(self, directory_id: int) -> Iterable[list[tuple[int, bytes]]]:
        """Yield (file id, name) of those files in pages."""
        ...

    def directories(self, root: bytes) -> Iterable[tuple[int, bytes]]:
        """Yield (id, path) of `root` and every known directory below it."""
        ...

    def recall(self, name: str) -> str | None:
        """Return a fact that was kept, or None."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...
