"""What may happen to a task: the words that the state machine takes."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from gwf.core.errors import ErrorClass
from gwf.tasks.model import Executor


class Outcome(enum.StrEnum):
    """How an executor says that an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    #: it stopped because it was told to; nothing of it stays
    CANCELLED = "cancelled"
    #: it was not done and costs nothing: its executor stops, or something else is at fault
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Somebody takes it, for so long as it may be silent about it."""

    owner: str
    lease_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Whoever has it begins."""

    owner: str
    #: the fence of the lease; None = the Go version's interface, which knows owners alone
    token: int | None
    #: None = as long as before
    lease_s: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Whoever has it is still there."""

    owner: str
    token: int | None
    lease_s: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Whoever has it says how it ended."""

    owner: str
    token: int | None
    outcome: Outcome
    message: str = ""
    #: why it failed
    error: str = ""
    error_class: ErrorClass | None = None
    #: another attempt may help
    retryable: bool = True
    #: the other side asked to be left alone for so long
    retry_after_s: float | None = None
    result: Mapping[str, object] | None = None
    undo: Mapping[str, object] | None = None
    #: from 0 up to 1: spreads the next attempts of many tasks
    chance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Somebody wants it not to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """What a task is to do from now on, checked before; it stays the same task with the same idempotency key."""

    payload: Mapping[str, object]
    target: str
    executor: Executor
    for_agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Somebody wants it done again."""

    #: None = as it was
    amended: Amended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensate:
    """Somebody wants undone what it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed."""


Signal = Lease | Begin | Renew | Report | Cancel | Retry | Compensate | Tick
