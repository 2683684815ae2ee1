"""What tasks need from outside: a store whose changes are whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.tasks.model import AttemptOutcome, FailureGroup, Task, TaskEvent, TaskFilter, TaskId, TaskState


class TaskReads(Protocol):
    """Reads of one tenant's tasks. Lists are newest first."""

    async def find(self, task_id: TaskId) -> Task | None:
        """Return a task, or None; inside a change it is locked until the change is over."""
        ...

    async def newest(self, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        ...

    async def events(self, task_id: TaskId, *, limit: int) -> Sequence[TaskEvent]:
        """Return the newest events of a task; none when there is no such task."""
        ...

    async def failures(self, wanted: TaskFilter) -> Sequence[FailureGroup]:
        """Return tasks by reason, its case and the blanks around it ignored, the most frequent first."""
        ...


class TaskChange(TaskReads, Protocol):
    """One transaction."""

    async def number(self) -> int:
        """Return the next number for the id of a task; 1 at first, none twice."""
        ...

    async def claimable(self, types: frozenset[str], *, limit: int) -> Sequence[Task]:
        """Return pending tasks of these types (none named = any), most urgent first, then oldest; locked."""
        ...

    async def expired(self, *, now_ms: int, limit: int) -> Sequence[Task]:
        """Return tasks whose lease is over, locked; those that another change holds are left out."""
        ...

    async def lost(self, task: Task) -> int:
        """Return how many attempts of the task's run were never begun."""
        ...

    async def add(self, task: Task) -> None:
        """Enter a new task."""
        ...

    async def put(self, task: Task) -> None:
        """Write what a step changed of a task that was read in this change."""
        ...

    async def open_attempt(self, task: Task) -> None:
        """Enter the attempt of a task that was just leased."""
        ...

    async def end_attempt(self, task: Task, outcome: AttemptOutcome, *, error: str, now_ms: int) -> None:
        """Write how the attempt ended that `fence` of the task names; one that ended before stays as it is."""
        ...

    async def add_event(self, event: TaskEvent) -> None:
        """Enter a line of a task's story."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        ...


class TaskStore(Protocol):
    """Where tasks are kept."""

    def view(self, tenant: str) -> AbstractAsyncContextManager[TaskReads]:
        """Read one state of a tenant's tasks."""
        ...

    def change(self, tenant: str) -> AbstractAsyncContextManager[TaskChange]:
        """Begin a transaction; leaving the block without an error makes it durable.

        Raises:
            UnavailableError: The database does not answer; nothing was changed.
        """
        ...

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        ...

    async def tenants_with_expired(self, *, now_ms: int) -> Sequence[str]:
        """Return the tenants that have a task whose lease is over."""
        ...


#: states in which a lease runs
LEASED_STATES = (TaskState.LEASED, TaskState.RUNNING)
