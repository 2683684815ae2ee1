"""What alerts need from outside: stored batches of events, a place for what came of them, plans. Ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Protocol

from gwf.alerts.run.model import AlertPlan, Loaded, Order, Turn
from gwf.events.files import FileEventStatus
from gwf.rules.decided import Batch
from gwf.rules.facts import Facts


class Batches(Protocol):
    """Events as they were stored. Every method raises UnavailableError when the database did not answer."""

    async def batches_behind(self, row_id: int, *, limit: int) -> Sequence[Batch]:
        """Return batches whose first row is behind one, in the order of their rows."""
        ...

    def of_batch(
        self, batch: Batch, tenants: Sequence[str], *, statuses: Collection[FileEventStatus] | None = None
    ) -> AsyncIterator[Sequence[Facts]]:
        """Yield the events of a batch that are of some tenants, in portions; of files only those with `statuses`."""
        ...


class AlertStore(Protocol):
    """Keeps alerts. Every method raises UnavailableError when the database did not answer."""

    async def load(self, *, seen_after: int) -> Loaded:
        """Return all that is kept, with the batches seen whose first row is behind `seen_after` before the place."""
        ...

    async def orders(self, *, limit: int) -> Sequence[Order]:
        """Return orders that are not done, the oldest first."""
        ...

    async def commit(self, turn: Turn) -> None:
        """Write a turn.

        Raises:
            ConflictError: Another process has written one meanwhile; nothing was written.
        """
        ...


class Plans(Protocol):
    """What people decided, as far as it is known here."""

    def tenants(self) -> Iterable[str]:
        """Return the tenants that have decided anything."""
        ...

    def of(self, tenant: str) -> AlertPlan:
        """Return the plan of a tenant; NO_PLAN when there is none."""
        ...


class Lead(Protocol):
    """Of several servers one moves alerts."""

    async def is_mine(self) -> bool:
        """Tell whether it is ours for the next seconds."""
        ...
