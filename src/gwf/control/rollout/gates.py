"""Measures how a configuration does at the agents it reached, and holds that against the gates. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.control.rollout.model import (
    BAD,
    OPEN,
    AttemptPhase,
    Cause,
    CauseCode,
    Facts,
    Gates,
    HealthLevel,
    Member,
    OfferFact,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Numbers of agents; those that left the target do not count."""

    #: it was offered to
    offered: int = 0
    #: have not said what became of it
    waiting: int = 0
    #: run it
    applied: int = 0
    #: of those that run it: worse than before, or out of contact
    unhealthy: int = 0
    #: refused it, went back by themselves or did not answer
    failed: int = 0


def tally(facts: Facts) -> Tally:
    """Return how it stands."""
    offered = waiting = applied = unhealthy = failed = 0
    for member in facts.members:
        offer = facts.offers.get(member.agent)
        if offer is None or offer.phase is AttemptPhase.SUPERSEDED:
            continue
        offered += 1
        waiting += offer.phase in OPEN
        failed += offer.phase in BAD
        if offer.phase is AttemptPhase.APPLIED:
            applied += 1
            unhealthy += is_worse(member, offer)
    return Tally(offered=offered, waiting=waiting, applied=applied, unhealthy=unhealthy, failed=failed)


def is_worse(member: Member, offer: OfferFact) -> bool:
    """Tell whether an agent is worse than it was when it was offered the configuration, or cannot be asked."""
    health = member.health if member.reachable else HealthLevel.GONE
    return health < offer.health_before


def failed_gate(gates: Gates, now: Tally) -> Cause | None:
    """Return why the gates can no longer be met, whatever the agents that still wait will say; None = they can."""
    facts = {"offered": now.offered, "applied": now.applied, "failed": now.failed, "unhealthy": now.unhealthy}
    if now.failed > gates.max_failure_share * now.offered:
        return Cause(code=CauseCode.FAILURE_SHARE, facts={**facts, "max_share": gates.max_failure_share})
    most = now.applied + now.waiting  #: that may run it in the end
    if now.unhealthy > (1 - gates.min_healthy_share) * most + 1e-9:
        return Cause(code=CauseCode.UNHEALTHY_SHARE, facts={**facts, "min_share": gates.min_healthy_share})
    return None


def are_met(gates: Gates, now: Tally) -> bool:
    """Tell whether all shares are what the gates want; how long is not asked here."""
    if failed_gate(gates, now) is not None:
        return False
    enough = now.applied >= gates.min_applied_share * now.offered - 1e-9
    healthy = now.applied - now.unhealthy >= gates.min_healthy_share * now.applied - 1e-9
    return enough and healthy


def check_gates(gates: Gates) -> list[str]:
    """Return what no gate can be: one line for each value out of its bounds."""
    shares = ("min_applied_share", "min_healthy_share", "max_failure_share")
    found = [f"{name}: is a share from 0 to 1" for name in shares if not 0 <= getattr(gates, name) <= 1]
    if not 0 <= gates.soak_s <= 7 * 86400:
        found.append("soak_s: is at least 0 s and at most 7 days")
    if not 1 <= gates.attempt_timeout_s <= 86400:
        found.append("attempt_timeout_s: is at least 1 s and at most 1 day")
    if not gates.soak_s < gates.wave_timeout_s <= 30 * 86400:
        found.append("wave_timeout_s: is longer than soak_s and at most 30 days")
    return found
