"""Gives the same answer again for a while that grows with what it costs to make, to all who ask meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

SHARE = 0.05  #: of the time may go into making one answer anew again and again
LONGEST_S = 5.0
KEPT = 64

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    task: asyncio.Task[V]
    #: until when it may be given again; None = it is being made
    until_s: float | None = None


class Reuse(Generic[K, V]):
    """Answers by key. Used in one event loop; one that failed is not kept."""

    def __init__(
        self, *, share: float = SHARE, longest_s: float = LONGEST_S, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin without answers.

        Args:
            share: An answer that took x seconds is given again for x / share.
            longest_s: It is given again for no longer.
            now_s: The clock.
        """
        self._share = share
        self._longest_s = longest_s
        self._now_s = now_s
        self._kept: OrderedDict[K, _Kept[V]] = OrderedDict()

    async def get(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the answer to `key`, made by `make` unless one is being made or still good.

        Raises:
            Exception: What `make` raised, to all who waited for it.
        """
        kept = self._kept.get(key)
        if kept is None or (kept.until_s is not None and kept.until_s <= self._now_s()):
            kept = self._begin(key, make)
        return await asyncio.shield(kept.task)  # whoever goes away does not take the others' answer along

    def _begin(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> _Kept[V]:
        began_s = self._now_s()
        kept = _Kept(asyncio.get_running_loop().create_task(make(), name=f"reuse-{key}"))
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

        def ended(task: asyncio.Task[V]) -> None:
            if task.cancelled() or task.exception() is not None:
                if self._kept.get(key) is kept:
                    del self._kept[key]
                return
            now_s = self._now_s()
            kept.until_s = now_s + min(self._longest_s, (now_s - began_s) / self._share)

        kept.task.add_done_callback(ended)
        return kept
