"""The contract of actions that workers of the centre do; plug-ins keep it too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from gwf.core.errors import ErrorClass
from gwf.tasks.signals import Outcome

Config = Mapping[str, object]
"""A task's configuration as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a configuration that cannot work."""

    #: JSON pointer into the configuration; "" = all of it
    pointer: str
    message: str
    code: str = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkContext:
    """One attempt: what it is about, and how it is told to stop."""

    task_id: str
    tenant: str
    #: what people call it
    target: str
    #: the same in every repeat, also after a crash and when a person has it done again
    idempotency_key: str
    #: 1 for the first of a run
    attempt: int
    #: it is cut off after so long
    timeout_s: float
    #: set when it is to stop soon: somebody cancelled it; a moment later it is cut off
    stopping: asyncio.Event
    #: wall clock in ms since 1970, UTC
    now_ms: Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResult:
    """What came of an attempt."""

    outcome: Outcome
    #: one line for people
    summary: str
    #: JSON for the record: what was answered, say; nothing secret
    detail: Mapping[str, object] = field(default_factory=dict[str, object])
    #: JSON that `compensate` needs; None = it cannot be undone
    undo: Mapping[str, object] | None = None
    error_class: ErrorClass | None = None
    #: another attempt may help
    retryable: bool = True
    retry_after_s: float | None = None


@runtime_checkable
class Shaped(Protocol):
    """An action that has a pydantic model of its configuration: the console makes a form of it."""

    shape: type[BaseModel]


class WorkAction(Protocol):
    """One kind of action. Its instances are shared: many attempts run at once in one event loop.

    Nothing in it may block the loop; what has to block goes through `asyncio.to_thread`. Failures are results; what
    is raised is a fault of the action and counts as a failed attempt.
    """

    #: what tasks call it: capitals, for example WEBHOOK
    kind: str

    def validate(self, config: Config) -> Sequence[Fault]:
        """Return everything that is wrong with a configuration; nothing = it can work."""
        ...

    def describe(self, config: Config) -> str:
        """Return in one line what `execute` would do; changes nothing and reaches nobody."""
        ...

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        """Do it. May be repeated with the same idempotency key when nobody knows how it ended."""
        ...

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:
        """Undo what an attempt did that returned `undo`. May be repeated."""
        ...


def done(
    summary: str, detail: Mapping[str, object] | None = None, undo: Mapping[str, object] | None = None
) -> WorkResult:
    """Return the result of work that is done."""
    return WorkResult(outcome=Outcome.SUCCEEDED, summary=summary, detail=detail or {}, undo=undo)


def failed(
    summary: str,
    error_class: ErrorClass,
    *,
    retryable: bool = True,
    retry_after_s: float | None = None,
    detail: Mapping[str, object] | None = None,
) -> WorkResult:
    """Return the result of an attempt that failed."""
    return WorkResult(
        outcome=Outcome.FAILED, summary=summary, detail=detail or {}, error_class=error_class, retryable=retryable,
        retry_after_s=retry_after_s,
    )  # fmt: skip


def stopped(summary: str = "stopped when it was cancelled") -> WorkResult:
    """Return the result of an attempt that ended because it was told to, with nothing left behind."""
    return WorkResult(outcome=Outcome.CANCELLED, summary=summary)
