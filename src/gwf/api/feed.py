"""Numbers what changed in this process and its database, and lets any number of readers follow at their own pace."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from gwf.core.errors import GwfError, OverloadedError
from gwf.wire.stream import Topic

log = logging.getLogger(__name__)

RING = 4_096  #: hints that are kept; a reader who is further behind asks for everything again
MAX_READERS = 1_000  #: of one process: each holds a connection
RECENT = 64  #: hints that a reader without a place is told again: they may have come while its page loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is newer than it was."""

    topic: Topic
    version: int
    #: of the one thing that changed; "" = any number of them
    id: str = ""
    #: whose it is; None = everybody's
    tenant: str | None = None


class Watch(Protocol):
    """Notices changes of one kind. Looked at by one task of the event loop, and only while somebody reads."""

    async def look(self) -> Iterable[Change]:
        """Return what changed since the last look; the first time, everything counts as changed.

        Raises:
            UnavailableError: It cannot be told now; the next look makes up for it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A change with its place among all of this process."""

    number: int
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a reader gets at once."""

    changes: Sequence[Numbered]
    #: where the reader goes on
    place: int
    #: some were dropped before they could be told
    missed: bool = False


class Feed:
    """The changes of one process. Readers share one ring of hints, so a slow one takes no memory. One event loop."""

    def __init__(self, watches: Sequence[Watch], *, look_s: float) -> None:
        """Look at `watches` every `look_s` seconds while there are readers."""
        self._watches = watches
        self._look_s = look_s
        #: tells numbers of this run of the process from those of others
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._last = 0
        self._ring: deque[Numbered] = deque(maxlen=RING)
        self._news = asyncio.Event()
        self._readers = 0
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    def name(self, place: int) -> str:
        """Return the id by which a reader comes back to a place."""
        return f"{self._run}-{place}"

    def place_of(self, name: str) -> int | None:
        """Return the place that an id names; None when it is of another run or process."""
        run, _, number = name.partition("-")
        if run != self._run or not number.isdecimal() or len(number) > 15:
            return None
        place = int(number)
        return place if place <= self._last else None

    def begin(self) -> int:
        """Return where a reader begins who was not here before: a little before the newest change."""
        return max(0, self._last - RECENT)

    def heard(self, place: int) -> Heard:
        """Return what came behind a place."""
        if not self._ring or place >= self._last:
            return Heard(changes=(), place=self._last)
        missed = place + 1 < self._ring[0].number
        behind = min(len(self._ring), self._last - place)
        return Heard(
            changes=tuple(itertools.islice(self._ring, len(self._ring) - behind, None)),
            place=self._last,
            missed=missed,
        )

    def check_room(self) -> None:
        """Let one more reader in.

        Raises:
            OverloadedError: There are too many.
        """
        if self._readers >= MAX_READERS:
            raise OverloadedError("too many streams are open", retry_after_s=15.0, limit=MAX_READERS)

    def enter(self) -> None:
        """Begin to read; end it by `leave`."""
        self._readers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run_looks(), name="gwf-feed")

    def leave(self) -> None:
        """End reading; without readers nothing is looked at."""
        self._readers -= 1
        if self._readers == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def wait(self, place: int, timeout_s: float) -> None:
        """Wait for something behind a place, or for the end, but no longer than `timeout_s`."""
        news = self._news
        if self.closed or place < self._last:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await news.wait()

    def close(self) -> None:
        """End all streams: the port begins to close."""
        self.closed = True
        self._ring_bell()

    @property
    def readers(self) -> int:
        """How many read now."""
        return self._readers

    async def _run_looks(self) -> None:
        while not self.closed:
            for watch in self._watches:
                await self._look(watch)
            await asyncio.sleep(self._look_s)

    async def _look(self, watch: Watch) -> None:
        try:
            found = list(await watch.look())
        except GwfError as exc:  # readers hear of it when they ask for the data
            log.debug("watch_failed", extra={"error_code": exc.code, "error": str(exc)})
            return
        except Exception:  # the edge of a task that all readers depend on
            log.exception("watch_crashed")
            return
        if not found:
            return
        for change in found:
            self._last = next(self._numbers)
            self._ring.append(Numbered(number=self._last, change=change))
        self._ring_bell()

    def _ring_bell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
