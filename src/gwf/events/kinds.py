"""What the kinds of the agents' outbox mean as events: type, severity, subject. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.events.model import RESERVED, Severity

#: kinds that mean more than that something happened; docs/reference/events.md lists all
_SEVERITIES: Mapping[str, Severity] = {
    "alert.raised": Severity.WARNING,
    "alert.cleared": Severity.NOTICE,
    "config.applied": Severity.NOTICE,
    "config.refused": Severity.ERROR,
    "dead_letters.replayed": Severity.NOTICE,
    "dead_letters.dropped": Severity.NOTICE,
    "store.breaker_moved": Severity.NOTICE,
    "switch.set": Severity.NOTICE,
    "file.ordered": Severity.NOTICE,
    "process_terminated": Severity.WARNING,
    "report.dropped": Severity.ERROR,
}
#: levels of rules about lines of logs
_LEVELS: Mapping[str, Severity] = {
    "business": Severity.WARNING, "system": Severity.ERROR, "fatal": Severity.CRITICAL,
}  # fmt: skip
_LOG_KINDS = frozenset({"log.matched", "log.escalated"})
#: codes of alarms that mean that files stop moving
_SERIOUS = frozenset({"disk_low", "breaker_open"})
#: parts of a body that name what an event is about, the most telling first
_SUBJECTS = ("path", "store", "code", "resource")


def event_type(kind: str) -> str:
    """Return the type of an event that an agent told under `kind`."""
    return RESERVED + kind


def severity_of(kind: str, body: Mapping[str, object]) -> Severity:
    """Return how much an event of this kind matters."""
    if kind == "alert.raised" and body.get("code") in _SERIOUS:
        return Severity.ERROR
    if kind in _LOG_KINDS:
        return _LEVELS.get(str(body.get("level")), Severity.INFO)
    return _SEVERITIES.get(kind, Severity.INFO)


def subject_of(body: Mapping[str, object]) -> str | None:
    """Return what an event is about, if its body says it."""
    return next((value for name in _SUBJECTS if isinstance(value := body.get(name), str) and value), None)
