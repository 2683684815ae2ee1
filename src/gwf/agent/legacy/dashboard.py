"""The Go version's console data: light in a moment, whole from the journal, as JSON."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence

from gwf.agent.engine import Edge
from gwf.agent.journal.days import day_tally
from gwf.agent.journal.reads import JournalReads
from gwf.agent.legacy.formats import month_day
from gwf.agent.legacy.goview import DEFAULT_DELAYS, GoView
from gwf.agent.legacy.listing import Listing, Root, Scene
from gwf.agent.legacy.records import UploadRecords
from gwf.agent.legacy.rows import FileRows, Row
from gwf.agent.model import host_name
from gwf.agent.snapshot import Snapshot, SnapshotSource
from gwf.core.clock import Clock
from gwf.storage.links import object_link
from gwf.wire.gojson import to_json

IDLE_S = 60.0  #: what was listed is given back when nobody asked for the whole for so long
MAX_LOOKS = 2000  #: files that still settle whose size is asked of the disk

Section = tuple[str, object]


class Dashboard:
    """Answers for /api/dashboard. Thread-safe; one listing is written at a time."""

    def __init__(
        self,
        edge: Edge,
        reads: JournalReads,
        *,
        snapshots: SnapshotSource,
        clock: Clock,
        view: Callable[[], GoView],
    ) -> None:
        """Read `edge` and its journal; `view` returns the settings in force."""
        self._view = view
        self._edge = edge
        self._reads = reads
        self._snapshots = snapshots
        self._clock = clock
        self._records = UploadRecords(reads, self._link)
        self._rows = FileRows(edge.journal.path)
        self._listing = Listing(self._rows)
        self._lock = threading.Lock()
        self._listed_at_s = 0.0

    def close(self) -> None:
        """Release the journal."""
        with self._lock:
            self._rows.close()

    def light(self) -> bytes:
        """Return the body without tree and files."""
        self._forget_idle()
        before, after = self._sections(self._view())
        return to_json(dict([*before, ("directoryTree", []), ("files", []), *after])) + b"\n"

    def full(self) -> list[bytes]:
        """Return the whole body in pieces: the tree and every file that the journal knows."""
        with self._lock:
            self._listed_at_s = self._clock.monotonic_s()
            trees, files = self._listing.write(self._scene())
        before, after = self._sections(self._view())
        return [
            to_json(dict(before))[:-1] + b',"directoryTree":[',
            *trees,
            b'],"files":[',
            *files,
            b"]," + to_json(dict(after))[1:] + b"\n",
        ]

    def _forget_idle(self) -> None:
        if self._clock.monotonic_s() - self._listed_at_s < IDLE_S or not self._lock.acquire(blocking=False):
            return
        try:
            self._listing.forget()
        finally:
            self._lock.release()

    def _link(self, store: str, key: str) -> str:
        settings = self._edge.store_settings.get(store)
        return "" if settings is None else object_link(settings, key)

    def _scene(self) -> Scene:
        table = self._edge.journal.desk.table()
        roots = [
            Root(
                path=tree.root,
                shown=str(tree.settings.path),
                selector=tree.selector,
                suffixes=tuple(suffix.encode().lower() for suffix in tree.settings.suffixes),
            )
            for tree in self._edge.trees
        ]
        switched = frozenset(path.rpartition(b"/")[0] for path in table.table)
        return Scene(roots=roots, allows=table.allows, switched=switched, extra=self._settling())

    def _settling(self) -> Mapping[bytes, Sequence[Row]]:
        """Return the files that are not finished, by directory; those the journal knows are left out later."""
        found: dict[bytes, list[Row]] = {}
        now_ns = self._clock.now_ms() * 1_000_000
        for number, entry in enumerate(self._edge.input.settling()):
            directory, _, name = entry.path.rpartition(b"/")
            size_bytes, mtime_ns = entry.seen[:2] if entry.seen else (0, now_ns)
            if entry.seen is None and number < MAX_LOOKS:
                try:
                    status = os.lstat(entry.path)
                except OSError:
                    continue  # gone meanwhile
                size_bytes, mtime_ns = status.st_size, status.st_mtime_ns
            found.setdefault(directory, []).append((name, size_bytes, mtime_ns, "e"))
        return found

    def _sections(self, view: GoView) -> tuple[list[Section], list[Section]]:
        """Return what stands before tree and files, and what stands after them."""
        snapshot = self._snapshots.get()
        depth = snapshot.pending_files
        self._edge.activity.count(depth)
        before: list[Section] = [("heroCopy", self._hero(view, depth)), ("metricCards", _cards(snapshot, depth))]
        after: list[Section] = [
            ("monitorNotes", _notes(view, depth)),
            ("uploadRecords", self._records.latest(waiting=depth > 0)),
            ("monitorSummary", self._summary(view, snapshot, depth)),
            ("configSnapshot", view.snapshot()),
            (
                "chartPoints",
                [
                    {"label": point.label, "uploads": point.uploads, "failures": point.failures, "queue": point.queue}
                    for point in self._edge.activity.points()
                ],
            ),
        ]
        return before, after

    def _hero(self, view: GoView, depth: int) -> dict[str, object]:
        return {
            "agent": host_name(self._edge.agent.hostname),
            "watchDirs": list(view.watch_dirs),
            "suffixFilter": f"过滤 {', '.join(view.suffixes)}" if view.suffixes else "关闭 · 全量目录",
            "silence": view.silence,
            "queue": f"队列 {depth}",
            "concurrency": f"上传并发 {view.workers}",
        }

    def _summary(self, view: GoView, snapshot: Snapshot, depth: int) -> list[dict[str, str]]:
        done, dead = snapshot.tally("done"), snapshot.tally("dead")
        rate = 100.0 * done / (done + dead) if done + dead else 100.0
        rows = (
            ("当前吞吐", f"{self._edge.activity.per_minute()}/min", "近1分钟处理数"),
            ("成功率", f"{rate:.1f}%", f"失败 {dead}"),
            ("队列 backlog", str(depth), f"workers={view.workers}"),
            ("失败累计", str(dead), "含告警和重试"),
        )
        return [{"label": label, "value": value, "desc": desc} for label, value, desc in rows]


def _cards(snapshot: Snapshot, depth: int) -> list[dict[str, str]]:
    done = snapshot.tally(day_tally("done", snapshot.at_ms))
    dead = snapshot.tally(day_tally("dead", snapshot.at_ms))
    rate = 100.0 * dead / (done + dead) if done + dead else 0.0
    today = f"{month_day(snapshot.at_ms / 1000)} 00:00-现在"
    rows = (
        ("今日上传", str(done), today, "up"),
        ("通知次数", "0", today, "up"),  # there are no notifications yet
        ("今日失败", str(dead), today, "muted"),
        ("失败率", f"{rate:.1f}%", today, "warning"),
        ("队列深度", str(depth), "背压监控", "warning"),
    )
    return [{"label": label, "value": value, "trend": trend, "tone": tone} for label, value, trend, tone in rows]


def _notes(view: GoView, depth: int) -> list[dict[str, str]]:
    retry = "开启" if view.retry_enabled else "关闭"
    rows = (
        ("OSS 连接", f"endpoint={view.endpoint} · region={view.region}"),
        ("上传工作池", f"workers={view.workers} · queue={view.queue_size} · 当前 backlog={depth}"),
        ("上传重试", f"{retry} · 间隔 {view.retry_delays or DEFAULT_DELAYS}"),
        ("通知", "钉钉通知 / 邮件通知"),
    )
    return [{"title": title, "detail": detail} for title, detail in rows]
