"""Lets long work in an event loop take turns with everything else that waits there."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TypeVar

KEEP_S = 0.003  #: how long work keeps the loop to itself
#: times as long as it kept the loop it gives it to others: a fleet of 10,000 in a rollout needs two thirds of it
GIVEN_TIMES = 3
MOST_GIVEN_S = 0.05  #: work that waited meanwhile seems to have kept the loop: it gives no more than this
AT_ONCE = 50  #: things that are worked on between two looks at the clock

Item = TypeVar("Item")


class Turns:
    """One piece of long work. It gives the loop to others for `given_times` as long as it kept it.

    To give it once, as `asyncio.sleep(0)` does, is not enough: a request needs the loop some five times until it is
    answered, and would wait for as many parts of the work.
    """

    #: until when the loop is given to others; several works at once share what is left
    _given_until_s = 0.0

    def __init__(self, given_times: float = GIVEN_TIMES) -> None:
        """Begin to keep the loop."""
        self._given_times = given_times
        self._since_s = time.monotonic()

    async def give(self) -> None:
        """Give the loop to others, if it was kept for long."""
        now_s = time.monotonic()
        kept_s = min(now_s - self._since_s, MOST_GIVEN_S)
        if kept_s < KEEP_S:
            return
        until_s = Turns._given_until_s = (
            min(max(now_s, Turns._given_until_s), now_s + MOST_GIVEN_S) + self._given_times * kept_s
        )
        await asyncio.sleep(until_s - now_s)
        self._since_s = time.monotonic()


async def pieces(
    items: Iterable[Item], *, at_once: int = AT_ONCE, given_times: float = GIVEN_TIMES
) -> AsyncGenerator[Sequence[Item]]:
    """Yield things in pieces; between them others get the loop. Where a person waits, `given_times` is less."""
    turns, rest = Turns(given_times), iter(items)
    while piece := list(itertools.islice(rest, at_once)):
        yield piece
        await turns.give()
