"""Failures and letters as rows, and back; how a further failure changes the row that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.changes import storable
from gwf.audit.model import Actor, ActorKind
from gwf.db.tables.letters import letter_probes, letter_runs, letters
from gwf.letters.model import (
    CLOSED,
    MAX_MESSAGE_CHARS,
    Failure,
    Letter,
    LetterId,
    LetterKind,
    LetterState,
    Probe,
    Run,
    RunAct,
    RunId,
    Verdict,
)

_ROW = letters.c
_CLOSED = sorted(state.value for state in CLOSED)


def _upsert(dialect: str) -> Any:
    """Return the statement: the first failure makes the row, a later one brings it up to date, an older one nothing.

    What fails again after a replay is poison, unless it has become another thing meanwhile, as a new version of a file
    has; what was closed begins anew.
    """
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(letters)
    new = insert.excluded
    anew = sa.or_(*(_ROW.state == word for word in _CLOSED))  # an IN cannot be in a statement for many rows
    again = sa.and_(_ROW.replays > 0, _ROW.version == new.version)
    return insert.on_conflict_do_update(
        index_elements=[_ROW.letter_id],
        set_={
            "state": LetterState.OPEN.value,
            "poison": sa.case((anew, sa.false()), else_=sa.or_(_ROW.poison, again)),
            "replays": sa.case((anew, 0), else_=_ROW.replays),
            "first_seen_ms": sa.case((anew, new.first_seen_ms), else_=_ROW.first_seen_ms),
            "note": "",
            **{
                name: new[name]
                for name in (
                    "kind", "error_class", "place", "cause", "cause_id", "message", "about", "version", "mark",
                    "attempts", "agent_id", "rule_id", "source", "last_seen_ms", "updated_at_ms",
                )
            },
        },
        where=_ROW.mark < new.mark,
    )  # fmt: skip


async def enter_failures(connection: AsyncConnection, failures: Sequence[Failure], *, now_ms: int) -> None:
    """Write failures inside a transaction; of several of one subject the last one counts."""
    last = {one.letter_id: one for one in sorted(failures, key=lambda one: one.mark)}
    if last:  # in one order everywhere: no two changes wait in a circle
        rows = [failure_values(last[name], now_ms=now_ms) for name in sorted(last)]
        await connection.execute(_upsert(connection.dialect.name), rows)


def failure_values(one: Failure, *, now_ms: int) -> dict[str, Any]:
    """Return the row that a first failure makes."""
    return {
        "letter_id": one.letter_id,
        "tenant_id": one.tenant,
        "kind": one.kind.value,
        "state": LetterState.OPEN.value,
        "poison": False,
        "error_class": one.error_class,
        "place": storable(one.place),
        "cause": storable(one.cause),
        "cause_id": one.cause_id,
        "message": storable(one.message)[:MAX_MESSAGE_CHARS],
        "about": storable(one.about)[:MAX_MESSAGE_CHARS],
        "subject": storable(one.subject),
        "version": one.version,
        "mark": one.mark,
        "attempts": one.attempts,
        "replays": 0,
        "agent_id": None if one.agent_id is None else storable(one.agent_id),
        "rule_id": one.rule_id,
        "source": dict(one.source),
        "note": "",
        "first_seen_ms": one.at_ms,
        "last_seen_ms": one.at_ms,
        "updated_at_ms": now_ms,
    }


def letter_of(row: sa.Row[Any]) -> Letter:
    """Return the letter of a row."""
    return Letter(
        letter_id=LetterId(row.letter_id),
        tenant=row.tenant_id,
        kind=LetterKind(row.kind),
        state=LetterState(row.state),
        poison=row.poison,
        error_class=row.error_class,
        place=row.place,
        cause=row.cause,
        cause_id=row.cause_id,
        message=row.message,
        about=row.about,
        subject=row.subject,
        version=row.version,
        mark=row.mark,
        attempts=row.attempts,
        replays=row.replays,
        agent_id=row.agent_id,
        rule_id=row.rule_id,
        source=row.source,
        edit=row.edit,
        run_id=None if row.run_id is None else RunId(row.run_id),
        note=row.note,
        first_seen_ms=row.first_seen_ms,
        last_seen_ms=row.last_seen_ms,
        updated_at_ms=row.updated_at_ms,
    )


def run_values(run: Run) -> dict[str, Any]:
    """Return the row of a new run."""
    return {
        "run_id": run.run_id,
        "tenant_id": run.tenant,
        "act": run.act.value,
        "total": run.total,
        "rate_per_s": run.rate_per_s,
        "actor": {"kind": run.actor.kind.value, "id": run.actor.id, "address": run.actor.address},
        "by_name": storable(run.by),
        "reason": storable(run.reason),
        "request_id": run.request_id,
        "created_at_ms": run.created_at_ms,
        "ended_at_ms": run.ended_at_ms,
    }


def run_of(row: sa.Row[Any]) -> Run:
    """Return the run of a row."""
    actor = row.actor
    return Run(
        run_id=RunId(row.run_id),
        tenant=row.tenant_id,
        act=RunAct(row.act),
        total=row.total,
        rate_per_s=row.rate_per_s,
        actor=Actor(kind=ActorKind(actor["kind"]), id=actor["id"], address=actor.get("address", "")),
        by=row.by_name,
        reason=row.reason,
        request_id=row.request_id,
        created_at_ms=row.created_at_ms,
        ended_at_ms=row.ended_at_ms,
        stopped=row.stopped,
    )


def probe_values(tenant: str, probe: Probe) -> dict[str, Any]:
    """Return the row of a look at a cause."""
    return {
        "tenant_id": tenant,
        "cause_id": probe.cause_id,
        "verdict": probe.verdict.value,
        "findings": list(probe.findings),
        "at_ms": probe.at_ms,
    }


def probe_of(row: sa.Row[Any]) -> Probe:
    """Return the look of a row."""
    return Probe(cause_id=row.cause_id, verdict=Verdict(row.verdict), findings=tuple(row.findings), at_ms=row.at_ms)


PROBE_KEY = [letter_probes.c.tenant_id, letter_probes.c.cause_id]
RUNS = letter_runs
