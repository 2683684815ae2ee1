"""Wakes whoever waits for something new for one agent; says only that there is something."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager


class Bell:
    """One waiting connection of an agent."""

    def __init__(self) -> None:
        """Begin silent."""
        self._words: set[str] = set()
        self._rung = asyncio.Event()

    def ring(self, word: str) -> None:
        """Say that something new is there; saying it twice before it was heard is saying it once."""
        self._words.add(word)
        self._rung.set()

    def wake(self) -> None:
        """Wake whoever waits without saying anything."""
        self._rung.set()

    async def heard(self, timeout_s: float) -> frozenset[str]:
        """Wait for a ring; return what was rung since the last call, nothing after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return frozenset()
        words = frozenset(self._words)
        self._words.clear()
        self._rung.clear()
        return words


class Bells:
    """The bells of all agents that are connected to this process. Lives in the event loop."""

    def __init__(self) -> None:
        """Begin without any."""
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)
        #: what an agent hears as soon as it listens, each of these says some: what was rung for before is not lost
        self.greetings: list[Callable[[str], Iterable[str]]] = []
        #: the process is about to end: whoever waits is woken and goes
        self.closed = False

    @contextmanager
    def hung(self, agent: str) -> Generator[Bell]:
        """Hang up a bell for an agent as long as the block runs."""
        bell = Bell()
        self._bells[agent].add(bell)
        for greet in self.greetings:
            for word in greet(agent):
                bell.ring(word)
        try:
            yield bell
        finally:
            self._bells[agent].discard(bell)
            if not self._bells[agent]:
                del self._bells[agent]

    def ring(self, agents: Iterable[str], word: str) -> None:
        """Ring for agents; those that do not listen here do not hear it."""
        for agent in agents:
            for bell in self._bells.get(agent, ()):
                bell.ring(word)

    def has(self, agent: str) -> bool:
        """Tell whether an agent listens here."""
        return agent in self._bells

    def close(self) -> None:
        """Wake everybody who waits, for good."""
        self.closed = True
        for bells in self._bells.values():
            for bell in bells:
                bell.wake()

    def count(self) -> int:
        """Return how many are hung up."""
        return sum(map(len, self._bells.values()))
