"""Has the clock's steps of tasks made by the database's time, and none while that time is not to be relied on."""

from __future__ import annotations

from gwf.db.clock import DatabaseClock
from gwf.db.tasks_store import SqlTaskStore
from gwf.tasks.service import TaskService


class Sweep:
    """Called every moment by whoever works."""

    def __init__(self, tasks: TaskService, store: SqlTaskStore, clock: DatabaseClock) -> None:
        """Sweep by `tasks`, whose clock is `clock`."""
        self._tasks = tasks
        self._store = store
        self._clock = clock

    async def __call__(self) -> int:
        """Make the steps that are due; return how many tasks they moved.

        Raises:
            UnavailableError: The database did not answer.
        """
        moved_ms = await self._clock.look()
        if moved_ms < 0:
            await self._store.heed_setback(now_ms=self._clock.now_ms())
        return await self._tasks.sweep() if self._clock.is_settled else 0
