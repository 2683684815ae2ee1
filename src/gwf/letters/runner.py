"""Carries out runs over dead letters: at their pace, a portion at a time, on from where any process left them."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.letters.model import Carried, Letter, LetterKind, LetterState, Run, RunAct, RunId
from gwf.letters.ports import Hands, LetterStore

PORTION = 500  #: letters that are done at once
LOOK_S = 2.0  #: between two looks for runs that other servers took orders for
PACE_S = 0.2  #: of a run with a pace: a portion so often
AGAIN_S = 2.0  #: after a portion that could not be done because something is away

log = logging.getLogger("gwf.letters")


class Lead(Protocol):
    """Lets one of several servers carry out runs."""

    async def is_mine(self) -> bool:
        """Take or keep the lead; tell whether it is ours for the next seconds."""
        ...


class LetterRunner:
    """Used in one event loop."""

    def __init__(self, store: LetterStore, hands: Mapping[LetterKind, Hands], *, lead: Lead, clock: Clock) -> None:
        """Nothing is done before `run`."""
        self._store = store
        self._hands = hands
        self._lead = lead
        self._clock = clock
        self._some = asyncio.Event()
        #: letters that runs with a pace may take by now
        self._allowed: dict[RunId, float] = {}
        self._paced_s: dict[RunId, float] = {}

    def wake(self) -> None:
        """Look for runs now."""
        self._some.set()

    async def run(self) -> None:
        """Carry out runs until cancelled."""
        while True:
            pause_s = LOOK_S
            try:
                if await self._lead.is_mine():
                    pause_s = await self.once()
            except GwfError as exc:  # letters stay queued, the next turn finds them
                log.warning("letters_not_carried", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of a loop that must not end
                log.exception("letter_runner_crashed")
            try:
                async with asyncio.timeout(pause_s):
                    await self._some.wait()
            except TimeoutError:
                continue
            self._some.clear()

    async def once(self) -> float:
        """Do a portion of each run; return after how many seconds there is more to do."""
        async with self._store.view() as view:
            runs = await view.open_runs()
        there = {run.run_id for run in runs}  # others were stopped, here or by another server
        self._allowed = {run_id: count for run_id, count in self._allowed.items() if run_id in there}
        self._paced_s = {run_id: at_s for run_id, at_s in self._paced_s.items() if run_id in there}
        pauses = [await self._portion(run) for run in runs]
        return min(pauses, default=LOOK_S)

    async def _portion(self, run: Run) -> float:
        limit = self._room(run)
        if not limit:
            return PACE_S
        async with self._store.change() as change:
            letters = await change.take(run.run_id, limit=limit)
            if not letters:
                await change.end(run.run_id, now_ms=self._clock.now_ms(), stopped=False)
                return 0.0
        if run.rate_per_s is not None:
            self._allowed[run.run_id] -= len(letters)
        done: list[Carried] = []
        is_away = False
        for kind, some in itertools.groupby(letters, key=lambda letter: letter.kind):
            part = await self._carried(kind, list(some), run)
            done += part
            is_away |= not part
        async with self._store.change() as change:
            await change.carried(done, now_ms=self._clock.now_ms())
        if is_away:
            return AGAIN_S
        return PACE_S if run.rate_per_s is not None else 0.0

    def _room(self, run: Run) -> int:
        """Return how many letters a run may take now."""
        if run.rate_per_s is None:
            return PORTION
        now_s = self._clock.monotonic_s()
        last_s = self._paced_s.get(run.run_id, now_s - PACE_S)
        burst = max(1.0, run.rate_per_s)  # no more than a second of it at once
        allowed = self._allowed.get(run.run_id, 0.0) + (now_s - last_s) * run.rate_per_s
        self._allowed[run.run_id] = min(allowed, burst)
        self._paced_s[run.run_id] = now_s
        return min(PORTION, int(self._allowed[run.run_id]))

    async def _carried(self, kind: LetterKind, letters: list[Letter], run: Run) -> Sequence[Carried]:
        """Do letters of one kind; nothing when something is away, and they stay queued."""
        hands = self._hands.get(kind)
        if hands is None:
            note = "" if run.act is RunAct.DROP else "no_replay"
            state = LetterState.DROPPED if run.act is RunAct.DROP else LetterState.OPEN
            return [Carried(letter=letter, state=state, note=note) for letter in letters]
        try:
            return await (hands.replay if run.act is RunAct.REPLAY else hands.drop)(letters, run)
        except GwfError as exc:
            if exc.retryable:
                log.warning("letters_wait", extra={"error_code": exc.code, "error": str(exc), "kind": kind.value})
                return []
            return [Carried(letter=letter, state=LetterState.OPEN, note=exc.code) for letter in letters]
