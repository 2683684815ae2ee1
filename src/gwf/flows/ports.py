"""What flows need from outside: a store whose changes are whole or not at all, also together with those of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.flows.model import FlowVersion
from gwf.flows.record import FlowHead, StoredFlow
from gwf.flows.run import Line, Run, RunId, RunState
from gwf.flows.times import StepTime
from gwf.tasks.ports import TaskChange


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs a list shows."""

    #: empty = in any state
    states: frozenset[RunState] = frozenset()
    #: "" = of any flow
    flow_id: str = ""
    rule_id: str = ""
    #: only those that wait for somebody's approval
    waits: bool = False
    #: begun from this moment on, and before that one
    since_ms: int | None = None
    until_ms: int | None = None
    #: part of id, name of the flow, target or reason
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Which part of a list, newest first."""

    limit: int
    #: behind this run: when it was begun, and its id
    after: tuple[int, str] | None = None


class FlowReads(Protocol):
    """Stored flows and runs at one moment. Every method raises UnavailableError when the database did not answer."""

    async def heads(self, tenant: str) -> Sequence[FlowHead]:
        """Return all flows, by name."""
        ...

    async def head(self, tenant: str, flow_id: str) -> FlowHead:
        """Return a flow; nobody else changes it before a change ends that asked for it.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def find_head(self, tenant: str, name: str) -> FlowHead | None:
        """Return a flow by its id or name, or None; others may change it meanwhile."""
        ...

    async def versions_of(self, tenant: str, refs: Sequence[FlowVersion]) -> Sequence[StoredFlow]:
        """Return those of some versions that there are."""
        ...

    async def history(self, tenant: str, flow_id: str, *, before: int | None, limit: int) -> Sequence[StoredFlow]:
        """Return versions of a flow, newest first, below a number; None = from the newest."""
        ...

    async def runs(self, tenant: str, wanted: RunFilter, page: RunPage) -> Sequence[Run]:
        """Return a part of the runs that fit, newest first."""
        ...

    async def count_runs(self, tenant: str, wanted: RunFilter) -> Mapping[str, Mapping[RunState, int]]:
        """Return how many runs fit, by flow and state."""
        ...

    async def approvals(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Sequence[str]]:
        """Return the steps of some runs that wait for somebody's approval; runs without one are absent."""
        ...

    async def step_times(self, tenant: str, flow_id: str, *, runs: int) -> Sequence[StepTime]:
        """Return how the steps of the newest runs of a flow ended; those taken over from other runs are left out."""
        ...

    async def run(self, tenant: str, run_id: str) -> Run:
        """Return a run.

        Raises:
            RunNotFoundError: There is none.
        """
        ...

    async def lines(self, run_id: RunId, *, limit: int) -> Sequence[Line]:
        """Return the newest lines of a run's story, oldest first."""
        ...


class FlowChange(FlowReads, Protocol):
    """A transaction over flows and runs; all of it is kept, or nothing."""

    async def add_head(self, head: FlowHead) -> None:
        """Store a new flow.

        Raises:
            ConflictError: Another one has its name.
        """
        ...

    async def put_head(self, head: FlowHead) -> None:
        """Store what changed of a flow.

        Raises:
            ConflictError: Another one has its name.
            RevisionError: The request was made from another revision than the one before.
        """
        ...

    async def put_version(self, stored: StoredFlow) -> None:
        """Store a version; one that is there is written over."""
        ...

    async def drop_version(self, stored: StoredFlow) -> None:
        """Remove a draft."""
        ...

    async def locked(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Run]:
        """Return those of some runs that there are; nobody else changes them before this change ends."""
        ...

    async def number(self) -> int:
        """Return the next number of a run; 1 at first, none twice."""
        ...

    async def add_run(self, run: Run) -> bool:
        """Store a new run; False when there is one with its id, which stays as it is."""
        ...

    async def put_runs(self, moved: Sequence[tuple[Run, Run, Sequence[Line]]]) -> None:
        """Store what became of runs: each as it was read, as it is, and the lines that were added."""
        ...

    async def known_agents(self, tenant: str, agent_ids: Sequence[str]) -> frozenset[str]:
        """Return those of some agents that the tenant has and that were not revoked."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Write an entry to the audit with this transaction."""
        ...


class FlowStore(Protocol):
    """Keeps flows and their runs."""

    def view(self) -> AbstractAsyncContextManager[FlowReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[FlowChange]:
        """Open a transaction."""
        ...

    def within(self, change: TaskChange) -> FlowChange:
        """Return the same transaction as one over flows, so that a run moves with its tasks or neither does."""
        ...
