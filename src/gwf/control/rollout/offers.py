"""Makes the record of a new offer. Pure."""

from __future__ import annotations

from gwf.control.config.model import Effective
from gwf.control.rollout.model import AttemptId, AttemptPhase, RolloutId
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Attempt, OfferKind


def new_attempt(
    attempt_id: str,
    agent: AgentNow,
    target: Effective,
    *,
    kind: OfferKind,
    rollout: RolloutId | None,
    now_ms: int,
) -> Attempt:
    """Return the attempt that offers `target` to an agent now."""
    return Attempt(
        id=AttemptId(attempt_id),
        tenant=agent.tenant,
        agent=agent.agent,
        kind=kind,
        rollout=rollout,
        hash=target.hash,
        versions=target.versions,
        phase=AttemptPhase.OFFERED,
        health_before=agent.health,
        offered_at_ms=now_ms,
        changed_at_ms=now_ms,
    )
