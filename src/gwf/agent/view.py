"""The edge as its HTTP port shows it."""

from __future__ import annotations

from collections.abc import Callable

from gwf import __version__
from gwf.agent.engine import Edge
from gwf.agent.health import judge, tree_reasons
from gwf.agent.inputs.files.settle import Settling
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.reads import JournalReads
from gwf.agent.model import FileStatus, host_name, show_path
from gwf.agent.progress import STEP_S
from gwf.agent.snapshot import Snapshot, SnapshotSource
from gwf.agent.stores import store_view
from gwf.core.clock import Clock, utc_text
from gwf.wire.edge import (
    CentreView,
    FailureView,
    FilePage,
    FileState,
    FileView,
    HealthState,
    Overview,
    QueueView,
    RatePoint,
    RateView,
    Reason,
    RetryStep,
    WatchView,
)

RATE_WINDOW_S = 60  #: the present rate is the mean over this many seconds


class EdgeView:
    """Answers the HTTP port's questions about an edge (api.ports.EdgeSource)."""

    def __init__(
        self,
        edge: Edge,
        reads: JournalReads,
        *,
        snapshots: SnapshotSource,
        clock: Clock,
        build: str,
        centre: Callable[[], CentreView | None] = lambda: None,
    ) -> None:
        """`build` changes when the served console changes; `centre` shows the link to a centre, if there is one."""
        self._edge = edge
        self._reads = reads
        self._snapshots = snapshots
        self._clock = clock
        self._build = build
        self._centre = centre

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`."""
        verdict = judge(self._snapshots.get())
        return verdict.state, verdict.reasons

    def version(self) -> int:
        """Return a number that grows whenever the overview or the files change."""
        facts = self._edge.input.facts()
        return self._edge.progress.version + facts.events_total + self._snapshots.config.version

    def overview(self) -> Overview:
        """Return the numbers of the first page."""
        snapshot = self._snapshots.get()
        verdict = judge(snapshot)
        return Overview(
            product="GWF",
            version=__version__,
            build=self._build,
            hostname=host_name(self._edge.agent.hostname),
            as_of=utc_text(snapshot.at_ms),
            started_at=utc_text(self._edge.started_at_ms),
            state=verdict.state,
            reasons=verdict.reasons,
            watches=[_watch_view(tree) for tree in snapshot.trees],
            stores=[store_view(item, self._edge.store_settings.get(item.name)) for item in snapshot.destinations],
            queue=_queue_view(snapshot),
            rates=self._rates(snapshot.at_ms),
            failures=_failures(snapshot),
            centre=self._centre(),
        )

    def files(
        self, *, states: tuple[FileState, ...], text: str, store: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        """Return files, newest change first; files still settling come before all others.

        Raises:
            InputError: The cursor is not one of ours.
        """
        settling: list[FileView] = []
        if cursor is None and (not states or "settling" in states):
            settling = self._settling(text, store)
        if states == ("settling",):
            as_of = utc_text(self._clock.now_ms())
            return FilePage(items=settling[:limit], next_cursor=None, total=len(settling), as_of=as_of)
        page = self._reads.page(states, text=text, store=store, cursor=cursor, limit=limit)
        if not settling:
            return page
        # The page keeps its own cursor: settling files are shown in addition, at most as many as the page.
        return page.model_copy(update={"items": settling[:limit] + page.items, "total": page.total + len(settling)})

    def file(self, file_id: int) -> FileView:
        """Return one file.

        Raises:
            NotFoundError: No file has this id.
        """
        return self._reads.file(file_id)

    def legacy_health(self) -> dict[str, object]:
        """Return the counters of the legacy /api/health body, by its field names."""
        snapshot = self._snapshots.get()
        metrics, counts = self._edge.metrics, snapshot.counts.files
        failures = sorted(metrics.dead.items(), key=lambda item: (-item[1], item[0]))[:10]
        return {
            "queue": counts.get(FileStatus.READY, 0) + counts.get(FileStatus.WAITING, 0),
            "workers": sum(item.workers for item in snapshot.destinations),
            "inFlight": counts.get(FileStatus.SENDING, 0) + counts.get(FileStatus.DIRTY, 0),
            "queueFullTotal": 0,
            "queueShedTotal": 0,
            "retryTotal": metrics.retries_total,
            "uploadFailureTotal": sum(metrics.dead.values()),
            "failureReasons": [{"reason": name, "count": count} for name, count in failures],
            "persistQueue": {
                "enabled": True,
                "storeFile": str(self._edge.journal.path),
                "recoveredTotal": snapshot.journal.recovered,
                "corruptFallbackTotal": 0,
                "persistWriteFailureTotal": snapshot.journal.commit_failures_total,
            },
        }

    def _rates(self, now_ms: int) -> RateView:
        points = self._edge.progress.points()
        since_ms = now_ms - RATE_WINDOW_S * 1000
        recent = [point for point in points if point.at_ms >= since_ms]
        return RateView(
            step_s=STEP_S,
            files_per_s=sum(point.files for point in recent) / RATE_WINDOW_S,
            bytes_per_s=sum(point.bytes for point in recent) / RATE_WINDOW_S,
            points=[
                RatePoint(
                    at=utc_text(point.at_ms),
                    files=point.files,
                    bytes=point.bytes,
                    failed_attempts=point.failed_attempts,
                )
                for point in points
                if point.at_ms >= now_ms - 3_600_000
            ],
        )

    def _settling(self, text: str, store: str | None) -> list[FileView]:
        entries = [
            entry
            for entry in self._edge.input.settling()
            if (not text or text in show_path(entry.path)) and (store is None or entry.tree.settings.store == store)
        ]
        entries.sort(key=lambda entry: entry.first_seen_s, reverse=True)
        return [self._settling_view(number, entry) for number, entry in enumerate(entries[:200], 1)]

    def _settling_view(self, number: int, entry: Settling) -> FileView:
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        seen_ms = now_ms - round((now_s - entry.first_seen_s) * 1000)
        if entry.busy_checks:
            reason = Reason(code="open_for_writing", params={}, message="a program has it open for writing")
        else:
            wait_s = max(0.0, entry.due_s - now_s)
            reason = Reason(code="quiet_time", params={"seconds": f"{wait_s:.0f}"}, message="its quiet time runs")
        size_bytes, mtime_ns = (entry.seen[0], entry.seen[1]) if entry.seen else (0, seen_ms * 1_000_000)
        return FileView(
            id=-number,
            path=show_path(entry.path),
            size_bytes=size_bytes,
            modified_at=utc_text(mtime_ns // 1_000_000),
            state="settling",
            reason=reason,
            error_class=None,
            attempts=0,
            next_at=utc_text(now_ms + round(max(0.0, entry.due_s - now_s) * 1000)),
            updated_at=utc_text(seen_ms),
            store=entry.tree.settings.store,
            key="",
            etag=None,
            sha256=None,
            duration_ms=None,
            priority=entry.tree.settings.priority,
        )


def _watch_view(tree: WatchedTree) -> WatchView:
    facts = tree.facts
    reasons = tree_reasons(tree)
    if not reasons and facts.mode == "poll":
        message = "the kernel does not report changes here; the tree is walked again and again"
        reasons = [Reason(code="polling", params={}, message=message)]
    return WatchView(
        path=show_path(tree.root),
        store=tree.settings.store,
        mode=facts.mode,
        state=facts.state.value,
        finish=tree.settings.finish.value,
        suffixes=list(tree.settings.suffixes),
        directories=facts.directories,
        reconciled_at=None if facts.reconciled_at_ms is None else utc_text(facts.reconciled_at_ms),
        reconcile_ms=facts.reconcile_ms,
        reason=reasons[0] if reasons else None,
    )


def _queue_view(snapshot: Snapshot) -> QueueView:
    files = snapshot.counts.files
    return QueueView(
        settling=snapshot.input.settling,
        ready=files.get(FileStatus.READY, 0),
        sending=files.get(FileStatus.SENDING, 0) + files.get(FileStatus.DIRTY, 0),
        waiting=files.get(FileStatus.WAITING, 0),
        dead=files.get(FileStatus.DEAD, 0),
        done_total=snapshot.tally("done"),
        skipped=snapshot.tally("skipped"),
        vanished_total=snapshot.tally("vanished"),
        superseded_total=snapshot.tally("superseded"),
        pending_bytes=snapshot.counts.pending_bytes,
        oldest_wait_s=snapshot.oldest_wait_s,
        level_pct=100 * snapshot.pending_files / snapshot.high_water.files,
        high_water_files=snapshot.high_water.files,
        retries=[RetryStep(attempts=attempts, files=count) for attempts, count in snapshot.counts.retries],
    )


def _failures(snapshot: Snapshot) -> list[FailureView]:
    views = [
        FailureView.model_validate(
            {
                "error_class": name.removeprefix("failed:"),
                "attempts_total": tally.value,
                "files_now": snapshot.counts.by_class.get(name.removeprefix("failed:"), 0),
                "last_at": None if tally.at_ms is None else utc_text(tally.at_ms),
                "last_message": tally.note or "",
            }
        )
        for name, tally in snapshot.tallies.items()
        if name.startswith("failed:")
    ]
    return sorted(views, key=lambda view: (-view.files_now, -view.attempts_total))
