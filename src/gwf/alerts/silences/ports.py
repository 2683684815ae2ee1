"""What silences need from outside: a store, and the alerts that there are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.alerts.silences.model import KnownAlert, StoredSilence
from gwf.audit.model import AuditEntry


class SilenceReads(Protocol):
    """Stored silences at one moment. Every method raises UnavailableError when the database did not answer."""

    async def newest_silences(self, tenant: str, *, limit: int) -> Sequence[StoredSilence]:
        """Return silences, the one that ends last first."""
        ...

    async def silences_after(self, tenant: str, at_ms: int) -> Sequence[StoredSilence]:
        """Return those that end after a moment, by id."""
        ...

    async def silence(self, tenant: str, silence_id: str) -> StoredSilence:
        """Return a silence; nobody else changes it before a change ends that asked for it.

        Raises:
            NotFoundError: There is none.
        """
        ...


class SilenceChange(SilenceReads, Protocol):
    """A transaction over silences; all of it is kept, or nothing."""

    async def add_silence(self, silence: StoredSilence) -> None:
        """Store a new silence."""
        ...

    async def put_silence(self, silence: StoredSilence) -> None:
        """Store what changed of a silence.

        Raises:
            RevisionError: The request was made from another revision than the one before.
        """
        ...

    async def count_plan(self, tenant: str, *, now_ms: int) -> None:
        """Have all servers learn of it."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Write an entry to the audit with this transaction."""
        ...


class SilenceStore(Protocol):
    """Keeps silences."""

    def view(self) -> AbstractAsyncContextManager[SilenceReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[SilenceChange]:
        """Open a transaction."""
        ...


class KnownAlerts(Protocol):
    """Alerts as they stand. Every method raises UnavailableError when the database did not answer."""

    async def open(self, tenant: str, *, limit: int) -> Sequence[KnownAlert]:
        """Return open alerts, the worst first."""
        ...

    async def begun_since(self, tenant: str, at_ms: int, *, limit: int) -> Sequence[KnownAlert]:
        """Return alerts that began at or after a moment, the newest first."""
        ...
