"""Dead letters and runs over them in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.audit.model import AuditEntry
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.letter_rows import PROBE_KEY, enter_failures, letter_of, probe_values, run_values
from gwf.db.letters_reads import SqlLetterReads, conditions
from gwf.db.moved import Moved
from gwf.db.tables.letters import letter_probes, letter_runs, letter_sources, letters
from gwf.letters.model import Carried, Failure, Letter, LetterFilter, LetterId, LetterState, Probe, Run, RunId

_ROW = letters.c
_OPEN, _QUEUED, _REPLAYING = (state.value for state in (LetterState.OPEN, LetterState.QUEUED, LetterState.REPLAYING))


def _moved(*guards: sa.ColumnElement[bool]) -> Any:
    """Return the statement that keeps where a letter is; a replay that begins is counted."""
    begins = sa.and_(sa.bindparam("to_state") == _REPLAYING, _ROW.state != _REPLAYING)
    failed = sa.bindparam("has_failed", type_=sa.Boolean())
    return (
        sa.update(letters)
        .where(_ROW.letter_id == sa.bindparam("of_letter"), *guards)
        .values(
            state=sa.bindparam("to_state"),
            note=sa.bindparam("to_note"),
            replays=_ROW.replays + sa.case((sa.or_(begins, failed), 1), else_=0),
            poison=sa.or_(_ROW.poison, failed),
            edit=sa.null(),
            updated_at_ms=sa.bindparam("now_ms"),
        )
    )


_CARRIED = _moved(_ROW.state == _QUEUED)
_SETTLED = _moved(_ROW.mark == sa.bindparam("of_mark"))

_REPLAYED = (
    sa.update(letters)
    .where(
        _ROW.letter_id == sa.bindparam("of_letter"),
        _ROW.mark < sa.bindparam("told_mark"),
        sa.or_(_ROW.state == _OPEN, _ROW.state == _QUEUED),
    )
    .values(state=_REPLAYING, replays=_ROW.replays + 1, note="", edit=None, updated_at_ms=sa.bindparam("now_ms"))
)


class SqlLetters:
    """See gwf.letters.ports.LetterStore."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep them in the half that holds what people decide."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlLetterReads]:
        """Read one state."""
        async with self._core.view() as connection:
            yield SqlLetterReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlLetterChange]:
        """Begin a transaction."""
        async with self._core.change() as change:
            yield SqlLetterChange(change)

    async def changed_since(self, since_ms: int, *, limit: int) -> Sequence[Moved]:
        """Return the letters of all tenants that changed at or after a moment, the newest first."""
        wanted = (
            sa.select(
                _ROW.tenant_id, _ROW.letter_id, _ROW.updated_at_ms, _ROW.state, _ROW.mark, _ROW.replays, _ROW.poison
            )
            .where(_ROW.updated_at_ms >= since_ms)
            .order_by(_ROW.updated_at_ms.desc())
            .limit(limit)
        )
        async with self._core.view() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            Moved(row.tenant_id, row.letter_id, row.updated_at_ms, (row.state, row.mark, row.replays, row.poison))
            for row in rows
        ]

    async def rest(self) -> tuple[int, int]:
        """Return when a run ended last, and when somebody looked at a cause last; 0 = never."""
        ended = sa.select(sa.func.max(letter_runs.c.ended_at_ms)).scalar_subquery()
        looked = sa.select(sa.func.max(letter_probes.c.at_ms)).scalar_subquery()
        async with self._core.view() as connection:
            row = (await connection.execute(sa.select(ended, looked))).one()
        return row[0] or 0, row[1] or 0


class SqlLetterChange(SqlLetterReads):
    """See gwf.letters.ports.LetterChange."""

    def __init__(self, change: CoreChange) -> None:
        """Write through the connection of `change`."""
        super().__init__(change.connection)
        self._change = change

    async def queue(self, run: Run, wanted: LetterFilter, *, limit: int) -> Sequence[LetterId]:
        """Put open letters that fit into a run, those that failed first before others."""
        chosen = (
            sa.select(_ROW.letter_id)
            .where(*conditions(run.tenant, wanted), _ROW.state == _OPEN)
            .order_by(_ROW.last_seen_ms, _ROW.letter_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = [LetterId(name) for name in await self._connection.scalars(chosen)]
        if ids:
            put = (
                sa.update(letters)
                .where(_ROW.letter_id == sa.bindparam("of_letter"), _ROW.state == _OPEN)
                .values(state=_QUEUED, run_id=run.run_id, note="", updated_at_ms=run.created_at_ms)
            )
            await self._connection.execute(put, [{"of_letter": name} for name in ids])
        await self._connection.execute(sa.insert(letter_runs), [run_values(replace(run, total=len(ids)))])
        return ids

    async def edit(self, letter_id: LetterId, edit: Mapping[str, object]) -> None:
        """Keep what is to be changed of a letter before it is done again."""
        await self._connection.execute(sa.update(letters).where(_ROW.letter_id == letter_id).values(edit=dict(edit)))

    async def take(self, run_id: RunId, *, limit: int) -> Sequence[Letter]:
        """Return queued letters of a run, locked."""
        query = sa.select(letters).where(_ROW.run_id == run_id, _ROW.state == _QUEUED)
        query = query.order_by(_ROW.kind, _ROW.agent_id, _ROW.letter_id).limit(limit).with_for_update()
        return [letter_of(row) for row in await self._connection.execute(query)]

    async def carried(self, done: Sequence[Carried], *, now_ms: int) -> None:
        """Keep where letters are that were queued; those that are not queued any more are left alone."""
        await self._move(_CARRIED, done, now_ms)

    async def settled(self, done: Sequence[Carried], *, now_ms: int) -> None:
        """Keep where letters are, unless they failed again meanwhile."""
        await self._move(_SETTLED, done, now_ms)

    async def _move(self, statement: Any, done: Sequence[Carried], now_ms: int) -> None:
        rows = [
            {
                "of_letter": one.letter.letter_id,
                "of_mark": one.letter.mark,
                "to_state": one.state.value,
                "to_note": one.note,
                "has_failed": one.failed_again,
                "now_ms": now_ms,
            }
            for one in sorted(done, key=lambda one: one.letter.letter_id)
        ]
        if rows:
            await self._connection.execute(statement, rows)

    async def replayed(self, told: Sequence[tuple[LetterId, int]], *, now_ms: int) -> None:
        """Note that somebody else had letters done again, by marks; what failed after that stays as it is."""
        rows = [{"of_letter": name, "told_mark": mark, "now_ms": now_ms} for name, mark in sorted(told)]
        if rows:
            await self._connection.execute(_REPLAYED, rows)

    async def end(self, run_id: RunId, *, now_ms: int, stopped: bool) -> None:
        """End a run; letters that it did not get to are open again."""
        left = sa.update(letters).where(_ROW.run_id == run_id, _ROW.state == _QUEUED)
        await self._connection.execute(left.values(state=_OPEN, run_id=None, edit=None, updated_at_ms=now_ms))
        over = sa.update(letter_runs).where(letter_runs.c.run_id == run_id, letter_runs.c.ended_at_ms.is_(None))
        await self._connection.execute(over.values(ended_at_ms=now_ms, stopped=stopped))

    async def fail(self, failures: Sequence[Failure], *, now_ms: int) -> None:
        """Enter failures."""
        await enter_failures(self._connection, failures, now_ms=now_ms)

    async def keep_probe(self, tenant: str, probe: Probe) -> None:
        """Keep what a look at a cause found in place of the look before."""
        values = probe_values(tenant, probe)
        put = self._insert(letter_probes).values(**values)
        changed = {name: put.excluded[name] for name in ("verdict", "findings", "at_ms")}
        await self._connection.execute(put.on_conflict_do_update(index_elements=PROBE_KEY, set_=changed))

    async def place_of(self, source: str) -> int:
        """Return how far a source of failures was read, locked; 0 at first."""
        begun = self._insert(letter_sources).values(source=source, place=0).on_conflict_do_nothing()
        await self._connection.execute(begun)
        query = sa.select(letter_sources.c.place).where(letter_sources.c.source == source).with_for_update()
        return int(await self._connection.scalar(query) or 0)

    async def move(self, source: str, place: int) -> None:
        """Keep how far a source was read."""
        put = sa.update(letter_sources).where(letter_sources.c.source == source).values(place=place)
        await self._connection.execute(put)

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        self._change.record(entry)

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert)(table)
