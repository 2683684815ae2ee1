"""What is known about objects, in memory: for tests and for describing without a journal."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from gwf.core.errors import NotFoundError
from gwf.storage.model import FileSource, ObjectMeta
from gwf.tasks.actions.subject import Subject


def hash_of(data: bytes) -> str:
    """Return what stands for an ETag."""
    return hashlib.sha256(data).hexdigest()


class MemoryProof:
    """See ports.Proof: holds objects by key and takes notes."""

    def __init__(self) -> None:
        """Know nothing."""
        self.objects: dict[str, bytes] = {}
        #: file ids that the journal calls verified
        self.verified: set[int] = set()
        #: (file id, where) of each archived file, (file id, inode) of each restored one
        self.archived_files: list[tuple[int, str]] = []
        self.restored_files: list[tuple[int, int]] = []

    def is_verified(self, subject: Subject) -> bool:
        """See ports.Proof."""
        return subject.file_id in self.verified

    def store_holds(self, subject: Subject, source: FileSource) -> bool:
        """See ports.Proof."""
        return self.objects.get(subject.key) == os.pread(source.fd, source.size_bytes + 1, 0)

    def read_object(self, subject: Subject) -> Iterator[bytes]:
        """See ports.Proof."""
        if subject.key not in self.objects:
            raise NotFoundError("no object has this key", key=subject.key)
        yield self.objects[subject.key]

    def object_of(self, subject: Subject) -> ObjectMeta | None:
        """See ports.Proof."""
        held = self.objects.get(subject.key)
        return None if held is None else ObjectMeta(key=subject.key, size_bytes=len(held), etag=hash_of(held))

    def take_back(self, subject: Subject, seen: ObjectMeta) -> bool:
        """See ports.Proof."""
        if self.object_of(subject) == seen:
            del self.objects[subject.key]
        return subject.key not in self.objects

    def archived(self, subject: Subject, where: str) -> None:
        """See ports.Proof."""
        self.archived_files.append((subject.file_id, where))

    def restored(self, subject: Subject, ino: int) -> None:
        """See ports.Proof."""
        self.restored_files.append((subject.file_id, ino))
