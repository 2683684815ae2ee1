"""How a rollout's moves are told: as audited changes of its fields, and as events. Pure."""

from __future__ import annotations

from dataclasses import replace

from gwf.audit.changes import FieldChange, field_changes
from gwf.audit.model import Resource
from gwf.control.config.diff import Change, ChangeKind
from gwf.control.config.model import Layer
from gwf.control.rollout.model import CauseCode, RolloutStatus
from gwf.control.rollout.records import Attempt, Rollout
from gwf.events.model import Event, Severity
from gwf.events.raised import centre_event


def rollout_changes(before: Rollout | None, after: Rollout) -> tuple[FieldChange, ...]:
    """Return what differs between two states, as the audit keeps it; times do not count."""
    return field_changes(None if before is None else _fields(before), _fields(after))


def _fields(rollout: Rollout) -> dict[str, object]:
    state = rollout.state
    cause = None
    if state.cause is not None:
        cause = {"code": state.cause.code.value, "by": state.cause.by, "reason": state.cause.reason}
    return {
        "layer": rollout.layer,
        "before": rollout.before,
        "version": rollout.version,
        "status": state.status.value,
        "wave": state.wave,
        "cause": cause,
    }


def rollout_event(rollout: Rollout, at_ms: int) -> Event:
    """Return the event of a rollout that came into a new status."""
    state = rollout.state
    bad = state.cause is not None and state.cause.code is not CauseCode.PERSON
    data: dict[str, object] = {"rollout": rollout.id, "layer": rollout.layer, "version": rollout.version}
    data |= {"status": state.status.value, "wave": state.wave}
    if state.cause is not None:
        data |= {"cause": state.cause.code.value, "facts": dict(state.cause.facts)}
    event = centre_event(
        f"rollout.{state.status.value}",
        at_ms=at_ms,
        event_id=f"rollout-{rollout.id}-{rollout.revision}",
        severity=Severity.ERROR if bad and state.status is not RolloutStatus.COMPLETED else Severity.NOTICE,
        subject=rollout.id,
        data=data,
    )
    return replace(event, tenant=rollout.tenant)


def refused_event(attempt: Attempt, at_ms: int) -> Event:
    """Return the event of an agent that refused a configuration or went back from it."""
    reason = [{"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in attempt.reason]
    event = centre_event(
        "config.failed",
        at_ms=at_ms,
        event_id=f"attempt-{attempt.id}-{attempt.phase.value}",
        severity=Severity.ERROR,
        subject=attempt.agent,
        data={"hash": attempt.hash, "rollout": attempt.rollout, "phase": attempt.phase.value, "reason": reason},
    )
    return replace(event, tenant=attempt.tenant, agent_id=attempt.agent)


def of_layer(layer: Layer) -> Resource:
    """Return a layer as revisions are told of."""
    return Resource(kind="config_layer", id=layer.id)


def field_change(change: Change) -> FieldChange:
    """Return a change of a document as the audit has it."""
    path = f"/document{change.pointer}"
    match change.kind:
        case ChangeKind.ADDED:
            return FieldChange(path=path, after=change.new)
        case ChangeKind.REMOVED:
            return FieldChange(path=path, before=change.old)
        case ChangeKind.CHANGED:
            return FieldChange(path=path, before=change.old, after=change.new)
