"""The metrics of agents and tasks, under the names that they had in the Go version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry

from gwf.core.metrics import MetricSpec, MetricType, counter, gauge, histogram
from gwf.tasks.model import LEGACY_STATUS, TaskState
from gwf.tasks.step import Step, TaskAction

MAX_TYPES = 50  #: types of tasks that are told apart; the others count as `other`
_C, _G, _H = MetricType.COUNTER, MetricType.GAUGE, MetricType.HISTOGRAM
_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str, labels: tuple[str, ...] = ()) -> MetricSpec:
    buckets = _BUCKETS if type_ is _H else ()
    name = f"gwf_control_{name}"
    return MetricSpec(name=name, type=type_, unit=unit, meaning=meaning, labels=labels, buckets=buckets)


SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec("agents_total", _G, "agents", meaning="Agents of all tenants."),
    _spec("agents_online", _G, "agents", meaning="Agents that are heard of and not draining."),
    _spec("agent_heartbeat_lag_seconds", _G, "s", meaning="The longest silence among these."),
    _spec("task_backlog", _G, "tasks", meaning="Tasks that wait for an agent."),
    _spec(
        "tasks_total",
        _G,
        "tasks",
        meaning="Tasks by status and type, counted twice a minute.",
        labels=("status", "type"),
    ),
    _spec("task_timeout_total", _C, "tasks", meaning="Runs without a word for too long, also those tried again."),
    _spec(
        "task_duration_seconds", _H, "s", meaning="From creation to the end or to giving up; not of cancelled tasks."
    ),
)  #: one row each in docs/reference/metrics.md


class ControlMetrics:
    """Holds the numbers; told of steps as they become durable, and of the rest every few seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Put the metrics into `registry`."""
        total, online, lag, backlog, tasks, timeouts, duration = SPECS
        self._total, self._online = gauge(registry, total), gauge(registry, online)
        self._lag, self._backlog = gauge(registry, lag), gauge(registry, backlog)
        self._tasks = gauge(registry, tasks)
        self._timeouts, self._duration = counter(registry, timeouts), histogram(registry, duration)
        self.show_tasks({})

    def took(self, step: Step) -> None:
        """Take note of a step."""
        task = step.task
        if step.action is TaskAction.TIME_OUT:
            self._timeouts.inc()
        if step.action in {TaskAction.FINISH, TaskAction.TIME_OUT} and task.finished_at_ms is not None:
            self._duration.observe(max(0, task.finished_at_ms - task.created_at_ms) / 1000)

    def show_agents(self, total: int, silences_s: Iterable[float]) -> None:
        """Show how many agents there are, and how long each that is online has been silent."""
        online = list(silences_s)
        self._total.set(total)
        self._online.set(len(online))
        self._lag.set(max(online, default=0.0))

    def show_tasks(self, counts: Mapping[tuple[TaskState, str], int]) -> None:
        """Show how many tasks there are by state and type."""
        self._backlog.set(sum(count for (state, _), count in counts.items() if state is TaskState.PENDING))
        self._tasks.clear()
        for (status, kind), count in _series(counts).items():
            self._tasks.labels(status=status, type=kind).set(count)


def _series(counts: Mapping[tuple[TaskState, str], int]) -> Mapping[tuple[str, str], int]:
    """Return the counts by the labels that are shown: types in lower case, and no more than MAX_TYPES of them."""
    if not counts:
        return {(LEGACY_STATUS[TaskState.PENDING], "unknown"): 0}
    types: Counter[str] = Counter()
    for (_, kind), count in counts.items():
        types[kind.lower()] += count
    known = {kind for kind, _ in types.most_common(MAX_TYPES)}
    series: Counter[tuple[str, str]] = Counter()
    for (state, kind), count in counts.items():
        name = kind.lower()
        series[LEGACY_STATUS[state], name if name in known else "other"] += count
    return series
