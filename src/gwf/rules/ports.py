"""What the rules need from outside: a store, and somebody who takes what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.rules.decision import Decision, RuleVersion
from gwf.rules.record import RuleHead, StoredRule, StoredSet


class RuleReads(Protocol):
    """Stored rules at one moment. Every method raises UnavailableError when the database did not answer."""

    async def heads(self, tenant: str) -> Sequence[RuleHead]:
        """Return all rules, by name."""
        ...

    async def head(self, tenant: str, rule_id: str) -> RuleHead:
        """Return a rule; nobody else changes it before a change ends that asked for it.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def versions_of(self, tenant: str, refs: Sequence[RuleVersion]) -> Sequence[StoredRule]:
        """Return those of some versions that there are."""
        ...

    async def history(self, tenant: str, rule_id: str, *, before: int | None, limit: int) -> Sequence[StoredRule]:
        """Return versions of a rule, newest first, below a number; None = from the newest."""
        ...

    async def newest_sets(self) -> Sequence[StoredSet]:
        """Return the newest set of each tenant."""
        ...

    async def set_numbered(self, tenant: str, number: int) -> StoredSet:
        """Return a set.

        Raises:
            NotFoundError: There is none.
        """
        ...


class RuleChange(RuleReads, Protocol):
    """A transaction over rules; all of it is kept, or nothing."""

    async def add_head(self, head: RuleHead) -> None:
        """Store a new rule.

        Raises:
            ConflictError: Another one has its name.
        """
        ...

    async def put_head(self, head: RuleHead) -> None:
        """Store what changed of a rule.

        Raises:
            ConflictError: Another one has its name.
            RevisionError: The request was made from another revision than the one before.
        """
        ...

    async def put_version(self, stored: StoredRule) -> None:
        """Store a version; one that is there is written over."""
        ...

    async def drop_version(self, stored: StoredRule) -> None:
        """Remove a draft."""
        ...

    async def add_set(self, members: Sequence[RuleVersion], *, tenant: str, now_ms: int) -> StoredSet:
        """Store the next set of a tenant."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Write an entry to the audit with this transaction."""
        ...


class RuleStore(Protocol):
    """Keeps rules."""

    def view(self) -> AbstractAsyncContextManager[RuleReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[RuleChange]:
        """Open a transaction."""
        ...


class DraftSink(Protocol):
    """Makes work of decisions."""

    async def take(self, decisions: Sequence[Decision]) -> None:
        """Make the drafts of decisions into work; returns when that is stored.

        After a crash decisions come again: a draft whose `idempotency_key` is known is the same work and changes
        nothing.

        Raises:
            UnavailableError: They could not be stored; they come again.
        """
        ...
