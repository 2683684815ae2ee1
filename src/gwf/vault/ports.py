"""What the vault needs from where secrets are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.vault.model import Owner, SealedSecret, SecretId


class SecretReads(Protocol):
    """Reads of one moment."""

    async def sealed(self, tenant: str, ids: Collection[SecretId]) -> Sequence[SealedSecret]:
        """Return those of `ids` that there are."""
        ...

    async def ring(self) -> str | None:
        """Return the id of the key that secrets are sealed with now; None = none was ever registered."""
        ...

    async def count_by_key(self) -> Mapping[str, int]:
        """Return how many secrets were sealed with each key, of all tenants."""
        ...

    async def owners_beyond(self, keys: Collection[str], limit: int) -> Sequence[Owner]:
        """Return some owners of secrets that were sealed with none of `keys`."""
        ...

    async def sealed_beyond(self, key_id: str, limit: int, *, after: str = "") -> Sequence[SealedSecret]:
        """Return secrets of any tenant that were sealed with another key than this, by id from `after` on."""
        ...


class SecretChange(SecretReads, Protocol):
    """Reads and writes of one transaction."""

    async def register(self, key_id: str) -> str:
        """Make this the key of the database if it has none; return the one it has."""
        ...

    async def put_ring(self, key_id: str) -> None:
        """Make this the key of the database."""
        ...

    async def add(self, new: Sequence[SealedSecret]) -> None:
        """Store new secrets."""
        ...

    async def reseal(self, changed: Sequence[SealedSecret]) -> None:
        """Store secrets under another key; their texts stay the same."""
        ...

    async def remove_of(self, tenant: str, owner: Owner) -> int:
        """Remove all secrets of an owner; return how many there were."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written to the audit with this transaction."""
        ...


class SecretStore(Protocol):
    """Where sealed secrets are kept."""

    def view(self) -> AbstractAsyncContextManager[SecretReads]:
        """Return reads."""
        ...

    def change(self) -> AbstractAsyncContextManager[SecretChange]:
        """Return a transaction: committed at the end, undone when an error leaves it."""
        ...
