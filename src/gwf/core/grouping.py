"""Writes what comes at once from many sides together: one transaction for a group, an answer for each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from gwf.core.errors import GwfError, UnavailableError

Item = TypeVar("Item")

log = logging.getLogger("gwf.core")


class GroupedWrites(Generic[Item]):
    """Groups form while the group before is written, so that a lone item never waits. Used in one event loop."""

    def __init__(
        self, write: Callable[[Sequence[Item]], Awaitable[None]], *, most: int, name: str, pause_s: float = 0.0
    ) -> None:
        """Write groups of at most `most` by `write`, in the order in which they came.

        `pause_s` lies between the end of one group and the next one, in which more comes together: for items whose
        senders have time.
        """
        self._write = write
        self._most = most
        self._name = name
        self._pause_s = pause_s
        self._ended_s = -pause_s
        self._waiting: deque[tuple[Item, asyncio.Future[None]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> None:
        """Return once an item is written.

        Raises:
            GwfError: What kept it from being written; an item that cannot be written takes no other with it.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run(), name=self._name)
            self._writer.add_done_callback(self._ended)
        await done

    async def close(self) -> None:
        """Wait until everything that was put is written."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(max(0.0, self._ended_s + self._pause_s - time.monotonic()))
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            try:
                await self._store(group)
            finally:
                self._ended_s = time.monotonic()
                _interrupt(group)

    def _ended(self, writer: asyncio.Task[None]) -> None:
        """Tell those whose turn never came, when the task was ended from outside: nobody waits for ever."""
        if writer is self._writer:  # else the next one has begun, and what waits is its work
            left, self._waiting = self._waiting, deque()
            _interrupt(left)

    async def _store(self, group: list[tuple[Item, asyncio.Future[None]]]) -> None:
        try:
            await self._write([item for item, _ in group])
        except UnavailableError as exc:
            for _, done in group:
                _fail(done, exc)
        except Exception as exc:  # noqa: BLE001  # the edge of a task that others wait for: each of them is told
            await self._singly(group, exc)
        else:
            for _, done in group:
                if not done.done():
                    done.set_result(None)

    async def _singly(self, group: list[tuple[Item, asyncio.Future[None]]], error: Exception) -> None:
        if len(group) > 1:
            for one in group:
                await self._store([one])
            return
        if not isinstance(error, GwfError):
            log.error("grouped_write_crashed", exc_info=error, extra={"writer": self._name})
            error = GwfError("this could not be stored; the log says why", reason=type(error).__name__)
        _fail(group[0][1], error)


def _interrupt(group: Iterable[tuple[object, asyncio.Future[None]]]) -> None:
    for _, done in group:
        _fail(done, UnavailableError("it was interrupted: sending it again is safe"))


def _fail(done: asyncio.Future[None], error: GwfError) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # whoever asked may be gone: then nobody else looks at it
