"""The metrics of the link to the centre: their declarations and their values."""

from __future__ import annotations

from typing import Final

from gwf.agent.centre.facts import LinkState
from gwf.agent.snapshot import Snapshot
from gwf.core.errors import ErrorClass
from gwf.core.metrics import MetricSpec, MetricType

_C, _G = MetricType.COUNTER, MetricType.GAUGE


def _spec(name: str, type_: MetricType, unit: str, *, meaning: str) -> MetricSpec:
    return MetricSpec(name=f"gwf_centre_{name}", type=type_, unit=unit, meaning=meaning)


CENTRE_SPECS: Final[tuple[MetricSpec, ...]] = (
    _spec(
        "enrolled",
        _G,
        "0 or 1",
        meaning="1 while the edge has a credential of its centre. None of these without a centre.",
    ),
    _spec("connected", _G, "0 or 1", meaning="1 while the centre answered the last heartbeat."),
    _spec(
        "last_contact_seconds",
        _G,
        "s",
        meaning="Since the last answer of the centre; since the start before the first.",
    ),
    _spec("heartbeats_total", _C, "heartbeats", meaning="Heartbeats that the centre answered."),
    MetricSpec(
        name="gwf_centre_failures_total",
        type=_C,
        unit="requests",
        meaning="Requests to the centre that failed, by error class.",
        labels=("error_class",),
    ),
    _spec("events_waiting", _G, "events", meaning="Events that the centre does not have yet."),
    _spec("events_waiting_bytes", _G, "bytes", meaning="Their size in the journal, estimated."),
    _spec(
        "events_room_ratio", _G, "ratio", meaning="Share of the room for such events that is used; at 1 the oldest go."
    ),
    _spec("events_sent_total", _C, "events", meaning="Events that the centre took."),
    _spec("events_rejected_total", _C, "events", meaning="Events that the centre will never take."),
    _spec("events_dropped_total", _C, "events", meaning="Events given up because there was no more room."),
    _spec("asks_answered_total", _C, "questions", meaning="Questions of the centre that were answered, refusals too."),
    MetricSpec(
        name="gwf_centre_config_attempts_total",
        type=_C,
        unit="attempts",
        meaning="Configurations of the centre by what became of them: applied failed reverted.",
        labels=("phase",),
    ),
)  #: one row each in docs/reference/metrics.md


def centre_values(snapshot: Snapshot) -> dict[str, float | dict[str, float]]:
    """Return the value of each of CENTRE_SPECS; without a centre none has any."""
    facts = snapshot.centre
    if facts is None:
        return {spec.name: {} for spec in CENTRE_SPECS}
    room = facts.room
    values: dict[str, float | dict[str, float]] = {
        "enrolled": float(facts.enrolled),
        "connected": float(facts.state is LinkState.CONNECTED),
        "last_contact_seconds": snapshot.centre_silent_s,
        "heartbeats_total": facts.heartbeats_total,
        "failures_total": {str(name): float(facts.failures[str(name)]) for name in ErrorClass},
        "events_waiting": 0.0 if room is None else room.backlog.events,
        "events_waiting_bytes": 0.0 if room is None else room.backlog.size_bytes,
        "events_room_ratio": 0.0 if room is None else room.share,
        "events_sent_total": facts.events_sent_total,
        "events_rejected_total": facts.events_rejected_total,
        "events_dropped_total": facts.events_dropped_total,
        "asks_answered_total": facts.asks_answered_total,
        "config_attempts_total": {name: float(count) for name, count in facts.attempts.items()},
    }
    return {f"gwf_centre_{name}": value for name, value in values.items()}
