"""Decisions as they are kept, and what the decider needs of the store of events. Values and ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gwf.rules.decision import EventRef, RuleVersion
from gwf.rules.facts import Facts

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events that were stored in one transaction."""

    #: lowest number of its events; names the batch
    first_row_id: int
    #: first and last number of runs of its events
    ranges: tuple[tuple[int, int], ...]
    events: int
    taken_at_ms: int
    #: None = not yet
    decided_at_ms: int | None = None
    #: number of the rule set by tenant
    sets: Mapping[str, int] | None = None


class Kept(NamedTuple):
    """A decision about an event that a rule matched."""

    event: EventRef
    set_no: int
    matched: tuple[RuleVersion, ...]
    drafts: int
    faults: int
    decided_at_ms: int
    #: when its drafts became work; None = not yet, 0 = nobody takes any
    handed_at_ms: int | None


class Hits(NamedTuple):
    """How often a rule matched."""

    #: by stretches of a day since a moment, oldest first
    days: tuple[int, ...]
    #: when it was decided last that it does; of hits from before this was kept, the begin of the hour
    last_at_ms: int

    @property
    def total(self) -> int:
        """How often since the moment."""
        return sum(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which recorded events are wanted: by the numbers they were taken under, both ends included."""

    tenant: str
    first_row_id: int
    last_row_id: int


class Events(Protocol):
    """Stored events as the rules see them. Every method raises UnavailableError when the database did not answer."""

    def of_batch(self, batch: Batch, tenants: Sequence[str]) -> AsyncIterator[Sequence[Facts]]:
        """Yield the events of a batch that are of some tenants, in portions."""
        ...

    def of_stretch(self, stretch: Stretch) -> AsyncIterator[Sequence[Facts]]:
        """Yield recorded events, those about files first, each by the order they were taken, in portions."""
        ...

    def taken(self, tenant: str, since_ms: int, until_ms: int) -> Stretch:
        """Return the stretch of what the centre took between two moments, the second excluded."""
        ...

    async def count(self, stretch: Stretch) -> int:
        """Return how many events there are."""
        ...

    async def find_of_file(self, tenant: str, agent_id: str, path: str) -> Facts | None:
        """Return the newest event of a file; None when there is none."""
        ...

    async def one(self, ref: EventRef) -> Facts:
        """Return an event.

        Raises:
            NotFoundError: There is none.
        """
        ...


class Decisions(Protocol):
    """Keeps what was decided. Every method raises UnavailableError when the database did not answer."""

    async def open_batches(self, *, taken_before_ms: int, limit: int) -> Sequence[Batch]:
        """Return batches that nobody has decided about, the oldest first."""
        ...

    async def batch(self, first_row_id: int) -> Batch | None:
        """Return a batch; None when it is not there any more."""
        ...

    async def batch_around(self, row_id: int) -> Batch | None:
        """Return the batch that an event came with; None when it is not kept."""
        ...

    async def keep(self, batch: Batch, decisions: Sequence[Kept]) -> bool:
        """Store what was decided about a batch, once: false, and no change, when another process did it before."""
        ...

    async def find(self, tenant: str, row_id: int) -> Kept | None:
        """Return the decision about an event that a rule matched."""
        ...

    async def unhanded(self, *, decided_before_ms: int, limit: int) -> Sequence[Kept]:
        """Return decisions whose drafts did not become work yet, the oldest first."""
        ...

    async def handed(self, row_ids: Sequence[int], *, now_ms: int) -> None:
        """Note that the drafts of decisions became work."""
        ...

    async def hits(self, tenant: str, *, since_ms: int, days: int) -> Mapping[str, Hits]:
        """Return how often each rule matched, by its id; `last_at_ms` as far back as hits are kept."""
        ...

    async def of_rule(self, tenant: str, rule_id: str, *, after: tuple[int, int] | None, limit: int) -> Sequence[Kept]:
        """Return decisions that a rule matched in, newest first, behind an hour and the event of one in it."""
        ...
