"""Keeps the desk up to date with what fails elsewhere: reads on from where it was, and twice rather than never."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.letters.model import Carried, Failure, Letter, LetterId, LetterKind, LetterState
from gwf.letters.ports import FailureNews, LetterStore
from gwf.letters.runner import Lead

EVERY_S = 1.0
OVERLAP_MS = 60_000  #: read again: a transaction may be seen so much later than its numbers say
PORTION = 1_000
CHECKED = 1_000  #: letters of a kind whose end is looked for in one turn
MISSED_AFTER_MS = 60_000  #: a batch that nobody decided about for so long is a dead letter
MOST_SEEN = 200_000
CALM_S = 60.0  #: open letters of files are looked at so often while no agent tells anything about a file
ROW_BITS = 20  #: of a row's number, below its time

log = logging.getLogger("gwf.letters")

_Look = Callable[[Sequence[Letter]], Awaitable[Sequence[Carried]]]


@dataclass(slots=True)
class FollowFacts:
    """Counters for health."""

    failures_total: int = 0
    turns_failed_total: int = 0


class LetterFollower:
    """Used in one event loop; of several servers one follows."""

    def __init__(self, store: LetterStore, news: FailureNews, *, lead: Lead, clock: Clock) -> None:
        """Nothing is read before `run`."""
        self._store = store
        self._news = news
        self._lead = lead
        self._clock = clock
        self._seen: dict[str, None] = {}
        self._places: dict[tuple[LetterKind, LetterState], LetterId | None] = {}
        #: the newest file event when a look at all open letters of files began, and when that was
        self._looked: tuple[int, float] = (-1, 0.0)
        self.facts = FollowFacts()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                if await self._lead.is_mine():
                    await self.once()
            except GwfError as exc:  # the next turn reads the same
                self.facts.turns_failed_total += 1
                log.warning("failures_not_read", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                self.facts.turns_failed_total += 1
                log.exception("letter_follower_crashed")
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """Read everything that is new, and look which letters came to an end."""
        await self._tasks_of_before()
        await self._files()
        await self._told("unreadable", self._news.unreadable)
        await self._told("faulty", self._news.faulty)
        await self._undecided()
        for state in (LetterState.REPLAYING, LetterState.OPEN):
            await self._ends(LetterKind.DECISION, state, self._news.decided)
        await self._ends(LetterKind.UPLOAD, LetterState.REPLAYING, self._news.file_ends)
        if await self._may_have_ended():
            await self._ends(LetterKind.UPLOAD, LetterState.OPEN, self._news.file_ends)

    async def _tasks_of_before(self) -> None:
        """Enter tasks that were dead before letters were kept; once."""
        if "tasks" in self._seen:
            return
        after = ""
        async with self._store.change() as change:
            is_done = await change.place_of("tasks") > 0
        while not is_done:
            found = await self._news.dead_tasks(after=after, limit=PORTION)
            is_done = len(found) < PORTION
            after = found[-1].subject if found else after
            async with self._store.change() as change:
                await change.fail(found, now_ms=self._clock.now_ms())
                if is_done:
                    await change.move("tasks", 1)
        self._seen["tasks"] = None

    async def _files(self) -> None:
        async with self._store.view() as view:
            after = await view.place("files")
        after = max(0, after - (OVERLAP_MS << ROW_BITS))
        while True:
            found = await self._news.files(after_row_id=after, limit=PORTION)
            fresh = [one for one in found if f"f{one.row_id}" not in self._seen]
            if fresh:
                async with self._store.change() as change:
                    failures = [one.failure for one in fresh if one.failure is not None]
                    await change.fail(failures, now_ms=self._clock.now_ms())
                    again = [(one.letter_id, one.row_id) for one in fresh if one.failure is None]
                    await change.replayed(again, now_ms=self._clock.now_ms())
                    await change.move("files", max(found[-1].row_id, await change.place_of("files")))
                self._note([f"f{one.row_id}" for one in fresh])
            if len(found) < PORTION:
                return
            after = found[-1].row_id

    async def _told(self, source: str, read: Callable[..., Awaitable[Sequence[Failure]]]) -> None:
        """Read a source that is in the order of time."""
        async with self._store.view() as view:
            since_ms = max(0, await view.place(source) - OVERLAP_MS)
        limit = PORTION
        while True:
            found = await read(since_ms=since_ms, limit=limit)
            fresh = [one for one in found if one.letter_id not in self._seen]
            if fresh:
                async with self._store.change() as change:
                    await change.fail(fresh, now_ms=self._clock.now_ms())
                    await change.move(source, max(found[-1].at_ms, await change.place_of(source)))
                self._note([one.letter_id for one in fresh])
            if len(found) < limit:
                return
            if found[-1].at_ms == since_ms:  # more within one moment than a portion holds
                limit *= 2
            since_ms = found[-1].at_ms

    async def _undecided(self) -> None:
        before_ms = self._clock.now_ms() - MISSED_AFTER_MS
        found = await self._news.undecided(taken_before_ms=before_ms, limit=PORTION)
        fresh = [one for one in found if one.letter_id not in self._seen]
        if fresh:
            async with self._store.change() as change:
                await change.fail(fresh, now_ms=self._clock.now_ms())
            self._note([one.letter_id for one in fresh])

    async def _may_have_ended(self) -> bool:
        """Tell whether open letters are worth a look: agents told something, or the last look is long ago."""
        if self._places.get((LetterKind.UPLOAD, LetterState.OPEN)) is not None:
            return True  # the look is under way
        newest, now_s = await self._news.newest_file(), self._clock.monotonic_s()
        last, at_s = self._looked
        if newest == last and now_s < at_s + CALM_S:
            return False
        self._looked = newest, now_s
        return True

    async def _ends(self, kind: LetterKind, state: LetterState, look: _Look) -> None:
        """Look at some letters after those of the turn before."""
        after = self._places.get((kind, state))
        async with self._store.view() as view:
            letters = await view.of_kind(kind, frozenset({state}), after=after, limit=CHECKED)
        self._places[kind, state] = letters[-1].letter_id if len(letters) == CHECKED else None
        ended = await look(letters) if letters else ()
        if ended:
            async with self._store.change() as change:
                await change.settled(ended, now_ms=self._clock.now_ms())

    def _note(self, names: Sequence[str]) -> None:
        """Remember what needs not be written again; forgetting some costs a write that changes nothing."""
        self.facts.failures_total += len(names)
        self._seen |= dict.fromkeys(names)
        if len(self._seen) > MOST_SEEN:
            self._seen = dict.fromkeys(list(self._seen)[MOST_SEEN // 2 :])
