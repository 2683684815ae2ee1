"""Reads dead letters in SQL: lists, counts by column, groups by cause, runs and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.changes import storable
from gwf.db.letter_rows import letter_of, probe_of, run_of
from gwf.db.tables.letters import letter_probes, letter_runs, letter_sources, letters
from gwf.letters.model import (
    CauseGroup,
    Letter,
    LetterFilter,
    LetterId,
    LetterKind,
    LetterNotFoundError,
    LetterState,
    Probe,
    Run,
    RunId,
    RunNotFoundError,
)

MAX_VALUES = 100  #: values that a facet names

_ROW = letters.c
_RUN = letter_runs.c
_FACETS = {
    "kind": _ROW.kind, "state": _ROW.state, "error_class": _ROW.error_class, "place": _ROW.place,
    "agent": _ROW.agent_id,
}  # fmt: skip


class SqlLetterReads:
    """See gwf.letters.ports.LetterReads."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def page(
        self, tenant: str, wanted: LetterFilter, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[Letter]:
        """Return a part of the letters that fit, the last failed first."""
        query = sa.select(letters).where(*conditions(tenant, wanted))
        if after is not None:
            at_ms, name = after
            behind = sa.and_(_ROW.last_seen_ms == at_ms, _ROW.letter_id < storable(name))
            query = query.where(_ROW.last_seen_ms <= at_ms, sa.or_(_ROW.last_seen_ms < at_ms, behind))
        query = query.order_by(_ROW.last_seen_ms.desc(), _ROW.letter_id.desc()).limit(limit)
        return [letter_of(row) for row in await self._connection.execute(query)]

    async def first(self, tenant: str, wanted: LetterFilter, *, limit: int) -> Sequence[Letter]:
        """Return letters that fit, those that failed first before others."""
        query = sa.select(letters).where(*conditions(tenant, wanted))
        query = query.order_by(_ROW.last_seen_ms, _ROW.letter_id).limit(limit)
        return [letter_of(row) for row in await self._connection.execute(query)]

    async def spread(
        self, tenant: str, wanted: LetterFilter, *, limit: int
    ) -> Mapping[tuple[LetterKind, str | None], int]:
        """Return how many of the letters that `first` would return are of each kind and agent."""
        first = sa.select(_ROW.kind, _ROW.agent_id).where(*conditions(tenant, wanted))
        some = first.order_by(_ROW.last_seen_ms, _ROW.letter_id).limit(limit).subquery().c
        query = sa.select(some.kind, some.agent_id, sa.func.count().label("amount"))
        rows = await self._connection.execute(query.group_by(some.kind, some.agent_id))
        return {(LetterKind(row.kind), row.agent_id): row.amount for row in rows}

    async def count(self, tenant: str, wanted: LetterFilter) -> int:
        """Return how many letters fit."""
        counted = sa.select(sa.func.count()).select_from(letters).where(*conditions(tenant, wanted))
        return int(await self._connection.scalar(counted) or 0)

    async def facets(self, tenant: str, wanted: LetterFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many letters that fit have each value."""
        found: dict[str, dict[str, int]] = {}
        for name, column in _FACETS.items():
            query = (
                sa.select(column.label("value"), sa.func.count().label("amount"))
                .where(*conditions(tenant, wanted), column.is_not(None))
                .group_by(column)
                .order_by(sa.func.count().desc())
                .limit(MAX_VALUES)
            )
            found[name] = {row.value: row.amount for row in await self._connection.execute(query)}
        return found

    async def groups(self, tenant: str, wanted: LetterFilter, *, limit: int) -> Sequence[CauseGroup]:
        """Return what fits by cause, the largest group first."""
        named = (_ROW.cause_id, _ROW.kind, _ROW.error_class, _ROW.place, _ROW.cause)
        newest = sa.func.max(_ROW.last_seen_ms).label("newest_ms")
        query = (
            sa.select(
                *named,
                sa.func.count().label("amount"),
                sa.func.sum(sa.case((_ROW.poison, 1), else_=0)).label("poison"),
                sa.func.count(_ROW.agent_id.distinct()).label("agents"),
                sa.func.sum(_ROW.attempts).label("attempts"),
                sa.func.min(_ROW.first_seen_ms).label("oldest_ms"),
                newest,
                sa.func.max(_ROW.letter_id).label("sample_id"),
            )
            .where(*conditions(tenant, wanted))
            .group_by(*named)
            .order_by(sa.func.count().desc(), newest.desc(), _ROW.cause_id)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        samples = {one.letter_id: one for one in await self._some([LetterId(row.sample_id) for row in rows])}
        return [
            CauseGroup(
                cause_id=row.cause_id, kind=LetterKind(row.kind), error_class=row.error_class, place=row.place,
                cause=row.cause, count=row.amount, poison=int(row.poison), agents=row.agents,
                attempts=int(row.attempts), oldest_ms=row.oldest_ms, newest_ms=row.newest_ms,
                sample_id=LetterId(row.sample_id), sample_about=samples[LetterId(row.sample_id)].about,
                sample_message=samples[LetterId(row.sample_id)].message,
            )
            for row in rows
        ]  # fmt: skip

    async def find(self, tenant: str, letter_id: LetterId) -> Letter:
        """Return a letter."""
        found = [one for one in await self._some([letter_id]) if one.tenant == tenant]
        if not found:
            raise LetterNotFoundError("no dead letter has this id", letter_id=letter_id)
        return found[0]

    async def probes(self, tenant: str, causes: Sequence[str]) -> Sequence[Probe]:
        """Return what the last looks at some causes found."""
        probe = letter_probes.c
        query = sa.select(letter_probes).where(probe.tenant_id == tenant, probe.cause_id.in_(list(causes)))
        return [probe_of(row) for row in await self._connection.execute(query)]

    async def runs(self, tenant: str, *, limit: int) -> Sequence[Run]:
        """Return runs, the newest first."""
        query = sa.select(letter_runs).where(_RUN.tenant_id == tenant)
        query = query.order_by(_RUN.created_at_ms.desc(), _RUN.run_id.desc()).limit(limit)
        return [run_of(row) for row in await self._connection.execute(query)]

    async def run(self, tenant: str, run_id: RunId) -> Run:
        """Return a run."""
        query = sa.select(letter_runs).where(_RUN.run_id == storable(run_id), _RUN.tenant_id == tenant)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise RunNotFoundError("no run of dead letters has this id", run_id=run_id)
        return run_of(row)

    async def run_counts(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Mapping[tuple[LetterState, bool], int]]:
        """Return how many letters of runs are in each state, without and with a note."""
        noted = (_ROW.note != "").label("noted")
        query = (
            sa.select(_ROW.run_id, _ROW.state, noted, sa.func.count().label("amount"))
            .where(_ROW.run_id.in_(list(run_ids)))
            .group_by(_ROW.run_id, _ROW.state, noted)
        )
        found: dict[RunId, dict[tuple[LetterState, bool], int]] = {}
        for row in await self._connection.execute(query):
            found.setdefault(RunId(row.run_id), {})[LetterState(row.state), bool(row.noted)] = row.amount
        return found

    async def open_runs(self) -> Sequence[Run]:
        """Return the runs of all tenants that have not ended, the oldest first."""
        query = sa.select(letter_runs).where(_RUN.ended_at_ms.is_(None)).order_by(_RUN.created_at_ms, _RUN.run_id)
        return [run_of(row) for row in await self._connection.execute(query)]

    async def of_kind(
        self, kind: LetterKind, states: frozenset[LetterState], *, after: LetterId | None, limit: int
    ) -> Sequence[Letter]:
        """Return letters of all tenants by their ids, from behind one on."""
        named = sorted(state.value for state in states)
        query = sa.select(letters).where(_ROW.state.in_(named), _ROW.kind == kind.value)
        if after is not None:
            query = query.where(_ROW.letter_id > after)
        query = query.order_by(_ROW.letter_id).limit(limit)
        return [letter_of(row) for row in await self._connection.execute(query)]

    async def place(self, source: str) -> int:
        """Return how far a source of failures was read; 0 at first."""
        query = sa.select(letter_sources.c.place).where(letter_sources.c.source == source)
        return int(await self._connection.scalar(query) or 0)

    async def _some(self, ids: Sequence[LetterId]) -> Sequence[Letter]:
        query = sa.select(letters).where(_ROW.letter_id.in_([storable(name) for name in ids]))
        return [letter_of(row) for row in await self._connection.execute(query)]


def conditions(tenant: str, wanted: LetterFilter) -> list[sa.ColumnElement[bool]]:
    """Return what a row has to fulfil."""
    found: list[sa.ColumnElement[bool]] = [_ROW.tenant_id == tenant]
    if wanted.states:
        found.append(_ROW.state.in_(sorted(state.value for state in wanted.states)))
    for column, values in (
        (_ROW.kind, wanted.kinds),
        (_ROW.error_class, wanted.error_classes),
        (_ROW.cause_id, wanted.causes),
        (_ROW.place, wanted.places),
        (_ROW.agent_id, wanted.agents),
        (_ROW.rule_id, wanted.rules),
        (_ROW.letter_id, wanted.ids),
    ):
        if values:
            found.append(column.in_(sorted(storable(str(value)) for value in values)))
    return [*found, *_narrowed(wanted)]


def _narrowed(wanted: LetterFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.run_id is not None:
        found.append(_ROW.run_id == storable(wanted.run_id))
    if wanted.poison is not None:
        found.append(_ROW.poison == wanted.poison)
    if wanted.since_ms is not None:
        found.append(_ROW.last_seen_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        found.append(_ROW.last_seen_ms < wanted.until_ms)
    if wanted.text:
        part = storable(wanted.text)
        columns = (_ROW.letter_id, _ROW.about, _ROW.message, _ROW.subject)
        found.append(sa.or_(*(column.icontains(part, autoescape=True) for column in columns)))
    return found
