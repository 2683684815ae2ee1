"""The data path of the fleet in the shape that is sent."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.control.overview.flow import Point
from gwf.control.overview.series import STEP_MS, Backlog, Sample
from gwf.control.overview.service import Overview, Window
from gwf.control.overview.verdict import BAD_SUCCESS, BAD_WAIT_S, MAX_WAIT_S, MIN_SUCCESS
from gwf.core.clock import utc_text
from gwf.wire.overview import (
    AbsentStage,
    CollectStage,
    FleetOverview,
    FlowPoint,
    LevelName,
    QueueStage,
    ScopeView,
    UploadStage,
)

_LEVELS: tuple[LevelName, ...] = ("ok", "warn", "crit")
_ABSENT = AbsentStage(state="absent")


def fleet_view(found: Overview, window: Window, scope: ScopeView, *, now_ms: int) -> FleetOverview:
    """Return the data path."""
    length_s = max(1.0, (min(window.until_ms, now_ms) - window.since_ms) / 1000)
    flow = found.flow
    return FleetOverview(
        collect=_collect(found, length_s),
        queue=_queue(found.backlog),
        upload=_upload(flow.whole, length_s),
        tasks=_ABSENT,
        notify=_ABSENT,
        step_s=flow.bucket_ms // 1000,
        points=_points(flow.points, found.samples, flow.bucket_ms),
        failure_classes=list(flow.classes),
        failures=dict(flow.whole.by_class),
        scope=scope,
        since=utc_text(window.since_ms),
        until=utc_text(window.until_ms),
        as_of=utc_text(now_ms),
    )


def level_of(rank: int) -> LevelName:
    """Return the word for how bad something is, from 0."""
    return _LEVELS[rank]


def _collect(found: Overview, length_s: float) -> CollectStage:
    away = found.agents - found.in_contact
    return CollectStage(
        state=level_of(0 if not away else 1 if found.in_contact else 2),
        agents=found.agents,
        in_contact=found.in_contact,
        files_per_s=found.flow.whole.ended / length_s,
    )


def _queue(backlog: Backlog) -> QueueStage:
    wait_s = backlog.oldest_wait_s
    return QueueStage(
        state=level_of((wait_s > MAX_WAIT_S) + (wait_s > BAD_WAIT_S)),
        queued=backlog.queued,
        sending=backlog.sending,
        waiting=backlog.waiting,
        dead=backlog.dead,
        oldest_wait_s=wait_s if backlog.queued + backlog.waiting else None,
        oldest_wait_limit_s=MAX_WAIT_S,
        told_by=backlog.told,
    )


def _upload(whole: Point, length_s: float) -> UploadStage:
    success = whole.success
    return UploadStage(
        state=level_of(0 if success is None else (success < MIN_SUCCESS) + (success < BAD_SUCCESS)),
        done=whole.done,
        done_bytes=whole.done_bytes,
        failed_attempts=whole.failed,
        files_per_s=whole.done / length_s,
        bytes_per_s=whole.done_bytes / length_s,
        success_ratio=success,
        success_target=MIN_SUCCESS,
    )


def _points(points: Sequence[Point], samples: Sequence[Sample], bucket_ms: int) -> list[FlowPoint]:
    """Join both series: of the samples in an interval the last one tells how much waits, the longest wait counts."""
    by_bucket: dict[int, list[Sample]] = {}
    for sample in samples:
        by_bucket.setdefault(sample.at_ms - sample.at_ms % max(bucket_ms, STEP_MS), []).append(sample)
    return [_point(point, by_bucket.get(point.at_ms, [])) for point in points]


def _point(point: Point, samples: Sequence[Sample]) -> FlowPoint:
    files = [one.files for one in samples if one.files is not None]
    waits = [one.oldest_wait_s for one in samples if one.oldest_wait_s is not None]
    return FlowPoint(
        at=utc_text(point.at_ms),
        ended=point.ended,
        done=point.done,
        done_bytes=point.done_bytes,
        failed_attempts=point.failed,
        dead=point.dead,
        failures=dict(point.by_class),
        success_ratio=point.success,
        backlog_files=files[-1] if files else None,
        oldest_wait_s=max(waits) if waits else None,
    )
