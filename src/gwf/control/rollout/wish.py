"""What is asked of rollouts, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gwf.control.config.model import VersionId
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.gates import Tally
from gwf.control.rollout.impact import Impact
from gwf.control.rollout.metrics import RolloutMetrics
from gwf.control.rollout.model import AttemptPhase, Gates, Plan, RolloutState, Wave, WaveKind
from gwf.control.rollout.ports import ConfigStore, Fleet
from gwf.control.rollout.records import OfferKind, Rollout
from gwf.control.rollout.seats import Seat
from gwf.control.rollout.teller import Teller
from gwf.control.rollout.versions import ConfigService, Draft
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError

ONE_AGENT = Plan(
    waves=(Wave(kind=WaveKind.PERCENT, size=100),),
    gates=Gates(min_applied_share=1, min_healthy_share=1, max_failure_share=0, soak_s=30),
)
"""How a configuration for a single agent is rolled out: at once, watched for half a minute, taken back if it fails."""


Step = Callable[[Rollout, int], RolloutState]


class RolloutUnderWayError(ConflictError):
    """Some of the agents are in the middle of another rollout."""

    code = "rollout_under_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A rollout that somebody wants."""

    version: VersionId
    plan: Plan
    #: offer it also to agents that refused exactly this before
    retry_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A rollout and what became of its offers."""

    rollout: Rollout
    #: as its gates see it; None once it has ended
    numbers: Tally | None
    attempts: Mapping[tuple[OfferKind, AttemptPhase], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """A rollout and what it does, or would do."""

    rollout: Rollout
    impact: Impact
    #: (agent, hash) of those that refused what it brings them
    refusals: tuple[tuple[str, str], ...] = ()
    #: every agent with the wave that will reach it, or why none will; of a look ahead only
    seats: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """What became of a configuration for one agent."""

    draft: Draft
    prospect: Prospect


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParts:
    """What the service works with."""

    store: ConfigStore
    boards: Boards
    fleet: Fleet
    versions: ConfigService
    teller: Teller
    metrics: RolloutMetrics
    clock: Clock
    #: makes an id that no other server makes
    new_id: Callable[[], str]
