"""Finds in SQL what failed elsewhere: files, unreadable events, faulty and missing decisions, tasks of before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gwf.core.errors import ErrorClass
from gwf.db.half import CoreHalf, Half
from gwf.db.tables.columns import json_value_of
from gwf.db.tables.events import file_events, outbox_rejects
from gwf.db.tables.rules import decision_batches, decisions
from gwf.db.tables.work import tasks
from gwf.db.task_letters import FAILED_STATES, failure_of
from gwf.db.tasks_rows import task_of
from gwf.events.files import FileEventStatus
from gwf.letters.model import UNREADABLE, Carried, Failure, Letter, LetterId, LetterKind, LetterState, letter_id
from gwf.letters.ports import FileNews

PORTION = 500  #: values of one IN
BATCH = "batch"  #: part of a letter's source: it is about a batch of events
MISSED = "the rules could not decide about these events"
FAULTY = "an action of the rule could not be made of this event"

_FILE, _BATCH = file_events.c, decision_batches.c
_ENDS: Mapping[int, tuple[LetterState, str]] = {
    FileEventStatus.DONE: (LetterState.RESOLVED, ""),
    FileEventStatus.ARCHIVED: (LetterState.RESOLVED, ""),
    FileEventStatus.SKIPPED: (LetterState.DROPPED, ""),
    FileEventStatus.DROPPED: (LetterState.DROPPED, ""),
    FileEventStatus.VANISHED: (LetterState.DROPPED, "file_vanished"),
}
_NEWS = sa.select(
    _FILE.row_id, _FILE.tenant_id, _FILE.agent_id, _FILE.epoch, _FILE.at_ms, _FILE.status, _FILE.file_ref,
    _FILE.file_id, _FILE.gen, _FILE.path, _FILE.store, _FILE.key, _FILE.attempt, _FILE.reason, _FILE.error_class,
    _FILE.error_code, _FILE.message,
).where(  # as the index is written, or it is not used
    sa.text("status IN (3, 9, 10)")
)  # fmt: skip


class SqlFailureNews:
    """See gwf.letters.ports.FailureNews."""

    def __init__(self, core: CoreHalf, events: Half) -> None:
        """Look into both halves."""
        self._core = core
        self._events = events

    async def files(self, *, after_row_id: int, limit: int) -> Sequence[FileNews]:
        """Return files that were given up or sent again by hand."""
        query = _NEWS.where(_FILE.row_id > after_row_id).order_by(_FILE.row_id).limit(limit)
        async with self._events.view() as view:
            return [_news(row) for row in (await view.execute(query)).mappings()]

    async def newest_file(self) -> int:
        """Return the row of the newest file event; 0 = there is none."""
        async with self._events.view() as view:
            return await view.scalar(sa.select(sa.func.max(_FILE.row_id))) or 0

    async def file_ends(self, letters: Sequence[Letter]) -> Sequence[Carried]:
        """Return which letters of files came to an end."""
        found: list[Carried] = []
        for at in range(0, len(letters), PORTION):
            some = {int(str(one.source["file_ref"])): one for one in letters[at : at + PORTION]}
            query = (
                sa.select(_FILE.file_ref, _FILE.row_id, _FILE.status, _FILE.agent_id)
                .where(
                    _FILE.file_ref.in_(list(some)),
                    _FILE.row_id > min(one.mark for one in some.values()),
                    _FILE.status.in_(list(_ENDS)),
                )
                .order_by(_FILE.row_id)
            )
            async with self._events.view() as view:
                last = {row.file_ref: row for row in await view.execute(query)}
            for ref, row in last.items():
                letter = some[ref]
                if row.row_id > letter.mark and row.agent_id == letter.agent_id:
                    state, note = _ENDS[row.status]
                    found.append(Carried(letter=letter, state=state, note=note))
        return found

    async def unreadable(self, *, since_ms: int, limit: int) -> Sequence[Failure]:
        """Return what agents told and could not be read."""
        row = outbox_rejects.c
        query = sa.select(outbox_rejects).where(row.received_at_ms >= since_ms)
        async with self._events.view() as view:
            rows = (await view.execute(query.order_by(row.received_at_ms).limit(limit))).all()
        return [_unreadable(item) for item in rows]

    async def faulty(self, *, since_ms: int, limit: int) -> Sequence[Failure]:
        """Return events of which an action could not be made."""
        row = decisions.c
        query = sa.select(decisions).where(sa.text("faults > 0"), row.decided_at_ms >= since_ms)
        async with self._events.view() as view:
            rows = (await view.execute(query.order_by(row.decided_at_ms).limit(limit))).all()
        return [_faulty(item) for item in rows]

    async def undecided(self, *, taken_before_ms: int, limit: int) -> Sequence[Failure]:
        """Return batches that the rules have not decided about for long."""
        query = sa.select(decision_batches).where(_BATCH.decided_at_ms.is_(None), _BATCH.taken_at_ms < taken_before_ms)
        async with self._events.view() as view:
            rows = (await view.execute(query.order_by(_BATCH.taken_at_ms).limit(limit))).all()
        return [_undecided(item) for item in rows]

    async def decided(self, letters: Sequence[Letter]) -> Sequence[Carried]:
        """Return which letters about batches came to an end: decided about, or not kept any more."""
        batches = {int(str(one.source[BATCH])): one for one in letters if BATCH in one.source}
        if not batches:
            return []
        query = sa.select(_BATCH.first_row_id).where(
            _BATCH.first_row_id.in_(list(batches)), _BATCH.decided_at_ms.is_(None)
        )
        async with self._events.view() as view:
            left = set(await view.scalars(query))
        return [
            Carried(letter=one, state=LetterState.RESOLVED) for row_id, one in batches.items() if row_id not in left
        ]

    async def dead_tasks(self, *, after: str, limit: int) -> Sequence[Failure]:
        """Return tasks of all tenants that ended badly."""
        states = sorted(state.value for state in FAILED_STATES)
        query = sa.select(tasks).where(tasks.c.status.in_(states), tasks.c.task_id > after)
        async with self._core.view() as view:
            rows = (await view.execute(query.order_by(tasks.c.task_id).limit(limit))).all()
        return [failure_of(task_of(row)) for row in rows]


def _news(row: sa.RowMapping) -> FileNews:
    subject = f"{row['agent_id']}:{row['file_ref']}"
    name = letter_id(row["tenant_id"], LetterKind.UPLOAD, subject)
    if row["status"] != FileEventStatus.DEAD:
        return FileNews(row_id=row["row_id"], letter_id=name, failure=None)
    source = {
        **{name: row[name] for name in ("epoch", "file_id", "gen", "path", "store", "key")},
        "file_ref": str(row["file_ref"]),
        "row_id": str(row["row_id"]),
    }
    failure = Failure(
        tenant=row["tenant_id"],
        kind=LetterKind.UPLOAD,
        subject=subject,
        error_class=row["error_class"] or ErrorClass.SERVER.value,
        place=row["store"] or "",
        message=row["message"] or row["reason"] or row["error_code"] or "",
        about=row["path"],
        at_ms=row["at_ms"],
        mark=row["row_id"],
        version=row["gen"],
        attempts=row["attempt"] or 1,
        agent_id=row["agent_id"],
        source=source,
    )
    return FileNews(row_id=row["row_id"], letter_id=LetterId(failure.letter_id), failure=failure)


def _unreadable(row: sa.Row[Any]) -> Failure:
    return Failure(
        tenant=row.tenant_id,
        kind=LetterKind.EVENT,
        subject=f"{row.agent_id}:{row.epoch}:{row.seq}",
        error_class=UNREADABLE,
        place=row.code,
        message=row.message,
        about=f"{row.epoch}:{row.seq} {_kind_of(row.content)}".rstrip(),
        at_ms=row.received_at_ms,
        mark=1,
        agent_id=row.agent_id,
        source={"epoch": row.epoch, "seq": row.seq},
    )


def _kind_of(content: str) -> str:
    """Return what kind of event was told, if that can be read at all."""
    try:
        value: object = json.loads(content)
        return msgspec.convert(json.loads(value) if isinstance(value, str) else value, _Kinded).kind
    except ValueError:
        return ""


class _Kinded(msgspec.Struct):
    kind: str = ""


def _faulty(row: sa.Row[Any]) -> Failure:
    matched = json_value_of(row.matched)
    rule_id = str(matched[0][0]) if matched else ""
    return Failure(
        tenant=row.tenant_id,
        kind=LetterKind.DECISION,
        subject=str(row.row_id),
        error_class=ErrorClass.CONFIG.value,
        place=" ".join(sorted({str(name) for name, _ in matched})),
        message=FAULTY,
        about=f"{'file event' if row.is_file else 'event'} {row.row_id}",
        at_ms=row.decided_at_ms,
        mark=row.decided_at_ms,
        rule_id=rule_id or None,
        source={"row_id": str(row.row_id), "is_file": bool(row.is_file), "set_no": row.set_no},
    )


def _undecided(row: sa.Row[Any]) -> Failure:
    return Failure(
        tenant="default",
        kind=LetterKind.DECISION,
        subject=f"{BATCH}:{row.first_row_id}",
        error_class=UNREADABLE,
        place="rules",
        message=MISSED,
        about=f"{row.events} events from {row.first_row_id}",
        at_ms=row.taken_at_ms,
        mark=1,
        source={BATCH: str(row.first_row_id), "events": row.events},
    )
