"""What actions may know of a file's object: the journal's word and the store's, and the notes they leave there."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from gwf.agent.journal import notes
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.model import FileStatus
from gwf.core.errors import CorruptDataError, DeniedError, FaultScope, NotFoundError, UnavailableError
from gwf.storage.hashing import digest_source
from gwf.storage.model import FileSource, ObjectMeta
from gwf.storage.ports import ObjectStore
from gwf.tasks.actions.subject import Subject

StoreOf = Callable[[str], ObjectStore | None]
Write = Callable[[Statement], None]
"""Writes to the journal and returns when that is durable."""

_VERIFIED = f"""
SELECT 1 FROM files WHERE id=? AND gen=? AND state={int(FileStatus.DONE)} AND ino=? AND size_bytes=? AND mtime_ns=?
"""


class JournalProof:
    """See tasks.actions.ports.Proof."""

    def __init__(self, journal: Path, *, write: Write, store_of: StoreOf) -> None:
        """Read `journal` beside its writer."""
        self._connection = open_for_reading(journal)
        self._lock = threading.Lock()
        self._write = write
        self._store_of = store_of

    def close(self) -> None:
        """Release the journal."""
        self._connection.close()

    def is_verified(self, subject: Subject) -> bool:
        """See Proof."""
        values = (subject.file_id, subject.gen, subject.ino, subject.size_bytes, subject.mtime_ns)
        try:
            with self._lock:
                return self._connection.execute(_VERIFIED, values).fetchone() is not None
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc

    def store_holds(self, subject: Subject, source: FileSource) -> bool:
        """See Proof."""
        store = self._store(subject)
        try:
            if subject.size_bytes >= store.multipart_threshold_bytes:
                return store.find_uploaded(subject.key, source) is not None
            store.verify_checksum(subject.key, subject.size_bytes, digest_source(source, crc=True))
        except (NotFoundError, CorruptDataError):
            return False
        return True

    def read_object(self, subject: Subject) -> Iterator[bytes]:
        """See Proof."""
        return self._store(subject).read_object(subject.key)

    def object_of(self, subject: Subject) -> ObjectMeta | None:
        """See Proof."""
        try:
            return self._store(subject).get_object_meta(subject.key)
        except (NotFoundError, DeniedError) as exc:
            if exc.scope is FaultScope.DESTINATION and isinstance(exc, NotFoundError):
                raise
            return None

    def take_back(self, subject: Subject, seen: ObjectMeta) -> bool:
        """See Proof."""
        left = self.object_of(subject)
        if seen.version or left == seen:
            self._store(subject).delete_object(subject.key, version=seen.version)
            left = self.object_of(subject)
        if left is None:
            self._write(notes.taken_back(subject.file_id, subject.gen, subject.path))
        return bool(seen.version) or left is None

    def archived(self, subject: Subject, where: str) -> None:
        """See Proof."""
        self._write(notes.archived(subject.file_id, subject.gen, where))

    def restored(self, subject: Subject, ino: int) -> None:
        """See Proof."""
        self._write(notes.restored(subject.file_id, subject.gen, ino))

    def _store(self, subject: Subject) -> ObjectStore:
        store = self._store_of(subject.store)
        if store is None:
            raise UnavailableError("this store is not configured any more", store=subject.store)
        return store
