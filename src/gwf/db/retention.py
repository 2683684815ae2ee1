"""Removes what was kept long enough: whole days on PostgreSQL, small portions on SQLite; the audit stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gwf.control.rollout.model import OPEN, REFUSED
from gwf.db.half import Half
from gwf.db.partitions import DAY_MS, drop_partitions, ensure_partitions
from gwf.db.rowids import first_row_id
from gwf.db.tables.agents import agent_status
from gwf.db.tables.audit import audit_logs
from gwf.db.tables.configuration import config_layers, config_versions, rollout_attempts, rollouts
from gwf.db.tables.events import event_keys, events, file_events, outbox_rejects
from gwf.db.tables.flows import flow_run_lines, flow_run_steps, flow_runs
from gwf.db.tables.letters import letter_probes, letter_runs, letters
from gwf.db.tables.rollups import file_rollups
from gwf.db.tables.rules import decision_batches, decisions, rule_hits
from gwf.db.tables.work import task_attempts, task_events, tasks
from gwf.flows.run import RESTING
from gwf.letters.model import CLOSED, LetterKind
from gwf.tasks.model import TERMINAL

PORTION_OF_TASKS = 500  #: with some attempts and lines each
PORTION = 5_000  #: rows of one transaction: others wait for the writer no longer than that takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how long what happened is kept, in seconds since the centre took it."""

    events_s: float
    file_events_s: float
    #: finished tasks, runs of flows that rest, attempts at configurations, what is left of removed layers
    work_s: float
    #: of sums by minute, by hour and by day
    minutes_s: float
    hours_s: float
    days_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What one run removed."""

    #: of PostgreSQL, whole
    partitions: tuple[str, ...]
    #: rows of each table, beside those in `partitions`
    rows: dict[str, int]


async def tend(half: Half, keep: Keep, *, now_ms: int) -> Removed:
    """Make the partitions of the next days, and remove what is older than `keep` says; run it every hour or so.

    Raises:
        UnavailableError: The database did not answer, or somebody holds the tables. The next run makes up for it.
        LocalIoError: The disk of a SQLite file failed.
    """
    await ensure_partitions(half, now_ms=now_ms)
    events_before_ms = now_ms - round(keep.events_s * 1000)
    files_before_ms = now_ms - round(keep.file_events_s * 1000)
    partitions: list[str] = []
    rows: dict[str, int] = {}
    for table, before_ms in ((events, events_before_ms), (file_events, files_before_ms)):
        partitions += await drop_partitions(half, table.name, before_ms=before_ms)
        rows[table.name] = await remove_rows(half, table, table.c.row_id < first_row_id(before_ms))
    rows[event_keys.name] = await remove_rows(half, event_keys, event_keys.c.row_id < first_row_id(events_before_ms))
    old_reject = outbox_rejects.c.received_at_ms < events_before_ms
    rows[outbox_rejects.name] = await remove_rows(half, outbox_rejects, old_reject)
    rows[file_rollups.name] = await remove_rows(half, file_rollups, *_old_sums(keep, now_ms))
    rows |= await _tend_decisions(
        half, min(events_before_ms, files_before_ms), hits_before_ms=now_ms - round(keep.hours_s * 1000)
    )
    return Removed(partitions=tuple(partitions), rows={name: count for name, count in rows.items() if count})


async def tend_work(half: Half, keep: Keep, *, now_ms: int) -> dict[str, int]:
    """Remove old work from the half of people and agents; return how many rows of each table.

    Attempts at configurations stay while something depends on them: open ones, those of rollouts that have not ended,
    refusals, which keep a version from being offered again, and what an agent runs by. Rollouts and versions stay as
    long as their layer; of a layer that was removed they go once that is long enough ago and no agent runs them.

    Raises:
        UnavailableError: The database did not answer. The next run makes up for it.
        LocalIoError: The disk of a SQLite file failed.
    """
    before_ms = now_ms - round(keep.work_s * 1000)
    old = sa.and_(tasks.c.finished_at_ms < before_ms, tasks.c.status.in_([state.value for state in TERMINAL]))
    rows: dict[str, int] = {}
    while ids := await _some(half, sa.select(tasks.c.task_id).where(old).limit(PORTION_OF_TASKS)):
        async with half.change() as change:
            for table in (task_attempts, task_events, tasks):
                removed = await change.connection.execute(sa.delete(table).where(table.c.task_id.in_(ids)))
                rows[table.name] = rows.get(table.name, 0) + removed.rowcount
            kinds = [kind.value for kind in (LetterKind.TASK, LetterKind.STEP)]
            theirs = sa.delete(letters).where(letters.c.subject.in_(ids), letters.c.kind.in_(kinds))
            rows[letters.name] = rows.get(letters.name, 0) + (await change.connection.execute(theirs)).rowcount
    rows |= await _tend_letters(half, before_ms, rows.get(letters.name, 0))
    rows |= await _tend_runs(half, before_ms)
    active = sa.select(rollouts.c.rollout_id).where(rollouts.c.is_active)
    attempt = rollout_attempts.c
    gone = sa.and_(
        attempt.changed_at_ms < before_ms,
        attempt.phase.not_in([phase.value for phase in OPEN]),
        sa.or_(attempt.phase.not_in([phase.value for phase in REFUSED]), attempt.forgiven),
        sa.or_(attempt.rollout_id.is_(None), attempt.rollout_id.not_in(active)),
        ~_is_run(),
    )
    rows[rollout_attempts.name] = await remove_rows(half, rollout_attempts, gone)
    rows |= await _tend_removed_layers(half, before_ms)
    return {name: count for name, count in rows.items() if count}


async def _tend_letters(half: Half, before_ms: int, removed: int) -> dict[str, int]:
    """Remove letters that are over, runs over letters and looks at causes; open letters wait for ever."""
    closed = letters.c.state.in_([state.value for state in CLOSED])
    over = sa.and_(closed, letters.c.updated_at_ms < before_ms)
    return {
        letters.name: removed + await remove_rows(half, letters, over),
        letter_runs.name: await remove_rows(half, letter_runs, letter_runs.c.ended_at_ms < before_ms),
        letter_probes.name: await remove_rows(half, letter_probes, letter_probes.c.at_ms < before_ms),
    }


async def _tend_runs(half: Half, before_ms: int) -> dict[str, int]:
    """Remove runs of flows that came to rest long ago, also such that nobody looked after."""
    run = flow_runs.c
    old = sa.and_(run.finished_at_ms < before_ms, run.state.in_([state.value for state in RESTING]))
    rows: dict[str, int] = {}
    while ids := await _some(half, sa.select(run.run_id).where(old).limit(PORTION_OF_TASKS)):
        async with half.change() as change:
            for table in (flow_run_lines, flow_run_steps, flow_runs):
                removed = await change.connection.execute(sa.delete(table).where(table.c.run_id.in_(ids)))
                rows[table.name] = rows.get(table.name, 0) + removed.rowcount
    return rows


async def _tend_decisions(half: Half, before_ms: int, *, hits_before_ms: int) -> dict[str, int]:
    first = first_row_id(before_ms)
    return {
        decisions.name: await remove_rows(half, decisions, decisions.c.row_id < first),
        decision_batches.name: await remove_rows(half, decision_batches, decision_batches.c.first_row_id < first),
        rule_hits.name: await remove_rows(half, rule_hits, rule_hits.c.at_ms < hits_before_ms),
    }


async def _tend_removed_layers(half: Half, before_ms: int) -> dict[str, int]:
    """Remove what is left of layers that were removed before a moment."""
    needed = await _versions_in_use(half)
    rollout, version = rollouts.c, config_versions.c
    ended = sa.and_(~rollout.is_active, rollout.ended_at_ms < before_ms)
    gone = {
        rollouts: sa.and_(ended, *_of_removed_layer(rollouts, before_ms)),
        config_versions: sa.and_(
            version.created_at_ms < before_ms,
            version.version_id.not_in(needed),
            version.version_id.not_in(sa.select(rollout.version_id)),
            *_of_removed_layer(config_versions, before_ms),
        ),
    }
    return {table.name: await remove_rows(half, table, condition) for table, condition in gone.items()}


def _of_removed_layer(table: sa.Table, before_ms: int) -> list[sa.ColumnElement[bool]]:
    """Tell whether the layer of a row is not there any more, and was removed before a moment: the audit knows when."""
    there = sa.select(config_layers.c.layer_id)
    row, entry = table.c, audit_logs.c
    lately = sa.exists().where(
        entry.tenant_id == row.tenant_id,
        entry.resource_kind == "config_layer",
        entry.resource_id == row.layer_id,
        entry.action == "config_layer.delete",
        entry.at_ms >= before_ms,
    )
    return [row.layer_id.not_in(there), ~lately]


def _is_run() -> sa.ColumnElement[bool]:
    """Tell whether an agent runs the configuration of an attempt at it."""
    attempt, status = rollout_attempts.c, agent_status.c
    return sa.exists().where(status.agent_id == attempt.agent_id, status.config_hash == attempt.hash)


async def _versions_in_use(half: Half) -> Sequence[str]:
    """Return the versions that agents run, or are about to."""
    attempt = rollout_attempts.c
    used = sa.select(attempt.versions).where(sa.or_(_is_run(), attempt.phase.in_([one.value for one in OPEN])))
    async with half.view() as connection:
        lists = await connection.scalars(used.distinct())
        return sorted({version for versions in lists for version in versions})


async def _some(half: Half, wanted: sa.Select[Any]) -> Sequence[str]:
    async with half.view() as connection:
        return [str(name) for name in await connection.scalars(wanted)]


def _old_sums(keep: Keep, now_ms: int) -> list[sa.ColumnElement[bool]]:
    steps = ((60_000, keep.minutes_s), (3_600_000, keep.hours_s), (DAY_MS, keep.days_s))
    return [
        sa.and_(file_rollups.c.step_ms == step_ms, file_rollups.c.at_ms < now_ms - round(kept_s * 1000))
        for step_ms, kept_s in steps
    ]


async def remove_rows(half: Half, table: sa.Table, *old: sa.ColumnElement[bool]) -> int:
    """Delete the rows that any of `old` is true of, portion by portion, and return how many there were."""
    removed = 0
    for condition in old:
        statement = portion_of(table, condition)
        while (count := await _portion(half, statement)) > 0:
            removed += count
            if count < PORTION:
                break
    return removed


def portion_of(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Delete:
    """Return the statement that deletes the next rows of which `condition` is true."""
    key: Sequence[sa.Column[Any]] = list(table.primary_key)
    first = sa.select(*key).where(condition).limit(PORTION)
    return sa.delete(table).where(sa.tuple_(*key).in_(first) if len(key) > 1 else key[0].in_(first))


async def _portion(half: Half, statement: sa.Delete) -> int:
    async with half.change() as change:
        return (await change.connection.execute(statement)).rowcount
