"""Words and values of actions: the file they are about, how they end, what is needed to undo them."""

from __future__ import annotations

import enum
import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gwf.tasks.actions.output import BoundedOutput
from gwf.tasks.actions.ports import Proof
from gwf.tasks.actions.subject import Subject

Undo = Mapping[str, str | int]
"""What an action needs to be undone, as flat JSON; empty = nothing irreversible was done."""

Remember = Callable[[Undo], None]
"""Makes an undo durable; returns only when it is."""


class Ending(enum.StrEnum):
    """How an execution ended."""

    #: it is done; repeating it changes nothing
    DONE = "done"
    #: it is not to be done: a rule of the action forbids it for this file, for good
    REFUSED = "refused"
    #: it did not work; trying again may help
    FAILED = "failed"
    #: it was stopped; it goes on when it is begun again
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What came of an execution or a compensation."""

    ending: Ending
    #: one line for people
    summary: str
    undo: Undo = field(default_factory=dict[str, str | int])
    #: a FAILED attempt counts; False = something else was at fault, such as a store that is away
    charged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One execution: the file, what it may use, and how it is told to stop."""

    subject: Subject
    #: the same for every repeat of this action on this version of the file
    idempotency_key: str
    #: 1 for the first
    attempt: int
    #: longest time it may take
    timeout_s: float
    #: set when it is to stop soon
    cancel: threading.Event
    output: BoundedOutput
    proof: Proof
    #: undo of an earlier attempt that got past the point of no return; empty at the first
    before: Undo
    remember: Remember


def idempotency_key(subject: Subject, *, kind: str, step: int) -> str:
    """Return 32 hex digits that name this action on this version of this file."""
    facts = (subject.path, subject.ino, subject.size_bytes, subject.mtime_ns, subject.store, subject.key, kind, step)
    text = b"\0".join(item if isinstance(item, bytes) else os.fsencode(str(item)) for item in facts)
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def done(summary: str, undo: Undo | None = None) -> ActionResult:
    """Return the result of work that is done."""
    return ActionResult(ending=Ending.DONE, summary=summary, undo=undo or {})


def refused(summary: str) -> ActionResult:
    """Return the result of work that is not to be done."""
    return ActionResult(ending=Ending.REFUSED, summary=summary)


def failed(summary: str, undo: Undo | None = None, *, charged: bool = True) -> ActionResult:
    """Return the result of work that may be tried again; `charged` False = it was not its own fault."""
    return ActionResult(ending=Ending.FAILED, summary=summary, undo=undo or {}, charged=charged)


def cancelled(undo: Undo | None = None) -> ActionResult:
    """Return the result of work that was stopped."""
    return ActionResult(ending=Ending.CANCELLED, summary="stopped; it goes on at the next start", undo=undo or {})
