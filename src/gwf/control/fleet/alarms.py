"""Decides what of an agent's change is worth an event: gone, back, a breaker, high water. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gwf.control.fleet.model import Beat
from gwf.control.fleet.state import AgentState, Cause
from gwf.events.model import Severity

#: kinds of events (types without gwf.) and what raises them; docs/reference/events.md lists them
OFFLINE, ONLINE = "agent.offline", "agent.online"
DEGRADED, RECOVERED = "agent.degraded", "agent.recovered"
BREAKER_OPENED, BREAKER_CLOSED = "agent.breaker_opened", "agent.breaker_closed"

#: codes of health reasons that become events of their own: kind, its end, severity
REASONS: Mapping[str, tuple[str, str, Severity]] = {
    "high_water_files": ("agent.high_water", "agent.high_water_ended", Severity.WARNING),
    "high_water_oldest": ("agent.high_water", "agent.high_water_ended", Severity.WARNING),
    "disk_low": ("agent.disk_low", "agent.disk_low_ended", Severity.ERROR),
    "config_refused": ("agent.config_refused", "agent.config_mended", Severity.ERROR),
    "config_half_done": ("agent.config_refused", "agent.config_mended", Severity.ERROR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What has been told of an agent."""

    state: AgentState
    cause: Cause
    #: codes of its health reasons
    codes: frozenset[str] = frozenset()
    #: stores whose breaker is open
    open_breakers: frozenset[str] = frozenset()


NOTHING_TOLD = Shown(state=AgentState.ONLINE, cause=Cause.NONE)  #: of an agent that has just come


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something to tell of an agent."""

    kind: str
    severity: Severity
    #: store or code that it is about; "" = the agent as a whole
    about: str = ""
    data: Mapping[str, object] = field(default_factory=dict[str, object])


def shown_of(state: AgentState, cause: Cause, beat: Beat | None) -> Shown:
    """Return what there is to tell of an agent in a state, with its last heartbeat."""
    if beat is None:
        return Shown(state=state, cause=cause)
    opened = frozenset(name for name, word in beat.breakers.items() if word == "open")
    return Shown(state=state, cause=cause, codes=beat.codes(), open_breakers=opened)


def happenings(before: Shown, after: Shown) -> Iterator[Happening]:
    """Yield what there is to tell of the way from one to the other."""
    yield from _of_state(before, after)
    for store in sorted(after.open_breakers - before.open_breakers):
        yield Happening(kind=BREAKER_OPENED, severity=Severity.ERROR, about=store, data={"store": store})
    for store in sorted(before.open_breakers - after.open_breakers):
        yield Happening(kind=BREAKER_CLOSED, severity=Severity.NOTICE, about=store, data={"store": store})
    for code, (kind, end, severity) in REASONS.items():
        if code in after.codes and code not in before.codes:
            yield Happening(kind=kind, severity=severity, about=code, data={"code": code})
        elif code in before.codes and code not in after.codes:
            yield Happening(kind=end, severity=Severity.NOTICE, about=code, data={"code": code})


def _of_state(before: Shown, after: Shown) -> Iterator[Happening]:
    was, now = before.state, after.state
    data = {"state": now, "before": was, "cause": after.cause}
    if was is now or AgentState.REVOKED in {was, now}:
        return
    if now is AgentState.OFFLINE:
        yield Happening(kind=OFFLINE, severity=Severity.ERROR, data=data)
    elif was is AgentState.OFFLINE:
        yield Happening(kind=ONLINE, severity=Severity.NOTICE, data=data)
    elif now is AgentState.DEGRADED:
        yield Happening(kind=DEGRADED, severity=Severity.WARNING, data=data)
    elif was is AgentState.DEGRADED and now is AgentState.ONLINE:
        yield Happening(kind=RECOVERED, severity=Severity.NOTICE, data=data)
