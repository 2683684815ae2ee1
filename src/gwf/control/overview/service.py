"""Collects the facts about a part of the fleet: what is wrong, what changed, how work flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.model import AuditRow
from gwf.audit.ports import AuditFilter
from gwf.control.config.model import LayerId
from gwf.control.fleet.groups import named
from gwf.control.fleet.ports import Configs
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.track import Condition
from gwf.control.overview.causes import store_causes
from gwf.control.overview.firing import NOTHING, Firing
from gwf.control.overview.flow import Flow, flow_of, grid
from gwf.control.overview.markers import KIND_OF, Marker, changes_agents, in_scope, markers_of
from gwf.control.overview.onset import Failures, Onsets
from gwf.control.overview.ports import AuditLook, FiringReads, Reached, WorkReads, WorkWish
from gwf.control.overview.scope import Scope
from gwf.control.overview.series import Backlog, Backlogs, Sample, backlog_of
from gwf.control.overview.verdict import (
    MAX_SUSPECTS,
    AgentFact,
    ChangeFact,
    Facts,
    Finding,
    FindingCode,
    RolloutFact,
    Verdict,
    concerned,
    dated,
    judge,
    suspects_of,
)
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.model import CauseCode, RolloutId, RolloutStatus
from gwf.control.rollout.ports import ConfigStore, Page, RolloutFilter
from gwf.control.rollout.records import Rollout
from gwf.control.rollout.roster import RosterFleet
from gwf.control.rollout.standing import ConfigStanding
from gwf.core.reuse import Reuse
from gwf.core.turns import pieces

MAX_ROWS = 2_000  #: entries of the audit that are looked through for changes
RECENT_ROLLOUTS = 200
NOW_SPANS = 2  #: of five minutes, the one that runs among them: failures before are over
MAX_NARROWED = 10  #: rollouts whose agents are looked up to find what is behind a finding
HALTED_MS = 6 * 3_600_000  #: a rollout that was taken back so long ago is history

_OF_FILES = frozenset({FindingCode.STORE_UNREACHABLE, FindingCode.FAILURES})
_HALTED = frozenset({RolloutStatus.PAUSED, RolloutStatus.REVERTING, RolloutStatus.REVERTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What time is looked at; both ends in ms UTC, the second one excluded."""

    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed, oldest first."""

    markers: Sequence[Marker]
    #: only the newest entries were looked through
    cut_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with the changes that its suspects are."""

    verdict: Verdict
    markers: Mapping[str, Marker]
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How work flows through a part of the fleet."""

    agents: int
    in_contact: int
    backlog: Backlog
    #: by minute, as far as this process was there
    samples: Sequence[Sample]
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewParts:
    """What the service looks at."""

    roster: Roster
    boards: Boards
    configs: Configs
    store: ConfigStore
    audit: AuditLook
    work: WorkReads
    backlogs: Backlogs
    onsets: Onsets
    offers: Reached
    alerts: FiringReads


class OverviewService:
    """Used in one event loop."""

    def __init__(self, parts: OverviewParts) -> None:
        """Look at these."""
        self._parts = parts
        self._fleet = RosterFleet(parts.roster)
        self._firing: Reuse[str, Firing] = Reuse()
        self._facts: Reuse[tuple[str, Scope], Sequence[AgentFact]] = Reuse()
        self._failures: Reuse[tuple[str, tuple[str, ...], str], Failures] = Reuse()
        self._offers: Reuse[tuple[str, RolloutId], frozenset[str]] = Reuse()
        self._by_layer: Reuse[str, Mapping[LayerId, frozenset[str]]] = Reuse()

    def scope(self, tenant: str, scope: Scope) -> Scope:
        """Return a scope with the id of its group.

        Raises:
            NotFoundError: There is no such group.
        """
        if not scope.group:
            return scope
        return replace(scope, group=named(self._parts.roster.groups_of(tenant), scope.group).group_id)

    def count(self, tenant: str, scope: Scope) -> int:
        """Return how many agents a scope has."""
        return len(self._lives(tenant, scope))

    async def verdict(
        self, tenant: str, scope: Scope, window: Window, *, now_ms: int, with_alerts: bool = True
    ) -> Judged:
        """Return what is wrong now, the worst first, and which change of the window is likely behind it."""
        changes = await self.changes(tenant, scope, window)
        markers = {str(marker.seq): marker for marker in changes.markers if changes_agents(marker)}
        agents = await self._facts.get((tenant, scope), lambda: self._facts_of(tenant, scope))
        mine = frozenset(one.agent_id for one in agents)
        rollouts = await self._halted(tenant, mine, now_ms)
        firing = (await self._alerts(tenant)).within(scope, mine) if with_alerts else NOTHING
        found = judge(Facts(now_ms=now_ms, agents=agents, rollouts=rollouts, firing=firing))
        if found.findings:
            findings = [await self._dated(tenant, one, now_ms) for one in found.findings]
            markers = await self._narrowed(tenant, findings[0], markers)
            suspects = suspects_of(findings[0], facts_of(markers))[:MAX_SUSPECTS]
            found = replace(found, findings=tuple(findings), suspects=suspects)
        return Judged(verdict=found, markers=markers, agents=len(agents))

    async def _alerts(self, tenant: str) -> Firing:
        return await self._firing.get(tenant, lambda: self._parts.alerts.firing(tenant))

    async def _dated(self, tenant: str, finding: Finding, now_ms: int) -> Finding:
        """Return a finding about files with what files tell of it."""
        if finding.code not in _OF_FILES:
            return finding
        key = (tenant, finding.agents, finding.about.get("store", ""))
        told = await self._failures.get(key, lambda: self._told(tenant, finding, now_ms))
        return dated(finding, first_ms=told.first_ms, classes=told.classes)

    async def _told(self, tenant: str, finding: Finding, now_ms: int) -> Failures:
        onsets, store = self._parts.onsets, finding.about.get("store")
        if store is None:
            return await onsets.of(tenant, finding.agents, now_ms=now_ms)
        first_ms = await onsets.of_store(tenant, finding.agents, store, now_ms=now_ms)
        return Failures(first_ms=first_ms, classes=finding.classes)

    async def _narrowed(self, tenant: str, finding: Finding, markers: Mapping[str, Marker]) -> dict[str, Marker]:
        """Return markers; rollouts that may be behind a finding with the agents they came to, not all they are for."""
        found = dict(markers)
        for one in suspects_of(finding, facts_of(markers))[:MAX_NARROWED]:
            marker = markers[one.id]
            if marker.resource_kind == "rollout" and marker.agents is not None:
                offered = await self._offered(tenant, RolloutId(marker.resource_id))
                found[one.id] = replace(marker, agents=marker.agents & offered)
        return found

    async def _offered(self, tenant: str, rollout: RolloutId) -> frozenset[str]:
        async def look() -> frozenset[str]:
            _, agents = await self._parts.offers.reached(tenant, rollout)
            return frozenset(agents)

        return await self._offers.get((tenant, rollout), look)

    def of(self, live: Live) -> frozenset[str]:
        """Return the codes of the findings that an agent is among (port `Findings` of the fleet)."""
        return frozenset(code.value for code in concerned(self._fact(live)))

    async def changes(self, tenant: str, scope: Scope, window: Window) -> Changes:
        """Return what changed in a part of the fleet."""
        wanted = AuditFilter(actions=frozenset(KIND_OF), since_ms=window.since_ms, until_ms=window.until_ms)
        found = await self._parts.audit.rows(tenant, wanted, limit=MAX_ROWS)
        markers = markers_of(found.rows)
        reached = await self._reached(tenant, markers)
        if scope.is_all:
            markers = [
                marker if marker.agents is not None else replace(marker, agents=reached.get(marker.seq))
                for marker in markers
            ]
        else:
            mine = frozenset(live.agent.agent_id for live in self._lives(tenant, scope))
            markers = list(in_scope(markers, mine, reached))
        return Changes(markers=markers, cut_off=found.more)

    async def overview(self, tenant: str, scope: Scope, window: Window) -> Overview:
        """Return how work flows."""
        lives = self._lives(tenant, scope)
        step_ms, bucket_ms = grid(window.until_ms - window.since_ms, agents=len(lives))
        wish = WorkWish(
            tenant=tenant,
            since_ms=window.since_ms - window.since_ms % bucket_ms,
            until_ms=window.until_ms,
            step_ms=step_ms,
            bucket_ms=bucket_ms,
            agents=None if scope.is_all else [live.agent.agent_id for live in lives],
        )
        sums = await self._parts.work.work(wish) if wish.agents != [] else ()
        samples = self._parts.backlogs.series(tenant, scope, since_ms=window.since_ms, until_ms=window.until_ms)
        in_contact = sum(live.contact_ms is not None and live.condition() is not Condition.OFFLINE for live in lives)
        return Overview(
            agents=len(lives),
            in_contact=in_contact,
            backlog=await backlog_of(lives),
            samples=samples,
            flow=flow_of(sums, wish),
        )

    def _lives(self, tenant: str, scope: Scope) -> list[Live]:
        lives = self._parts.roster.of_tenant(tenant)
        return [live for live in scope.of(lives) if live.agent.revoked_at_ms is None]

    async def _facts_of(self, tenant: str, scope: Scope) -> Sequence[AgentFact]:
        return [self._fact(live) async for some in pieces(self._lives(tenant, scope)) for live in some]

    def _fact(self, live: Live) -> AgentFact:
        agent, beat, steady = live.agent, live.beat, self._parts.roster.steady
        metrics: Mapping[str, float | None] = beat.metrics if beat is not None else {}
        work, now = live.track.work(steady.now_ms()), live.track.work(steady.now_ms(), spans=NOW_SPANS)
        stand = self._parts.configs.stand(agent.tenant, agent.agent_id)
        return AgentFact(
            agent_id=agent.agent_id,
            hostname=agent.hostname,
            condition=live.condition(),
            since_ms=steady.wall_ms(live.state_since_ms),
            reasons=beat.codes() if beat is not None else frozenset(),
            open_breakers=live.as_shown().open_breakers,
            store_causes=store_causes(beat),
            config_held=stand is not None and stand.standing == ConfigStanding.HELD.value,
            dead=int(metrics.get("dead") or 0),
            done=work.done,
            failed=work.failed,
            done_now=now.done,
            failed_now=now.failed,
            oldest_wait_s=float(metrics.get("oldest_waiting_s") or 0.0),
        )

    async def reached(self, row: AuditRow) -> frozenset[str] | None:
        """Return the agents that the change of an audit entry reached; None = that is not known of its kind."""
        markers = markers_of([row])
        if not markers:
            return frozenset({row.resource_id}) if row.resource_kind == "agent" else None
        (marker,) = markers
        return marker.agents if marker.agents is not None else (await self._reached(row.tenant, markers)).get(row.seq)

    async def _halted(self, tenant: str, mine: frozenset[str], now_ms: int) -> list[RolloutFact]:
        """Return rollouts that a gate stopped or took back, unless a later one of the same layer went well since."""
        found: list[RolloutFact] = []
        seen: set[LayerId] = set()
        for rollout in await self._recent(tenant):  # newest first
            if rollout.layer in seen:
                continue
            seen.add(rollout.layer)
            fact = _halted(rollout, now_ms)
            if fact is None:
                continue
            agents = await self._offered(tenant, rollout.id) & mine
            if agents:
                found.append(replace(fact, agents=agents))
        return found

    async def _reached(self, tenant: str, markers: Sequence[Marker]) -> Mapping[int, frozenset[str]]:
        """Return by number the agents of markers that do not name them."""
        nameless = [marker for marker in markers if marker.agents is None]
        layers = {rollout.id: rollout.layer for rollout in await self._recent(tenant)} if nameless else {}
        found: dict[int, frozenset[str]] = {}
        for marker in nameless:
            layer = marker.params.get("layer")
            if marker.resource_kind == "rollout":
                layer = next((known for name, known in layers.items() if name == marker.resource_id), None) or layer
            if marker.resource_kind == "group":
                found[marker.seq] = self._members(tenant, marker.resource_id)
            elif layer is not None:
                found[marker.seq] = await self._agents_of(tenant, LayerId(layer))
        return found

    async def _recent(self, tenant: str) -> Sequence[Rollout]:
        async with self._parts.store.view() as reads:
            return await reads.list_rollouts(tenant, RolloutFilter(), Page(limit=RECENT_ROLLOUTS))

    def _members(self, tenant: str, group_id: str) -> frozenset[str]:
        return frozenset(live.agent.agent_id for live in Scope(group=group_id).of(self._parts.roster.of_tenant(tenant)))

    async def _agents_of(self, tenant: str, layer: LayerId) -> frozenset[str]:
        """Return the agents that a layer is for; of a large fleet as they were a second ago."""
        known = await self._by_layer.get(tenant, lambda: self._reach_of_layers(tenant))
        return known.get(layer, frozenset())

    async def _reach_of_layers(self, tenant: str) -> Mapping[LayerId, frozenset[str]]:
        board = self._parts.boards.of(tenant)
        found: dict[LayerId, set[str]] = {}
        async for some in pieces(self._fleet.all(tenant)):
            for now in some:
                for layer in board.layers_of(now):
                    found.setdefault(layer.id, set()).add(now.agent)
        return {layer: frozenset(agents) for layer, agents in found.items()}


def facts_of(markers: Mapping[str, Marker]) -> list[ChangeFact]:
    """Return markers as a verdict looks at them."""
    return [ChangeFact(id=name, at_ms=marker.at_ms, agents=marker.agents) for name, marker in markers.items()]


def _halted(rollout: Rollout, now_ms: int) -> RolloutFact | None:
    state = rollout.state
    if state.status not in _HALTED or state.cause is None or state.cause.code is CauseCode.PERSON:
        return None
    if state.ended_ms is not None and now_ms - state.ended_ms > HALTED_MS:
        return None
    return RolloutFact(
        rollout_id=rollout.id,
        status=state.status.value,
        cause=state.cause.code.value,
        since_ms=state.paused_ms or state.ended_ms or state.since_ms,
    )
