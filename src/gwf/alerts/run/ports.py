"""What alerts need from outside: stored batches of events, a place for what came of them, plans. Ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.alerts.life.model import Group
from gwf.alerts.run.model import (
    AlertFilter,
    AlertPlan,
    AlertSum,
    Between,
    GroupBy,
    Hit,
    KeptAlert,
    KeptNotice,
    Loaded,
    Note,
    Order,
    OrderEnd,
    Telling,
    Turn,
)
from gwf.alerts.sight.model import AlertRule
from gwf.audit.model import AuditEntry
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


class AlertReads(Protocol):
    """Alerts at one moment. Every method raises UnavailableError when the database did not answer."""

    async def page(
        self, tenant: str, wanted: AlertFilter, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptAlert]:
        """Return a part of the alerts that fit, those seen last before others."""
        ...

    async def count(self, tenant: str, wanted: AlertFilter) -> int:
        """Return how many fit."""
        ...

    async def facets(self, tenant: str, wanted: AlertFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many that fit have each value."""
        ...

    async def begun(
        self, tenant: str, wanted: AlertFilter, time: Between, *, step_ms: int
    ) -> Mapping[tuple[int, Telling], int]:
        """Return how many that fit began in each slot of a time, by the slot's number and what was told."""
        ...

    async def sums(self, tenant: str, wanted: AlertFilter, by: GroupBy, *, limit: int) -> Sequence[AlertSum]:
        """Return alerts that fit summed up, the worst and most first."""
        ...

    async def days(
        self, tenant: str, fingerprints: Sequence[str], since_ms: int, *, day_ms: int
    ) -> Mapping[str, Mapping[int, int]]:
        """Return how many alerts of fingerprints began on each day since a moment, by the day's number from there."""
        ...

    async def some(self, tenant: str, alert_ids: Sequence[str]) -> Sequence[KeptAlert]:
        """Return those of some alerts that there are."""
        ...

    async def group(self, group_key: str) -> Group | None:
        """Return a group without its alerts; None = it is gone."""
        ...

    async def of_group(self, tenant: str, group_key: str, *, limit: int) -> Sequence[KeptAlert]:
        """Return the open alerts of a group, the worst first."""
        ...

    async def covering(self, tenant: str, fingerprint: str, at_ms: int) -> KeptAlert | None:
        """Return the alert of a fingerprint that was open at a moment."""
        ...

    async def notices_of(self, alert_id: str, *, limit: int) -> Sequence[KeptNotice]:
        """Return the notices about an alert, the newest first."""
        ...

    async def hits_of_alert(self, alert_id: str, *, limit: int, newest: bool) -> Sequence[Hit]:
        """Return what made an alert, the newest or the oldest first."""
        ...

    async def hits_between(self, alert_ids: Sequence[str], time: Between, *, limit: int) -> Sequence[Hit]:
        """Return what made some alerts within a stretch of time, the newest first."""
        ...

    async def loose_hits(self, tenant: str, rule_id: str, time: Between, *, limit: int) -> Sequence[Hit]:
        """Return what a rule counted, or saw come, of which no alert was made, the newest first."""
        ...

    async def same_trouble(self, tenant: str, fingerprint: str, time: Between, *, limit: int) -> Sequence[KeptAlert]:
        """Return the alerts of a fingerprint that began within a stretch of time, the newest first."""
        ...

    async def notes_of(self, tenant: str, alert_id: str, *, limit: int) -> Sequence[Note]:
        """Return what people wrote down about an alert, the newest first."""
        ...

    async def hits_of_event(self, tenant: str, row_id: int) -> Sequence[Hit]:
        """Return what the rules made of an event."""
        ...

    async def place(self) -> int:
        """Return how far events were seen, as a row number."""
        ...

    async def order_ends(self, order_ids: Sequence[str]) -> OrderEnd:
        """Return what became of orders."""
        ...


class AlertChange(AlertReads, Protocol):
    """A transaction of people's orders."""

    async def order(self, orders: Sequence[Order]) -> None:
        """Write orders."""
        ...

    async def add_note(self, note: Note) -> None:
        """Write down a note."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Write an entry of the audit with it."""
        ...


class AlertDeskStore(Protocol):
    """Opens both."""

    def view(self) -> AbstractAsyncContextManager[AlertReads]:
        """Read one state."""
        ...

    def change(self) -> AbstractAsyncContextManager[AlertChange]:
        """Begin a transaction."""
        ...


class RuleVersions(Protocol):
    """Rules as they were written."""

    async def version(self, tenant: str, rule_id: str, version: int) -> tuple[AlertRule, Mapping[str, object]] | None:
        """Return a version of a rule and its document; None = it is not kept, or this release cannot read it."""
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
