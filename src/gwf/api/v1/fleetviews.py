"""Agents and groups of the fleet in the shapes that the API sends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import msgspec

from gwf.api.cursors import BadCursorError
from gwf.control.fleet.groups import AgentGroup
from gwf.control.fleet.listing import Facets, Place
from gwf.control.fleet.roster import Live
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import utc_text
from gwf.wire.fleet import AgentDetail, AgentFacets, AgentSummary, GroupView, ThresholdsView

Wall = Callable[[int], int]
"""Turns a moment of the roster into the wall clock's time."""

_CURSOR = msgspec.json.Decoder(tuple[str, str])


def summary_of(live: Live, wall_ms: Wall) -> AgentSummary:
    """Return an agent as a list shows it."""
    return AgentSummary.model_validate(_summary(live, wall_ms))


def detail_of(live: Live, wall_ms: Wall) -> AgentDetail:
    """Return an agent with all that is known of it."""
    agent, beat = live.agent, live.beat
    more: dict[str, object] = {
        "instance_id": agent.instance_id,
        "os": agent.os,
        "own_labels": agent.labels,
        "set_labels": agent.set_labels,
        "started_at": utc_text(beat.started_at_ms) if beat is not None else None,
        "heartbeats": live.heartbeats,
        "errors": list(beat.errors) if beat is not None else [],
        "breakers": beat.breakers if beat is not None else {},
        "outbox": beat.outbox if beat is not None else None,
        "thresholds": thresholds_of(live.membership.thresholds),
        "revoked_at": utc_text(agent.revoked_at_ms) if agent.revoked_at_ms is not None else None,
        "updated_at": utc_text(agent.updated_at_ms),
    }
    return AgentDetail.model_validate(_summary(live, wall_ms) | more)


def _summary(live: Live, wall_ms: Wall) -> dict[str, object]:
    agent, beat = live.agent, live.beat
    return {
        "agent_id": agent.agent_id,
        "hostname": agent.hostname,
        "version": agent.version,
        "address": agent.address,
        "ip": agent.ip,
        "state": live.verdict.state.value,
        "cause": live.verdict.cause.value,
        "state_since": utc_text(wall_ms(live.state_since_ms)),
        "last_contact_at": utc_text(wall_ms(live.contact_ms)) if live.contact_ms is not None else None,
        "labels": agent.all_labels,
        "groups": [
            {"group_id": group.group_id, "name": group.name, "by_name": group.group_id == agent.group_id}
            for group in live.membership.groups
        ],
        "drain": agent.drain,
        "health": beat.health.value if beat is not None else None,
        "reasons": list(beat.reasons) if beat is not None else [],
        "metrics": beat.metrics or None if beat is not None else None,
        "clock_skew_ms": live.best_skew_ms(),
        "config": {"hash": beat.config_hash, "version": beat.config_version, "local": beat.config_local}
        if beat is not None
        else None,
        "registered_at": utc_text(agent.registered_at_ms),
        "revision": agent.revision,
    }


def group_view(group: AgentGroup, agents: int) -> GroupView:
    """Return a group with the number of its agents."""
    return GroupView(
        group_id=group.group_id,
        name=group.name,
        description=group.description,
        selector=None if group.selector is None else str(group.selector),
        priority=group.priority,
        thresholds=None if group.thresholds is None else thresholds_of(group.thresholds),
        agents=agents,
        created_at=utc_text(group.created_at_ms),
        updated_at=utc_text(group.updated_at_ms),
        revision=group.revision,
    )


def thresholds_of(thresholds: Thresholds) -> ThresholdsView:
    """Return thresholds with what follows from them filled in."""
    return ThresholdsView(
        heartbeat_s=thresholds.heartbeat_s,
        degraded_after_s=thresholds.late_s,
        offline_after_s=thresholds.silent_s,
        recover_after_s=thresholds.recover_after_s,
    )


def facets_of(facets: Facets) -> AgentFacets:
    """Return counts as they are sent."""
    return AgentFacets(
        states={state.value: count for state, count in facets.states.items()},
        groups=dict(facets.groups),
        versions=dict(facets.versions),
        labels={name: dict(values) for name, values in facets.labels.items()},
    )


def cursor_of(place: Place | None) -> str | None:
    """Return the cursor of the page that begins after a place."""
    return None if place is None else base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of_cursor(cursor: str | None) -> Place | None:
    """Return where a page begins.

    Raises:
        BadCursorError: It is none of ours.
    """
    if cursor is None:
        return None
    try:
        return _CURSOR.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as exc:
        raise BadCursorError("this is no cursor of this list; begin without one") from exc
