"""What health, metrics and the page show of the link to the centre."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field

from gwf.agent.centre.keeping import Room


class LinkState(enum.StrEnum):
    """How this edge stands with its centre."""

    #: no credential yet; asked for again and again
    ENROLLING = "enrolling"
    #: the centre answered the last heartbeat
    CONNECTED = "connected"
    #: it does not answer, or cannot now
    AWAY = "away"
    #: it does not know our token or credential, or does not want us
    REFUSED = "refused"
    #: a person took this edge away from it
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the centre is away or refuses."""

    #: the centre's word, such as credential_revoked, or the code of our own error
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigTrouble:
    """The last configuration of the centre that did not do well here."""

    hash: str
    phase: str
    message: str


@dataclass(slots=True)
class LinkFacts:
    """Written by the link's threads, each value by one of them; read by others."""

    url: str
    #: monotonic second of the start
    since_s: float
    away_after_s: float
    state: LinkState = LinkState.ENROLLING
    agent_id: str = ""
    tenant: str = ""
    #: wall time and monotonic second of the last answer; None before the first
    contact_at_ms: int | None = None
    contact_s: float | None = None
    trouble: Trouble | None = None
    #: as the centre shows this agent: online, degraded, draining …; "" before the first answer
    shown_as: str = ""
    draining: bool = False
    #: tasks of the centre that wait for this agent
    tasks: int = 0
    #: how far the centre's clock is ahead of ours; None before the first answer
    ahead_ms: int | None = None
    heartbeats_total: int = 0
    #: requests that failed, by class of the error
    failures: Counter[str] = field(default_factory=Counter[str])
    events_sent_total: int = 0
    events_rejected_total: int = 0
    events_dropped_total: int = 0
    batches_total: int = 0
    #: questions of the centre that were answered, refusals too
    asks_answered_total: int = 0
    #: None while events are not reported
    room: Room | None = None
    #: events were dropped that the centre has not been told of yet
    gap: bool = False
    #: hash of the centre's configuration in force; None = none was taken
    config_hash: str | None = None
    config_version_id: str | None = None
    config_trouble: ConfigTrouble | None = None
    #: attempts at configurations of the centre, by how they ended
    attempts: dict[str, int] = field(default_factory=dict[str, int])
    #: threads that crashed by a fault of ours
    crashes_total: int = 0

    @property
    def enrolled(self) -> bool:
        """Whether there is a credential."""
        return bool(self.agent_id)

    def silent_s(self, now_s: float) -> float:
        """Return the time since the last answer, or since the start."""
        return now_s - (self.since_s if self.contact_s is None else self.contact_s)

    def away_s(self, now_s: float) -> float | None:
        """Return how long the centre has been away, if that is long enough to tell; else None."""
        away_s = self.silent_s(now_s)
        return away_s if self.state is LinkState.AWAY and away_s >= self.away_after_s else None
