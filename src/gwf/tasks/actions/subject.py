"""The file that an action is about: one version of it, as the journal knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One version of a file whose object the store confirmed."""

    #: row of the journal, and the version's number there
    file_id: int
    gen: int
    #: absolute, without links
    path: bytes
    #: the watched directory that `path` lies in, without links
    root: bytes
    ino: int
    size_bytes: int
    mtime_ns: int
    store: str
    key: str
    etag: str
    #: lower-case hex; "" when the journal has none
    sha256: str
    hostname: str

    @property
    def relative(self) -> bytes:
        """Path below the watched directory."""
        return self.path[len(self.root.rstrip(b"/")) + 1 :]
