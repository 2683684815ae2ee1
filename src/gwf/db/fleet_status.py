"""How an agent is as a row: written with every heartbeat where servers share a database, so by the shortest way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gwf.control.fleet.model import AgentId, Beat, Status
from gwf.control.fleet.state import AgentHealth, AgentState, Cause
from gwf.db.bulk import Target
from gwf.db.tables.agents import agent_status
from gwf.db.tables.columns import json_text

_STATUS = agent_status.c
STATUS_COLUMNS = tuple(column.label(f"s_{column.name}") for column in _STATUS)  #: beside those of another table
STATUSES = Target(
    agent_status,
    (
        "agent_id", "tenant_id", "state", "cause", "state_since_ms", "contact_at_ms", "heartbeats", "skew_ms",
        "told_wait_ms", "started_at_ms", "seq", "health", "metrics", "errors", "breakers", "outbox", "config_hash",
        "config_version", "config_local", "knows",
    ),
)  #: the values of `status_row`  # fmt: skip
_NO_BEAT = (None,) * 9 + (False, None)


def statuses_of(agents: Sequence[AgentId]) -> sa.Select[Any]:
    """Return the query for these agents, in the order of their ids: no two who hold the rows wait in a circle."""
    return sa.select(*STATUS_COLUMNS).where(_STATUS.agent_id.in_(agents)).order_by(_STATUS.agent_id)


def status_of(row: sa.RowMapping) -> Status:
    """Return how the agent is that `STATUS_COLUMNS` of a row tell of."""
    return Status(
        agent_id=row["s_agent_id"],
        tenant=row["s_tenant_id"],
        state=AgentState(row["s_state"]),
        cause=Cause(row["s_cause"]),
        state_since_ms=row["s_state_since_ms"],
        contact_at_ms=row["s_contact_at_ms"],
        heartbeats=row["s_heartbeats"],
        skew_ms=row["s_skew_ms"],
        told_wait_s=(row["s_told_wait_ms"] or 0) / 1000,
        beat=_beat(row),
    )


def status_row(status: Status) -> tuple[Any, ...]:
    """Return the values of a row."""
    return (
        status.agent_id, status.tenant, status.state.value, status.cause.value, status.state_since_ms,
        status.contact_at_ms, status.heartbeats, status.skew_ms, round(1000 * status.told_wait_s),
        *_of_beat(status.beat),
    )  # fmt: skip


def _of_beat(beat: Beat | None) -> tuple[Any, ...]:
    if beat is None:
        return _NO_BEAT
    return (
        beat.started_at_ms,
        beat.seq,
        json_text({"state": beat.health.value, "reasons": list(beat.reasons)}),
        _object(beat.metrics),
        json_text(list(beat.errors)) if beat.errors else "[]",
        _object(beat.breakers),
        None if beat.outbox is None else _object(beat.outbox),
        beat.config_hash,
        beat.config_version,
        beat.config_local,
        json_text(list(beat.knows)) if beat.knows else None,
    )


def _object(value: Mapping[str, object]) -> str:
    return json_text(dict(value)) if value else "{}"


def _beat(row: sa.RowMapping) -> Beat | None:
    if row["s_seq"] is None or row["s_health"] is None:
        return None
    health = row["s_health"]
    return Beat(
        seq=row["s_seq"],
        sent_at_ms=0,
        started_at_ms=row["s_started_at_ms"],
        version="",
        hostname="",
        labels={},
        health=AgentHealth(health["state"]),
        reasons=health["reasons"],
        metrics=row["s_metrics"] or {},
        errors=row["s_errors"] or [],
        breakers=row["s_breakers"] or {},
        outbox=row["s_outbox"],
        config_hash=row["s_config_hash"],
        config_version=row["s_config_version"],
        config_local=row["s_config_local"],
        knows=tuple(row["s_knows"] or ()),
    )
