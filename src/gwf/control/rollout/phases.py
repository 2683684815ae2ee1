"""What an agent's report makes of an attempt. Pure."""

from __future__ import annotations

from gwf.control.rollout.model import AttemptPhase

_MAY_BECOME = {
    AttemptPhase.OFFERED: {AttemptPhase.STAGED, AttemptPhase.APPLIED, AttemptPhase.FAILED, AttemptPhase.REVERTED},
    AttemptPhase.STAGED: {AttemptPhase.APPLIED, AttemptPhase.FAILED, AttemptPhase.REVERTED},
    AttemptPhase.APPLIED: {AttemptPhase.FAILED, AttemptPhase.REVERTED},
    AttemptPhase.FAILED: set[AttemptPhase](),
    AttemptPhase.REVERTED: set[AttemptPhase](),
    #: a late answer is better than none
    AttemptPhase.TIMED_OUT: {AttemptPhase.APPLIED, AttemptPhase.FAILED, AttemptPhase.REVERTED},
    #: what else was offered decides, but a refusal is remembered
    AttemptPhase.SUPERSEDED: {AttemptPhase.FAILED, AttemptPhase.REVERTED},
}


def after_report(now: AttemptPhase, reported: AttemptPhase) -> AttemptPhase | None:
    """Return the phase after a report; None = it changes nothing, because it is old or was told before."""
    return reported if reported in _MAY_BECOME[now] else None
