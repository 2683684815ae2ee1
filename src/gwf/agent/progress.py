"""What happened lately: rates for the page, a version that grows with every change, and log lines."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass

from gwf.agent.journal.effects import Effects
from gwf.agent.model import DELIVERED, FileStatus, Outcome, Result, show_path
from gwf.agent.transfer.retry import Decision
from gwf.core.clock import Clock

STEP_S = 10  #: width of one point of the rate chart
POINTS = 360  #: points kept: one hour
LINES_PER_S = 20  #: log lines of finished files in one second; the rest is summed up in one line

log = logging.getLogger("gwf.agent.transfer")


@dataclass(slots=True)
class Point:
    """Work of one step."""

    at_ms: int
    files: int = 0
    bytes: int = 0
    failed_attempts: int = 0


class Progress:
    """Fed by the journal after each commit; read by views from other threads."""

    def __init__(self, clock: Clock) -> None:
        """Start with an empty chart."""
        self._clock = clock
        self._points: deque[Point] = deque(maxlen=POINTS)
        self._second = 0
        self._lines = 0
        self._folded = 0
        self._folded_bytes = 0
        #: grows with every commit that changed something
        self.version = 0

    def points(self) -> list[Point]:
        """Return the points of the last hour, oldest first; steps without work are missing."""
        return list(self._points)

    def committed(self, effects: Effects) -> None:
        """Take in one commit."""
        now_ms = self._clock.now_ms()
        self._new_second(now_ms // 1000)
        if not effects.finished and not effects.queued and not effects.ready:
            return
        self.version += 1
        point = self._point(now_ms)
        for result, outcome, decision in effects.finished:
            if result in DELIVERED:
                point.files += 1
                point.bytes += outcome.work.size_bytes
                self._log_done(outcome, result)
            elif decision is not None:
                point.failed_attempts += 1
                self._log_failed(outcome, decision)
            else:
                event = "upload_superseded" if result is Result.CHANGED else "upload_vanished"
                log.info(event, extra=_fields(outcome))

    def _point(self, now_ms: int) -> Point:
        at_ms = now_ms // (STEP_S * 1000) * STEP_S * 1000
        if not self._points or self._points[-1].at_ms != at_ms:
            self._points.append(Point(at_ms))
        return self._points[-1]

    def _new_second(self, second: int) -> None:
        if second == self._second:
            return
        if self._folded:
            log.info("uploads_finished", extra={"files": self._folded, "bytes": self._folded_bytes})
        self._second, self._lines, self._folded, self._folded_bytes = second, 0, 0, 0

    def _log_done(self, outcome: Outcome, result: Result) -> None:
        if self._lines >= LINES_PER_S:
            self._folded += 1
            self._folded_bytes += outcome.work.size_bytes
            return
        self._lines += 1
        event = "upload_finished" if result is Result.DONE else "upload_unneeded"
        log.info(event, extra={**_fields(outcome), "duration_ms": round(outcome.took_s * 1000, 1)})

    def _log_failed(self, outcome: Outcome, decision: Decision) -> None:
        dead = decision.status is FileStatus.DEAD
        extra = {
            **_fields(outcome),
            "error_class": str(outcome.error_class),
            "error_code": outcome.error_code,
            "error": outcome.message,
            "retryable": outcome.retryable,
            "next_at_ms": decision.next_at_ms,
        }
        if dead:
            log.error("upload_dead", extra=extra)
        elif self._lines < LINES_PER_S:
            self._lines += 1
            log.warning("upload_failed", extra=extra)


def _fields(outcome: Outcome) -> dict[str, object]:
    work = outcome.work
    return {
        "file_id": work.file_id,
        "gen": work.gen,
        "path": show_path(work.path),
        "store": work.store,
        "key": work.key,
        "bytes": work.size_bytes,
        "attempt": work.attempts + 1,
    }
