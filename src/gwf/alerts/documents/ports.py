"""What documents of alerts need from outside: a store whose changes are whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.alerts.documents.record import DocHead, DocKind, DocVersion, StoredDoc
from gwf.alerts.silences.model import StoredSilence
from gwf.audit.model import AuditEntry


class DocReads(Protocol):
    """Stored documents at one moment. Every method raises UnavailableError when the database did not answer."""

    async def heads(self, tenant: str, kind: DocKind) -> Sequence[DocHead]:
        """Return all documents of a kind, by name."""
        ...

    async def head(self, tenant: str, kind: DocKind, doc_id: str) -> DocHead:
        """Return a document; nobody else changes it before a change ends that asked for it.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def versions_of(self, tenant: str, refs: Sequence[DocVersion]) -> Sequence[StoredDoc]:
        """Return those of some versions that there are."""
        ...

    async def history(self, tenant: str, doc_id: str, *, before: int | None, limit: int) -> Sequence[StoredDoc]:
        """Return versions of a document, newest first, below a number; None = from the newest."""
        ...

    async def in_force(self, tenant: str) -> Sequence[StoredDoc]:
        """Return the versions of all kinds that are in force, by kind and id."""
        ...

    async def plan_numbers(self) -> Mapping[str, int]:
        """Return by tenant how often what is in force, or a silence, was changed."""
        ...

    async def silences_after(self, tenant: str, at_ms: int) -> Sequence[StoredSilence]:
        """Return the silences that end after a moment, by id."""
        ...


class DocChange(DocReads, Protocol):
    """A transaction over documents; all of it is kept, or nothing."""

    async def add_head(self, head: DocHead) -> None:
        """Store a new document.

        Raises:
            ConflictError: Another one of its kind has its name.
        """
        ...

    async def put_head(self, head: DocHead) -> None:
        """Store what changed of a document.

        Raises:
            ConflictError: Another one of its kind has its name.
            RevisionError: The request was made from another revision than the one before.
        """
        ...

    async def put_version(self, stored: StoredDoc) -> None:
        """Store a version; one that is there is written over."""
        ...

    async def drop_version(self, stored: StoredDoc) -> None:
        """Remove a draft."""
        ...

    async def count_plan(self, tenant: str, *, now_ms: int) -> None:
        """Have all servers learn that something else is in force, or silent; changes of a tenant wait here."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Write an entry to the audit with this transaction."""
        ...


class DocStore(Protocol):
    """Keeps documents."""

    def view(self) -> AbstractAsyncContextManager[DocReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[DocChange]:
        """Open a transaction."""
        ...
