"""Judges from the outcomes of the last while whether the other side fails."""

from __future__ import annotations

from collections import deque

from gwf.core.settings.model import BreakerSettings

SLICE_S = 0.25  #: outcomes are counted by slices of this length, so memory does not grow with their number
LATELY_S = 2.0  #: what happened in the last seconds may outweigh a long good past
ENOUGH_LATELY = 3  #: times `min_outcomes` that so short a time must hold before it counts for itself


class OutcomeWindow:
    """A sliding window of outcomes. Not thread-safe: its owner holds a lock.

    Three rules, because each alone is too late or too quick somewhere. A failure opens the breaker when

    - the share of failures in the whole window reaches `failure_ratio` (few outcomes, or failures that trickle in), or
    - it does so within the last LATELY_S, if those held ENOUGH_LATELY x `min_outcomes` (a busy store that begins to
      fail: thousands of earlier successes must not have to be outvoted one by one), or
    - the last `min_outcomes` outcomes all failed, however many succeeded before (an outage on a quieter store).

    The first two need several outcomes for a reason: with a few, chance alone passes any ratio now and then.
    """

    def __init__(self, settings: BreakerSettings) -> None:
        """Start empty."""
        self._settings = settings
        #: [number of the slice, outcomes, failures], oldest first
        self._slices: deque[list[int]] = deque()
        #: when the last failures happened; emptied by each success
        self._row: deque[float] = deque(maxlen=settings.min_outcomes)

    def reconfigure(self, settings: BreakerSettings) -> None:
        """Judge by other numbers from now on; what was counted stays."""
        self._settings = settings
        self._row = deque(self._row, maxlen=settings.min_outcomes)

    def add(self, now_s: float, *, ok: bool) -> None:
        """Count one outcome."""
        number = int(now_s / SLICE_S)
        slices = self._slices
        if not slices or slices[-1][0] != number:
            slices.append([number, 0, 0])
            oldest = int((now_s - self._settings.window) / SLICE_S)
            while slices[0][0] < oldest:
                slices.popleft()
        latest = slices[-1]
        latest[1] += 1
        if not ok:
            latest[2] += 1
            self._row.append(now_s)
        elif self._row:
            self._row.clear()

    def fails(self, now_s: float) -> bool:
        """Tell whether the outcomes so far call for a rest."""
        settings, row = self._settings, self._row
        if len(row) == settings.min_outcomes and now_s - row[0] <= settings.window:
            return True
        return self._share_reached(now_s - settings.window, settings.min_outcomes) or self._share_reached(
            now_s - LATELY_S, ENOUGH_LATELY * settings.min_outcomes
        )

    def clear(self) -> None:
        """Forget everything."""
        self._slices.clear()
        self._row.clear()

    def _share_reached(self, since_s: float, enough: int) -> bool:
        oldest = int(since_s / SLICE_S)
        total = failures = 0
        for number, outcomes, failed in reversed(self._slices):
            if number < oldest:
                break
            total += outcomes
            failures += failed
        return total >= enough and failures >= self._settings.failure_ratio * total
