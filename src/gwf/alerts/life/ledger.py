"""What is known of all alerts, what changed of it, and when something is due. Pure."""

from __future__ import annotations

import enum
import hashlib
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gwf.alerts.life.holding import Holds
from gwf.alerts.life.model import Alert, Chain, Group, Inhibition, Notice, Silence, Step


class Timer(enum.IntEnum):
    """What is looked at when its moment has come."""

    LAPSE = 1
    FLUSH = 2
    CLIMB = 3


@dataclass(slots=True)
class State:
    """All alerts of a tenant that are open, or whose end is not told yet, and their groups."""

    tenant: str = "default"
    #: by id
    alerts: dict[str, Alert] = field(default_factory=dict[str, Alert])
    #: by key
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    #: alerts that were ever opened: makes their ids
    opened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What people decided about telling."""

    silences: Sequence[Silence] = ()
    inhibitions: Sequence[Inhibition] = ()
    #: by name
    chains: Mapping[str, Chain] = field(default_factory=dict[str, Chain])


@dataclass(slots=True)
class Changed:
    """What moved since it was taken last: rows to be written in one transaction."""

    alerts: set[str] = field(default_factory=set[str])
    groups: set[str] = field(default_factory=set[str])
    #: alerts that are over and wholly told: they leave the state after they were written
    ended: list[Alert] = field(default_factory=list[Alert])
    gone_groups: set[str] = field(default_factory=set[str])
    notices: list[Notice] = field(default_factory=list[Notice])


class Ledger:
    """One tenant's state with what was decided by people; what changes goes through it."""

    def __init__(self, state: State, setting: Setting) -> None:
        """Begin with nothing changed and nothing due."""
        self.state = state
        self.setting = setting
        self.changed = Changed()
        self._holds: Holds | None = None
        self._timers: list[tuple[int, Timer, str]] = []

    def taken(self) -> Changed:
        """Return what changed since the last call."""
        changed, self.changed = self.changed, Changed()
        return changed

    def note(self, alert: Alert, step: Step) -> None:
        """Keep a step of an alert."""
        alert.note(step)
        self.changed.alerts.add(alert.id)

    def alerts_of(self, group: Group) -> list[Alert]:
        """Return the alerts of a group."""
        return [self.state.alerts[alert_id] for alert_id in group.alerts]

    def holds(self) -> Holds:
        """Return what holds alerts back now."""
        if self._holds is None:
            firing = [alert for alert in self.state.alerts.values() if alert.is_open]
            self._holds = Holds(self.setting.silences, self.setting.inhibitions, firing)
        return self._holds

    def others_fire(self) -> None:
        """Say that an alert began or ended, or that people decided otherwise: what holds back is looked for anew."""
        self._holds = None

    # -- timers ------------------------------------------------------------------------------------------

    def wake(self, at_ms: int | None, timer: Timer, name: str) -> None:
        """Look at something at a moment; whether it is still due then is seen then."""
        if at_ms is not None:
            heapq.heappush(self._timers, (at_ms, timer, name))

    def due(self, now_ms: int) -> tuple[int, Timer, str] | None:
        """Return the next of what is due, and forget it; None = nothing is."""
        return heapq.heappop(self._timers) if self._timers and self._timers[0][0] <= now_ms else None

    def next_at_ms(self) -> int | None:
        """Return when something may be due next; None = nothing is."""
        return self._timers[0][0] if self._timers else None


def ms(seconds: float) -> int:
    """Return milliseconds."""
    return round(seconds * 1000)


def name_of(kind: str, *parts: object) -> str:
    """Return an id made of what it names, so that making it again gives the same."""
    text = "\0".join(str(part) for part in parts)
    return f"{kind}_{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"
