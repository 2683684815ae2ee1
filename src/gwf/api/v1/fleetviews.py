"""Agents and groups of the fleet in the shapes that the API sends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from gwf.api.cursors import BadCursorError
from gwf.control.fleet.groupdesk import Moves
from gwf.control.fleet.groups import AgentGroup
from gwf.control.fleet.heat import HeatGroup
from gwf.control.fleet.listing import SORTED_BY_TEXT, AgentSort, Facets, Order, Spot
from gwf.control.fleet.roster import Live
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import Thresholds
from gwf.control.fleet.track import LETTERS, RANK
from gwf.core.clock import utc_text
from gwf.wire.fleet import (
    AgentDetail,
    AgentFacets,
    AgentSummary,
    ConfigCount,
    ConfigPartView,
    ConfigStandView,
    GroupMove,
    GroupPreview,
    GroupView,
    HeatGroupView,
    ThresholdsView,
)

_CURSOR = msgspec.json.Decoder(tuple[str, float | str, str, str])
_FIRST = 20  #: agents that a preview names


class FleetViews:
    """Agents of one tenant in the shapes that the API sends."""

    def __init__(self, fleet: FleetService, tenant: str) -> None:
        """Show agents of this fleet."""
        self._fleet = fleet
        self._tenant = tenant
        self._steady = fleet.steady
        self._now_ms = fleet.steady.now_ms()
        self._names: dict[str, str] = {group.group_id: group.name for group in fleet.groups(tenant)}
        self._parts: dict[str, list[ConfigPartView]] = {}

    def summary(self, live: Live) -> AgentSummary:
        """Return an agent as a list shows it."""
        return AgentSummary.model_validate(self._summary(live))

    def detail(self, live: Live) -> AgentDetail:
        """Return an agent with all that is known of it."""
        agent, beat = live.agent, live.beat
        more: dict[str, object] = {
            "instance_id": agent.instance_id,
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
        return AgentDetail.model_validate(self._summary(live) | more)

    def facets(self, facets: Facets) -> AgentFacets:
        """Return counts as they are sent."""
        return AgentFacets.model_validate(
            {
                "states": {state.value: count for state, count in facets.states.items()},
                "conditions": {one.value: count for one, count in facets.conditions.items()},
                "groups": dict(facets.groups),
                "versions": dict(facets.versions),
                "systems": dict(facets.systems),
                "problems": dict(facets.problems),
                "standings": dict(facets.standings),
                "configs": [
                    ConfigCount(hash=hash_, parts=self._parts_of(hash_), agents=count)
                    for hash_, count in facets.configs.items()
                ],
                "labels": {name: dict(values) for name, values in facets.labels.items()},
            }
        )

    def _summary(self, live: Live) -> dict[str, object]:
        agent, beat = live.agent, live.beat
        wall_ms, track = self._steady.wall_ms, live.track
        return {
            "agent_id": agent.agent_id,
            "hostname": agent.hostname,
            "version": agent.version,
            "os": agent.os,
            "address": agent.address,
            "ip": agent.ip,
            "state": live.verdict.state.value,
            "cause": live.verdict.cause.value,
            "condition": live.condition().value,
            "strip": track.strip(self._now_ms),
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
            "recent": asdict(track.work(self._now_ms)),
            "last_error": beat.errors[0] if beat is not None and beat.errors else None,
            "clock_skew_ms": live.best_skew_ms(),
            "config": {"hash": beat.config_hash, "version": beat.config_version, "local": beat.config_local}
            if beat is not None
            else None,
            "config_stand": self._stand(live),
            "registered_at": utc_text(agent.registered_at_ms),
            "revision": agent.revision,
        }

    def _stand(self, live: Live) -> ConfigStandView | None:
        stand = self._fleet.configs.stand(live.agent.tenant, live.agent.agent_id)
        if stand is None:
            return None
        return ConfigStandView.model_validate(
            {
                "standing": stand.standing,
                "wanted_hash": stand.wanted,
                "wanted": self._parts_of(stand.wanted),
                "running": self._parts_of(stand.running),
            }
        )

    def _parts_of(self, config_hash: str | None) -> list[ConfigPartView]:
        if not config_hash:
            return []
        known = self._parts.get(config_hash)
        if known is None:
            known = self._parts[config_hash] = [
                ConfigPartView.model_validate({**asdict(part), "name": self._names.get(part.subject, "")})
                for part in self._fleet.configs.parts(self._tenant, config_hash)
            ]
        return known


def heat_view(found: HeatGroup) -> HeatGroupView:
    """Return a group of cells as it is sent."""
    return HeatGroupView.model_validate(
        {
            "group_id": None if found.group is None else found.group.group_id,
            "name": "" if found.group is None else found.group.name,
            "agents": found.agents,
            "conditions": {one.value: count for one, count in found.conditions.items()},
            "cells": [
                (live.agent.agent_id, live.agent.hostname, LETTERS[RANK[live.condition()]]) for live in found.cells
            ],
        }
    )


def preview_view(moves: Moves) -> GroupPreview:
    """Return who would move as it is sent."""
    return GroupPreview(
        agents=len(moves.members),
        by_name=moves.by_name,
        joining=len(moves.joining),
        leaving=len(moves.leaving),
        first_joining=_first(moves.joining),
        first_leaving=_first(moves.leaving),
    )


def _first(lives: Sequence[Live]) -> list[GroupMove]:
    return [GroupMove(agent_id=live.agent.agent_id, hostname=live.agent.hostname) for live in lives[:_FIRST]]


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


def cursor_of(spot: Spot | None, order: Order) -> str | None:
    """Return the cursor of the page that begins after a place."""
    if spot is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode((_word(order), *spot))).decode().rstrip("=")


def spot_of_cursor(cursor: str | None, order: Order) -> Spot | None:
    """Return where a page begins.

    Raises:
        BadCursorError: It is none of ours, or of a list that is sorted otherwise.
    """
    if cursor is None:
        return None
    try:
        word, *spot = _CURSOR.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as exc:
        raise BadCursorError("this is no cursor of this list; begin without one") from exc
    key, hostname, agent_id = spot
    if word != _word(order) or isinstance(key, str) is not (order.by in SORTED_BY_TEXT):
        raise BadCursorError("this is no cursor of this list; begin without one")
    return key, str(hostname), str(agent_id)


def order_of(word: str, *, now_ms: int) -> Order:
    """Return the order that `sort` names; a minus in front of it turns it round."""
    return Order(by=AgentSort(word.removeprefix("-")), descending=word.startswith("-"), now_ms=now_ms)


def _word(order: Order) -> str:
    return f"-{order.by.value}" if order.descending else order.by.value
