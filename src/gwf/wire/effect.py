"""What a change would do: the answer of every request with `dry_run=true` that has no answer of its own for it."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from gwf.identity.permissions import Permission
from gwf.wire.edge import Wire

#: what becomes of an agent: it is changed itself, comes into or leaves the group, or is reached by what changes
AgentPart = Literal["changed", "joins", "leaves", "reached"]
RiskLevel = Literal["low", "medium", "high"]
#: many_agents: at least a tenth of the fleet · production: some have env=prod · cuts_off: somebody or something can no
#: longer log in or report · skips_gates: nothing is waited for · not_reversible: no request undoes it
RiskReason = Literal["many_agents", "production", "cuts_off", "skips_gates", "gives_access", "not_reversible"]
#: how it is undone: by the opposite request, by setting the old values, by making the thing anew, by enrolling or
#: logging in anew, by a rollout of the version before; none
UndoWord = Literal["opposite", "old_values", "make_anew", "enrol_anew", "roll_back", "none"]


class EffectChange(Wire):
    """One thing that would be changed."""

    #: of the audit, for example agent.drain
    action: str
    kind: str
    id: str
    #: each with path (JSON pointer below the thing), before, after; a side that is absent has no key. Secrets masked
    changes: list[dict[str, JsonValue]]
    #: facts beside it
    detail: dict[str, JsonValue]


class EffectAgent(Wire):
    """An agent that it concerns."""

    agent_id: str
    hostname: str
    part: AgentPart


class EffectRisk(Wire):
    """How careful one should be."""

    level: RiskLevel
    reasons: list[RiskReason]


class EffectUndo(Wire):
    """The way back."""

    how: UndoWord
    #: request that undoes it, for example POST /api/v1/agents/agt_1:undrain; None where no single one does
    request: str | None


class EffectPolicy(Wire):
    """Which rules it goes by. What may not be done is refused, in a rehearsal as in earnest; there are
    no approvals and no change windows yet, so nothing else decides.
    """

    #: that the request needs and who asks has; None = any login will do
    permission: Permission | None
    #: a reason should be given: it concerns agents with env=prod
    reason_advised: bool


class Effect(Wire):
    """What a change would do, as things are now. Nothing was changed."""

    dry_run: Literal[True]
    #: empty = nothing would change
    changes: list[EffectChange]
    agents_count: int
    #: the first 100, by hostname
    agents: list[EffectAgent]
    risk: EffectRisk
    undo: EffectUndo
    policy: EffectPolicy
    #: of the thing as it is now: send it as If-Match, so that exactly this is done or nothing; None = it has none
    revision: int | None
    as_of: str
