"""A rollout: its waves, its gates, where it stands, and what became of it at each agent."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

RolloutId = NewType("RolloutId", str)
AttemptId = NewType("AttemptId", str)

MAX_WAVES = 20
EVERYBODY_PCT = 100.0


class WaveKind(enum.StrEnum):
    """How the size of a wave is given."""

    PERCENT = "percent"
    COUNT = "count"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """How far a rollout may go before its gates are asked. Waves add up: a wave holds the agents of those before it."""

    kind: WaveKind
    #: percent of the target (0 … 100] or a number of agents; 0 for groups
    size: float = 0
    #: ids of the groups of a wave of groups
    groups: tuple[str, ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Tell whether this wave holds the whole target."""
        return self.kind is WaveKind.PERCENT and self.size >= EVERYBODY_PCT


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What must be true of the agents reached so far before a rollout goes on."""

    #: of the agents it was offered to, at least this share runs it
    min_applied_share: float = 0.95
    #: of those that run it, at least this share is no worse than before
    min_healthy_share: float = 0.95
    #: of the agents it was offered to, at most this share may fail, go back by itself or not answer
    max_failure_share: float = 0.02
    #: all this must hold for so long without a break
    soak_s: float = 60.0
    #: an agent that does not say within this time what became of an offer counts as failed
    attempt_timeout_s: float = 180.0
    #: a wave whose gates are not met within this time ends the rollout
    wave_timeout_s: float = 1800.0


class OnFailure(enum.StrEnum):
    """What a rollout does when a gate fails."""

    REVERT = "revert"
    PAUSE = "pause"


class RolloutStatus(enum.StrEnum):
    """Where a rollout stands."""

    RUNNING = "running"
    PAUSED = "paused"
    #: the configuration is being taken back
    REVERTING = "reverting"
    #: taken back; the layer is as it was
    REVERTED = "reverted"
    #: in force for the whole layer
    COMPLETED = "completed"


ENDED = frozenset({RolloutStatus.REVERTED, RolloutStatus.COMPLETED})
OFFERING = frozenset({RolloutStatus.RUNNING, RolloutStatus.PAUSED})


class CauseCode(enum.StrEnum):
    """Why a rollout is paused or was taken back."""

    PERSON = "person"
    FAILURE_SHARE = "failure_share"
    UNHEALTHY_SHARE = "unhealthy_share"
    WAVE_TIMEOUT = "wave_timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a rollout is where it is, with the numbers that decided."""

    code: CauseCode
    #: who paused or aborted it, and why; "" for a gate
    by: str = ""
    reason: str = ""
    #: numbers of the gate at that moment
    facts: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was asked for; it never changes."""

    waves: tuple[Wave, ...]
    gates: Gates
    on_failure: OnFailure = OnFailure.REVERT


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutState:
    """Where a rollout stands; all that `advance` keeps between two looks."""

    status: RolloutStatus
    #: index of the current wave
    wave: int
    #: when the current wave, or the taking back, began
    since_ms: int
    #: since when the gates of the wave have been met without a break; None = they are not
    met_since_ms: int | None = None
    #: None while all goes well
    cause: Cause | None = None
    #: when it was paused; None unless PAUSED
    paused_ms: int | None = None
    #: when it was taken back or completed; None before
    ended_ms: int | None = None


class AttemptPhase(enum.StrEnum):
    """What became of one offer to one agent."""

    OFFERED = "offered"
    STAGED = "staged"
    APPLIED = "applied"
    FAILED = "failed"
    #: the agent ran it and went back by itself
    REVERTED = "reverted"
    #: nothing was heard in time
    TIMED_OUT = "timed_out"
    #: something else was offered before the agent answered
    SUPERSEDED = "superseded"


OPEN = frozenset({AttemptPhase.OFFERED, AttemptPhase.STAGED})
REFUSED = frozenset({AttemptPhase.FAILED, AttemptPhase.REVERTED})
BAD = REFUSED | {AttemptPhase.TIMED_OUT}


class HealthLevel(enum.IntEnum):
    """An agent's health as a rollout compares it: a higher one is better."""

    GONE = 0
    FAILING = 1
    DEGRADED = 2
    OK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFact:
    """The newest offer of this rollout to one agent."""

    phase: AttemptPhase
    offered_ms: int
    #: health of the agent when it was offered
    health_before: HealthLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One agent of the target as it is now."""

    agent: str
    groups: frozenset[str]
    #: the agent can be told something now: in contact, neither draining nor revoked
    reachable: bool
    health: HealthLevel
    #: it runs what the rollout brings
    runs_new: bool
    #: it may be offered: nothing else is under way there, and this configuration did not fail there before
    free: bool
    #: when it was last heard
    heard_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The world as it is now."""

    #: the whole target, in the order of the rollout
    members: tuple[Member, ...]
    #: by agent, for every agent that was ever offered it; agents may have left the target since
    offers: Mapping[str, OfferFact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What follows from a look at the world."""

    state: RolloutState
    #: agents that are to be offered the new configuration now
    offer: tuple[str, ...] = ()
    #: agents whose offer ran out
    time_out: tuple[str, ...] = ()
    #: agents that run it although their report did not come
    applied: tuple[str, ...] = ()
    #: agents that had not begun with their offer when it was taken back
    withdrawn: tuple[str, ...] = ()
