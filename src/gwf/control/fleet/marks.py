"""Tells from a few values of stored agents which of them another process changed."""

from __future__ import annotations

from collections.abc import Iterable

from gwf.control.fleet.model import AgentId
from gwf.control.fleet.ports import AgentMark
from gwf.control.fleet.roster import Live, Roster


def news_in(marks: Iterable[AgentMark], roster: Roster) -> list[AgentId]:
    """Return the agents of which something is stored that the roster does not know."""
    found: list[AgentId] = []
    for mark in marks:
        live = roster.find(AgentId(mark.agent_id))
        if live is None or mark != _mark_of(live):
            found.append(AgentId(mark.agent_id))
    return found


def _mark_of(live: Live) -> AgentMark:
    """Return what is stored of an agent as far as it is known here."""
    agent, stored = live.agent, live.stored
    return AgentMark(
        agent_id=agent.agent_id,
        revision=agent.revision,
        updated_at_ms=agent.updated_at_ms,
        credential=live.credentials.current,
        next_credential=live.credentials.next,
        state=None if stored is None else stored.state.value,
        cause=None if stored is None else stored.cause.value,
        state_since_ms=None if stored is None else stored.state_since_ms,
        contact_at_ms=None if stored is None else stored.contact_at_ms,
        seq=None if stored is None or stored.beat is None else stored.beat.seq,
    )
