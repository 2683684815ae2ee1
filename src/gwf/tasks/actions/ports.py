"""What actions need from the edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from gwf.storage.model import FileSource, ObjectMeta
from gwf.tasks.actions.subject import Subject


class Proof(Protocol):
    """What is known about a file's object, and where it is noted what became of the file. Thread-safe."""

    def is_verified(self, subject: Subject) -> bool:
        """Tell whether the journal says now that the store confirmed exactly this version.

        Raises:
            UnavailableError: The journal cannot be read.
        """
        ...

    def store_holds(self, subject: Subject, source: FileSource) -> bool:
        """Ask the store itself whether it holds exactly these bytes under the key.

        Raises:
            GwfError: It did not say.
        """
        ...

    def read_object(self, subject: Subject) -> Iterator[bytes]:
        """Yield the object's bytes.

        Raises:
            GwfError: The store does not give them.
        """
        ...

    def object_of(self, subject: Subject) -> ObjectMeta | None:
        """Return what the store says of a file's object; None = it has none, or does not let us look.

        Raises:
            GwfError: It did not say.
        """
        ...

    def take_back(self, subject: Subject, seen: ObjectMeta) -> bool:
        """Remove an object if it is still what was seen; False = another one has its key by now, and stays.

        Of a bucket that keeps versions exactly that version goes, whatever came after it. When no object is left, it
        is noted that the file is not sent any more. May be repeated.

        Raises:
            GwfError: The store did not do it, or it could not be noted.
        """
        ...

    def archived(self, subject: Subject, where: str) -> None:
        """Note that the file was archived at `where`, "" = deleted; returns when that is durable. May be repeated.

        Raises:
            UnavailableError: It could not be noted.
        """
        ...

    def restored(self, subject: Subject, ino: int) -> None:
        """Note that the file is back, as `ino`; returns when that is durable. May be repeated.

        Raises:
            UnavailableError: It could not be noted.
        """
        ...
