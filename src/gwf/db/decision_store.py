"""Batches that wait for the rules, what was decided, and how often each rule matched, in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gwf.db.bulk import Target, add_up, insert
from gwf.db.half import Change, Half
from gwf.db.tables.columns import json_text, json_value_of
from gwf.db.tables.rules import decision_batches, decisions, rule_hits
from gwf.rules.decided import DAY_MS, HOUR_MS, Batch, Hits, Kept
from gwf.rules.decision import EventKind, EventRef, RuleVersion

MANY_HOURS = 500  #: with matches of a rule that are looked through for one page
LOOK_BACK = 50  #: batches whose numbers may lie between those of another one
_BATCH, _DECISION, _HITS = decision_batches.c, decisions.c, rule_hits.c
_BATCHES = Target(decision_batches, ("first_row_id", "ranges", "events", "taken_at_ms"))
_DECISIONS = Target(
    decisions,
    ("row_id", "tenant_id", "is_file", "set_no", "matched", "drafts", "faults", "decided_at_ms", "handed_at_ms"),
)


async def add_batch(change: Change, row_ids: Iterable[int], *, now_ms: int) -> int | None:
    """Note with the events of a transaction that nobody has decided about them; return the name of the batch."""
    numbers = sorted(row_ids)
    if not numbers:
        return None
    ranges = _ranges(numbers)
    await insert(change, _BATCHES, [(numbers[0], json_text(ranges), len(numbers), now_ms)])
    return numbers[0]


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    found = [[numbers[0], numbers[0]]]
    for number in numbers[1:]:
        if number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


class SqlDecisions:
    """Speaks the port `gwf.rules.decided.Decisions`."""

    def __init__(self, half: Half) -> None:
        """Keep everything in `half`, beside the events."""
        self._half = half

    async def open_batches(self, *, taken_before_ms: int, limit: int) -> Sequence[Batch]:
        """Return batches that nobody has decided about, the oldest first."""
        wanted = sa.select(decision_batches).where(_BATCH.decided_at_ms.is_(None), _BATCH.taken_at_ms < taken_before_ms)
        async with self._half.view() as connection:
            rows = await connection.execute(wanted.order_by(_BATCH.taken_at_ms).limit(limit))
            return [_batch(row) for row in rows.mappings()]

    async def batch(self, first_row_id: int) -> Batch | None:
        """Return a batch; None when it is not there any more."""
        async with self._half.view() as connection:
            wanted = sa.select(decision_batches).where(_BATCH.first_row_id == first_row_id)
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else _batch(row)

    async def batches_behind(self, row_id: int, *, limit: int) -> Sequence[Batch]:
        """Return batches whose first row is behind one, in the order of their rows."""
        wanted = sa.select(decision_batches).where(_BATCH.first_row_id > row_id).order_by(_BATCH.first_row_id)
        async with self._half.view() as connection:
            return [_batch(row) for row in (await connection.execute(wanted.limit(limit))).mappings()]

    async def batch_around(self, row_id: int) -> Batch | None:
        """Return the batch that an event came with; None when it is not kept."""
        wanted = sa.select(decision_batches).where(_BATCH.first_row_id <= row_id)
        async with self._half.view() as connection:
            rows = await connection.execute(wanted.order_by(_BATCH.first_row_id.desc()).limit(LOOK_BACK))
            batches = [_batch(row) for row in rows.mappings()]
        holding = (one for one in batches if any(first <= row_id <= last for first, last in one.ranges))
        return next(holding, None)

    async def keep(self, batch: Batch, decisions: Sequence[Kept]) -> bool:
        """Store what was decided about a batch, once."""
        done = (
            sa.update(decision_batches)
            .where(_BATCH.first_row_id == batch.first_row_id, _BATCH.decided_at_ms.is_(None))
            .values(decided_at_ms=batch.decided_at_ms, sets=None if batch.sets is None else dict(batch.sets))
            .returning(_BATCH.first_row_id)
        )
        async with self._half.change() as change:
            if (await change.connection.execute(done)).first() is None:
                return False
            await insert(change, _DECISIONS, [_values(one) for one in decisions])
            await add_up(change, rule_hits, _hits(decisions), sums=("hits",), maxima=("last_at_ms",))
        return True

    async def find(self, tenant: str, row_id: int) -> Kept | None:
        """Return the decision about an event that a rule matched."""
        async with self._half.view() as connection:
            wanted = sa.select(decisions).where(_DECISION.row_id == row_id, _DECISION.tenant_id == tenant)
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else _kept(row)

    async def unhanded(self, *, decided_before_ms: int, limit: int) -> Sequence[Kept]:
        """Return decisions whose drafts did not become work yet, the oldest first."""
        wanted = sa.select(decisions).where(
            _DECISION.handed_at_ms.is_(None), _DECISION.decided_at_ms < decided_before_ms
        )
        async with self._half.view() as connection:
            rows = await connection.execute(wanted.order_by(_DECISION.row_id).limit(limit))
            return [_kept(row) for row in rows.mappings()]

    async def handed(self, row_ids: Sequence[int], *, now_ms: int) -> None:
        """Note that the drafts of decisions became work."""
        done = sa.update(decisions).where(_DECISION.row_id == sa.bindparam("the_id")).values(handed_at_ms=now_ms)
        async with self._half.change() as change:
            await change.connection.execute(done, [{"the_id": row_id} for row_id in row_ids])

    async def hits(self, tenant: str, *, since_ms: int, days: int) -> Mapping[str, Hits]:
        """Return how often each rule matched."""
        of_tenant = _HITS.tenant_id == tenant
        day = (_HITS.at_ms - since_ms) // DAY_MS
        by_day = sa.select(_HITS.rule_id, day, sa.func.sum(_HITS.hits)).where(of_tenant, _HITS.at_ms >= since_ms)
        last_ms = sa.case((_HITS.last_at_ms > 0, _HITS.last_at_ms), else_=_HITS.at_ms)
        lasts = sa.select(_HITS.rule_id, sa.func.max(last_ms)).where(of_tenant)
        async with self._half.view() as connection:
            rows = (await connection.execute(by_day.group_by(_HITS.rule_id, day))).all()
            last = (await connection.execute(lasts.group_by(_HITS.rule_id))).all()
        counts = {(rule_id, int(at)): int(hits) for rule_id, at, hits in rows}
        return {
            rule_id: Hits(tuple(counts.get((rule_id, at), 0) for at in range(days)), int(at_ms))
            for rule_id, at_ms in last
        }

    async def of_rule(self, tenant: str, rule_id: str, *, after: tuple[int, int] | None, limit: int) -> Sequence[Kept]:
        """Return decisions that a rule matched in: only the hours in which it did are looked through."""
        hours = sa.select(_HITS.at_ms).where(_HITS.tenant_id == tenant, _HITS.rule_id == rule_id).distinct()
        if after is not None:
            hours = hours.where(_HITS.at_ms <= after[0])
        found: list[Kept] = []
        async with self._half.view() as connection:
            for hour_ms in (await connection.execute(hours.order_by(_HITS.at_ms.desc()).limit(MANY_HOURS))).scalars():
                within = sa.between(_DECISION.decided_at_ms, hour_ms, hour_ms + HOUR_MS - 1)
                first = sa.select(sa.func.min(_BATCH.first_row_id)).where(
                    sa.between(_BATCH.decided_at_ms, hour_ms, hour_ms + HOUR_MS - 1)
                )
                wanted = sa.select(decisions).where(
                    _DECISION.tenant_id == tenant,
                    within,
                    _DECISION.row_id >= ((await connection.execute(first)).scalar() or 0),
                    _DECISION.matched.contains(json_text(rule_id), autoescape=True),
                )
                if after is not None and hour_ms == after[0]:
                    wanted = wanted.where(_DECISION.row_id < after[1])
                wanted = wanted.order_by(_DECISION.row_id.desc()).limit(limit - len(found))
                found += [_kept(row) for row in (await connection.execute(wanted)).mappings()]
                if len(found) >= limit:
                    break
        return found


def _hits(decided: Sequence[Kept]) -> list[tuple[Any, ...]]:
    found: Counter[tuple[str, str, int, int]] = Counter()
    last_ms: dict[tuple[str, str, int, int], int] = {}
    for one in decided:
        hour_ms = one.decided_at_ms - one.decided_at_ms % HOUR_MS
        for ref in one.matched:
            key = one.event.tenant, ref.rule_id, ref.version, hour_ms
            found[key] += 1
            last_ms[key] = max(one.decided_at_ms, last_ms.get(key, 0))
    return [(*key, hits, last_ms[key]) for key, hits in found.items()]


def _values(one: Kept) -> tuple[Any, ...]:
    return (
        one.event.row_id, one.event.tenant, int(one.event.kind is EventKind.FILE), one.set_no,
        json_text([list(ref) for ref in one.matched]), one.drafts, one.faults, one.decided_at_ms, one.handed_at_ms,
    )  # fmt: skip


def _kept(row: sa.RowMapping) -> Kept:
    kind = EventKind.FILE if row["is_file"] else EventKind.EVENT
    return Kept(
        event=EventRef(row["tenant_id"], kind, row["row_id"]),
        set_no=row["set_no"],
        matched=tuple(RuleVersion(rule_id, version) for rule_id, version in json_value_of(row["matched"])),
        drafts=row["drafts"],
        faults=row["faults"],
        decided_at_ms=row["decided_at_ms"],
        handed_at_ms=row["handed_at_ms"],
    )


def _batch(row: sa.RowMapping) -> Batch:
    return Batch(
        first_row_id=row["first_row_id"],
        ranges=tuple((first, last) for first, last in row["ranges"]),
        events=row["events"],
        taken_at_ms=row["taken_at_ms"],
        decided_at_ms=row["decided_at_ms"],
        sets=row["sets"],
    )
