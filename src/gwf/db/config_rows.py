"""Rows of layers, versions, rollouts and attempts, and the values they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from gwf.control.config.model import ConfigVersion, Fault, Layer, LayerId, LayerKind, VersionId
from gwf.control.rollout.model import (
    ENDED,
    AttemptId,
    AttemptPhase,
    Cause,
    CauseCode,
    Gates,
    HealthLevel,
    OnFailure,
    Plan,
    RolloutId,
    RolloutState,
    RolloutStatus,
    Wave,
    WaveKind,
)
from gwf.control.rollout.records import Attempt, OfferKind, Rollout

Values = dict[str, Any]


def layer_of(row: sa.Row[Any]) -> Layer:
    """Return the layer of a row."""
    return Layer(
        id=LayerId(row.layer_id),
        tenant=row.tenant_id,
        kind=LayerKind(row.kind),
        subject=row.target_id,
        current=None if row.version_id is None else VersionId(row.version_id),
        last_number=row.last_number,
        revision=row.updated_at_ms,
    )


def layer_values(layer: Layer) -> Values:
    """Return the columns of a layer."""
    return {
        "layer_id": layer.id,
        "tenant_id": layer.tenant,
        "kind": layer.kind.value,
        "target_id": layer.subject,
        "version_id": layer.current,
        "last_number": layer.last_number,
    }


def version_of(row: sa.Row[Any]) -> ConfigVersion:
    """Return the version of a row."""
    return ConfigVersion(
        id=VersionId(row.version_id),
        tenant=row.tenant_id,
        layer=LayerId(row.layer_id),
        number=row.number,
        hash=row.hash,
        document=row.document,
        parent=None if row.parent_id is None else VersionId(row.parent_id),
        author=row.author,
        reason=row.reason,
        created_at_ms=row.created_at_ms,
    )


def version_values(version: ConfigVersion) -> Values:
    """Return the columns of a version."""
    return {
        "version_id": version.id,
        "tenant_id": version.tenant,
        "layer_id": version.layer,
        "number": version.number,
        "hash": version.hash,
        "document": dict(version.document),
        "parent_id": version.parent,
        "author": version.author,
        "reason": version.reason,
        "created_at_ms": version.created_at_ms,
    }


def rollout_of(row: sa.Row[Any]) -> Rollout:
    """Return the rollout of a row."""
    waves = tuple(
        Wave(kind=WaveKind(wave["kind"]), size=wave["size"], groups=tuple(wave["groups"])) for wave in row.waves
    )
    return Rollout(
        id=RolloutId(row.rollout_id),
        tenant=row.tenant_id,
        layer=LayerId(row.layer_id),
        before=None if row.previous_version_id is None else VersionId(row.previous_version_id),
        version=VersionId(row.version_id),
        plan=Plan(waves=waves, gates=Gates(**row.gates), on_failure=OnFailure(row.on_failure)),
        state=RolloutState(
            status=RolloutStatus(row.state),
            wave=row.wave,
            since_ms=row.since_at_ms,
            met_since_ms=row.met_since_at_ms,
            cause=_cause(row.cause),
            paused_ms=row.paused_at_ms,
            ended_ms=row.ended_at_ms,
        ),
        author=row.author,
        reason=row.reason,
        created_at_ms=row.created_at_ms,
        revision=row.revision,
    )


def rollout_values(rollout: Rollout) -> Values:
    """Return the columns of a rollout."""
    state, plan = rollout.state, rollout.plan
    return {
        "rollout_id": rollout.id,
        "tenant_id": rollout.tenant,
        "layer_id": rollout.layer,
        "version_id": rollout.version,
        "previous_version_id": rollout.before,
        "state": state.status.value,
        "is_active": state.status not in ENDED,
        "waves": [{"kind": wave.kind.value, "size": wave.size, "groups": list(wave.groups)} for wave in plan.waves],
        "gates": asdict(plan.gates),
        "on_failure": plan.on_failure.value,
        "wave": state.wave,
        "since_at_ms": state.since_ms,
        "met_since_at_ms": state.met_since_ms,
        "paused_at_ms": state.paused_ms,
        "ended_at_ms": state.ended_ms,
        "cause": None if state.cause is None else _cause_values(state.cause),
        "author": rollout.author,
        "reason": rollout.reason,
        "created_at_ms": rollout.created_at_ms,
        "revision": rollout.revision,
    }


def attempt_of(row: sa.Row[Any]) -> Attempt:
    """Return the attempt of a row."""
    return Attempt(
        id=AttemptId(row.attempt_id),
        tenant=row.tenant_id,
        agent=row.agent_id,
        kind=OfferKind(row.kind),
        rollout=None if row.rollout_id is None else RolloutId(row.rollout_id),
        hash=row.hash,
        versions=tuple(VersionId(part) for part in row.versions),
        phase=AttemptPhase(row.phase),
        health_before=HealthLevel(row.health_before),
        offered_at_ms=row.offered_at_ms,
        changed_at_ms=row.changed_at_ms,
        reason=tuple(Fault(**fault) for fault in row.reason),
        forgiven=row.forgiven,
    )


def attempt_values(attempt: Attempt, change_no: int) -> Values:
    """Return the columns of an attempt."""
    return {
        "attempt_id": attempt.id,
        "tenant_id": attempt.tenant,
        "agent_id": attempt.agent,
        "kind": attempt.kind.value,
        "rollout_id": attempt.rollout,
        "hash": attempt.hash,
        "versions": list(attempt.versions),
        "phase": attempt.phase.value,
        "health_before": int(attempt.health_before),
        "offered_at_ms": attempt.offered_at_ms,
        "changed_at_ms": attempt.changed_at_ms,
        "reason": fault_values(attempt.reason),
        "forgiven": attempt.forgiven,
        "change_no": change_no,
    }


def fault_values(faults: Iterable[Fault]) -> list[Values]:
    """Return faults as JSON."""
    return [{"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in faults]


def _cause(value: Values | None) -> Cause | None:
    if value is None:
        return None
    return Cause(code=CauseCode(value["code"]), by=value["by"], reason=value["reason"], facts=value["facts"])


def _cause_values(cause: Cause) -> Values:
    return {"code": cause.code.value, "by": cause.by, "reason": cause.reason, "facts": dict(cause.facts)}
