"""The metrics of runs: read from the rows, so that it does not matter which process moved a run."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import CollectorRegistry

from gwf.core.metrics import MetricSpec, MetricType, counter, gauge, histogram
from gwf.flows.run import RESTING, RunId, RunState

MANY = 5_000  #: runs of one look
OVERLAP_MS = 5_000  #: looks go back so far: a change becomes visible after the moment that it bears
_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0)


class Beginning(enum.StrEnum):
    """What a run was begun by."""

    PERSON = "person"
    RULE = "rule"
    REPLAY = "replay"


FLOW_SPECS: Final[tuple[MetricSpec, ...]] = (
    MetricSpec(
        name="gwf_flow_runs",
        type=MetricType.GAUGE,
        unit="runs",
        meaning="Runs of all tenants that are kept, by state.",
        labels=("state",),
    ),
    MetricSpec(
        name="gwf_flow_approvals_waiting",
        type=MetricType.GAUGE,
        unit="steps",
        meaning="Steps that wait for somebody's approval.",
    ),
    MetricSpec(
        name="gwf_flow_runs_started_total",
        type=MetricType.COUNTER,
        unit="runs",
        meaning="Runs that began, by who began them: `person`, `rule`, or a `replay`.",
        labels=("by",),
    ),
    MetricSpec(
        name="gwf_flow_runs_ended_total",
        type=MetricType.COUNTER,
        unit="runs",
        meaning="Times that a run came to rest, by the state that it came to; one that is resumed ends again.",
        labels=("state",),
    ),
    MetricSpec(
        name="gwf_flow_run_duration_seconds",
        type=MetricType.HISTOGRAM,
        unit="s",
        meaning="From the begin of a run until it came to rest, pauses and waits for people included.",
        buckets=_BUCKETS,
    ),
)  #: one row each in docs/reference/metrics.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How a run stood at a look."""

    run_id: RunId
    revision: int
    state: RunState
    begun_by: Beginning
    begun_at_ms: int
    changed_at_ms: int
    #: None = it has not come to rest
    ended_at_ms: int | None


class RunCounts(Protocol):
    """What is read of all runs. Every method raises UnavailableError when the database did not answer."""

    async def counts(self) -> Mapping[RunState, int]:
        """Return how many runs are in each state."""
        ...

    async def approvals_waiting(self) -> int:
        """Return how many steps wait for somebody's approval."""
        ...

    async def passages_since(self, since_ms: int, *, limit: int) -> Sequence[Passage]:
        """Return how the runs stand that changed at or after a moment, the oldest change first."""
        ...


class FlowMetrics:
    """Holds the numbers. One event loop."""

    def __init__(self, registry: CollectorRegistry, runs: RunCounts, *, since_ms: int) -> None:
        """Put the metrics into `registry`; what begins and ends is counted from `since_ms` on."""
        kept, waiting, started, ended, duration = FLOW_SPECS
        self._kept, self._waiting = gauge(registry, kept), gauge(registry, waiting)
        self._started, self._ended = counter(registry, started), counter(registry, ended)
        self._duration = histogram(registry, duration)
        self._runs = runs
        self._begin_ms = self._since_ms = since_ms
        #: runs that a look may meet again
        self._seen: dict[RunId, Passage] = {}
        self._show({})
        for beginning in Beginning:  # so that a rise from 0 can be seen
            self._started.labels(by=beginning.value)
        for state in RESTING:
            self._ended.labels(state=state.value)

    async def look(self) -> None:
        """Read what changed since the look before.

        Raises:
            UnavailableError: The database did not answer; the next look reads it too.
        """
        self._show(await self._runs.counts())
        self._waiting.set(await self._runs.approvals_waiting())
        begin_ms = from_ms = self._since_ms - OVERLAP_MS
        while True:
            found = await self._runs.passages_since(from_ms, limit=MANY)
            for passage in found:
                self._take(passage, max(begin_ms, self._begin_ms))
            before_ms, from_ms = from_ms, max((one.changed_at_ms for one in found), default=from_ms)
            self._since_ms = max(self._since_ms, from_ms)
            if len(found) < MANY or from_ms == before_ms:
                break
        oldest_ms = self._since_ms - OVERLAP_MS
        self._seen = {name: seen for name, seen in self._seen.items() if seen.changed_at_ms >= oldest_ms}

    def _take(self, passage: Passage, from_ms: int) -> None:
        """Count what happened to a run from a moment on, unless a look before has counted it."""
        known = self._seen.get(passage.run_id)
        if known is not None and known.revision == passage.revision:
            return
        self._seen[passage.run_id] = passage
        if known is None and passage.begun_at_ms >= from_ms:
            self._started.labels(by=passage.begun_by.value).inc()
        ended_ms = passage.ended_at_ms
        if ended_ms is not None and ended_ms >= from_ms and passage.state in RESTING:
            self._ended.labels(state=passage.state.value).inc()
            self._duration.observe(max(0, ended_ms - passage.begun_at_ms) / 1000)

    def _show(self, counts: Mapping[RunState, int]) -> None:
        for state in RunState:
            self._kept.labels(state=state.value).set(counts.get(state, 0))
