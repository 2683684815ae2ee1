"""What the overview needs from outside: sums over what happened to files, entries of the audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.model import AuditRow
from gwf.audit.ports import AuditFilter
from gwf.control.overview.firing import Firing
from gwf.control.rollout.model import RolloutId
from gwf.control.rollout.records import Rollout
from gwf.events.files import FileEventStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWish:
    """Which sums are wanted."""

    tenant: str
    since_ms: int
    until_ms: int
    #: of the sums that are kept: a minute, an hour or a day
    step_ms: int
    #: of those that are returned; a multiple of `step_ms`
    bucket_ms: int
    #: None = of all
    agents: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSum:
    """How much of a kind happened in one interval."""

    at_ms: int
    status: FileEventStatus
    #: "" = no error
    error_class: str
    events: int
    size_bytes: int


class WorkReads(Protocol):
    """Sums over file events."""

    async def work(self, wish: WorkWish) -> Sequence[WorkSum]:
        """Return sums, in no order.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Entries of the audit, newest first."""

    rows: Sequence[AuditRow]
    #: there are older ones in the time that was asked for
    more: bool


class AuditLook(Protocol):
    """Entries of the audit."""

    async def rows(self, tenant: str, wanted: AuditFilter, *, limit: int) -> Rows:
        """Return the newest entries that fit.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


class FiringReads(Protocol):
    """Knows the alerts that fire."""

    async def firing(self, tenant: str) -> Firing:
        """Return those that nobody has taken and nothing holds back.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


class Reached(Protocol):
    """Knows the agents of rollouts."""

    async def reached(self, tenant: str, rollout: RolloutId) -> tuple[Rollout, Collection[str]]:
        """Return a rollout and the agents that it was offered to.

        Raises:
            NotFoundError: No such rollout.
        """
        ...
