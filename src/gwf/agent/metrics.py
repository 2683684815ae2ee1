"""The edge's metrics: what is counted as work ends, and what is read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from gwf.agent.journal.effects import Effects
from gwf.agent.model import DELIVERED, FileStatus, Outcome, Result

UPLOAD_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)  #: of the legacy metric, unchanged
LATENCY_BUCKETS_S = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)


class Histogram:
    """Counts observations in fixed buckets. One writer; readers may see it a moment old."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """`bounds` are the upper bounds, ascending, without infinity."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return (upper bound, cumulative count) with "+Inf" last."""
        total = 0
        result: list[tuple[str, float]] = []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            total += count
            result.append((bound, float(total)))
        return result


class EdgeMetrics:
    """Counters of this process since its start. The journal's thread is the only writer, except where said."""

    def __init__(self) -> None:
        """Start at zero."""
        self.queued_total = 0
        self.retries_total = 0
        self.uploaded_bytes_total = 0
        self.results: Counter[str] = Counter()
        self.attempt_failures: Counter[str] = Counter()
        self.dead: Counter[str] = Counter()
        self.upload_s = Histogram(UPLOAD_BUCKETS_S)
        self.latency_s = Histogram(LATENCY_BUCKETS_S)
        #: by store; written by the janitor's thread only
        self.orphans_aborted: Counter[str] = Counter()
        self.unfinished_uploads: dict[str, int] = {}

    def committed(self, effects: Effects) -> None:
        """Take in one commit of the journal."""
        self.queued_total += effects.queued
        for result, outcome, decision in effects.finished:
            if outcome.work.attempts and result is not Result.RELEASED:
                self.retries_total += 1
            if result in DELIVERED:
                self._done(result, outcome)
            elif decision is not None:
                self._failed(outcome, dead=decision.status is FileStatus.DEAD)
            else:
                self.results["superseded" if result is Result.CHANGED else "vanished"] += 1

    def _done(self, result: Result, outcome: Outcome) -> None:
        self.results[result.value] += 1
        self.uploaded_bytes_total += outcome.work.size_bytes
        self.upload_s.observe(outcome.took_s)
        self.latency_s.observe(outcome.latency_s)

    def _failed(self, outcome: Outcome, *, dead: bool) -> None:
        error_class = str(outcome.error_class)
        self.attempt_failures[error_class] += 1
        if dead:
            self.dead[error_class] += 1
