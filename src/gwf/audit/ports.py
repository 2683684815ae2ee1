"""What the audit needs from outside: the stored chains, to read; and a way to record that somebody had one checked."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.model import AuditEntry, AuditRow, Head


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries a list shows; an empty text asks for nothing."""

    actor_kind: str = ""
    #: any of them; none named = every kind
    actor_kinds: frozenset[str] = frozenset()
    actor_id: str = ""
    #: whole, or a noun with a dot behind it for all that is done to such things, for example `agent.`
    action: str = ""
    #: any of them, each as `action`; none named = every one
    actions: frozenset[str] = frozenset()
    #: any of them; none named = of every kind
    resource_kinds: frozenset[str] = frozenset()
    resource_id: str = ""
    #: not before; None = from the beginning
    since_ms: int | None = None
    #: before; None = until now
    until_ms: int | None = None
    #: part of the action, the reason, an id, the changes or the details, in any case
    text: str = ""
    #: last parts of the path of a field that changed, in any case: `workers` or `transfer/workers`
    field: str = ""
    #: only those that changed a field
    with_changes: bool = False
    #: a whole value before or after, in any case: `32`, `true`, `oss-sh`
    value: str = ""
    #: of who asked: whole, or a beginning that ends with a dot or a colon: `10.12.`
    address: str = ""

    @property
    def is_search(self) -> bool:
        """Tell whether no index helps, so that only a bounded number of rows is looked through at a time."""
        return bool(self.text or self.field or self.value or self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What entries there are among the newest ones that fit."""

    total: int
    #: False = there are more than were looked at
    complete: bool
    #: day (number since 1970, shifted as asked), kind of actor, entries
    days: Sequence[tuple[int, str, int]]
    #: kind and id of the actor, entries; most first
    actors: Sequence[tuple[str, str, int]]
    actions: Sequence[tuple[str, int]]
    resource_kinds: Sequence[tuple[str, int]]


class Of(enum.StrEnum):
    """What the values of a filter are of."""

    ACTOR = "actor"
    ACTION = "action"
    RESOURCE_KIND = "resource_kind"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueWish:
    """Which values of a filter are asked for."""

    of: Of
    #: part of the value, in any case
    text: str = ""
    #: so many at most, most frequent first
    most: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that entries have, and how many have it."""

    value: str
    #: of the actor; "" for all others
    kind: str = ""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Where a chain ends, seen at one moment."""

    #: as recorded; None = there is no such record
    head: Head | None
    #: of the newest row that is there; 0 = none
    last_seq: int


class AuditReads(Protocol):
    """Reads of one tenant's chain."""

    async def page(self, wanted: AuditFilter, *, below: int | None, limit: int) -> Sequence[AuditRow]:
        """Return rows that fit, newest first, below a place."""
        ...

    async def text_page(self, wanted: AuditFilter, *, span: tuple[int, int], limit: int) -> Sequence[AuditRow]:
        """Return rows that fit, newest first, from the first place of `span` to the second, both included."""
        ...

    async def summary(self, wanted: AuditFilter, *, span: tuple[int, int], shift_ms: int, limit: int) -> Summary:
        """Return what there is among the newest `limit` rows that fit within `span`.

        Days begin `shift_ms` before those of UTC.
        """
        ...

    async def values(
        self, wanted: AuditFilter, wish: ValueWish, *, span: tuple[int, int], limit: int
    ) -> Sequence[Value]:
        """Return the values among the newest `limit` rows that fit within `span`."""
        ...

    async def find(self, seq: int) -> AuditRow | None:
        """Return one row."""
        ...

    async def rows(self, *, after: int, limit: int) -> Sequence[AuditRow]:
        """Return the rows behind a place in their order; also doubled ones, where the store can hold such."""
        ...

    async def ends(self) -> Ends:
        """Return where the chain ends."""
        ...


class AuditChange(Protocol):
    """One transaction."""

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written with this transaction."""
        ...


class AuditStore(Protocol):
    """Where the chains are kept."""

    def view(self, tenant: str) -> AbstractAsyncContextManager[AuditReads]:
        """Read one state of a tenant's chain.

        Raises:
            UnavailableError: The database does not answer.
        """
        ...

    def change(self) -> AbstractAsyncContextManager[AuditChange]:
        """Begin a transaction; leaving the block without an error makes it durable.

        Raises:
            UnavailableError: The database does not answer; nothing was changed.
        """
        ...
