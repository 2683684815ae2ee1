"""What tasks need from outside: a store whose changes are whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.tasks.model import Attempt, Executor, FailureGroup, Task, TaskEvent, TaskFilter, TaskId, TaskPage, TaskState
from gwf.tasks.step import Step

Done = tuple[Task | None, Step]
"""A step and the task as it was before; None = it is new."""


class TaskReads(Protocol):
    """Reads of one tenant's tasks, or of all. Lists are newest first."""

    async def find(self, task_id: TaskId) -> Task | None:
        """Return a task, or None; inside a change it is locked until the change is over."""
        ...

    async def newest(self, wanted: TaskFilter, *, limit: int) -> tuple[Sequence[Task], int]:
        """Return the newest tasks that fit, and how many fit in all."""
        ...

    async def count(self, wanted: TaskFilter) -> int:
        """Return how many tasks fit."""
        ...

    async def page(self, wanted: TaskFilter, page: TaskPage) -> Sequence[Task]:
        """Return a part of the tasks that fit, newest first."""
        ...

    async def facets(self, wanted: TaskFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many tasks that fit have each state, type, executor, priority and error class."""
        ...

    async def attempts(self, task_id: TaskId, *, limit: int) -> Sequence[Attempt]:
        """Return the newest attempts at a task, newest first; none when there is no such task."""
        ...

    async def events(self, task_id: TaskId, *, limit: int) -> Sequence[TaskEvent]:
        """Return the newest events of a task; none when there is no such task."""
        ...

    async def of_events(self, row_ids: Sequence[int], task_ids: Sequence[TaskId]) -> Sequence[Task]:
        """Return tasks that file events caused, and those of these ids, the oldest first."""
        ...

    async def attempts_at(self, task_ids: Sequence[TaskId]) -> Sequence[Attempt]:
        """Return all attempts at some tasks, the oldest of each first."""
        ...

    async def failures(self, wanted: TaskFilter) -> Sequence[FailureGroup]:
        """Return tasks by reason, its case and the blanks around it ignored, the most frequent first."""
        ...


class TaskChange(TaskReads, Protocol):
    """One transaction."""

    async def number(self) -> int:
        """Return the next number for the id of a task; 1 at first, none twice."""
        ...

    async def many(self, task_ids: Sequence[TaskId]) -> Sequence[Task]:
        """Return those of some tasks that there are, locked."""
        ...

    async def claimable(self, types: frozenset[str], *, limit: int) -> Sequence[Task]:
        """Return pending tasks of the Go version's interface of these types (none named = any), locked.

        The most urgent come first, then the oldest.
        """
        ...

    async def free_for_workers(self, types: Sequence[str], *, limit: int, now_ms: int) -> Sequence[Task]:
        """Return tasks of these types that a worker may take now, in their order, locked."""
        ...

    async def free_for_agent(self, agent_id: str, *, limit: int, now_ms: int) -> Sequence[Task]:
        """Return tasks that an agent may take now, in their order, locked."""
        ...

    async def due(self, *, now_ms: int, limit: int) -> Sequence[Task]:
        """Return tasks of which the clock makes a step, locked; those that another change holds are left out."""
        ...

    async def renew(self, owner: str, *, until_ms: int) -> Mapping[TaskId, tuple[int, TaskState]]:
        """Let everything that an executor has be its own for longer; return the fences and states."""
        ...

    async def let_go(self, task_id: TaskId, owner: str, *, fence: int) -> None:
        """Let nobody have a task under a lease any more, which ends as it would have; nothing else of it changes."""
        ...

    async def put_off(self, task_id: TaskId, *, until_ms: int) -> None:
        """Let the clock make no step of a task before a moment; nothing else of it changes."""
        ...

    def sheltered(self) -> AbstractAsyncContextManager[None]:
        """Open a part of this change: when its block raises, what it wrote is undone and what was before it stays.

        Raises:
            UnavailableError: The database did not answer; the whole change is over.
        """
        ...

    async def enter(self, new: Sequence[Task]) -> frozenset[TaskId]:
        """Enter new tasks; return the ids of those that were not there."""
        ...

    async def keep(self, done: Sequence[Done]) -> None:
        """Write what steps made of tasks that were read or entered in this change, their attempts and stories."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        ...


class Follows(Protocol):
    """What goes on with the end of a task, in the same transaction: the run of a flow."""

    def concerns(self, step: Step) -> bool:
        """Tell whether anything goes on with a step."""
        ...

    async def follow(self, change: TaskChange, steps: Sequence[Step]) -> Sequence[Done]:
        """Hear of steps that were written; return the steps of tasks that came of them, as it wrote them.

        Raises:
            UnavailableError: The database did not answer; nothing of the transaction is kept.
        """
        ...

    async def leave(self, change: TaskChange, task: Task, why: str) -> None:
        """Leave to a person what should have gone on with a task that ended, and could not."""
        ...


class TaskStore(Protocol):
    """Where tasks are kept."""

    def view(self, tenant: str) -> AbstractAsyncContextManager[TaskReads]:
        """Read one state of a tenant's tasks."""
        ...

    def change(self, tenant: str | None) -> AbstractAsyncContextManager[TaskChange]:
        """Begin a transaction on a tenant's tasks, or on all; leaving the block without an error makes it durable.

        Raises:
            UnavailableError: The database does not answer; nothing was changed.
        """
        ...

    async def counts(self) -> Mapping[tuple[TaskState, str], int]:
        """Return how many tasks there are in all tenants, by state and type."""
        ...

    async def free_since_ms(self) -> Mapping[Executor, int]:
        """Return of each executor since when the task has been free that nobody took for the longest."""
        ...

    async def waiting_for_agents(self) -> Mapping[str, int]:
        """Return how many tasks agents may take now, of those agents that have any."""
        ...

    async def next_due_ms(self) -> int | None:
        """Return when the clock makes its next step of any task; None = it makes none."""
        ...

    async def is_free_for_workers(self) -> bool:
        """Tell whether a worker may find something to take."""
        ...
