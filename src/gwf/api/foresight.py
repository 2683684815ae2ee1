"""Puts what a change would do into the shape that is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter

from gwf.api.acts import Undone
from gwf.audit.model import AuditEntry
from gwf.control.effects import Forecast, Forecaster, Undo
from gwf.core.clock import Clock, utc_text
from gwf.identity.principal import Principal
from gwf.wire.effect import Effect, EffectChange

MAX_AGENTS = 100  #: that are named
_JSON = TypeAdapter(dict[str, JsonValue])
_PLACES: Mapping[str, str] = {
    "agent": "agents",
    "group": "agent-groups",
    "rollout": "rollouts",
}


class FleetForesight:
    """Says what a change of the fleet means (gwf.api.acts.Foresight)."""

    def __init__(self, forecaster: Forecaster, clock: Clock) -> None:
        """Ask `forecaster`."""
        self._forecaster = forecaster
        self._clock = clock

    def effect(self, who: Principal, undone: Undone) -> Effect:
        """Return what a change would have done."""
        entries = undone.entries
        forecast = self._forecaster.forecast(who.tenant, entries)
        agents = forecast.agents[:MAX_AGENTS]
        return Effect.model_validate(
            {
                "dry_run": True,
                "changes": [_change(entry) for entry in entries],
                "agents_count": len(forecast.agents),
                "agents": [
                    {"agent_id": one.agent_id, "hostname": one.hostname, "part": one.part.value} for one in agents
                ],
                "risk": {"level": forecast.level.value, "reasons": [why.value for why in forecast.why]},
                "undo": {"how": forecast.undo.value, "request": _request(forecast, entries)},
                "policy": {
                    "permission": undone.permission,
                    "reason_advised": forecast.in_production,
                },
                "revision": undone.revision,
                "as_of": utc_text(self._clock.now_ms()),
            }
        )


def _change(entry: AuditEntry) -> EffectChange:
    return EffectChange(
        action=entry.action,
        kind=entry.resource.kind,
        id=entry.resource.id,
        changes=[_JSON.validate_python(change.as_json()) for change in entry.changes],
        detail=_JSON.validate_python(entry.detail),
    )


def _request(forecast: Forecast, entries: Sequence[AuditEntry]) -> str | None:
    """Return the request that undoes a change; what is only made by it has no address yet."""
    if not entries or forecast.undo is not Undo.OPPOSITE or entries[0].action.endswith(".create"):
        return None
    changed = entries[0].resource
    place = _PLACES.get(changed.kind)
    return None if place is None else f"POST /api/v1/{place}/{changed.id}:{forecast.opposite}"
