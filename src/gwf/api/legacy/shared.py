"""An answer that takes time to make: made once for all who ask meanwhile, and used again while it is young."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class Shared(Generic[T]):
    """Holds one value. `get` belongs to the event loop, `drop` may be called from anywhere."""

    def __init__(
        self, make: Callable[[], T], *, max_age_s: float, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`make` blocks and runs in a thread; a value is used again for `max_age_s`."""
        self._make = make
        self._max_age_s = max_age_s
        self._monotonic_s = monotonic_s
        self._epoch = 0
        self._value: tuple[int, float, T] | None = None
        self._task: tuple[int, asyncio.Task[T]] | None = None

    def drop(self) -> None:
        """What is asked for from now on was made after this."""
        self._epoch += 1

    async def get(self, *, anew: bool = False) -> tuple[bool, T]:
        """Return whether the value was there already, and the value.

        With `anew` it is made again; one that is being made right now counts as that.
        """
        value, task = self._value, self._task
        if value is not None and not anew and self._is_young(value):
            return True, value[2]
        if task is None or task[0] != self._epoch:
            task = self._task = (self._epoch, asyncio.create_task(self._build(self._epoch)))
        return False, await asyncio.shield(task[1])

    def _is_young(self, value: tuple[int, float, T]) -> bool:
        return value[0] == self._epoch and self._monotonic_s() - value[1] < self._max_age_s

    async def _build(self, epoch: int) -> T:
        try:
            made = await run_in_threadpool(self._make)
        finally:
            if self._task is not None and self._task[0] == epoch:
                self._task = None
        if epoch == self._epoch:
            self._value = (epoch, self._monotonic_s(), made)
        return made
