"""The metrics of the work itself: what waits and for how long, how attempts end, leases that were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry

from gwf.core.metrics import MetricSpec, MetricType, counter, gauge
from gwf.tasks.metrics import MAX_TYPES
from gwf.tasks.model import AttemptOutcome, Executor, TaskState
from gwf.tasks.step import Step

WORKLOAD_SPECS: Final[tuple[MetricSpec, ...]] = (
    MetricSpec(
        name="gwf_tasks",
        type=MetricType.GAUGE,
        unit="tasks",
        meaning="Tasks of all tenants by state and kind, counted twice a minute.",
        labels=("state", "type"),
    ),
    MetricSpec(
        name="gwf_tasks_oldest_free_seconds",
        type=MetricType.GAUGE,
        unit="s",
        meaning="How long the task has been free that nobody took for the longest; 0 when none is free.",
        labels=("executor",),
    ),
    MetricSpec(
        name="gwf_task_attempts_total",
        type=MetricType.COUNTER,
        unit="attempts",
        meaning="Attempts that ended, by how and by the class of their error; none has no error.",
        labels=("outcome", "error_class"),
    ),
    MetricSpec(
        name="gwf_task_leases_lost_total",
        type=MetricType.COUNTER,
        unit="leases",
        meaning="Leases that ended without a word of their executor.",
        labels=("executor",),
    ),
)  #: one row each in docs/reference/metrics.md


class WorkloadMetrics:
    """Holds the numbers; told of steps as they become durable, and of what waits every half minute."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Put the metrics into `registry`."""
        tasks, oldest, attempts, leases = WORKLOAD_SPECS
        self._tasks, self._oldest = gauge(registry, tasks), gauge(registry, oldest)
        self._attempts, self._leases = counter(registry, attempts), counter(registry, leases)
        for executor in Executor:  # so that a rise from 0 can be seen
            self._oldest.labels(executor=executor.value).set(0)
            self._leases.labels(executor=executor.value)

    def took(self, step: Step) -> None:
        """Take note of a step."""
        ended = step.ended
        if ended is None:
            return
        error_class = "none" if ended.error_class is None else ended.error_class.value
        self._attempts.labels(outcome=ended.outcome.value, error_class=error_class).inc()
        if ended.outcome is AttemptOutcome.LOST:
            self._leases.labels(executor=step.task.executor.value).inc()

    def show(
        self, counts: Mapping[tuple[TaskState, str], int], free_since_ms: Mapping[Executor, int], *, now_ms: int
    ) -> None:
        """Show how many tasks there are by state and type, and since when the longest free task of each is free."""
        types: Counter[str] = Counter()
        for (_, kind), count in counts.items():
            types[kind] += count
        known = {kind for kind, _ in types.most_common(MAX_TYPES)}
        series: Counter[tuple[str, str]] = Counter()
        for (state, kind), count in counts.items():
            series[state.value, kind if kind in known else "other"] += count
        self._tasks.clear()
        for (state_word, kind), count in series.items():
            self._tasks.labels(state=state_word, type=kind).set(count)
        for executor in Executor:
            since_ms = free_since_ms.get(executor, now_ms)
            self._oldest.labels(executor=executor.value).set(max(0, now_ms - since_ms) / 1000)
