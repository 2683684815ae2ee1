"""Carries events inside one process to whoever subscribed; slow subscribers miss some and are told how many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_WAITING = 10_000  #: events that wait for one subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Generic[T]):
    """What came since a subscriber asked last."""

    #: oldest first
    items: Sequence[T]
    #: older ones that were dropped because they waited too long; the store has them
    missed: int


class Subscription(Generic[T]):
    """One subscriber's queue; used in the event loop of the bus."""

    def __init__(self, wanted: Callable[[T], bool], max_waiting: int) -> None:
        """Keep what is `wanted`, at most `max_waiting`."""
        self._wanted = wanted
        self._waiting: deque[T] = deque(maxlen=max_waiting)
        self._missed = 0
        self._some = asyncio.Event()

    def put(self, items: Sequence[T]) -> None:
        """Add what is wanted of `items`; the oldest make room."""
        wanted = [item for item in items if self._wanted(item)]
        if not wanted:
            return
        room = (self._waiting.maxlen or 0) - len(self._waiting)
        self._missed += max(0, len(wanted) - room)
        self._waiting.extend(wanted)
        self._some.set()

    async def get(self) -> Delivery[T]:
        """Wait until there is something; return all of it."""
        await self._some.wait()
        self._some.clear()
        delivery = Delivery(items=tuple(self._waiting), missed=self._missed)
        self._waiting.clear()
        self._missed = 0
        return delivery


class Bus(Generic[T]):
    """Carries values of one type from publishers to subscribers; nothing waits for a slow subscriber."""

    def __init__(self) -> None:
        """Begin without subscribers."""
        self._subscriptions: list[Subscription[T]] = []

    def subscribe(self, wanted: Callable[[T], bool], *, max_waiting: int = MAX_WAITING) -> Subscription[T]:
        """Return a queue of what is `wanted` from now on; give it back with `leave`."""
        subscription = Subscription(wanted, max_waiting)
        self._subscriptions.append(subscription)
        return subscription

    def leave(self, subscription: Subscription[T]) -> None:
        """Deliver no more to `subscription`."""
        self._subscriptions.remove(subscription)

    def publish(self, items: Sequence[T]) -> None:
        """Hand `items` to every subscriber."""
        for subscription in self._subscriptions:
            subscription.put(items)
