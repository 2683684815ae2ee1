from __future__ import annotations

from pathlib import Path

from gwf.core.metrics import new_registry, reference_table, render
from gwf.tasks import state
from gwf.tasks.creation import created
from gwf.tasks.machine import advance
from gwf.tasks.metrics import MAX_TYPES, SPECS, ControlMetrics
from gwf.tasks.model import Executor, TaskDraft, TaskId, TaskState
from gwf.tasks.signals import Lease, Tick
from gwf.tasks.state import Report
from gwf.tasks.workload import WORKLOAD_SPECS, WorkloadMetrics

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def test_the_reference_has_one_row_for_each_metric() -> None:
    assert reference_table(SPECS) in REFERENCE.read_text(encoding="utf-8")
    assert reference_table(WORKLOAD_SPECS) in REFERENCE.read_text(encoding="utf-8")


def test_an_empty_centre_shows_every_metric() -> None:
    registry = new_registry()
    ControlMetrics(registry)
    page = render(registry)
    assert all(f"# TYPE {spec.name} {spec.type}\n" in page for spec in SPECS)
    assert '\ngwf_control_tasks_total{status="pending",type="unknown"} 0\n' in page


def test_agents_and_tasks_are_counted_in_the_old_words() -> None:
    registry = new_registry()
    metrics = ControlMetrics(registry)
    metrics.show_agents(3, [1.5, 40.0])
    metrics.show_tasks({(TaskState.PENDING, "Scan"): 2, (TaskState.PENDING, "scan"): 1, (TaskState.TIMED_OUT, "a"): 4})
    page = render(registry)
    for line in (
        "gwf_control_agents_total 3", "gwf_control_agents_online 2", "gwf_control_agent_heartbeat_lag_seconds 40",
        "gwf_control_task_backlog 3", 'gwf_control_tasks_total{status="pending",type="scan"} 3',
        'gwf_control_tasks_total{status="timeout",type="a"} 4',
    ):  # fmt: skip
        assert f"\n{line}\n" in page
    assert "unknown" not in page


def test_types_that_somebody_makes_up_do_not_fill_the_page() -> None:
    registry = new_registry()
    metrics = ControlMetrics(registry)
    metrics.show_tasks({(TaskState.FAILED, f"type-{number}"): 1 for number in range(3 * MAX_TYPES)})
    page = render(registry)
    assert page.count("gwf_control_tasks_total{") == MAX_TYPES + 1
    assert f'type="other"}} {2 * MAX_TYPES}\n' in page


def test_ends_and_timeouts_are_measured() -> None:
    registry = new_registry()
    metrics = ControlMetrics(registry)
    task = created(TaskDraft(type="a", target="b"), TaskId("t"), tenant="default", now_ms=0).task
    running = state.started(state.assigned(task, "agt", now_ms=0).task, "agt", "", now_ms=0).task
    metrics.took(state.finished(running, "agt", Report(succeeded=True), now_ms=1500))
    for step in state.expired(running, now_ms=10**9):
        metrics.took(step)
    metrics.took(state.cancelled(task, now_ms=5))
    page = render(registry)
    assert "\ngwf_control_task_timeout_total 1\n" in page
    assert "\ngwf_control_task_duration_seconds_sum 1.5\n" in page
    assert "\ngwf_control_task_duration_seconds_count 1\n" in page


def test_work_that_waits_is_counted_by_state_and_dated() -> None:
    registry = new_registry()
    metrics = WorkloadMetrics(registry)
    metrics.show({(TaskState.DEAD, "SCRIPT"): 2, (TaskState.PENDING, "UPLOAD"): 1}, {Executor.AGENT: 500}, now_ms=4000)
    page = render(registry)
    assert '\ngwf_tasks{state="dead",type="SCRIPT"} 2\n' in page
    assert '\ngwf_tasks_oldest_free_seconds{executor="agent"} 3.5\n' in page
    assert '\ngwf_tasks_oldest_free_seconds{executor="worker"} 0\n' in page


def test_lost_leases_and_ends_of_attempts_are_counted() -> None:
    registry = new_registry()
    metrics = WorkloadMetrics(registry)
    draft = TaskDraft(type="WEBHOOK", target="b", executor=Executor.WORKER)
    task = created(draft, TaskId("t"), tenant="default", now_ms=0).task
    (leased,) = advance(task, Lease(owner="w", lease_s=1), now_ms=0)
    (lost,) = advance(leased.task, Tick(), now_ms=5000)
    for step in (leased, lost):
        metrics.took(step)
    page = render(registry)
    assert '\ngwf_task_leases_lost_total{executor="worker"} 1\n' in page
    assert '\ngwf_task_attempts_total{outcome="lost",error_class="timeout"} 1\n' in page
