"""An edge in memory with data as a busy host would show them; speaks the port of the API."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import Literal

from gwf.core.clock import utc_text
from gwf.core.errors import InputError, NotFoundError, UnavailableError
from gwf.wire.edge import (
    ErrorClassName,
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
    StoreView,
    WatchView,
)

Scenario = Literal["empty", "full", "failing"]

#: 2026-11-22 10:28:05 in Shanghai
NOW_MS = 1_795_314_485_000

_SLOW = Reason(
    code="breaker_open",
    params={"store": "archive", "why": "throttled: 503 SlowDown", "state": "open"},
    message="store archive rests after failures (throttled: 503 SlowDown); files wait in the journal",
)
_HIGH = Reason(
    code="high_water_oldest",
    params={"oldest_s": "1092", "limit_s": "900"},
    message="the oldest file has waited 1092 s, longer than 900 s",
)
_MISSING = Reason(
    code="watch_missing", params={"path": "/data/etl/out", "problem": ""}, message="/data/etl/out is missing"
)
_JOURNAL = Reason(
    code="journal_unavailable",
    params={"why": "no space left on device"},
    message="the journal cannot be written (no space left on device); nothing is lost, files wait on disk",
)
_DEAD = Reason(code="dead_letters", params={"files": "7"}, message="7 files could not be sent")
#: a code that the console does not know yet
_NEW = Reason(code="clock_jumped", params={"offset_s": "312"}, message="the clock jumped by 312 s")


def at(seconds_ago: float) -> str:
    """Return the instant that long before the fake's now."""
    return utc_text(NOW_MS - round(seconds_ago * 1000))


def _failed(error_class: ErrorClassName, message: str) -> tuple[ErrorClassName, Reason]:
    return error_class, Reason(code=f"failed_{error_class}", params={}, message=message)


_THROTTLED = _failed("throttled", "503 SlowDown: please reduce your request rate")
_TIMEOUT = _failed("timeout", "no answer within 60 s")
_AUTH = _failed("auth", "403 AccessDenied")
_LOCAL = _failed("local_io", "permission denied while reading")
_TOO_LARGE = Reason(code="larger_than_max_size", params={}, message="larger than max size")
_WRITING = Reason(code="open_for_writing", params={}, message="a program has it open for writing")

#: path, size, state, seconds since the change, attempts, failure
_ROWS: list[tuple[str, int, FileState, float, int, tuple[ErrorClassName | None, Reason] | None]] = [
    ("/data/logs/app/app-2026-11-22.log", 14_889_779, "settling", 1.2, 0, (None, _WRITING)),
    ("/data/logs/app/gc-0937.log", 2_202_009, "sending", 1.9, 1, None),
    ("/data/logs/nginx/access-1127.gz", 88_213_004, "sending", 2.4, 0, None),
    ("/data/logs/app/heap-2026-11-22.hprof", 1_342_177_280, "sending", 6.0, 0, None),
    ("/data/logs/nginx/error-1127.gz", 401_221, "done", 7.1, 0, None),
    ("/data/logs/app/app-2026-11-21.log.gz", 9_120_448, "waiting", 9.0, 3, _THROTTLED),
    ("/data/logs/audit/1122-09.tar", 52_428_800, "done", 12.4, 0, None),
    ("/data/logs/audit/1122-10.tar", 50_331_648, "waiting", 14.0, 2, _THROTTLED),
    ("/data/logs/app/metrics-102759.json", 18_330, "done", 15.2, 0, None),
    ("/data/logs/app/metrics-102659.json", 18_112, "done", 75.2, 0, None),
    ("/data/logs/etl/raw-1018.csv", 734_003_200, "waiting", 81.0, 4, _TIMEOUT),
    ("/data/logs/etl/月度对账-2026-10.xlsx", 3_355_443, "done", 92.7, 1, None),
    ("/data/logs/nginx/access-1126.gz", 86_000_331, "done", 118.0, 0, None),
    ("/data/logs/app/core.18233", 6_442_450_944, "skipped", 240.0, 0, (None, _TOO_LARGE)),
    ("/data/logs/app/keys/tls-renewal.log", 8_192, "dead", 372.0, 8, _AUTH),
    ("/data/logs/audit/1121-23.tar", 49_807_360, "dead", 431.0, 8, _LOCAL),
    ("/data/logs/app/session-7f3a.tmp.log", 0, "vanished", 512.0, 0, None),
    ("/data/logs/app/app-2026-11-22.log", 14_120_001, "superseded", 601.0, 0, None),
]


def _file(
    number: int, row: tuple[str, int, FileState, float, int, tuple[ErrorClassName | None, Reason] | None]
) -> FileView:
    path, size, state, ago, attempts, failure = row
    done = state == "done"
    digest = hashlib.sha256(f"{path}{number}".encode()).hexdigest()
    return FileView(
        id=-1 if state == "settling" else number,  # what is not in the journal yet has no id of its own
        path=path,
        size_bytes=size,
        modified_at=at(ago + 12),
        state=state,
        reason=failure[1] if failure else None,
        error_class=failure[0] if failure else None,
        attempts=attempts,
        next_at=utc_text(NOW_MS + 24_000 + attempts * 9_000) if state == "waiting" else None,
        updated_at=at(ago),
        store="archive" if attempts else "default",
        key="" if state == "settling" else f"app-037.prod-sh{path}",
        etag=digest[:32] if done else None,
        sha256=digest if done else None,
        duration_ms=182 + number * 37 if done else None,
        priority=5,
    )


def _files(scenario: Scenario) -> list[FileView]:
    if scenario == "empty":
        return []
    more = [
        (
            f"/data/logs/app/archive/app-2026-11-{20 - i // 24:02d}-{23 - i % 24:02d}.log.gz",
            4_000_000 + i * 70_001,
            "done",
            700.0 + i * 61,
            0,
            None,
        )
        for i in range(120)
    ]
    rows = [*_ROWS, *more]
    return [_file(2000 - i, row) for i, row in enumerate(rows)]  # type: ignore[arg-type]  # "done" is a FileState


def _queue(scenario: Scenario) -> QueueView:
    if scenario == "empty":
        return QueueView(
            settling=0, ready=0, sending=0, waiting=0, dead=0, done_total=0, skipped=0, vanished_total=0,
            superseded_total=0, pending_bytes=0, oldest_wait_s=None, level_pct=0.0, high_water_files=10_000,
        )  # fmt: skip
    bad = scenario == "failing"
    return QueueView(
        settling=3,
        ready=6_120 if bad else 212,
        sending=0 if bad else 8,
        waiting=2_492 if bad else 31,
        dead=7,
        done_total=184_022,
        skipped=41,
        vanished_total=18,
        superseded_total=260,
        pending_bytes=48_318_382_080 if bad else 2_411_724_800,
        oldest_wait_s=1092.0 if bad else 84.0,
        level_pct=86.1 if bad else 2.5,
        high_water_files=10_000,
        retries=[RetryStep(attempts=1, files=14), RetryStep(attempts=2, files=11), RetryStep(attempts=4, files=6)],
    )


def _rates(scenario: Scenario) -> RateView:
    points: list[RatePoint] = []
    for i in range(120):
        quiet = scenario == "empty"
        broken = scenario == "failing" and i >= 84
        wave = 340 + (i * 37) % 61 + (i % 9) * 11
        files = 0 if quiet else (26 + (i * 7) % 19 if broken else wave)
        failed = 0 if quiet else (58 + (i * 13) % 23 if broken else (3 if i % 17 == 0 else (9 if i in {97, 98} else 0)))
        if i == 119:  # the running interval, of which 5 s have passed
            files, failed = files // 6, failed // 6
        moment = utc_text(NOW_MS - 5_000 - (119 - i) * 30_000)
        points.append(RatePoint(at=moment, files=files, bytes=files * 611_004, failed_attempts=failed))
    last = points[-1]
    return RateView(step_s=30, files_per_s=last.files / 5, bytes_per_s=last.bytes / 5, points=points)


def _watches(scenario: Scenario) -> list[WatchView]:
    first = WatchView(
        path="/data/logs", store="default", mode="inotify", state="watching", finish="auto",
        suffixes=[".log", ".gz", ".tar"], directories=214, reconciled_at=at(203), reconcile_ms=412.0, reason=None,
    )  # fmt: skip
    if scenario == "empty":
        return [first.model_copy(update={"path": "/home/ops/inbox", "suffixes": [], "directories": 1})]
    return [
        first,
        WatchView(
            path="/mnt/nfs/exports", store="archive", mode="poll", state="watching", finish="silence",
            suffixes=[".csv"], directories=36, reconciled_at=at(41), reconcile_ms=2_931.0, reason=None,
        ),
        WatchView(
            path="/data/etl/out", store="archive", mode="inotify", state="missing", finish="auto", suffixes=[],
            directories=0, reconciled_at=None, reconcile_ms=None, reason=_MISSING,
        ),
    ]  # fmt: skip


def _stores(scenario: Scenario) -> list[StoreView]:
    bad = scenario == "failing"
    held = {"breaker_manual": True, "breaker_reason": "opened by operator cli:ann: drill", "probe_in_s": None}
    default = StoreView(
        name="default", url="file:///srv/gwf/objects", state="failing" if bad else "ok",
        breaker="half_open" if bad else "closed", probe_in_s=None,
        breaker_reason="timeout: no answer within 60 s" if bad else "", sending=0 if bad else 6, workers=8, reason=None,
    )  # fmt: skip
    if scenario == "empty":
        return [default.model_copy(update={"sending": 0})]
    return [
        default,
        StoreView(
            name="archive", url="oss://prod-archive/logs", state="failing", breaker="open", probe_in_s=24.0,
            breaker_reason="throttled: 503 SlowDown: please reduce your request rate", sending=0, workers=8,
            reason=_SLOW,
        ).model_copy(update=held if bad else {}),
    ]  # fmt: skip


def _failures(scenario: Scenario) -> list[FailureView]:
    if scenario == "empty":
        return []
    counts: list[tuple[ErrorClassName, int, int, float, str]] = [
        ("throttled", 288, 22, 9.0, "503 SlowDown: please reduce your request rate"),
        ("timeout", 101, 9, 81.0, "no answer within 60 s"),
        ("auth", 9, 4, 372.0, "403 AccessDenied"),
        ("local_io", 8, 3, 431.0, "permission denied while reading"),
        ("checksum", 3, 0, 5_120.0, "the store's CRC64 differs from ours"),
    ]
    return [
        FailureView(error_class=name, attempts_total=total, files_now=now, last_at=at(ago), last_message=text)
        for name, total, now, ago, text in counts
    ]


def _reasons(scenario: Scenario) -> tuple[HealthState, list[Reason]]:
    if scenario == "empty":
        return "ok", []
    if scenario == "full":
        return "degraded", [_MISSING, _SLOW, _DEAD]
    return "failing", [_JOURNAL, _MISSING, _SLOW, _HIGH, _DEAD, _NEW]


def overview_of(scenario: Scenario, *, build: str = "dev") -> Overview:
    """Return the whole first page of one scenario."""
    state, reasons = _reasons(scenario)
    return Overview(
        product="gwf", version="0.1.0", build=build, hostname="app-037.prod-sh", as_of=at(0), started_at=at(266_400),
        state=state, reasons=reasons, watches=_watches(scenario), stores=_stores(scenario), queue=_queue(scenario),
        rates=_rates(scenario), failures=_failures(scenario),
    )  # fmt: skip


@dataclass
class FakeEdge:
    """Satisfies the port; tests change it between two requests."""

    scenario: Scenario = "full"
    build: str = "dev"
    broken: bool = False
    crash: bool = False
    files_list: list[FileView] = field(default_factory=list[FileView])
    revision: int = 1
    #: held by a test that wants to see a page wait
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Fill in the scenario's files."""
        self.gate.set()
        self.show(self.scenario)

    def show(self, scenario: Scenario) -> None:
        """Switch to another scenario."""
        self.scenario = scenario
        self.files_list = _files(scenario)
        self.broken = self.crash = False
        self.revision += 1

    def arrive(self, path: str) -> None:
        """Let one more file be delivered."""
        number = max((file.id for file in self.files_list), default=0) + 1
        row = _file(number, (path, 4_096, "done", 0.2, 0, None))
        self.files_list = [row, *self.files_list]
        self.revision += 1

    def change(self, file_id: int, state: FileState) -> None:
        """Move one file to another state, in place."""
        self.files_list = [
            file.model_copy(update={"state": state}) if file.id == file_id else file for file in self.files_list
        ]
        self.revision += 1

    def _check(self) -> None:
        self.gate.wait(10)
        if self.crash:
            raise RuntimeError("a bug")
        if self.broken:
            raise UnavailableError("the journal did not answer", retry_after_s=2.0, file="journal.db")

    def state(self) -> tuple[HealthState, list[Reason]]:
        self._check()
        return _reasons(self.scenario)

    def overview(self) -> Overview:
        self._check()
        return overview_of(self.scenario, build=self.build)

    def files(
        self, *, states: tuple[FileState, ...], text: str, store: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        self._check()
        if cursor is not None and not cursor.isdecimal():
            raise InputError("the cursor is not one of ours", cursor=cursor)
        found = [
            file
            for file in self.files_list
            if (not states or file.state in states) and text in file.path and store in {None, file.store}
        ]
        start = next((i + 1 for i, file in enumerate(found) if str(file.id) == cursor), len(found)) if cursor else 0
        page = found[start : start + limit]
        more = start + limit < len(found)
        return FilePage(
            items=page, next_cursor=str(page[-1].id) if page and more else None, total=len(found), as_of=at(0)
        )

    def file(self, file_id: int) -> FileView:
        self._check()
        for file in self.files_list:
            if file.id == file_id:
                return file
        raise NotFoundError("no file has this id", file_id=file_id)

    def version(self) -> int:
        return self.revision

    def legacy_health(self) -> dict[str, object]:
        self._check()
        return {
            "persistQueue": {
                "enabled": True, "storeFile": "/var/lib/gwf/journal.db", "recoveredTotal": 12,
                "corruptFallbackTotal": 0, "persistWriteFailureTotal": 0,
            },
            "queue": 212, "workers": 8, "inFlight": 8, "queueFullTotal": 0, "queueShedTotal": 0, "retryTotal": 401,
            "uploadFailureTotal": 7, "failureReasons": [{"reason": "503 <SlowDown> & wait", "count": 7}],
        }  # fmt: skip
