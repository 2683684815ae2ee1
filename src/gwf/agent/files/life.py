"""The life of one file as steps with times: found, finished, queued, sent, what follows, who was told. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gwf.agent.actions.model import Run
from gwf.agent.model import FileStatus
from gwf.core.clock import utc_text
from gwf.core.errors import CorruptDataError
from gwf.wire.agentfiles import FileStage, FileTask, FileTry, StageState

MAX_TRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What the journal kept of a version's way."""

    state: FileStatus
    seen_at_ms: int | None
    stable_at_ms: int | None
    queued_at_ms: int | None
    updated_at_ms: int
    next_at_ms: int | None
    attempts: int
    error_class: str | None
    reason: str | None


_UPLOADED: Mapping[FileStatus, StageState] = {
    FileStatus.READY: "pending",
    FileStatus.SENDING: "running",
    FileStatus.DIRTY: "running",
    FileStatus.WAITING: "waiting",
    FileStatus.DEAD: "failed",
    FileStatus.DONE: "done",
    FileStatus.SKIPPED: "skipped",
    FileStatus.VANISHED: "failed",
    FileStatus.SUPERSEDED: "skipped",
}


def stages_of(times: Times, runs: Sequence[Run], *, has_actions: bool) -> list[FileStage]:
    """Return the steps of a file that the journal knows."""
    queued = times.queued_at_ms
    left_alone = times.state is FileStatus.SKIPPED
    return [
        _stage("discovered", "done" if times.seen_at_ms is not None else "unknown", times.seen_at_ms),
        _stage(
            "stable",
            "done" if times.stable_at_ms is not None else "unknown",
            times.stable_at_ms,
            since_ms=times.seen_at_ms,
        ),
        _stage(
            "queued",
            "skipped" if left_alone else "done",
            None if left_alone else queued,
            since_ms=times.stable_at_ms,
            note=(times.reason or "") if left_alone else "",
        ),
        _uploaded(times),
        _tasks(times, runs, has_actions=has_actions),
        FileStage(name="notified", state="off", note="no_channel"),
    ]


def settling_stages(*, seen_at_ms: int | None, due_at_ms: int | None, note: str) -> list[FileStage]:
    """Return the steps of a file that was seen and is not finished."""
    return [
        _stage("discovered", "done" if seen_at_ms is not None else "pending", seen_at_ms),
        _stage("stable", "running" if seen_at_ms is not None else "pending", due_at_ms, note=note),
        *(FileStage(name=name, state="pending") for name in ("queued", "uploaded", "tasks")),
        FileStage(name="notified", state="off", note="no_channel"),
    ]


def _uploaded(times: Times) -> FileStage:
    state = _UPLOADED[times.state]
    at_ms = {"done": times.updated_at_ms, "failed": times.updated_at_ms, "waiting": times.next_at_ms}.get(state)
    note = times.error_class or ""
    if state in {"skipped", "failed"} and times.reason and not note:
        note = times.reason
    since_ms = times.queued_at_ms if state in {"done", "failed"} else None
    return _stage("uploaded", state, at_ms, since_ms=since_ms, note=note, count=times.attempts)


def _tasks(times: Times, runs: Sequence[Run], *, has_actions: bool) -> FileStage:
    if not runs:
        if not has_actions:
            return FileStage(name="tasks", state="off", note="no_action")
        return FileStage(name="tasks", state="pending")
    words = {run.state.value for run in runs}
    state: StageState = "done"
    for word, meaning in (("failed", "failed"), ("running", "running"), ("ready", "waiting"), ("refused", "skipped")):
        if word in words:
            state = meaning  # type: ignore[assignment] # the literals above
            break
    last = max(runs, key=lambda run: run.updated_at_ms)
    since_ms = times.updated_at_ms if times.state is FileStatus.DONE else None
    return _stage("tasks", state, last.updated_at_ms, since_ms=since_ms, note=last.planned.kind, count=len(runs))


def _stage(
    name: Any, state: StageState, at_ms: int | None, *, since_ms: int | None = None, note: str = "", count: int = 0
) -> FileStage:
    took_ms = at_ms - since_ms if at_ms is not None and since_ms is not None and at_ms >= since_ms else None
    return FileStage(
        name=name,
        state=state,
        at=None if at_ms is None else utc_text(at_ms),
        took_ms=took_ms,
        note=note,
        count=count,
    )


def tasks_of(runs: Sequence[Run]) -> list[FileTask]:
    """Return runs of actions as they are sent."""
    return [
        FileTask(
            kind=run.planned.kind,
            state=run.state.value,
            attempts=run.attempts,
            summary=run.summary[:2_000],
            updated_at=utc_text(run.updated_at_ms),
        )
        for run in runs
    ]


def tries_of(rows: Sequence[tuple[Any, ...]]) -> list[FileTry]:
    """Return rows (at_ms, kind, body) of the outbox as they are sent, newest last.

    Raises:
        CorruptDataError: A body is no JSON.
    """
    return [_try(int(at_ms), str(kind), str(body)) for at_ms, kind, body in rows[-MAX_TRIES:]]


def _try(at_ms: int, kind: str, body: str) -> FileTry:
    try:
        told = json.loads(body)
    except ValueError as exc:
        raise CorruptDataError("an event of the journal cannot be read", kind=kind) from exc
    attempt, duration = told.get("attempt"), told.get("duration_ms")
    return FileTry(
        at=utc_text(at_ms),
        what=kind.removeprefix("file."),
        attempt=attempt if isinstance(attempt, int) else None,
        error_class=told.get("error_class"),
        message=str(told.get("message") or told.get("reason") or "")[:2_000],
        duration_ms=duration if isinstance(duration, int) else None,
    )
