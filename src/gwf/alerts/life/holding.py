"""What holds an alert back: silences, and other alerts that it follows from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.life.model import Alert, Inhibition, Silence, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why an alert is not told."""

    stage: Stage
    #: as kept in `Alert.held_by`
    name: str
    #: until when at most, ms UTC; None = until the other alert is over
    until_ms: int | None


def selectable(labels: Mapping[str, str], *, severity: str, rule_id: str) -> Mapping[str, str]:
    """Return what selectors of silences and inhibitions see of an alert: its labels, `severity` and `rule_id`.

    A label of the alert's own that is called so counts before these.
    """
    return {"severity": severity, "rule_id": rule_id, **labels}


class Holds:
    """What holds alerts back while some others fire; made anew when these change."""

    def __init__(self, silences: Sequence[Silence], inhibitions: Sequence[Inhibition], firing: Iterable[Alert]) -> None:
        """Look for sources among `firing`, the open alerts; of several the one that began first counts."""
        self._silences = tuple(silences)
        self._inhibitions = tuple(inhibitions)
        self._sources: dict[tuple[str, tuple[str, ...]], Alert] = {}
        for alert in firing if inhibitions else ():
            seen = _seen(alert)
            for inhibition in inhibitions:
                values = _values(alert, inhibition)
                if values is not None and inhibition.source.matches(seen):
                    known = self._sources.setdefault((inhibition.id, values), alert)
                    if (alert.started_at_ms, alert.id) < (known.started_at_ms, known.id):
                        self._sources[inhibition.id, values] = alert

    def of(self, alert: Alert, at_ms: int) -> Hold | None:
        """Return what holds an alert back at a moment; an inhibition is named before a silence.

        An alert that is a source and a target of the same inhibition is not held by it, so that two alerts never hold
        each other.
        """
        if not self._inhibitions and not self._silences:
            return None
        seen = _seen(alert)
        for inhibition in self._inhibitions:
            if not inhibition.target.matches(seen) or inhibition.source.matches(seen):
                continue
            values = _values(alert, inhibition)
            source = None if values is None else self._sources.get((inhibition.id, values))
            if source is not None:
                return Hold(stage=Stage.INHIBIT, name=f"inhibition:{inhibition.id}:{source.id}", until_ms=None)
        covering = [silence for silence in self._silences if silence.covers(seen, at_ms)]
        if covering:
            longest = max(covering, key=lambda silence: (silence.ends_at_ms, silence.id))
            return Hold(stage=Stage.SILENCE, name=f"silence:{longest.id}", until_ms=longest.ends_at_ms)
        return None


def _seen(alert: Alert) -> Mapping[str, str]:
    return selectable(alert.labels, severity=alert.severity.word, rule_id=alert.rule_id)


def _values(alert: Alert, inhibition: Inhibition) -> tuple[str, ...] | None:
    """Return the values of the labels that must be equal, None where one is missing."""
    if any(name not in alert.labels for name in inhibition.equal):
        return None
    return tuple(alert.labels[name] for name in inhibition.equal)
