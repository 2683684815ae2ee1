"""The metrics of rollouts: where those that run stand, and what became of all since the start of this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from gwf.control.rollout.boards import Boards
from gwf.control.rollout.model import ENDED, AttemptPhase, CauseCode, RolloutStatus
from gwf.control.rollout.records import OfferKind, Rollout
from gwf.core.clock import Clock
from gwf.core.metrics import MetricSpec, MetricType, counter, histogram

_C, _G, _H = MetricType.COUNTER, MetricType.GAUGE, MetricType.HISTOGRAM
_BUCKETS = (30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 14_400.0, 86_400.0, 604_800.0)
_REPORTED = (AttemptPhase.STAGED, AttemptPhase.APPLIED, AttemptPhase.FAILED, AttemptPhase.REVERTED)


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str, labels: tuple[str, ...] = ()) -> MetricSpec:
    buckets = _BUCKETS if type_ is _H else ()
    return MetricSpec(name=f"gwf_{name}", type=type_, unit=unit, meaning=meaning, labels=labels, buckets=buckets)


_STATUS = _spec("rollouts", _G, "rollouts", meaning="Rollouts that have not ended, by status.", labels=("status",))
_AGENTS = _spec(
    "rollout_agents",
    _G,
    "agents",
    meaning="Agents that these were offered to, by what became of the newest offer.",
    labels=("outcome",),
)
_OLDEST = _spec("rollout_oldest_seconds", _G, "s", meaning="Age of the oldest of these; 0 when there is none.")
_BEGUN = _spec("rollouts_begun_total", _C, "rollouts", meaning="Rollouts that people began.")
_ENDED = _spec("rollouts_ended_total", _C, "rollouts", meaning="Rollouts by how they ended.", labels=("status",))
_WAVES = _spec("rollout_waves_total", _C, "waves", meaning="Waves that were begun.")
_HALTS = _spec(
    "rollout_halts_total",
    _C,
    "times",
    meaning="Times a rollout was paused or taken back: by a gate or a person.",
    labels=("cause",),
)
_REVERTS = _spec(
    "rollout_reverts_total", _C, "rollouts", meaning="Rollouts that were taken back, by cause.", labels=("cause",)
)
_OFFERS = _spec(
    "rollout_offers_total",
    _C,
    "offers",
    meaning="Offers of configurations to agents: by waves, to take one back, to follow other changes.",
    labels=("kind",),
)
_REPORTS = _spec(
    "rollout_reports_total", _C, "reports", meaning="What agents said became of offers.", labels=("phase",)
)
_DURATION = _spec(
    "rollout_duration_seconds", _H, "s", meaning="From the beginning of a rollout to its end.", labels=("status",)
)
_FAILURES = _spec("rollout_turn_failures_total", _C, "turns", meaning="Looks at the rollouts that failed.")
SPECS: Final[tuple[MetricSpec, ...]] = (
    _STATUS, _AGENTS, _OLDEST, _BEGUN, _ENDED, _WAVES, _HALTS, _REVERTS, _OFFERS, _REPORTS, _DURATION, _FAILURES,
)  # fmt: skip
"""One row each in docs/reference/metrics.md."""


class RolloutMetrics:
    """Counts what this process writes down of rollouts; what runs is read off the boards when somebody scrapes."""

    def __init__(self, registry: CollectorRegistry, boards: Boards, clock: Clock) -> None:
        """Put the metrics into `registry`."""
        self._boards = boards
        self._clock = clock
        registry.register(self)
        self._begun, self._waves = counter(registry, _BEGUN), counter(registry, _WAVES)
        self._ended = counter(registry, _ENDED)
        self._halts, self._reverts = counter(registry, _HALTS), counter(registry, _REVERTS)
        self._offers, self._reports = counter(registry, _OFFERS), counter(registry, _REPORTS)
        self._duration = histogram(registry, _DURATION)
        self._failures = counter(registry, _FAILURES)
        for status in ENDED:
            self._ended.labels(status=status.value)
            self._duration.labels(status=status.value)
        for cause in CauseCode:
            self._halts.labels(cause=cause.value)
            self._reverts.labels(cause=cause.value)
        for kind in OfferKind:
            self._offers.labels(kind=kind.value)
        for phase in _REPORTED:
            self._reports.labels(phase=phase.value)

    def begun(self) -> None:
        """Take note of a rollout that begins with its first wave."""
        self._begun.inc()
        self._waves.inc()

    def moved(self, before: Rollout, after: Rollout) -> None:
        """Take note of a new state that is stored."""
        was, now = before.state, after.state
        if now.wave != was.wave:
            self._waves.inc()
        if now.status is was.status:
            return
        if now.cause is not None and now.status in {RolloutStatus.PAUSED, RolloutStatus.REVERTING}:
            self._halts.labels(cause=now.cause.code.value).inc()
        if now.cause is not None and now.status is RolloutStatus.REVERTING:
            self._reverts.labels(cause=now.cause.code.value).inc()
        if now.status in ENDED and now.ended_ms is not None:
            self._ended.labels(status=now.status.value).inc()
            lasted_s = max(0, now.ended_ms - after.created_at_ms) / 1000
            self._duration.labels(status=now.status.value).observe(lasted_s)

    def offered(self, kind: OfferKind, count: int = 1) -> None:
        """Take note of offers that are stored."""
        self._offers.labels(kind=kind.value).inc(count)

    def reported(self, phase: AttemptPhase) -> None:
        """Take note of an agent's report that changed something."""
        self._reports.labels(phase=phase.value).inc()

    def turn_failed(self) -> None:
        """Take note of a look at the rollouts that failed."""
        self._failures.inc()

    def collect(self) -> Iterator[Metric]:
        """Yield what is read off the boards (a prometheus_client collector)."""
        boards = [self._boards.of(tenant) for tenant in self._boards.tenants()]
        active = [rollout for board in boards for rollout in list(board.rollouts.values())]
        statuses = Counter(rollout.state.status for rollout in active)
        outcomes: Counter[AttemptPhase] = Counter()
        for board in boards:
            for attempts in list(board.waves.values()):
                outcomes.update(attempt.phase for attempt in list(attempts.values()))
        oldest_ms = min((rollout.created_at_ms for rollout in active), default=None)
        age_s = 0.0 if oldest_ms is None else max(0, self._clock.now_ms() - oldest_ms) / 1000
        yield _family(_STATUS, {status.value: statuses[status] for status in RolloutStatus if status not in ENDED})
        yield _family(_AGENTS, {phase.value: outcomes[phase] for phase in AttemptPhase})
        yield GaugeMetricFamily(_OLDEST.name, _OLDEST.meaning, value=age_s)


def _family(spec: MetricSpec, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(spec.name, spec.meaning, labels=spec.labels)
    for label, value in values.items():
        family.add_metric([label], value)
    return family
