"""Decides the state of an agent from its last contact, its health and what people ordered. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gwf.core.errors import InputError

HEARTBEAT_S = 30.0
MIN_HEARTBEAT_S, MAX_HEARTBEAT_S = 1.0, 3_600.0
MAX_SILENCE_S = 7 * 86_400.0
LATE_BEATS, OFFLINE_BEATS = 2, 3  #: heartbeats missing until an agent counts as late, and as offline


class AgentState(enum.StrEnum):
    """What the centre says about an agent now."""

    ONLINE = "online"
    #: heard of late, or unwell in its own judgement
    DEGRADED = "degraded"
    OFFLINE = "offline"
    #: takes no new work of the centre because a person wants it so
    DRAINING = "draining"
    #: its credential was taken away
    REVOKED = "revoked"


class AgentHealth(enum.StrEnum):
    """The agent's own judgement."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class Cause(enum.StrEnum):
    """Why the state is not ONLINE."""

    NONE = ""
    REVOKED = "revoked"
    SILENT = "silent"
    DRAINED = "drained"
    LATE = "late"
    UNWELL = "unwell"
    #: well again, but not for long enough to be believed
    RECOVERING = "recovering"
    #: registered and never heard of since
    NEVER_SEEN = "never_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When an agent counts as late, offline and well again; a group has its own."""

    #: seconds between heartbeats that its agents are told
    heartbeat_s: float = HEARTBEAT_S
    #: silence until DEGRADED; None = LATE_BEATS heartbeats
    degraded_after_s: float | None = None
    #: silence until OFFLINE; None = OFFLINE_BEATS heartbeats
    offline_after_s: float | None = None
    #: how long it must have been well before DEGRADED ends
    recover_after_s: float = 45.0

    def __post_init__(self) -> None:
        """Refuse what would show agents offline that keep their times.

        Raises:
            InputError: A value is out of its range; the context names the field.
        """
        _in_range("heartbeat_s", self.heartbeat_s, (MIN_HEARTBEAT_S, MAX_HEARTBEAT_S))
        _in_range("degraded_after_s", self.late_s, (1.5 * self.heartbeat_s, MAX_SILENCE_S))
        _in_range("offline_after_s", self.silent_s, (max(self.late_s, 2 * self.heartbeat_s), MAX_SILENCE_S))
        _in_range("recover_after_s", self.recover_after_s, (0.0, 86_400.0))

    @property
    def late_s(self) -> float:
        """Silence until DEGRADED."""
        return LATE_BEATS * self.heartbeat_s if self.degraded_after_s is None else self.degraded_after_s

    @property
    def silent_s(self) -> float:
        """Silence until OFFLINE."""
        return OFFLINE_BEATS * self.heartbeat_s if self.offline_after_s is None else self.offline_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of an agent at one moment. All times are on one clock, in milliseconds."""

    #: None = registered and not heard of since
    contact_ms: int | None
    registered_ms: int
    health: AgentHealth = AgentHealth.OK
    #: since when the health is OK without a break; None = it is not, or was never anything else
    well_since_ms: int | None = None
    #: seconds until its next heartbeat, if more than usual: the centre was busy, or the host's own settings want it so
    wait_s: float = 0.0
    drain: bool = False
    revoked: bool = False
    #: as shown before
    state: AgentState = AgentState.ONLINE


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state and its cause."""

    state: AgentState
    cause: Cause = Cause.NONE


@dataclass(frozen=True, slots=True)
class Moment:
    """When a state is asked for, on the clock of `Seen`."""

    now_ms: int
    #: since when the centre can have heard heartbeats without a break
    listening_since_ms: int


def judge(seen: Seen, thresholds: Thresholds, moment: Moment) -> Verdict:
    """Return the state of an agent.

    Silence from before the centre listened is nobody's fault: an agent that was not offline then gets a whole term
    from that moment on. It makes nothing worse, and nothing better: one that was late stays so until it is heard of.
    """
    now_ms = moment.now_ms
    if seen.revoked:
        return Verdict(AgentState.REVOKED, Cause.REVOKED)
    late_ms, offline_ms, well_ms = _limits(seen, thresholds, moment.listening_since_ms)
    if now_ms > offline_ms:
        return Verdict(AgentState.OFFLINE, Cause.SILENT if seen.contact_ms is not None else Cause.NEVER_SEEN)
    if seen.drain:
        return Verdict(AgentState.DRAINING, Cause.DRAINED)
    if now_ms > late_ms:
        return Verdict(AgentState.DEGRADED, Cause.LATE)
    if seen.health is not AgentHealth.OK:
        return Verdict(AgentState.DEGRADED, Cause.UNWELL)
    if seen.state is AgentState.DEGRADED and well_ms is not None and now_ms < well_ms:
        return Verdict(AgentState.DEGRADED, Cause.RECOVERING)
    return Verdict(AgentState.ONLINE)


def look_again_ms(seen: Seen, thresholds: Thresholds, moment: Moment) -> int | None:
    """Return the first moment at which time alone may make `judge` say something else; None = never."""
    if seen.revoked:
        return None
    late_ms, offline_ms, well_ms = _limits(seen, thresholds, moment.listening_since_ms)
    ends = (late_ms + 1, offline_ms + 1, well_ms)
    return min((end for end in ends if end is not None and end > moment.now_ms), default=None)


def _limits(seen: Seen, thresholds: Thresholds, listening_since_ms: int) -> tuple[int, int, int | None]:
    """Return until when an agent is not late, until when not offline, and from when it is believed to be well."""
    contact_ms = seen.registered_ms if seen.contact_ms is None else seen.contact_ms
    fresh_ms = max(contact_ms, listening_since_ms)
    longer_s = max(0.0, seen.wait_s - thresholds.heartbeat_s)
    late_from_ms = contact_ms if seen.state in {AgentState.DEGRADED, AgentState.OFFLINE} else fresh_ms
    late_ms = late_from_ms + round(1000 * (thresholds.late_s + LATE_BEATS * longer_s))
    silent_from_ms = contact_ms if seen.state is AgentState.OFFLINE else fresh_ms
    offline_ms = silent_from_ms + round(1000 * (thresholds.silent_s + OFFLINE_BEATS * longer_s))
    since_ms = seen.well_since_ms
    return late_ms, offline_ms, None if since_ms is None else since_ms + round(1000 * thresholds.recover_after_s)


def _in_range(name: str, value: float, span: tuple[float, float]) -> None:
    least, most = span
    if not least <= value <= most:
        raise InputError("a threshold is out of its range", field=name, value=value, least=least, most=most)
