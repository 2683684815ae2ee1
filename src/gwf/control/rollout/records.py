"""What is kept of rollouts and of every offer of a configuration to an agent."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gwf.control.config.model import Fault, LayerId, VersionId
from gwf.control.rollout.model import AttemptId, AttemptPhase, HealthLevel, Plan, RolloutId, RolloutState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One way of a version into a layer."""

    id: RolloutId
    tenant: str
    layer: LayerId
    #: the version that was in force when it began, and is again when it is taken back; None = none was
    before: VersionId | None
    #: the version that it brings
    version: VersionId
    plan: Plan
    state: RolloutState
    author: str
    reason: str
    created_at_ms: int
    #: grows with each change of `state`
    revision: int = 1


class OfferKind(enum.StrEnum):
    """Why a configuration was offered."""

    #: by a wave of a rollout
    WAVE = "wave"
    #: because a rollout is taken back
    REVERT = "revert"
    #: because what should run there changed in another way: groups, labels, a return after days
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One offer of one configuration to one agent, and what became of it."""

    id: AttemptId
    tenant: str
    agent: str
    kind: OfferKind
    #: None for FOLLOW
    rollout: RolloutId | None
    #: of the whole effective configuration
    hash: str
    #: what it is made of, lowest layer first
    versions: tuple[VersionId, ...]
    phase: AttemptPhase
    health_before: HealthLevel
    offered_at_ms: int
    #: last change of `phase`
    changed_at_ms: int
    #: why it was refused, in the agent's words
    reason: tuple[Fault, ...] = ()
    #: a person allowed to offer it again although the agent refused it
    forgiven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChange:
    """A new phase of an attempt."""

    id: AttemptId
    phase: AttemptPhase
    at_ms: int
    reason: tuple[Fault, ...] = ()
