"""The edge's metrics as Prometheus reads them: their declarations and the collector behind /metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from gwf.agent.actions.model import RunState
from gwf.agent.alarms import CODES
from gwf.agent.centre.exposition import CENTRE_SPECS, centre_values
from gwf.agent.health import judge
from gwf.agent.journal.logs import TALLIES
from gwf.agent.metrics import LATENCY_BUCKETS_S, UPLOAD_BUCKETS_S, EdgeMetrics, Histogram
from gwf.agent.model import FileStatus
from gwf.agent.snapshot import Snapshot, SnapshotSource
from gwf.core.breaker import BreakerState
from gwf.core.errors import ErrorClass
from gwf.core.metrics import MetricSpec, MetricType
from gwf.storage.model import StoreState

_C, _G, _H = MetricType.COUNTER, MetricType.GAUGE, MetricType.HISTOGRAM


def _spec(name: str, type_: MetricType, unit: str, meaning: str, *labels: str) -> MetricSpec:
    return MetricSpec(name=name, type=type_, unit=unit, meaning=meaning, labels=labels)


SPECS: Final[tuple[MetricSpec, ...]] = (
    # names of the Go version, kept as they were
    _spec("gwf_file_events_total", _C, "files", "File versions written to the journal to be sent."),
    _spec("gwf_upload_queue_length", _G, "files", "Files ready or waiting for a retry."),
    _spec("gwf_upload_inflight", _G, "files", "Files being sent."),
    _spec("gwf_upload_workers", _G, "workers", "Files that may be sent at a time, over all stores."),
    _spec("gwf_upload_queue_full_total", _C, "files", "Always 0: the journal has no fixed size and rejects nothing."),
    _spec("gwf_upload_queue_shed_total", _C, "files", "Always 0: nothing is shed, files wait in the journal."),
    _spec("gwf_upload_retry_total", _C, "retries", "Attempts after the first."),
    _spec("gwf_upload_success_total", _C, "files", "Files the store confirmed."),
    _spec("gwf_upload_failure_total", _C, "files", "Files given up as dead letters."),
    _spec("gwf_upload_failure_reason_total", _C, "files", "Dead letters by error class.", "reason"),
    MetricSpec(
        name="gwf_upload_duration_seconds",
        type=_H,
        unit="s",
        meaning="Length of successful attempts.",
        buckets=UPLOAD_BUCKETS_S,
    ),
    # ours
    _spec("gwf_edge_state", _G, "state", "0 ok, 1 degraded, 2 failing."),
    _spec("gwf_edge_files", _G, "files", "Files by state: settling ready sending waiting dead.", "state"),
    _spec("gwf_edge_pending_bytes", _G, "bytes", "Bytes of files ready, sending and waiting."),
    _spec("gwf_edge_oldest_wait_seconds", _G, "s", "Age of the oldest unsent file; 0 when nothing waits."),
    _spec(
        "gwf_edge_results_total",
        _C,
        "files",
        "Ended work by result: done unchanged superseded vanished.",
        "result",
    ),
    _spec("gwf_edge_uploaded_bytes_total", _C, "bytes", "Bytes of files the store confirmed."),
    _spec("gwf_edge_attempt_failures_total", _C, "attempts", "Failed attempts by error class.", "error_class"),
    MetricSpec(
        name="gwf_edge_file_latency_seconds",
        type=_H,
        unit="s",
        meaning="From written to the journal to confirmed by the store, retries included.",
        buckets=LATENCY_BUCKETS_S,
    ),
    _spec("gwf_edge_events_total", _C, "events", "File events read from the kernel."),
    _spec("gwf_edge_event_overflows_total", _C, "times", "Times events were lost and the trees walked again."),
    _spec("gwf_edge_watched_directories", _G, "directories", "Directories the kernel reports on."),
    _spec("gwf_edge_watches_refused_total", _C, "directories", "Directories beyond the system's watch limit."),
    _spec(
        "gwf_edge_tree_up", _G, "0 or 1", "1 while the watched tree is there; by its position in agent.watch.", "tree"
    ),
    _spec("gwf_edge_tree_reconcile_seconds", _G, "s", "Length of the last full comparison with the journal.", "tree"),
    _spec("gwf_edge_journal_up", _G, "0 or 1", "1 while the journal can be written."),
    _spec("gwf_edge_journal_commits_total", _C, "commits", "Transactions written and synced."),
    _spec("gwf_edge_journal_commit_failures_total", _C, "commits", "Transactions that had to be repeated."),
    _spec("gwf_edge_recovered_files", _G, "files", "Files that were being sent when the process last died."),
    _spec("gwf_edge_data_free_bytes", _G, "bytes", "Free space where the journal lies."),
    _spec("gwf_config_version", _G, "number", "Version of the configuration in force."),
    _spec("gwf_config_applied_total", _C, "times", "Changes of the configuration that came into force."),
    _spec("gwf_config_refused_total", _C, "times", "Configurations that were refused; the one in force stayed."),
    _spec("gwf_edge_store_up", _G, "0 or 1", "1 while the store answers as it should.", "store"),
    _spec("gwf_edge_store_sending", _G, "files", "Files being sent to the store.", "store"),
    _spec("gwf_edge_breaker_state", _G, "state", "0 closed, 1 half open, 2 open.", "store"),
    _spec("gwf_edge_breaker_opened_total", _C, "times", "Times the breaker opened.", "store"),
    _spec("gwf_edge_breaker_half_opened_total", _C, "times", "Times a probe of an open breaker succeeded.", "store"),
    _spec("gwf_edge_breaker_closed_total", _C, "times", "Times the breaker closed.", "store"),
    _spec("gwf_edge_breaker_manual", _G, "0 or 1", "1 while a person holds the breaker open.", "store"),
    _spec("gwf_edge_limit_waits_total", _C, "times", "Files and parts that waited for a rate limit.", "store"),
    _spec("gwf_edge_limit_wait_seconds_total", _C, "s", "Time they waited, summed up.", "store"),
    _spec("gwf_log_decisions_total", _C, "decisions", "Decisions about lines: sent suppressed recorded.", "status"),
    _spec("gwf_log_followed", _G, "logs", "Logs that are followed, renamed ones that are read on included."),
    _spec("gwf_log_unreadable", _G, "logs", "Logs that could not be read at the last look."),
    _spec("gwf_edge_alert", _G, "0 or 1", "1 while an alarm is raised, by its code.", "code"),
    _spec(
        "gwf_edge_unfinished_uploads", _G, "uploads", "Unfinished uploads the store listed at the last look.", "store"
    ),
    _spec(
        "gwf_edge_orphan_uploads_aborted_total",
        _C,
        "uploads",
        "Forgotten uploads aborted after their grace time.",
        "store",
    ),
    _spec("gwf_edge_actions", _G, "actions", "Actions after uploads by state: ready running failed.", "state"),
    _spec("gwf_edge_actions_ended_total", _C, "actions", "Executions of actions by the state they led to.", "state"),
    *CENTRE_SPECS,
)  #: one row each in docs/reference/metrics.md

_STATES = {"ok": 0, "degraded": 1, "failing": 2}
_BREAKER = {"closed": 0, "half_open": 1, "open": 2}
_OPEN = {"ready": FileStatus.READY, "waiting": FileStatus.WAITING, "dead": FileStatus.DEAD}
_OPEN_ACTIONS = (RunState.READY, RunState.RUNNING, RunState.FAILED)
_ENDED_ACTIONS = (RunState.DONE, RunState.REFUSED, RunState.READY, RunState.FAILED)
_RESULTS = ("done", "unchanged", "superseded", "vanished")

Values = dict[str, float | dict[str, float] | Histogram]
"""Metric name to its value, its values by label, or its histogram."""


class EdgeCollector:
    """Gathers the edge's metrics when somebody scrapes (a prometheus_client collector)."""

    def __init__(self, metrics: EdgeMetrics, snapshots: SnapshotSource) -> None:
        """Gather nothing yet."""
        self._metrics = metrics
        self._snapshots = snapshots

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each of SPECS, in their order."""
        values = {**_counted(self._metrics), **_present(self._snapshots.get())}
        for spec in SPECS:
            yield _family(spec, values[spec.name])


def _counted(metrics: EdgeMetrics) -> Values:
    results = {name: float(metrics.results[name]) for name in _RESULTS}
    return {
        "gwf_file_events_total": metrics.queued_total,
        "gwf_upload_queue_full_total": 0,
        "gwf_upload_queue_shed_total": 0,
        "gwf_upload_retry_total": metrics.retries_total,
        "gwf_upload_success_total": results["done"] + results["unchanged"],
        "gwf_upload_failure_total": sum(metrics.dead.values()),
        "gwf_upload_failure_reason_total": {name: float(count) for name, count in metrics.dead.items()},
        "gwf_upload_duration_seconds": metrics.upload_s,
        "gwf_edge_results_total": results,
        "gwf_edge_uploaded_bytes_total": metrics.uploaded_bytes_total,
        "gwf_edge_attempt_failures_total": {str(name): float(metrics.attempt_failures[name]) for name in ErrorClass},
        "gwf_edge_file_latency_seconds": metrics.latency_s,
        "gwf_edge_unfinished_uploads": {name: float(count) for name, count in metrics.unfinished_uploads.items()},
        "gwf_edge_orphan_uploads_aborted_total": {
            name: float(metrics.orphans_aborted[name]) for name in metrics.unfinished_uploads
        },
    }


def _present(snapshot: Snapshot) -> Values:
    files, facts, journal = snapshot.counts.files, snapshot.input, snapshot.journal
    sending = files.get(FileStatus.SENDING, 0) + files.get(FileStatus.DIRTY, 0)
    states = {name: float(files.get(status, 0)) for name, status in _OPEN.items()}
    return {
        "gwf_upload_queue_length": states["ready"] + states["waiting"],
        "gwf_upload_inflight": sending,
        "gwf_upload_workers": sum(item.workers for item in snapshot.destinations),
        "gwf_edge_state": _STATES[judge(snapshot).state],
        "gwf_edge_files": {"settling": float(facts.settling), "sending": float(sending), **states},
        "gwf_edge_pending_bytes": snapshot.counts.pending_bytes,
        "gwf_edge_oldest_wait_seconds": snapshot.oldest_wait_s or 0.0,
        "gwf_edge_events_total": facts.events_total,
        "gwf_edge_event_overflows_total": facts.overflows_total,
        "gwf_edge_watched_directories": facts.watches,
        "gwf_edge_watches_refused_total": facts.watches_refused,
        "gwf_edge_tree_up": {
            str(tree.route.index): float(tree.facts.state in {"watching", "scanning"}) for tree in snapshot.trees
        },
        "gwf_edge_tree_reconcile_seconds": {
            str(tree.route.index): (tree.facts.reconcile_ms or 0.0) / 1000 for tree in snapshot.trees
        },
        "gwf_edge_journal_up": float(journal.fault is None),
        "gwf_edge_journal_commits_total": journal.commits_total,
        "gwf_edge_journal_commit_failures_total": journal.commit_failures_total,
        "gwf_edge_recovered_files": journal.recovered,
        "gwf_edge_data_free_bytes": snapshot.free_bytes,
        "gwf_config_version": snapshot.config.version,
        "gwf_config_applied_total": snapshot.config.applied_total,
        "gwf_config_refused_total": snapshot.config.refused_total,
        "gwf_edge_actions": {str(state): float(snapshot.actions.waiting.get(state, 0)) for state in _OPEN_ACTIONS},
        "gwf_edge_actions_ended_total": {
            str(state): float(snapshot.actions.ended.get(state, 0)) for state in _ENDED_ACTIONS
        },
        **_stores(snapshot),
        **centre_values(snapshot),
    }


def _stores(snapshot: Snapshot) -> Values:
    up: dict[str, float] = {}
    sending: dict[str, float] = {}
    breaker: dict[str, float] = {}

    def entered(state: BreakerState) -> dict[str, float]:
        return {item.name: item.breaker.entered[state] for item in snapshot.destinations}

    for item in snapshot.destinations:
        health = item.care.present_health()
        up[item.name] = float(health is not None and health.state is StoreState.OK)
        sending[item.name] = len(item.sending)
        breaker[item.name] = _BREAKER[item.breaker.state.value]
    return {
        "gwf_edge_store_up": up,
        "gwf_edge_store_sending": sending,
        "gwf_edge_breaker_state": breaker,
        "gwf_edge_breaker_opened_total": entered(BreakerState.OPEN),
        "gwf_edge_breaker_half_opened_total": entered(BreakerState.HALF_OPEN),
        "gwf_edge_breaker_closed_total": entered(BreakerState.CLOSED),
        "gwf_edge_breaker_manual": {item.name: float(item.breaker.manual) for item in snapshot.destinations},
        "gwf_edge_limit_waits_total": {item.name: item.limits.waits.times for item in snapshot.destinations},
        "gwf_edge_limit_wait_seconds_total": {item.name: item.limits.waits.seconds for item in snapshot.destinations},
        "gwf_log_decisions_total": {
            status.value: snapshot.tallies[name].value if name in snapshot.tallies else 0
            for status, name in TALLIES.items()
        },
        "gwf_log_followed": snapshot.logs.logs + snapshot.logs.left,
        "gwf_log_unreadable": len(snapshot.logs.faults),
        "gwf_edge_alert": {code: float(code in snapshot.alarms) for code in CODES},
    }


def _family(spec: MetricSpec, value: float | dict[str, float] | Histogram) -> Metric:
    if isinstance(value, Histogram):
        family = HistogramMetricFamily(spec.name, spec.meaning)
        family.add_metric([], value.buckets(), value.sum)
        return family
    kind = CounterMetricFamily if spec.type is MetricType.COUNTER else GaugeMetricFamily
    result = kind(spec.name, spec.meaning, labels=spec.labels)
    for label, number in (value if isinstance(value, dict) else {"": value}).items():
        result.add_metric([label] if spec.labels else [], number)
    return result
