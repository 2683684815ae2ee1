"""What the journal's transactions read from memory and what becomes true when they are committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gwf.agent.journal.switches import AutoSwitches, Orders
from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.retry import Decision


class Dispatcher(Protocol):
    """Where work goes once its row says SENDING."""

    def room(self, store: str) -> int:
        """Return how many more pieces of work `store` takes now; 0 while it rests or is unknown."""
        ...

    def deliver(self, store: str, works: list[Work]) -> None:
        """Take work over; called after the commit that marked it SENDING."""
        ...

    def abandon(self, store: str, orphan_id: int, upload_state: str) -> None:
        """Abort an upload that nobody will finish, when there is time, and report it by `orphan_gone`."""
        ...

    def suspect(self, store: str, orphan_id: int, key: str) -> None:
        """Before any work, end uploads of `key` begun before the process died; report it by `orphan_gone`."""
        ...


@dataclass(slots=True)
class Memory:
    """What the writer keeps in memory between transactions; changed only after a commit."""

    #: id of the next new file; the writer is the only one that makes files
    next_id: int
    #: which paths are sent by themselves
    switches: AutoSwitches
    #: versions that a person asked for
    orders: Orders
    #: ask the store first whether it holds a file already: the journal was rebuilt, or lost its end
    verify_first: bool = False
    #: stores that may have READY rows nobody was handed
    backlog: set[str] = field(default_factory=set[str])
    #: files being sent for which a newer version waits
    dirty: set[int] = field(default_factory=set[int])
    #: places offered so far: decides whose turn it is, the most urgent or what has waited longest
    passed: int = 0
    directories: dict[bytes, int] = field(default_factory=dict[bytes, int])


@dataclass(slots=True)
class Effects:
    """What becomes true when the transaction is committed."""

    works: dict[str, list[Work]] = field(default_factory=dict[str, list[Work]])
    ready: set[str] = field(default_factory=set[str])
    drained: set[str] = field(default_factory=set[str])
    dirty: set[int] = field(default_factory=set[int])
    freed: set[int] = field(default_factory=set[int])
    #: (result, outcome, decision) of finished work, for metrics and logs
    finished: list[tuple[Result, Outcome, Decision | None]] = field(
        default_factory=list[tuple[Result, Outcome, Decision | None]]
    )
    #: (store, orphan id, multipart state) of uploads that nobody will finish
    orphans: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    #: when the first of the files is due that were set to wait
    next_at_ms: int | None = None
    #: new versions written to be sent
    queued: int = 0
    callbacks: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
