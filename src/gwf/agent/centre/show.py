"""Shows the link to people and programs. Pure."""

from __future__ import annotations

from gwf.agent.centre.facts import LinkFacts
from gwf.agent.centre.identity import Identity
from gwf.core.clock import utc_text
from gwf.wire.agents import OutboxState
from gwf.wire.edge import CentreView


def view_of(
    facts: LinkFacts,
    identity: Identity,
    *,
    outbox: OutboxState | None,
    heartbeat_s: float,
    listening: bool,
    follows: bool,
) -> CentreView:
    """Return the link as the overview and `gwf centre status` tell of it."""
    trouble = facts.trouble
    return CentreView(
        url=facts.url,
        state=facts.state.value,
        enrolled=facts.enrolled,
        agent_id=facts.agent_id,
        instance_id=identity.instance_id,
        tenant=facts.tenant,
        last_contact_at=None if facts.contact_at_ms is None else utc_text(facts.contact_at_ms),
        heartbeat_s=heartbeat_s,
        listening=listening,
        shown_as=facts.shown_as,
        draining=facts.draining,
        clock_ahead_ms=facts.ahead_ms,
        config_hash=facts.config_hash,
        config_version_id=facts.config_version_id,
        config_local=not follows,
        epoch=None if outbox is None else outbox.epoch,
        events_waiting=None if outbox is None else outbox.last_seq - outbox.acked_seq,
        events_sent_total=facts.events_sent_total,
        events_rejected_total=facts.events_rejected_total,
        events_dropped_total=facts.events_dropped_total,
        trouble_code=None if trouble is None else trouble.code,
        trouble=None if trouble is None else trouble.message,
    )
